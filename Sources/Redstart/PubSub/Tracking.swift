/// What a client asked of CLIENT TRACKING.
struct ClientTracking {
    /// The client that gets the messages instead; 0 for none.
    var redirection = 0
    var isBroadcast = false
    var isOptIn = false
    var isOptOut = false
    var skipsOwn = false
    /// Whether the redirection led nowhere when it was last used.
    var isBroken = false
    /// In broadcast mode, what the keys begin with that it wants to hear of, in order of their bytes.
    var prefixes: [[UInt8]] = []

    /// What they take, roughly.
    var prefixBytes: Int { prefixes.reduce(0) { $0 + $1.count + 128 } }
}

/// A key whose value some clients may hold.
final class TrackedKey: Named {
    let name: [UInt8]
    let hash: UInt64
    var next: TrackedKey?
    /// Their numbers, in order: some may be gone, or track no longer.
    private(set) var clients: [Int] = []

    init(_ name: Bytes, _ hash: UInt64) {
        self.name = Array(name)
        self.hash = hash
    }

    /// False if it is among them already.
    fileprivate func add(_ client: Int) -> Bool {
        let place = clients.place { $0 < client }
        if place < clients.count, clients[place] == client { return false }
        clients.insert(client, at: place)
        return true
    }
}

/// What keys begin with that clients in broadcast mode want to hear of, and which of them changed in this turn.
final class BroadcastPrefix {
    let bytes: [UInt8]
    var clients = ClientList()
    /// The changed keys, and who changed each of them last; 0 for nobody.
    var pending: [[UInt8]: Int] = [:]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Client-side caching: which clients may hold the values of which keys. A key is forgotten when the message that it
/// changed is sent, since the client then holds it no longer.
final class TrackingTable {
    var keys = NameTable<TrackedKey>()
    /// How many clients the keys have together.
    var itemCount = 0
    /// How many clients track.
    var clientCount = 0
    /// In order of their bytes.
    var prefixes: [BroadcastPrefix] = []
    var hasPending = false
    /// What the client at work changed of what it holds itself; nil stands for everything.
    var own: [[UInt8]?] = []
    /// Where the client at work wanted its messages, should it stop tracking before they are sent.
    var ownRedirection = 0

    /// Whether a change of any key may concern anybody.
    var isNeeded: Bool { clientCount > 0 || !keys.isEmpty }

    func remember(_ key: Bytes, _ hash: UInt64, _ client: Int) {
        let tracked: TrackedKey
        if let known = keys.find(key, hash) {
            tracked = known
        } else {
            tracked = TrackedKey(key, hash)
            keys.insert(tracked)
        }
        if tracked.add(client) { itemCount += 1 }
    }

    func forget(_ key: TrackedKey) {
        keys.remove(key)
        itemCount -= key.clients.count
    }

    func forgetAll() {
        keys.removeAll()
        itemCount = 0
    }

    func add(_ client: Client, _ prefix: [UInt8]) {
        let place = place(prefix)
        if place == prefixes.count || prefixes[place].bytes != prefix {
            prefixes.insert(BroadcastPrefix(prefix), at: place)
        }
        prefixes[place].clients.append(client)
    }

    func remove(_ client: Client, _ prefix: [UInt8]) {
        let place = place(prefix)
        guard place < prefixes.count, prefixes[place].bytes == prefix else { return }
        prefixes[place].clients.remove(client)
        if prefixes[place].clients.isEmpty { prefixes.remove(at: place) }
    }

    /// Where a prefix is, or would be.
    private func place(_ prefix: [UInt8]) -> Int { prefixes.place { $0.bytes.lexicographicallyPrecedes(prefix) } }
}

extension Engine {
    func startTracking(_ client: Client, _ wanted: ClientTracking) {
        if client.tracking == nil { tracking.clientCount += 1 }
        var new = wanted
        if new.isBroadcast {
            let added = wanted.prefixes.isEmpty ? [[]] : wanted.prefixes
            for prefix in added { tracking.add(client, prefix) }
            let all = Set((client.tracking?.prefixes ?? []) + added)
            new.prefixes = all.sorted { $0.lexicographicallyPrecedes($1) }
        }
        client.registeredBytes += new.prefixBytes - (client.tracking?.prefixBytes ?? 0)
        client.tracking = new
        client.flags.insert(.tracking)
        keyspace.isTracked = true
    }

    func stopTracking(_ client: Client) {
        guard let old = client.tracking else { return }
        for prefix in old.prefixes { tracking.remove(client, prefix) }
        if client === executing { tracking.ownRedirection = old.redirection }
        client.registeredBytes -= old.prefixBytes
        client.tracking = nil
        client.flags.subtract([.tracking, .caching])
        tracking.clientCount -= 1
        keyspace.isTracked = tracking.isNeeded
    }

    /// Notes which keys a client read that tracks.
    func rememberKeys(_ call: Call) {
        // What a script reads is read by who called it.
        let client = runningScript?.caller ?? call.client
        let command = commands.commands[call.command]
        // Of a script, only what its commands read is remembered, not the keys that were named for it.
        guard command.flags.intersection([.readonly, .runsScript]) == .readonly, let mode = client.tracking,
            !mode.isBroadcast
        else { return }
        let isMarked = client.flags.contains(.caching)
        if (mode.isOptIn && !isMarked) || (mode.isOptOut && isMarked) { return }
        guard let keys = command.keyReferences(in: call.arguments) else { return }
        for key in keys where !key.flags.contains(.notKey) {
            let name = call.arguments[key.position]
            tracking.remember(name, hash(name), client.id)
        }
        keyspace.isTracked = true
    }

