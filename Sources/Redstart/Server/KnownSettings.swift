/// The settings of Redis 7.4 that this server does not act on. A value is checked as Redis checks it; only the default
/// is ever in force.
extension SettingTable {
    static let known: [Setting] = process + replication + persistence + cluster + encryption

    private static let process: [Setting] = [
        .known("acl-pubsub-default", 1, of: ["allchannels", "resetchannels"]),
        .known("aclfile", "", .immutable),
        .known("acllog-max-len", 128, natural),
        .known("active-defrag-cycle-max", 25, 1...99),
        .known("active-defrag-cycle-min", 1, 1...99),
        .known("active-defrag-ignore-bytes", 104_857_600, 1...Int.max, .bytes),
        .known("active-defrag-max-scan-fields", 1_000, 1...Int.max),
        .known("active-defrag-threshold-lower", 10, 0...1_000),
        .known("active-defrag-threshold-upper", 100, 0...1_000),
        .known("active-expire-effort", 1, 1...10),
        .known("activedefrag", false),
        .known("bind-source-addr", ""),
        .known("bio-cpulist", "", alias: "bio_cpulist", .immutable),
        .known("crash-log-enabled", true),
        .known("crash-memcheck-enabled", true),
        .known("disable-thp", true, .immutable),
        .known("dynamic-hz", true),
        .known("enable-module-command", 0, of: ["no", "yes", "local"], .immutable),
        .known("hide-user-data-from-log", false),
        .known("ignore-warnings", ""),
        .known("io-threads", 1, 1...128, .none, .immutable),
        .known("io-threads-do-reads", false, .immutable),
        .known("jemalloc-bg-thread", true),
        .known("locale-collate", ""),
        .known("oom-score-adj", 0, of: ["no", "yes", "relative", "absolute"]),
        .known("oom-score-adj-values", "0 200 800", .multiple, check: killScores),
        .known("proc-title-template", "{title} {listen-addr} {server-mode}", check: titleTemplate),
        .known("propagation-error-behavior", 0, of: ["ignore", "panic", "panic-on-replicas"]),
        .known("server-cpulist", "", alias: "server_cpulist", .immutable),
        .known("set-proc-title", true, .immutable),
        .known("shutdown-on-sigint", "default", .multiple, check: shutdownOptions),
        .known("shutdown-on-sigterm", "default", .multiple, check: shutdownOptions),
        .known("shutdown-timeout", 10, int32),
        .known("socket-mark-id", 0, 0...Int(UInt32.max), .none, .immutable),
        .known("supervised", 3, of: ["upstart", "systemd", "auto", "no"], .immutable),
        .known("syslog-enabled", false, .immutable),
        .known(
            "syslog-facility", 1,
            of: ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"], .immutable),
        .known("syslog-ident", "redis", .immutable),
    ]

    private static let replication: [Setting] = [
        .known("masterauth", "", .sensitive),
        .known("masteruser", "", .sensitive),
        .known("min-replicas-max-lag", 10, int32, alias: "min-slaves-max-lag"),
        .known("min-replicas-to-write", 0, int32, alias: "min-slaves-to-write"),
        .known("repl-backlog-size", 1_048_576, 1...Int.max, .bytes),
        .known("repl-backlog-ttl", 3_600, natural),
        .known("repl-disable-tcp-nodelay", false),
        .known("repl-diskless-load", 0, of: ["disabled", "on-empty-db", "swapdb"]),
        .known("repl-diskless-sync", true),
        .known("repl-diskless-sync-delay", 5, int32),
        .known("repl-diskless-sync-max-replicas", 0, int32),
        .known("repl-ping-replica-period", 10, 1...Int(Int32.max), alias: "repl-ping-slave-period"),
        .known("repl-timeout", 60, 1...Int(Int32.max)),
        .known("replica-announce-ip", "", alias: "slave-announce-ip"),
        .known("replica-announce-port", 0, 0...65_535, alias: "slave-announce-port"),
        .known("replica-announced", true),
        .known("replica-ignore-disk-write-errors", false),
        .known("replica-ignore-maxmemory", true, alias: "slave-ignore-maxmemory"),
        .known("replica-lazy-flush", false, alias: "slave-lazy-flush"),
        .known("replica-priority", 100, int32, alias: "slave-priority"),
        .known("replica-read-only", true, alias: "slave-read-only"),
        .known("replica-serve-stale-data", true, alias: "slave-serve-stale-data"),
        .known("replicaof", "", [.immutable, .multiple], alias: "slaveof", check: primary),
    ]

    private static let persistence: [Setting] = [
        .known("aof-load-truncated", true),
        .known("aof-rewrite-cpulist", "", alias: "aof_rewrite_cpulist", .immutable),
        .known("aof-rewrite-incremental-fsync", true),
        .known("aof-timestamp-enabled", false),
        .known("aof-use-rdb-preamble", true),
        .known("appenddirname", "appendonlydir", .immutable, check: fileName("appenddirname", "dirname")),
        .known("appendfilename", "appendonly.aof", .immutable, check: fileName("appendfilename", "filename")),
        .known("appendfsync", 0, of: ["everysec", "always", "no"]),
        .known("appendonly", false),
        .known("auto-aof-rewrite-min-size", 67_108_864, natural, .bytes),
        .known("auto-aof-rewrite-percentage", 100, int32),
        .known("bgsave-cpulist", "", alias: "bgsave_cpulist", .immutable),
        .known("dbfilename", "dump.rdb", .protected, check: fileName("dbfilename", "filename")),
        .known("no-appendfsync-on-rewrite", false),
        .known("rdb-del-sync-files", false),
        .known("rdb-save-incremental-fsync", true),
        .known("rdbchecksum", true, .immutable),
        .known("sanitize-dump-payload", 0, of: ["no", "yes", "clients"]),
        // Nothing is saved by itself: the one value that is true.
        .known("save", "", .multiple, check: savePoints),
        .known("stop-writes-on-bgsave-error", true),
    ]

    private static let cluster: [Setting] = [
        .known("cluster-allow-pubsubshard-when-down", true),
        .known("cluster-allow-reads-when-down", false),
        .known("cluster-allow-replica-migration", true),
        .known("cluster-announce-bus-port", 0, 0...65_535),
        .known("cluster-announce-hostname", "", check: hostName),
        .known("cluster-announce-human-nodename", ""),
        .known("cluster-announce-ip", ""),
        .known("cluster-announce-port", 0, 0...65_535),
        .known("cluster-announce-tls-port", 0, 0...65_535),
        .known("cluster-config-file", "nodes.conf", .immutable),
        .known("cluster-enabled", false, .immutable),
        .known("cluster-link-sendbuf-limit", 0, natural, .unsignedBytes),
        .known("cluster-migration-barrier", 1, int32),
        .known("cluster-node-timeout", 15_000, natural),
        .known("cluster-port", 0, 0...65_535, .none, .immutable),
        .known("cluster-preferred-endpoint-type", 0, of: ["ip", "hostname", "unknown-endpoint"]),
        .known("cluster-replica-no-failover", false, alias: "cluster-slave-no-failover"),
        .known("cluster-replica-validity-factor", 10, int32, alias: "cluster-slave-validity-factor"),
        .known("cluster-require-full-coverage", true),
    ]

    private static let encryption: [Setting] = [
        .known("max-new-tls-connections-per-cycle", 1, 1...1_000),
        .known("tls-auth-clients", 1, of: ["no", "yes", "optional"]),
        .known("tls-ca-cert-dir", ""),
        .known("tls-ca-cert-file", ""),
        .known("tls-cert-file", ""),
        .known("tls-ciphers", ""),
        .known("tls-ciphersuites", ""),
        .known("tls-client-cert-file", ""),
        .known("tls-client-key-file", ""),
        .known("tls-client-key-file-pass", "", .sensitive),
        .known("tls-cluster", false),
        .known("tls-dh-params-file", ""),
        .known("tls-key-file", ""),
        .known("tls-key-file-pass", "", .sensitive),
        .known("tls-port", 0, 0...65_535),
        .known("tls-prefer-server-ciphers", false),
        .known("tls-protocols", ""),
        .known("tls-replication", false),
        .known("tls-session-cache-size", 20_480, int32),
        .known("tls-session-cache-timeout", 300, int32),
        .known("tls-session-caching", true),
    ]
}

// MARK: - Values of their own form

private func text(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }

private func killScores(_ words: [[UInt8]]) throws(SettingError) -> String {
    let words = SettingText.split(words)
    guard words.count == 3 else { throw .wrongArity }
    for word in words {
        guard let score = SettingText.lenient(word, base: 10), score >= -2_000, score <= 2_000 else {
            throw SettingError("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
        }
    }
    return words.map { String(SettingText.lenient($0, base: 10) ?? 0) }.joined(separator: " ")
}

private func shutdownOptions(_ words: [[UInt8]]) throws(SettingError) -> String {
    let words = SettingText.split(words)
    let choices: [StaticString] = ["default", "save", "nosave", "now", "force"]
    var chosen: Set<Int> = []
    for word in words.isEmpty ? [[]] : words { chosen.insert(try SettingText.choice(word, choices)) }
    guard !chosen.isSuperset(of: [1, 2]) else {
        throw SettingError("shutdown options SAVE and NOSAVE can't be used simultaneously")
    }
    if chosen.count > 1 { chosen.remove(0) }
    return chosen.isEmpty ? "default" : chosen.sorted().map { choices[$0].description }.joined(separator: " ")
}

private func primary(_ words: [[UInt8]]) throws(SettingError) -> String {
    guard words.count == 2 else { throw .wrongArity }
    if words[0].withBytes({ $0.matches("no") }), words[1].withBytes({ $0.matches("one") }) { return "" }
    guard let port = words[1].withBytes({ Int(strict: $0) }), port >= 0, port <= 65_535 else {
        throw SettingError("Invalid master port")
    }
    return "\(text(words[0])) \(port)"
}

private func savePoints(_ words: [[UInt8]]) throws(SettingError) -> String {
    let words = SettingText.split(words)
    if words.isEmpty || words.count == 1 && SettingText.cString(words[0]).isEmpty { return "" }
    let numbers = words.compactMap { word in word.withBytes { Int(strict: $0) } }
    let isValid =
        numbers.count == words.count && numbers.count % 2 == 0
        && stride(from: 0, to: numbers.count, by: 2).allSatisfy { numbers[$0] >= 1 && numbers[$0 + 1] >= 0 }
    guard isValid else { throw SettingError("Invalid save parameters") }
    return numbers.map(String.init).joined(separator: " ")
}

private func hostName(_ words: [[UInt8]]) throws(SettingError) -> String {
    guard words.count == 1 else { throw .wrongArity }
    let name = SettingText.cString(words[0])
    guard name.count < 256 else { throw SettingError("Hostnames must be less than 256 characters") }
    let isPlain = name.allSatisfy { byte in
        let letter = byte.lowercased
        return letter >= 97 && letter <= 122 || byte >= 48 && byte <= 57 || byte == 45 || byte == 46
    }
    guard isPlain else { throw SettingError("Hostnames may only contain alphanumeric characters, hyphens or dots") }
    return text(name)
}

/// Names in braces are replaced, two braces stand for one; what comes out may not be blank.
private func titleTemplate(_ words: [[UInt8]]) throws(SettingError) -> String {
    guard words.count == 1 else { throw .wrongArity }
    let names = ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"]
    let error = SettingError("template format is invalid or contains unknown variables")
    let template = text(SettingText.cString(words[0]))
    var rest = template[...]
    guard rest.contains(where: { $0 != " " }) else { throw error }
    while let brace = rest.firstIndex(of: "{") {
        rest = rest[rest.index(after: brace)...]
        if rest.first == "{" {
            rest = rest.dropFirst()
            continue
        }
        guard let end = rest.firstIndex(of: "}"), names.contains(String(rest[..<end])) else { throw error }
        rest = rest[rest.index(after: end)...]
    }
    return template
}

private func fileName(
    _ name: String, _ what: String
) -> @Sendable ([[UInt8]]) throws(SettingError) -> String {
    { (words: [[UInt8]]) throws(SettingError) -> String in
        guard words.count == 1 else { throw .wrongArity }
        let value = text(words[0])
        if value.isEmpty, name != "dbfilename" { throw SettingError("\(name) can't be empty") }
        if value.contains("/") { throw SettingError("\(name) can't be a path, just a \(what)") }
        return value
    }
}
