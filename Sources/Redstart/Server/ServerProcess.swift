/// A server that is the whole of its process: what the executable runs.
public enum ServerProcess {
    /// Runs a server with what the command line gives, until it is told to end; returns the exit status.
    public static func run(arguments: [String]) -> Int32 {
        if let first = arguments.first, let answer = answer(first) {
            ProcessControl.say(answer)
            return 0
        }
        do throws(ConfigurationError) {
            return run(try Configuration(arguments: arguments), isPlain: arguments.isEmpty)
        } catch {
            refuse(error)
            return 1
        }
    }

    // MARK: - Questions

    private static func answer(_ option: String) -> String? {
        switch option {
        case "-v", "--version":
            "Redis server v=\(Settings().redisVersion) sha=00000000:0 malloc=libc bits=64 "
                + "build=\(Engine.productName.lowercased())-\(Engine.productVersion)\n"
        case "-h", "--help": help
        default: nil
        }
    }

    private static let help = """
        \(Engine.productName) \(Engine.productVersion), a server for the Redis protocol, with Redis 7.4's settings.

        Usage: redstart [FILE] [--SETTING VALUE ...] [-]
               redstart --version | --help

        FILE holds a setting and its value a line; - reads more of them from the standard input.
        Options win over FILE. Without any, the server listens on port 6379.

          redstart                                  all defaults
          redstart --port 7000 --requirepass secret
          redstart /etc/redis/redis.conf --loglevel verbose
          redstart --port any --port-file port.txt  any free port, written to port.txt
          redstart --port 0 --unixsocket /tmp/s     a Unix socket only

        """

    // MARK: - Refusals

    private static func refuse(_ error: ConfigurationError) {
        switch error {
        case .line(let number, let line, let reason):
            let place = "Reading the configuration file, at line \(number)\n>>> '"
            complain(Array(place.utf8) + line + Array("'\n\(reason)\n".utf8))
        case .unreadable(let path, let reason):
            ServerLog.beforeSettings().warning("Fatal error, can't open config file '\(path)': \(reason)")
        }
    }

    private static func complain(_ text: [UInt8]) {
        let title = "\n*** FATAL CONFIG FILE ERROR (Redis \(Settings().redisVersion)) ***\n"
        ProcessControl.complain(Array(title.utf8) + text)
    }

    // MARK: - Running

    private static func run(_ configuration: Configuration, isPlain: Bool) -> Int32 {
        let settings = configuration.settings
        let log: ServerLog
        do throws(SystemError) {
            log =
                settings.logFile.isEmpty
                ? ServerLog(descriptor: 1, level: settings.logLevel)
                : try ServerLog(path: Directory.absolute(settings.logFile), level: settings.logLevel)
            if settings.daemonize { try ProcessControl.daemonize() }
        } catch {
            complain(Array("Can't open the log file: \(error.reason)\n".utf8))
            return 1
        }
        announce(configuration, isPlain: isPlain, log)
        ProcessControl.ignoreHangUps()
        let signals = SignalSource.make(log)
        log.role = "M"
        guard fitClients(settings, log) else { return 1 }
        let engine = Engine(settings: settings, log: log)
        engine.configurationFile = configuration.file
        return serve(engine, signals)
    }

    private static func announce(_ configuration: Configuration, isPlain: Bool, _ log: ServerLog) {
        let settings = configuration.settings
        log.role = "C"
        log.notice("oO0OoO0OoO0Oo \(Engine.productName) is starting oO0OoO0OoO0Oo")
        log.notice(
            "Redis version=\(settings.redisVersion), bits=64, commit=00000000, modified=0, "
                + "pid=\(ProcessControl.identifier), just started")
        if isPlain {
            log.warning("No configuration was given, so every setting has its default. To change that, name a file.")
        } else {
            log.notice("Configuration loaded")
        }
        for warning in configuration.warnings { log.warning(warning) }
    }

