extension Call {
    /// The positions of the words that no log and no monitor may show: passwords, and the names that go with them.
    var secrets: Set<Int> {
        switch engine.commands.fullNames[command] {
        case "auth": Set(1..<arguments.count)
        case "hello": helloSecrets
        case "config|set": settingSecrets
        default: []
        }
    }

    /// What follows AUTH, two words of it.
    private var helloSecrets: Set<Int> {
        var secrets: Set<Int> = []
        var index = 2
        while index < arguments.count {
            if arguments[index].matches("AUTH") {
                secrets.formUnion([index + 1, index + 2])
                index += 3
            } else {
                index += arguments[index].matches("SETNAME") ? 2 : 1
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
