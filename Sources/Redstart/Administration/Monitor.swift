extension Command {
    static let monitoring: [Command] = [
        Command(
            "MONITOR", .exactly(1), [.admin, .noScript, .loading, .stale],
            group: .server, since: "1.0.0", complexity: "",
            summary: "Shows this connection every command that the server runs from now on.",
            run: monitor)
    ]
}

private func monitor(_ call: inout Call) throws(ReplyError) {
    let (engine, client) = (call.engine, call.client)
    guard call.mayBlock else { throw .cannotBlock("MONITOR") }
    // Asked again, Redis says nothing.
    guard !client.flags.contains(.monitor) else { return }
    client.flags.insert(.monitor)
    engine.monitors.append(client)
    engine.updateGates()
    call.reply.ok()
}

extension ReplyError {
    /// A mode of the connection that a command within a transaction cannot enter.
    static func cannotBlock(_ command: String) -> ReplyError {
        ReplyError(line: "ERR \(command) isn't allowed for DENY BLOCKING client")
    }

    static func cannotSubscribe(_ command: String) -> ReplyError {
        ReplyError(line: "ERR \(command) isn't allowed for a DENY BLOCKING client")
    }
}

extension Engine {
    /// Shows a command that has run to the clients in MONITOR mode.
    func feedMonitors(_ call: Call) {
        guard commands.gate(call.command).flags.isDisjoint(with: [.skipMonitor, .admin]) else { return }
        showMonitors(call)
    }

    /// Shows a command that runs others, which are to follow it.
    func feedMonitorsBefore(_ call: Call) {
        if !monitors.isEmpty { showMonitors(call) }
    }

    private func showMonitors(_ call: Call) {
        let line = monitorLine(call)
        line.withBytes { line in
            for monitor in monitors where !monitor.isMute && !monitor.flags.contains(.closeAfterReply) {
                monitor.reply.raw(line)
                if monitor !== call.client { attend(monitor) }
            }
        }
    }

    /// `+1700000000.000000 [0 127.0.0.1:50000] "SET" "key" "\xff"`
    private func monitorLine(_ call: Call) -> [UInt8] {
        let client = call.client
        let fraction = String(clock.now.microseconds % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
        let address = client.flags.contains(.unixSocket) ? "unix:\(client.address.dropLast(2))" : client.address
        var line = Array("+\(clock.now.seconds).\(zeros)\(fraction) [\(client.database) \(address)]".utf8)
        let secrets = call.secrets
        for index in 0..<call.arguments.count {
            line.append(UInt8(ascii: " "))
            if secrets.contains(index) {
                line += Array("\"(redacted)\"".utf8)
            } else {
                QuotedWords.append(call.arguments[index], to: &line)
            }
        }
        return line + [13, 10]
    }
}
