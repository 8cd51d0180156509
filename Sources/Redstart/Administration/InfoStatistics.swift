/// The sections of INFO about what was counted, and about memory.
extension Engine {
    func writeStatistics(_ text: inout InfoText) {
        let rates = statistics.rates(Ticks.monotonicNanoseconds)
        text.section("Stats")
        text.field("total_connections_received", statistics.connectionsReceived)
        text.field("total_commands_processed", statistics.commandsProcessed)
        text.field("instantaneous_ops_per_sec", Int(rates.commands))
        text.field("total_net_input_bytes", statistics.netInputBytes)
        text.field("total_net_output_bytes", statistics.netOutputBytes)
        text.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
        text.field("instantaneous_input_kbps", rates.inputBytes / 1_024, decimals: 2)
        text.field("instantaneous_output_kbps", rates.outputBytes / 1_024, decimals: 2)
        text.field("instantaneous_input_repl_kbps", 0, decimals: 2)
        text.field("instantaneous_output_repl_kbps", 0, decimals: 2)
        text.field("rejected_connections", statistics.rejectedConnections)
        text.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
        text.field("expired_subkeys", statistics.expiredFields)
        writeKeyStatistics(&text)
        text.field("pubsub_channels", pubsub.count(.channel))
        text.field("pubsub_patterns", pubsub.count(.pattern))
        text.field("pubsubshard_channels", pubsub.count(.shardChannel))
        text.zeros("latest_fork_usec", "total_forks")
        text.zeros("migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits")
        text.zeros("active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses")
        text.zeros("total_active_defrag_time", "current_active_defrag_time")
        text.field("tracking_total_keys", tracking.keys.count)
        text.field("tracking_total_items", tracking.itemCount)
        text.field("tracking_total_prefixes", tracking.prefixes.count)
        text.zeros("unexpected_error_replies")
        text.field("total_error_replies", statistics.errorReplies)
        text.zeros("dump_payload_sanitizations")
        text.field("total_reads_processed", statistics.readsProcessed)
        text.field("total_writes_processed", statistics.writesProcessed)
        text.zeros("io_threaded_reads_processed", "io_threaded_writes_processed")
        text.field("client_query_buffer_limit_disconnections", statistics.queryBufferDisconnections)
        text.field("client_output_buffer_limit_disconnections", statistics.outputBufferDisconnections)
        text.zeros("reply_buffer_shrinks", "reply_buffer_expands")
        text.field("eventloop_cycles", statistics.loopCycles)
        text.field("eventloop_duration_sum", microseconds(statistics.loopTicks))
        text.field("eventloop_duration_cmd_sum", microseconds(commandStatistics.totalTicks))
        text.field("instantaneous_eventloop_cycles_per_sec", Int(rates.cycles))
        text.field("instantaneous_eventloop_duration_usec", microseconds(UInt64(rates.ticksPerCycle)))
        text.field("acl_access_denied_auth", statistics.authenticationDenied)
        text.zeros("acl_access_denied_cmd", "acl_access_denied_key", "acl_access_denied_channel")
    }

    private func writeKeyStatistics(_ text: inout InfoText) {
        text.field("expired_keys", statistics.expiredKeys)
        // Nobody ever meets a dead key.
        text.field("expired_stale_perc", 0, decimals: 2)
        text.field("expired_time_cap_reached_count", statistics.expiryCutShort)
        text.field("expire_cycle_cpu_milliseconds", microseconds(statistics.expiryTicks) / 1_000)
        text.field("evicted_keys", statistics.evictedKeys)
        text.field("evicted_clients", statistics.evictedClients)
        text.field("evicted_scripts", statistics.evictedScripts)
        let exceeded = statistics.evictionExceededSince.map { Ticks.now &- $0 } ?? 0
        let exceededInAll = statistics.evictionExceededTicks &+ exceeded
        text.field("total_eviction_exceeded_time", microseconds(exceededInAll) / 1_000)
        text.field("current_eviction_exceeded_time", microseconds(exceeded) / 1_000)
        text.field("keyspace_hits", statistics.keyspaceHits)
        text.field("keyspace_misses", statistics.keyspaceMisses)
    }

    private func microseconds(_ count: UInt64) -> Int { Int(ticks.nanoseconds(count) / 1_000) }

    // MARK: - By command

    func writeCommandStatistics(_ text: inout InfoText) {
        text.section("Commandstats")
        for (id, name) in commands.fullNames.enumerated() {
            let counters = commandStatistics.counters[id]
            guard counters.calls > 0 || counters.rejected > 0 || counters.failed > 0 else { continue }
            let duration = microseconds(counters.ticks)
            let average = InfoText.fixed(counters.calls > 0 ? Double(duration) / Double(counters.calls) : 0, 2)
            text.field(
                named: "cmdstat_\(name)",
                "calls=\(counters.calls),usec=\(duration),usec_per_call=\(average)"
                    + ",rejected_calls=\(counters.rejected),failed_calls=\(counters.failed)")
        }
    }

