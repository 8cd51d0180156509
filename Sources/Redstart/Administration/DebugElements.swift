/// DEBUG LISTPACK and DEBUG QUICKLIST: what a value holds, element by element, for who reads the server's output.

/// The elements of a value that is one packed run.
func printListpack(_ call: inout Call) throws(ReplyError) {
    let record = try call.encodedRecord("listpack", ReplyError(line: "ERR Not a listpack encoded object."))
    let elements = record.allElements(call.engine.clock.now.milliseconds)
    call.engine.log.print(packedText(elements, bytes: record.serializedCount))
    call.reply.simple("Listpack structure printed on stdout")
}

/// The shape of a list in blocks, and where more is asked for, its elements.
func printQuicklist(_ call: inout Call) throws(ReplyError) {
    let record = try call.encodedRecord("quicklist", ReplyError(line: "ERR Not a quicklist encoded object."))
    let settings = call.engine.settings
    var text = """
        {count : \(record.listCount)}
        {len : \(record.object(as: QuickList.self)?.blockCount ?? 1)}
        {fill : \(settings.listMaxListpackSize)}
        {compress : \(settings.listCompressDepth)}

        """
    if !call.arguments.isEmpty, try call.arguments.next().leadingInt32 != 0 {
        text += packedText(record.allElements(0), bytes: record.serializedCount)
    }
    call.engine.log.print(text)
    call.reply.simple("Quicklist structure printed on stdout")
}

private func packedText(_ elements: [[UInt8]], bytes: Int) -> String {
    var text = "{total bytes \(bytes)} {num entries \(elements.count)}\n"
    for (index, element) in elements.enumerated() {
        text += "{\n\tindex: \(index),\n\tpayload: \(element.count)\n\t[str]"
        text += String(decoding: element, as: UTF8.self) + "\n}\n"
    }
    return text + "{end}\n"
}

extension Call {
    fileprivate mutating func encodedRecord(_ encoding: String, _ refusal: ReplyError) throws(ReplyError) -> Record {
        guard let record = database.find(try key())?.record else { throw .noSuchKey }
        guard record.encoding.description == encoding else { throw refusal }
        return record
    }
}

extension Record {
    /// All that a collection holds, in its order: fields with their values, members with their scores.
    fileprivate func allElements(_ now: Int64) -> [[UInt8]] {
        var elements: [[UInt8]] = []
        switch type {
        case .list:
            var reader = ListReader(self, from: 0)
            while let element = reader.next() { elements.append(element.value.array) }
        case .set: SetView(self).forEach { elements.append($0.array) }
        case .hash: forEachField(now) { name, value, _ in elements += [name.array, value.array] }
        case .sortedSet:
            SortedSet(self).forEach { scored in
                elements.append(scored.member.array)
                NumberText.withText(of: scored.score) { elements.append(Array($0)) }
            }
        case .string, .stream: break
        }
        return elements
    }
}
