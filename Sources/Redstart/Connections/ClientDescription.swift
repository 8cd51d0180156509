extension Client {
    /// The kinds of clients that filters name. This server has neither a master nor replicas.
    enum Kind {
        case normal, master, replica, pubsub

        init(_ word: Bytes) throws(ReplyError) {
            if word.matches("NORMAL") {
                self = .normal
            } else if word.matches("MASTER") {
                self = .master
            } else if word.matches("REPLICA") || word.matches("SLAVE") {
                self = .replica
            } else if word.matches("PUBSUB") {
                self = .pubsub
            } else {
                throw ReplyError("ERR Unknown client type '", quoting: word)
            }
        }
    }

    var kind: Kind { flags.contains(.pubsub) ? .pubsub : .normal }

    /// The letters of CLIENT LIST's `flags`.
    fileprivate var flagLetters: String {
        let first: [(Flags, Character)] = [
            (.monitor, "O"), (.pubsub, "P"), (.multi, "x"), ([.blocked, .paused], "b"), (.tracking, "t"),
        ]
        let last: [(Flags, Character)] = [
            (.dirtyWatch, "d"), (.closeAfterReply, "c"), (.closeNow, "A"), (.unixSocket, "U"), (.readOnly, "r"),
            (.noEvict, "e"), (.noTouch, "T"),
        ]
        var shown = String(first.filter { !flags.isDisjoint(with: $0.0) }.map { $0.1 })
        if tracking?.isBroken ?? false { shown.append("R") }
        if tracking?.isBroadcast ?? false { shown.append("B") }
        shown += String(last.filter { !flags.isDisjoint(with: $0.0) }.map { $0.1 })
        return shown.isEmpty ? "N" : shown
    }

    /// What its queued commands hold, in bytes.
    var transactionMemory: Int { transaction?.queue.memory ?? 0 }

    fileprivate var memory: Int {
        Engine.clientBaseMemory + queryBufferBytes + queryBufferFree + argumentBytes + reply.capacity
            + transactionMemory + registeredBytes
    }
}

extension Engine {
    /// All clients, the oldest connection first.
    var sortedClients: [Client] { clients.values.sorted { $0.id < $1.id } }

    /// Appends a client's line of CLIENT LIST. What is beyond a small first part of the output counts as Redis' list of
    /// further buffers: tools look there for clients that are slow to read.
    func describe(_ client: Client, calledBy caller: Client?, to text: inout [UInt8]) {
        let (counted, pending) = (client.countedOutput, client.reply.pending)
        text += Array("id=\(client.id) addr=\(client.address) laddr=\(client.localAddress)".utf8)
        text += Array(" fd=\(client.descriptor) name=".utf8) + client.name
        let now = clock.now.seconds
        text += Array(" age=\(now - client.createdAt.seconds) idle=\(now - client.lastInteraction.seconds)".utf8)
        text += Array(" flags=\(client.flagLetters) db=\(client.database)".utf8)
        let subscriptions = client.subscriptions
        text += Array(" sub=\(subscriptions.count(.channel)) psub=\(subscriptions.count(.pattern))".utf8)
        text += Array(" ssub=\(subscriptions.count(.shardChannel))".utf8)
        text += Array(" multi=\(client.transaction?.queue.count ?? -1)".utf8)
        text += Array(" watch=\(watchTable.count(of: client))".utf8)
        text += Array(" qbuf=\(client.queryBufferBytes) qbuf-free=\(client.queryBufferFree)".utf8)
        text += Array(" argv-mem=\(client.argumentBytes) multi-mem=\(client.transactionMemory)".utf8)
        text += Array(" rbs=\(client.reply.capacity) rbp=\(client.reply.count)".utf8)
        text += Array(" obl=\(min(pending, OutputLimits.Counted.freeBytes))".utf8)
        text += Array(" oll=\(counted.blocks) omem=\(counted.bytes) tot-mem=\(client.memory)".utf8)
        text += Array(" events=\(pending > 0 && client !== caller ? "rw" : "r")".utf8)
        text += Array(" cmd=\(client.lastCommand.map { commands.fullNames[$0] } ?? "NULL")".utf8)
        text += Array(
            " user=\(client.user) redir=\(client.tracking?.redirection ?? -1) resp=\(client.reply.isRESP3 ? 3 : 2)".utf8
        )
        text += Array(" lib-name=".utf8) + client.libraryName + Array(" lib-ver=".utf8) + client.libraryVersion + [10]
    }

    /// A client's line of CLIENT LIST, for the log.
    func logLine(of client: Client) -> String {
        var text: [UInt8] = []
        describe(client, calledBy: nil, to: &text)
        return String(decoding: text.dropLast(), as: UTF8.self)
    }

    /// Disconnects a client on another's behalf, or its own: then it still gets its reply.
    func kill(_ client: Client, calledBy caller: Client) {
        if client === caller { client.flags.insert(.closeAfterReply) } else { kill(client) }
    }
}

/// Which clients CLIENT KILL means: those to whom every condition applies.
struct ClientFilter {
    private var id: Int?
    private var address: String?
    private var localAddress: String?
    private var kind: Client.Kind?
    private var user: String?
    private var leastAge: Int?
    private var skipsCaller = true

    init(_ call: inout Call) throws(ReplyError) {
        while call.arguments.left >= 2 { try take(&call.arguments) }
        guard call.arguments.isEmpty else { throw .syntax }
    }

    private mutating func take(_ arguments: inout Arguments) throws(ReplyError) {
        if arguments.take("ID") {
            let refusal = ReplyError(line: "ERR client-id should be greater than 0")
            let number = try arguments.integer(orThrow: refusal)
            guard number > 0 else { throw refusal }
            id = number
        } else if arguments.take("MAXAGE") {
            let seconds = try arguments.integer()
            guard seconds > 0 else { throw ReplyError(line: "ERR maxage should be greater than 0") }
            leastAge = seconds
        } else if arguments.take("TYPE") {
            kind = try Client.Kind(arguments.next())
        } else if arguments.take("ADDR") {
            address = String(try arguments.next())
        } else if arguments.take("LADDR") {
            localAddress = String(try arguments.next())
        } else if arguments.take("USER") {
            let name = try arguments.next()
            guard name == Bytes("default") else { throw ReplyError("ERR No such user '", quoting: name) }
            user = "default"
        } else if arguments.take("SKIPME") {
            skipsCaller = arguments.take("YES")
            guard skipsCaller || arguments.take("NO") else { throw .syntax }
        } else {
            throw .syntax
        }
    }

    func selects(_ client: Client, calledBy caller: Client, now: Timestamp) -> Bool {
        if let id, client.id != id { return false }
        if let address, client.address != address { return false }
        if let localAddress, client.localAddress != localAddress { return false }
        if let kind, client.kind != kind { return false }
        if let user, client.user != user { return false }
        if let leastAge, now.seconds - client.createdAt.seconds < Int64(leastAge) { return false }
        return !skipsCaller || client !== caller
    }
}