    func writeErrorStatistics(_ text: inout InfoText) {
        text.section("Errorstats")
        for (code, count) in statistics.errors.sorted(by: { $0.key < $1.key }) {
            text.field(named: "errorstat_\(code)", "count=\(count)")
        }
    }

    func writeLatencyStatistics(_ text: inout InfoText) {
        text.section("Latencystats")
        guard settings.tracksLatency else { return }
        let percentiles = settings.latencyPercentiles.map { percent in
            (percent, NumberText.withText(of: percent) { String($0) })
        }
        for (id, name) in commands.fullNames.enumerated() {
            guard let histogram = commandStatistics.histograms[id] else { continue }
            let values = percentiles.map { percent, label in
                "p\(label)=\(InfoText.fixed(Double(histogram.percentile(percent)) / 1_000, 3))"
            }
            text.field(named: "latency_percentiles_usec_\(name)", values.joined(separator: ","))
        }
    }

    // MARK: - Memory

    func writeMemory(_ text: inout InfoText) {
        let figures = MemoryFigures(self)
        text.section("Memory")
        writeUse(figures, &text)
        writeScripts(&text)
        text.field("maxmemory", settings.maxMemoryBits)
        let bits = settings.maxMemoryBits
        text.field("maxmemory_human", bits < 0 ? "\(UInt(bitPattern: bits))B" : InfoText.human(bits))
        text.field("maxmemory_policy", settings.maxMemoryPolicy.rawValue)
        writeAllocator(figures, &text)
        text.zeros("mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers")
        text.zeros("mem_clients_slaves")
        text.field("mem_clients_normal", figures.clients)
        text.zeros("mem_cluster_links", "mem_aof_buffer")
        text.field("mem_allocator", "slabs")
        text.field("mem_overhead_db_hashtable_rehashing", figures.rehashing)
        text.zeros("active_defrag_running")
        text.field("lazyfree_pending_objects", keyspace.graveyard.objects)
        text.field("lazyfreed_objects", statistics.lazyFreedObjects)
    }

    private func writeUse(_ figures: MemoryFigures, _ text: inout InfoText) {
        text.field("used_memory", figures.used)
        text.field("used_memory_human", InfoText.human(figures.used))
        text.field("used_memory_rss", figures.resident)
        text.field("used_memory_rss_human", InfoText.human(figures.resident))
        text.field("used_memory_peak", figures.peak)
        text.field("used_memory_peak_human", InfoText.human(figures.peak))
        text.field("used_memory_peak_perc", InfoText.fixed(figures.peakPercent, 2) + "%")
        text.field("used_memory_overhead", figures.overhead)
        text.field("used_memory_startup", figures.startup)
        text.field("used_memory_dataset", figures.dataset)
        text.field("used_memory_dataset_perc", InfoText.fixed(figures.datasetPercent, 2) + "%")
        text.field("allocator_allocated", figures.used)
        text.field("allocator_active", figures.active)
        text.field("allocator_resident", figures.allocatorResident)
        text.zeros("allocator_muzzy")
        text.field("total_system_memory", ProcessFigures.systemMemory)
        text.field("total_system_memory_human", InfoText.human(ProcessFigures.systemMemory))
    }

    private func writeScripts(_ text: inout InfoText) {
        let machine = scripts.forEval?.bytes ?? 0
        let functionMachine = scripts.forFunctions?.bytes ?? 0
        text.field("used_memory_lua", machine)
        text.field("used_memory_vm_eval", machine)
        text.field("used_memory_lua_human", InfoText.human(machine))
        text.field("used_memory_scripts_eval", scripts.cache.memory)
        text.field("number_of_cached_scripts", scripts.cache.count)
        text.field("number_of_functions", functions.libraries.functionCount)
        text.field("number_of_libraries", functions.libraries.all.count)
        text.field("used_memory_vm_functions", functionMachine)
        text.field("used_memory_vm_total", machine + functionMachine)
        text.field("used_memory_vm_total_human", InfoText.human(machine + functionMachine))
        text.field("used_memory_functions", functions.libraries.shownMemory)
        text.field("used_memory_scripts", scripts.cache.memory + functions.libraries.shownMemory)
        text.field("used_memory_scripts_human", InfoText.human(scripts.cache.memory + functions.libraries.shownMemory))
    }

    private func writeAllocator(_ figures: MemoryFigures, _ text: inout InfoText) {
        func pair(_ name: StaticString, _ bytesName: StaticString, _ part: Int, _ whole: Int) {
            text.field(name, MemoryFigures.ratio(part, whole), decimals: 2)
            text.field(bytesName, part - whole)
        }
        pair("allocator_frag_ratio", "allocator_frag_bytes", figures.active, figures.used)
        pair("allocator_rss_ratio", "allocator_rss_bytes", figures.allocatorResident, figures.active)
        pair("rss_overhead_ratio", "rss_overhead_bytes", figures.resident, figures.allocatorResident)
        pair("mem_fragmentation_ratio", "mem_fragmentation_bytes", figures.resident, figures.used)
    }
}
