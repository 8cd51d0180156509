/// The sections of INFO about the server, its clients and its data.
extension Engine {
    func writeServer(_ text: inout InfoText) {
        let uptime = Int(max(0, clock.now.seconds - startedAt.seconds))
        text.section("Server")
        text.field("redis_version", settings.redisVersion)
        text.field("redis_git_sha1", "00000000")
        text.field("redis_git_dirty", 0)
        text.field("redis_build_id", Engine.buildID)
        text.field("redis_mode", "standalone")
        text.field("os", ProcessFigures.operatingSystem)
        text.field("arch_bits", Int.bitWidth)
        text.field("monotonic_clock", "POSIX clock_gettime")
        text.field("multiplexing_api", "epoll")
        text.field("atomicvar_api", "c11-builtin")
        // What Redis tells where its compiler was not GCC.
        text.field("gcc_version", "0.0.0")
        text.field("process_id", ProcessFigures.processID)
        text.field("process_supervised", "no")
        text.field("run_id", runID)
        text.field("tcp_port", port)
        text.field("server_time_usec", Int(clock.now.microseconds))
        text.field("uptime_in_seconds", uptime)
        text.field("uptime_in_days", uptime / 86_400)
        text.field("hz", settings.hz)
        text.field("configured_hz", settings.hz)
        text.field("lru_clock", Int(keyspace.accessClock))
        text.field("executable", ProcessFigures.executable)
        text.field("config_file", configurationFile)
        text.field("io_threads_active", 0)
        for (number, listener) in listening.enumerated() { text.field(named: "listener\(number)", listener) }
    }

    /// Names what this server is built of: the same for the same set of commands. (G. Fowler, L. C. Noll, K.-P. Vo:
    /// FNV-1a.)
    private static let buildID: String = {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for command in Command.all {
            for byte in "\(productName) \(command.name) \(command.since)".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        return String(hash, radix: 16)
    }()

    /// Where connections are accepted.
    private var listening: [String] {
        var listening: [String] = []
        if port > 0 {
            let addresses = settings.bind.map { ",bind=\($0)" }.joined()
            listening.append("name=tcp\(addresses),port=\(port)")
        }
        if !settings.unixSocket.isEmpty { listening.append("name=unix,bind=\(settings.unixSocket)") }
        return listening
    }

    func writeClients(_ text: inout InfoText) {
        var blocked = 0
        var subscribed = 0
        var largestInput = 0
        var largestOutput = 0
        for client in clients.values {
            if !client.flags.isDisjoint(with: [.blocked, .paused]) { blocked += 1 }
            if client.flags.contains(.pubsub) { subscribed += 1 }
            largestInput = max(largestInput, client.queryBufferBytes + client.queryBufferFree)
            largestOutput = max(largestOutput, client.reply.pending)
        }
        text.section("Clients")
        text.field("connected_clients", clients.count)
        text.zeros("cluster_connections")
        text.field("maxclients", settings.maxClients)
        text.field("client_recent_max_input_buffer", largestInput)
        text.field("client_recent_max_output_buffer", largestOutput)
        text.field("blocked_clients", blocked)
        text.field("tracking_clients", tracking.clientCount)
        text.field("pubsub_clients", subscribed)
        text.field("watching_clients", clients.values.count { $0.firstWatch != WatchTable.none })
        text.field("clients_in_timeout_table", timeoutCount)
        text.field("total_watched_keys", watchTable.keyCount)
        text.field("total_blocking_keys", keyspace.waiters.keyCount)
        text.field("total_blocking_keys_on_nokey", keyspace.waiters.endCount)
    }

    /// Nothing is saved: the figures say so in the way that tools read it.
    func writePersistence(_ text: inout InfoText) {
        text.section("Persistence")
        text.zeros("loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age")
        text.field("current_fork_perc", 0, decimals: 2)
        text.zeros("current_save_keys_processed", "current_save_keys_total")
        text.field("rdb_changes_since_last_save", statistics.dirty)
        text.zeros("rdb_bgsave_in_progress")
        text.field("rdb_last_save_time", Int(startedAt.seconds))
        text.field("rdb_last_bgsave_status", "ok")
        text.field("rdb_last_bgsave_time_sec", -1)
        text.field("rdb_current_bgsave_time_sec", -1)
        text.zeros("rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded")
        text.zeros("aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled")
        text.field("aof_last_rewrite_time_sec", -1)
        text.field("aof_current_rewrite_time_sec", -1)
        text.field("aof_last_bgrewrite_status", "ok")
        text.zeros("aof_rewrites", "aof_rewrites_consecutive_failures")
        text.field("aof_last_write_status", "ok")
        text.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
    }

    func writeReplication(_ text: inout InfoText) {
        text.section("Replication")
        text.field("role", "master")
        text.zeros("connected_slaves")
        text.field("master_failover_state", "no-failover")
        text.field("master_replid", replicationID)
        text.field("master_replid2", String(repeating: "0", count: 40))
        text.zeros("master_repl_offset")
        text.field("second_repl_offset", -1)
        text.zeros("repl_backlog_active")
        text.field("repl_backlog_size", 1 << 20)
        text.zeros("repl_backlog_first_byte_offset", "repl_backlog_histlen")
    }

    func writeProcessor(_ text: inout InfoText) {
        let process = ProcessFigures.processorTime(.process)
        let thread = ProcessFigures.processorTime(.thread)
        text.section("CPU")
        text.field("used_cpu_sys", Double(process.system) / 1e6, decimals: 6)
        text.field("used_cpu_user", Double(process.user) / 1e6, decimals: 6)
        text.field("used_cpu_sys_children", 0, decimals: 6)
        text.field("used_cpu_user_children", 0, decimals: 6)
        text.field("used_cpu_sys_main_thread", Double(thread.system) / 1e6, decimals: 6)
        text.field("used_cpu_user_main_thread", Double(thread.user) / 1e6, decimals: 6)
    }

    func writeKeyspace(_ text: inout InfoText) {
        text.section("Keyspace")
        for database in databases where database.count > 0 {
            text.field(
                named: "db\(database.index)",
                "keys=\(database.count),expires=\(database.deadlineCount),avg_ttl=\(database.averageTimeToLive)"
                    + ",subexpiry=\(database.perishableCount)")
        }
    }
}
