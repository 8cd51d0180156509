/// One setting that CONFIG SET is to change.
struct SettingChange {
    let setting: Setting
    /// As the client wrote it.
    let name: String
    let value: [UInt8]

    fileprivate func apply(_ value: [UInt8], _ settings: Settings) throws(SettingError) {
        // Where there may be several words there may be none.
        try setting.set(value.isEmpty && setting.traits.contains(.multiple) ? [] : [value], settings)
    }
}

extension Engine {
    /// Changes several settings while the server runs: all of them, or none.
    func change(_ changes: [SettingChange]) throws(ReplyError) {
        let before = changes.map { $0.setting.bytes(settings) }
        let maxMemory = settings.maxMemory
        do throws(ReplyError) {
            for change in changes {
                do throws(SettingError) { try change.apply(change.value, settings) } catch {
                    throw .configSetFailed(change.name, error.reason)
                }
            }
            try follow(changes)
        } catch {
            for (change, value) in zip(changes, before) { try? change.apply(value, settings) }
            try? follow(changes)
            settingsChanged()
            throw error
        }
        settingsChanged()
        if settings.maxMemory != maxMemory { warnOfShortMemory() }
    }

    private func warnOfShortMemory() {
        guard settings.maxMemory > 0, usedMemory > settings.maxMemory else { return }
        log.warning(
            "WARNING: the new maxmemory value set via CONFIG SET (\(settings.maxMemory)) is smaller than the current "
                + "memory usage (\(usedMemory)). This will result in key eviction and/or the inability to accept new "
                + "write commands depending on the maxmemory-policy.")
    }

    /// Does what new values ask for.
    private func follow(_ changes: [SettingChange]) throws(ReplyError) {
        var listens = false
        for change in changes {
            switch change.setting.effect {
            case .none: break
            case .logLevel: log.level = settings.logLevel
            case .password:
                // Nobody is kept out any longer.
                if settings.requirePass.isEmpty { clients.values.forEach { $0.flags.insert(.authenticated) } }
            case .clientLimit: try fitClients(change)
            case .listening:
                guard !listens else { continue }
                listens = true
                guard listenAnew?() ?? true else { throw .configSetFailed(change.name, listeningFailure(change)) }
            }
        }
    }

    private func listeningFailure(_ change: SettingChange) -> String {
        change.setting.isNamed(Bytes("port"))
            ? "Unable to listen on this port. Check server logs." : "Failed to bind to specified addresses."
    }

    private func fitClients(_ change: SettingChange) throws(ReplyError) {
        // Whose process it is decides what it may have open.
        guard ownsProcess else { return }
        let reserved = ProcessControl.reservedDescriptors
        let limit = ProcessControl.raiseDescriptorLimit(to: settings.maxClients + reserved).limit
        guard limit < settings.maxClients + reserved else { return }
        throw .configSetFailed(
            change.name,
            "The operating system is not able to handle the specified number of clients, "
                + "try with \(max(0, limit - reserved))")
    }
}

extension ReplyError {
    static func configSetFailed(_ argument: String, _ reason: String) -> ReplyError {
        ReplyError(line: "ERR CONFIG SET failed (possibly related to argument '\(argument)') - \(reason)")
    }

    static func unknownSetting(_ name: Bytes) -> ReplyError {
        ReplyError("ERR Unknown option or number of arguments for CONFIG SET - '", quoting: name)
    }
}
