/// A server that is the whole of its process: what the executable runs.
public enum ServerProcess {
    /// Runs a server until it is told to end; returns the exit status.
    public static func run(port: Int) -> Int32 {
        let settings = Settings()
        settings.port = port
        let log = ServerLog(descriptor: 1)
        let signals = SignalSource.make()
        let engine = Engine(settings: settings, log: log)
        do {
            let loop = try EventLoop(engine)
            loop.watchSignals(signals)
            for address in settings.bind {
                let isOptional = address.hasPrefix("-")
                let name = isOptional ? String(address.dropFirst()) : address
                do {
                    loop.add(try Listener.tcp(name, port: settings.port, backlog: settings.tcpBacklog))
                } catch {
                    if isOptional { continue }
                    log.warning("Warning: Could not create server TCP listening socket \(name):\(port): \(error)")
                    log.warning("Failed listening on port \(port) (TCP), aborting.")
                    return 1
                }
            }
            log.notice("Server initialized")
            log.notice("Ready to accept connections tcp")
            return loop.run()
        } catch {
            log.warning("\(error)")
            return 1
        }
    }
}
