/// A message in both protocols, encoded when the first client needs it.
private struct EncodedMessage {
    let head: StaticString
    /// The pattern that matched, if it was one.
    let pattern: [UInt8]?
    let channel: Bytes
    let message: Bytes

    @inline(__always)
    func write(to reply: ReplyWriter) {
        reply.push(pattern == nil ? 3 : 4)
        reply.bulk(head)
        if let pattern { reply.bulk(pattern) }
        reply.bulk(channel)
        reply.bulk(message)
    }
}

/// Where a message is encoded once for many clients, by protocol.
final class MessageBuffers {
    fileprivate let writers = (ReplyWriter(), ReplyWriter())

    init() { writers.1.isRESP3 = true }

    fileprivate func clear() {
        writers.0.discard()
        writers.1.discard()
    }

    fileprivate func encoded(_ message: EncodedMessage, isRESP3: Bool) -> Bytes {
        let writer = isRESP3 ? writers.1 : writers.0
        message.write(to: writer)
        return writer.pendingBytes
    }

    /// Large ones are not kept.
    fileprivate func release() {
        for writer in [writers.0, writers.1] where writer.capacity > MessageBuffers.keptBytes {
            writer.discard()
            writer.release()
        }
    }

    private static let keptBytes = 64 << 10
}

extension Engine {
    /// Sends a message to who subscribed to the channel, and to those of its patterns. Returns how many got it; who
    /// subscribed in several ways counts and hears several times.
    func publish(_ channel: Bytes, _ message: Bytes, _ hash: UInt64, _ kind: TopicKind = .channel) -> Int {
        var receivers = 0
        if let topic = pubsub.find(channel, hash, kind) {
            let head: StaticString = kind == .channel ? "message" : "smessage"
            receivers = topic.subscriptions.count
            send(EncodedMessage(head: head, pattern: nil, channel: channel, message: message), topic)
        }
        guard kind == .channel else { return receivers }
        pubsub.forEachMatch(channel) { topic in
            receivers += topic.subscriptions.count
            send(EncodedMessage(head: "pmessage", pattern: topic.name, channel: channel, message: message), topic)
        }
        return receivers
    }

    private func send(_ message: EncodedMessage, _ topic: Topic) {
        let subscriptions = topic.subscriptions
        if subscriptions.count == 1 {
            let client = subscriptions[0].client
            guard let writer = writerForPush(client) else { return }
            message.write(to: writer)
            checkPushed(client)
            return
        }
        messages.clear()
        var (plain, asPush) = (Bytes.empty, Bytes.empty)
        for index in subscriptions.indices {
            let client = subscriptions[index].client
            guard let writer = writerForPush(client) else { continue }
            if writer.isRESP3 {
                if asPush.isEmpty { asPush = messages.encoded(message, isRESP3: true) }
                writer.raw(asPush)
            } else {
                if plain.isEmpty { plain = messages.encoded(message, isRESP3: false) }
                writer.raw(plain)
            }
            checkPushed(client)
        }
        messages.release()
    }

    /// Where a message to a client goes that is not its reply; nil if it is to get nothing any more. What a client's
    /// own command sends to it waits until the reply is whole.
    @inline(__always)
    func writerForPush(_ client: Client) -> ReplyWriter? {
        guard client.flags.isDisjoint(with: [.closeAfterReply, .closeNow]) else { return nil }
        if client === executing {
            ownMessages.isRESP3 = client.reply.isRESP3
            ownMessages.limit = client.reply.limit
            return ownMessages
        }
        attend(client)
        return client.reply
    }

    /// Disconnects a client for whom too much waits.
    @inline(__always)
    func checkPushed(_ client: Client) {
        if client.reply.pending > OutputLimits.Counted.freeBytes { limitPushed(client) }
    }

    @inline(never)
    private func limitPushed(_ client: Client) {
        guard isOverOutputLimit(client) else { return }
        client.flags.insert(.closeNow)
        if client !== executing { attend(client) }
    }

    /// Gives a client what its own command sent to it.
    @inline(never)
    func deliverOwnMessages(_ client: Client) {
        client.reply.raw(ownMessages.pendingBytes)
        ownMessages.discard()
        ownMessages.release()
        checkPushed(client)
    }

    // MARK: - Subscribing

    /// Subscribes a client and confirms it, whether or not it was already.
    func subscribe(_ client: Client, _ name: Bytes, _ kind: TopicKind, _ reply: ReplyWriter) {
        if pubsub.subscribe(client, name, hash(name), kind) {
            client.flags.insert(.pubsub)
            limitOutput(of: client)
        }
        confirm(client, kind, ["subscribe", "psubscribe", "ssubscribe"][kind.rawValue], name, reply)
    }

    /// Ends a subscription and confirms it, whether or not there was one.
    func unsubscribe(_ client: Client, _ name: Bytes, _ kind: TopicKind, _ reply: ReplyWriter) {
        if let topic = pubsub.find(name, hash(name), kind), let found = client.subscriptions.subscription(to: topic) {
            end(found)
        }
        confirmEnd(client, kind, name, reply)
    }

    /// Ends all subscriptions of a kind, with a confirmation for each; for none there is one, too.
    func unsubscribeAll(_ client: Client, _ kind: TopicKind, _ reply: ReplyWriter) {
        let all = client.subscriptions.all(kind)
        for subscription in all {
            end(subscription)
            subscription.topic.name.withBytes { confirmEnd(client, kind, $0, reply) }
        }
        if all.isEmpty { confirmEnd(client, kind, nil, reply) }
    }

    /// Ends all subscriptions without a word, for a client that leaves or begins anew.
    func dropSubscriptions(_ client: Client) {
        guard client.flags.contains(.pubsub) else { return }
        for kind in [TopicKind.channel, .pattern, .shardChannel] {
            for subscription in client.subscriptions.all(kind) { end(subscription) }
        }
    }

    private func end(_ subscription: Subscription) {
        let client = subscription.client
        pubsub.end(subscription)
        guard client.subscriptions.isEmpty else { return }
        client.flags.remove(.pubsub)
        limitOutput(of: client)
    }

    private func confirmEnd(_ client: Client, _ kind: TopicKind, _ name: Bytes?, _ reply: ReplyWriter) {
        confirm(client, kind, ["unsubscribe", "punsubscribe", "sunsubscribe"][kind.rawValue], name, reply)
    }

    private func confirm(
        _ client: Client, _ kind: TopicKind, _ head: StaticString, _ name: Bytes?, _ reply: ReplyWriter
    ) {
        reply.push(3)
        reply.bulk(head)
        if let name { reply.bulk(name) } else { reply.null() }
        reply.integer(client.subscriptions.confirmedCount(kind))
    }
}
