extension Call {
    /// The positions of the words that no log and no monitor may show: passwords, and the names that go with them.
    /// Redis finds them while it reads a command: what it refuses before it gets there, it shows.
    var secrets: Set<Int> {
        switch engine.commands.fullNames[command] {
        case "auth": arguments.count <= 3 ? Set(1..<arguments.count) : []
        case "hello": helloSecrets
        case "config|set": settingSecrets
        default: []
        }
    }

    /// What follows AUTH, two words of it.
    private var helloSecrets: Set<Int> {
        var secrets: Set<Int> = []
        var index = 2
        guard arguments.count > index, let version = Int(strict: arguments[1]), version == 2 || version == 3 else {
            return []
        }
        while index < arguments.count {
            if arguments[index].matches("AUTH"), index + 2 < arguments.count {
                secrets.formUnion([index + 1, index + 2])
                index += 3
            } else if arguments[index].matches("SETNAME"), index + 1 < arguments.count,
                Client.isValidAttribute(arguments[index + 1])
            {
                index += 2
            } else {
                break
            }
        }
        return secrets
    }

    /// The values of settings that hold passwords.
    private var settingSecrets: Set<Int> {
        let secretSettings: [StaticString] = [
            "requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass",
        ]
        let names = stride(from: 2, to: arguments.count, by: 2).filter { index in
            secretSettings.contains { arguments[index].matches($0) }
        }
        return Set(names.map { $0 + 1 })
    }
}