    // MARK: - Invalidating

    /// Tells those who may hold the value of a key that it is another one. A client that asked for it hears nothing of
    /// its own changes; that a key's time came is nobody's change.
    func invalidate(_ key: Bytes, died: Bool) {
        let author = died ? nil : executing
        for prefix in tracking.prefixes where prefix.bytes.withBytes({ key.hasPrefix($0) }) {
            prefix.pending[Array(key)] = author?.id ?? 0
            tracking.hasPending = true
        }
        guard let tracked = tracking.keys.find(key, hash(key)) else { return }
        tracking.forget(tracked)
        for id in tracked.clients {
            guard let client = clients[id], let mode = client.tracking, !mode.isBroadcast else { continue }
            if mode.skipsOwn, client === author { continue }
            if client === executing {
                tracking.own.append(Array(key))
                continue
            }
            sendInvalidation(client, of: key)
        }
        if tracking.clientCount == 0 { keyspace.isTracked = tracking.isNeeded }
    }

    /// Tells all who track that no key is what it was.
    func invalidateAll() {
        guard keyspace.isTracked else { return }
        for client in sortedClients where client.tracking != nil {
            if client === executing { tracking.own.append(nil) } else { sendInvalidation(client, of: nil) }
        }
        tracking.forgetAll()
        keyspace.isTracked = tracking.isNeeded
    }

    /// Sends what changed in this turn to the clients in broadcast mode: for each prefix one message with all keys.
    /// False if nothing changed that anybody wants to hear of.
    @discardableResult
    func broadcastInvalidations() -> Bool {
        guard tracking.hasPending else { return false }
        tracking.hasPending = false
        for prefix in tracking.prefixes where !prefix.pending.isEmpty {
            let keys = prefix.pending.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            prefix.pending = [:]
            for client in prefix.clients {
                let skipsOwn = client.tracking?.skipsOwn ?? false
                let told = keys.filter { !skipsOwn || $0.value != client.id }
                guard !told.isEmpty else { continue }
                sendInvalidation(client) { writer in
                    writer.array(told.count)
                    for (key, _) in told { writer.bulk(key) }
                }
            }
        }
        return true
    }

    /// Tells a client what its own command changed, behind all else that the command told it.
    func sendOwnInvalidations(_ client: Client) {
        let keys = tracking.own
        tracking.own.removeAll(keepingCapacity: true)
        for key in keys {
            guard let key else {
                sendInvalidation(client, of: nil)
                continue
            }
            key.withBytes { sendInvalidation(client, of: $0) }
        }
    }

    /// Tells of one key, or of all.
    private func sendInvalidation(_ client: Client, of key: Bytes?) {
        let isRESP3 = client.reply.isRESP3
        sendInvalidation(client) { writer in
            guard let key else { return writer.null(isRESP3: isRESP3) }
            writer.array(1)
            writer.bulk(key)
        }
    }

    /// Sends a message to a client that tracks, or where it wants them; `keys` writes what is invalid. In RESP2 there
    /// is no place for messages but with a client that subscribed.
    private func sendInvalidation(_ client: Client, _ keys: (ReplyWriter) -> Void) {
        let redirection = client.tracking?.redirection ?? tracking.ownRedirection
        var target = client
        if redirection != 0 {
            guard let found = clients[redirection] else { return reportBroken(client, redirection) }
            target = found
        }
        let usesChannel = !target.reply.isRESP3
        if usesChannel, redirection == 0 || !target.flags.contains(.pubsub) { return }
        guard let writer = writerForPush(target) else { return }
        if usesChannel {
            writer.array(3)
            writer.bulk("message")
            writer.bulk("__redis__:invalidate")
        } else {
            writer.push(2)
            writer.bulk("invalidate")
        }
        keys(writer)
        checkPushed(target)
    }

    private func reportBroken(_ client: Client, _ redirection: Int) {
        client.tracking?.isBroken = true
        guard client.reply.isRESP3, let writer = writerForPush(client) else { return }
        writer.push(2)
        writer.bulk("tracking-redir-broken")
        writer.integer(redirection)
        checkPushed(client)
    }

    /// Forgets keys, drawn at random, where there are more than `tracking-table-max-keys`; whoever holds them has to
    /// let them go.
    func limitTrackedKeys() {
        guard settings.maxTrackedKeys > 0 else { return }
        var budget = Engine.trackedKeysPerRun
        while tracking.keys.count > settings.maxTrackedKeys, budget > 0 {
            guard let key = tracking.keys.any(from: random.next()) else { return }
            key.name.withBytes { invalidateForgotten($0, key) }
            budget -= 1
        }
    }

    private func invalidateForgotten(_ name: Bytes, _ key: TrackedKey) {
        tracking.forget(key)
        for id in key.clients {
            guard let client = clients[id], let mode = client.tracking, !mode.isBroadcast else { continue }
            sendInvalidation(client, of: name)
        }
    }

    /// How many keys are forgotten ten times a second.
    private static let trackedKeysPerRun = 10_000
}
