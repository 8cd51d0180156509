/// Clients in the order in which they came. To join and to leave costs the same however many there are: whoever leaves
/// makes a hole, and the holes go when there are as many as clients.
struct ClientList: Sequence {
    private var places: ContiguousArray<Client?> = []
    /// By the clients' numbers.
    private var positions: [Int: Int] = [:]

    var count: Int { positions.count }
    var isEmpty: Bool { positions.isEmpty }

    func contains(_ client: Client) -> Bool { positions[client.id] != nil }

    /// Puts a client at the end, unless it is there already.
    mutating func append(_ client: Client) {
        guard !contains(client) else { return }
        positions[client.id] = places.count
        places.append(client)
    }

    /// Takes a client out, if it is there.
    mutating func remove(_ client: Client) {
        guard let position = positions.removeValue(forKey: client.id) else { return }
        places[position] = nil
        if places.count >= 2 * positions.count + ClientList.leastHoles { closeHoles() }
    }

    private mutating func closeHoles() {
        places.removeAll { $0 == nil }
        for case (let position, let client?) in places.enumerated() { positions[client.id] = position }
    }

    private static let leastHoles = 16

    func makeIterator() -> some IteratorProtocol<Client> { places.lazy.compactMap { $0 }.makeIterator() }
}
