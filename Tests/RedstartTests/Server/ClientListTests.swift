import Testing

@testable import Redstart

@Suite struct `A list of clients` {
    @Test(arguments: [UInt64(41), 42])
    func `keeps their order, whoever leaves`(_ seed: UInt64) {
        let random = RandomSource(seed: seed)
        let everybody = (0..<200).map { number in
            Client(
                id: number, descriptor: -1, address: "", localAddress: "", now: Timestamp(microseconds: 0))
        }
        var list = ClientList()
        var model: [Int] = []
        for step in 0..<20_000 {
            let client = everybody[random.below(200)]
            // There are times when many come and times when many go.
            if random.below(10) < (step / 1_000 % 2 == 0 ? 8 : 2) {
                list.append(client)
                if !model.contains(client.id) { model.append(client.id) }
            } else {
                list.remove(client)
                model.removeAll { $0 == client.id }
            }
            #expect(list.count == model.count && list.isEmpty == model.isEmpty)
            #expect(list.contains(client) == model.contains(client.id))
            if step % 50 == 0 { #expect(list.map(\.id) == model) }
        }
    }

    @Test func `may change while somebody walks over it`() {
        let session = Session()
        let others = (0..<40).map { _ in Session(session.engine) }
        var list = ClientList()
        for other in others { list.append(other.client) }
        var seen = 0
        for client in list {
            list.remove(client)
            seen += 1
        }
        #expect(seen == 40 && list.isEmpty)
    }
}
