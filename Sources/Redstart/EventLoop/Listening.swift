/// Which sockets a server accepts connections on, by its settings.
extension Listener {
    /// Opens every socket that the settings ask for. Logs why one cannot be had, and then throws.
    static func openAll(_ settings: Settings, _ log: ServerLog) throws(SystemError) -> [Listener] {
        var listeners: [Listener] = []
        if settings.port != 0 {
            guard let opened = openTCP(settings, log) else {
                let port = settings.port == Settings.anyPort ? 0 : settings.port
                log.warning("Failed listening on port \(port) (tcp), aborting.")
                throw .logged
            }
            listeners += opened
        }
        if !settings.unixSocket.isEmpty {
            do throws(SystemError) {
                listeners.append(
                    try Listener.unix(
                        settings.unixSocket, permissions: settings.unixSocketPermissions,
                        backlog: settings.tcpBacklog))
            } catch {
                log.warning("Failed opening Unix socket: \(error)")
                for listener in listeners { listener.stop() }
                throw .logged
            }
        }
        guard !listeners.isEmpty else {
            log.warning("Configured to not listen anywhere, exiting.")
            throw .logged
        }
        return listeners
    }

    /// How often another free port is tried for, when one is free on the first address and not on the next.
    private static let freePortAttempts = 16

    /// Listens on all addresses of `bind`, on one port; nil, and nothing is left open, if one of them cannot be had.
    /// Sets the port that was found for `Settings.anyPort`.
    static func openTCP(_ settings: Settings, _ log: ServerLog) -> [Listener]? {
        guard settings.port != 0, !settings.bind.isEmpty else { return [] }
        guard settings.port == Settings.anyPort else { return openTCP(settings, settings.port, log) }
        for attempt in 1...freePortAttempts {
            // The last attempt tells why.
            let quiet = attempt < freePortAttempts ? ServerLog.silent() : log
            guard let listeners = openTCP(settings, 0, quiet), let first = listeners.first else { continue }
            settings.port = first.port
            settings.wantsAnyPort = true
            log.notice("Listening on port \(first.port)")
            return listeners
        }
        return nil
    }

    /// Writes the port to the file that the settings name, if they do; false if that fails.
    static func writePort(_ settings: Settings, _ log: ServerLog) -> Bool {
        guard !settings.portFile.isEmpty else { return true }
        do throws(SystemError) {
            try Files.replace(settings.portFile, with: Array("\(settings.port)\n".utf8))
            return true
        } catch {
            log.warning("Can't write the port to '\(settings.portFile)': \(error.reason)")
            return false
        }
    }

    private static func openTCP(_ settings: Settings, _ wanted: Int, _ log: ServerLog) -> [Listener]? {
        var listeners: [Listener] = []
        var port = wanted
        for entry in settings.bind {
            let isOptional = entry.hasPrefix("-")
            let address = isOptional ? String(entry.dropFirst()) : entry
            do throws(SystemError) {
                let listener = try Listener.tcp(address, port: port, backlog: settings.tcpBacklog)
                port = listener.port
                listeners.append(listener)
            } catch {
                // A protocol that the system does not have is nobody's fault.
                if error.isUnsupportedProtocol { continue }
                log.warning("Warning: Could not create server TCP listening socket \(address):\(port): \(error)")
                if isOptional, error.isUnavailableAddress { continue }
                for listener in listeners { listener.stop() }
                return nil
            }
        }
        return listeners
    }
}
