/// What a client may cost: buffers, and from where it may come.
extension Engine {
    static let productName = "Redstart"
    static let productVersion = "0.1.0"

    /// Whether only local clients are served: protected mode, and no password.
    var refusesRemote: Bool { settings.protectedMode && settings.requirePass.isEmpty }

    /// Notes what a client's buffers hold now.
    @inline(__always)
    func account(_ client: Client, _ bytes: Int) {
        clientMemory &+= bytes &- client.bufferBytes
        client.bufferBytes = bytes
        if clientMemory > mostClientMemory { mostClientMemory = clientMemory }
    }

    /// Whether the output that waits for a client is more than its class may have, or has been for too long.
    func isOverOutputLimit(_ client: Client) -> Bool {
        let limit = client.flags.contains(.pubsub) ? settings.outputLimits.pubsub : settings.outputLimits.normal
        let waiting = client.countedOutput.bytes
        // What was over the limit that held when it was written is not whole.
        var isOver = client.reply.isOverLimit || limit.hardBytes > 0 && waiting >= limit.hardBytes
        if limit.softBytes > 0, waiting >= limit.softBytes {
            if client.overSoftLimitSince == nil { clientsOverSoftLimit += 1 }
            let since = client.overSoftLimitSince ?? clock.now
            client.overSoftLimitSince = since
            if clock.now.seconds - since.seconds > Int64(limit.softSeconds) { isOver = true }
        } else if client.overSoftLimitSince != nil {
            clientsOverSoftLimit -= 1
            client.overSoftLimitSince = nil
        }
        guard isOver else { return false }
        statistics.outputBufferDisconnections += 1
        log.warning("Client \(logLine(of: client)) scheduled to be closed ASAP for overcoming of output buffer limits.")
        return true
    }

    /// Limits a client's output as its class is limited now. To be called whenever either changes.
    func limitOutput(of client: Client) {
        client.reply.limit = client.flags.contains(.pubsub) ? mostOutputSubscribed : mostOutput
    }

    func limitsOfOutputChanged() {
        let (normal, subscribed) = (settings.outputLimits.normal.mostPending, settings.outputLimits.pubsub.mostPending)
        guard normal != mostOutput || subscribed != mostOutputSubscribed else { return }
        (mostOutput, mostOutputSubscribed) = (normal, subscribed)
        for client in clients.values { limitOutput(of: client) }
    }

    /// Notes that nothing waits for a client any more.
    @inline(__always)
    func noteOutputSent(_ client: Client) {
        guard client.overSoftLimitSince != nil else { return }
        clientsOverSoftLimit -= 1
        client.overSoftLimitSince = nil
    }

    /// Whether a client is to be disconnected by now: idle for longer than `timeout`, or over a soft limit too long.
    func isOverdue(_ client: Client) -> Bool {
        let limit = Int64(settings.timeoutSeconds) * 1_000_000
        // The clock may have been set back, and be anywhere.
        let idle = max(clock.now, client.lastInteraction).microseconds &- client.lastInteraction.microseconds
        if limit > 0, idle > limit, client.flags.isDisjoint(with: [.blocked, .pubsub, .monitor]) {
            log.verbose("Closing idle client")
            return true
        }
        return client.reply.pending > 0 && isOverOutputLimit(client)
    }

    /// Whether a client sent more without completing a command than it may: `input`.
    func isOverQueryBuffer(_ client: Client, _ input: Bytes) -> Bool {
        guard input.count > settings.maxQueryBufferBytes else { return false }
        statistics.queryBufferDisconnections += 1
        let beginning = QuotedWords.quoted([UInt8](input[0..<min(input.count, 64)]))
        log.warning(
            "Closing client that reached max query buffer length: \(logLine(of: client)) "
                + "(qbuf initial bytes: \(String(decoding: beginning, as: UTF8.self)))")
        return true
    }

    /// Whether clients have to be looked at once a second.
    var needsClientCron: Bool { settings.timeoutSeconds > 0 || clientsOverSoftLimit > 0 }
}

extension ReplyError {
    static let maxClients = ReplyError(line: "ERR max number of clients reached")

    static let protectedMode = ReplyError(
        line: """
            DENIED Redis is running in protected mode because protected mode is enabled and no password is set for \
            the default user. In this mode connections are only accepted from the loopback interface. If you want to \
            connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable \
            protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by \
            connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly \
            accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively \
            you can just disable the protected mode by editing the Redis configuration file, and setting the \
            protected mode option to 'no', and then restarting the server. 3) If you started the server manually just \
            for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for \
            the default user. NOTE: You only need to do one of the above things in order for the server to start \
            accepting connections from the outside.
            """)
}