    /// Makes room for as many clients as are wanted, or lowers the wish. False if there is no room at all.
    private static func fitClients(_ settings: Settings, _ log: ServerLog) -> Bool {
        let reserved = ProcessControl.reservedDescriptors
        let wanted = settings.maxClients + reserved
        let (limit, reason) = ProcessControl.raiseDescriptorLimit(to: wanted)
        guard limit < wanted else { return true }
        guard limit > reserved else {
            log.warning(
                "Your current 'ulimit -n' of \(limit) is not enough for the server to start. "
                    + "Please increase your open file limit to at least \(wanted). Exiting.")
            return false
        }
        log.warning(
            "You requested maxclients of \(settings.maxClients) requiring at least \(wanted) max file descriptors.")
        log.warning("Server can't set maximum open files to \(wanted) because of OS error: \(reason).")
        settings.maxClients = limit - reserved
        log.warning(
            "Current maximum open files is \(limit). maxclients has been reduced to \(settings.maxClients) to "
                + "compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.")
        return true
    }

    private static func serve(_ engine: Engine, _ signals: Int32) -> Int32 {
        let (settings, log) = (engine.settings, engine.log)
        do throws(SystemError) {
            let loop = try EventLoop(engine)
            loop.watchSignals(signals)
            let pidFile = writeProcessIdentifier(settings, log)
            defer {
                if let pidFile {
                    log.notice("Removing the pid file.")
                    Files.remove(pidFile)
                }
            }
            // The port that was asked for any is known only when the sockets listen.
            let listeners = try Listener.openAll(settings, log)
            showBanner(settings, log)
            for listener in listeners { loop.add(listener) }
            warnOfShortBacklog(settings, log)
            log.notice("Server initialized")
            guard Listener.writePort(settings, log) else { return 1 }
            for kind in ["tcp", "unix"] where listeners.contains(where: { ($0.path == nil) == (kind == "tcp") }) {
                log.notice("Ready to accept connections \(kind)")
            }
            if settings.maxMemory > 0, settings.maxMemory < 1 << 20 {
                log.warning(
                    "WARNING: You specified a maxmemory value that is less than 1MB (current value is "
                        + "\(settings.maxMemory) bytes). Are you sure this is what you really want?")
            }
            let status = loop.run()
            if !settings.unixSocket.isEmpty { log.notice("Removing the unix socket file.") }
            return status
        } catch {
            if !error.isLogged { log.warning("\(error)") }
            return 1
        }
    }

    /// The system shortens a longer line of those who wait to be accepted without a word.
    private static func warnOfShortBacklog(_ settings: Settings, _ log: ServerLog) {
        let path = "/proc/sys/net/core/somaxconn"
        guard let text = try? Files.read(path), let limit = text.withBytes({ Int(String($0).prefix { $0 != "\n" }) }),
            limit > 0, settings.tcpBacklog > limit
        else { return }
        log.warning(
            "WARNING: The TCP backlog setting of \(settings.tcpBacklog) cannot be enforced because \(path) is set to "
                + "the lower value of \(limit).")
    }

    private static func writeProcessIdentifier(_ settings: Settings, _ log: ServerLog) -> String? {
        if settings.daemonize, settings.pidFile.isEmpty { settings.pidFile = "/var/run/redis.pid" }
        guard !settings.pidFile.isEmpty else { return nil }
        let path = Directory.absolute(settings.pidFile)
        guard (try? Files.write(path, Array("\(ProcessControl.identifier)\n".utf8))) != nil else { return nil }
        return path
    }

    private static func showBanner(_ settings: Settings, _ log: ServerLog) {
        log.notice("monotonic clock: POSIX clock_gettime")
        let identifier = ProcessControl.identifier
        if settings.alwaysShowLogo || ProcessControl.isOnTerminal && settings.logFile.isEmpty {
            let product = "\(Engine.productName) \(Engine.productVersion), 64 bit"
            log.print(
                """

                    \\  |  /      \(product), as Redis \(settings.redisVersion)
                  --  \\|/  --    Running in standalone mode
                  ---  *  ---    Port: \(settings.port)
                  --  /|\\  --    PID: \(identifier)
                    /  |  \\


                """)
        } else {
            log.notice("Running mode=standalone, port=\(settings.port), PID: \(identifier).")
        }
    }
}
