import Testing

@testable import Redstart

@Suite struct WaitersTests {
    private func client(_ id: Int) -> Client {
        Client(id: id, descriptor: -1, address: "", localAddress: "", now: Timestamp(microseconds: 0))
    }

    private func serve(_ waiters: Waiters) -> [[Int]] {
        var served: [[Int]] = []
        while var round = waiters.takeReady() {
            var line: [Int] = []
            while let waiter = waiters.next(&round) { line.append(waiter.client.id) }
            served.append(line)
        }
        return served
    }

    @Test func `those who wait for a key stand in the order of their arrival`() {
        let waiters = Waiters()
        var places: [Int: Int] = [:]
        for id in 0..<5 {
            var place = Waiters.none
            for (word, hash) in [10, 20, 10, 30 + UInt64(id)].enumerated() {
                place = waiters.enter(
                    client(id), database: 0, hash: hash, word: word, watchesEnd: false, sibling: place)
            }
            places[id] = place
        }
        #expect(waiters.keyCount == 7)
        waiters.keyAppeared(0, 20)
        waiters.keyAppeared(1, 10)
        waiters.keyAppeared(0, 33)
        waiters.keyAppeared(0, 20)
        #expect(serve(waiters) == [[0, 1, 2, 3, 4], [3]])
        waiters.leave(places[2] ?? Waiters.none)
        waiters.leave(places[0] ?? Waiters.none)
        waiters.keyAppeared(0, 20)
        waiters.keyAppeared(0, 30)
        #expect(serve(waiters) == [[1, 3, 4]])
        for id in [1, 3, 4] { waiters.leave(places[id] ?? Waiters.none) }
        #expect(waiters.keyCount == 0 && !waiters.isNeeded)
    }

    @Test func `the end of a key is told to those alone who want to hear of it`() {
        let waiters = Waiters()
        let first = waiters.enter(
            client(1), database: 2, hash: 5, word: 1, watchesEnd: false, sibling: Waiters.none)
        waiters.keyEnded(2, 5)
        #expect(!waiters.hasReady && waiters.endCount == 0)
        let second = waiters.enter(client(2), database: 2, hash: 5, word: 1, watchesEnd: true, sibling: Waiters.none)
        #expect(waiters.endCount == 1)
        waiters.keyEnded(2, 5)
        waiters.databaseChanged(2)
        waiters.databaseChanged(3)
        #expect(serve(waiters) == [[1, 2]])
        waiters.leave(first)
        waiters.keyEnded(2, 5)
        waiters.leave(second)
        #expect(serve(waiters) == [])
    }

    @Test func `leaving takes no longer where many wait`() {
        let waiters = Waiters()
        let seed = UInt64.random(in: 0 ... .max)
        print("Waiters against a model, seed \(seed)")
        var chance = SeededChance(seed: seed)
        var model: [Int: [(client: Int, arrival: Int)]] = [:]
        var places: [Int: Int] = [:]
        var clients: [Int: Client] = [:]
        for arrival in 0..<20_000 {
            let id = Int(chance.next() % 300)
            if let place = places[id] {
                waiters.leave(place)
                places[id] = nil
                for key in model.keys { model[key]?.removeAll { $0.client == id } }
            } else {
                let waiting = clients[id] ?? client(id)
                clients[id] = waiting
                var place = Waiters.none
                for key in Set((0..<1 + chance.next() % 4).map { _ in Int(chance.next() % 40) }) {
                    place = waiters.enter(
                        waiting, database: 0, hash: UInt64(key), word: key, watchesEnd: false, sibling: place)
                    model[key, default: []].append((id, arrival))
                }
                places[id] = place
            }
            let key = Int(chance.next() % 40)
            waiters.keyAppeared(0, UInt64(key))
            let expected = (model[key] ?? []).map { $0.client }
            #expect(serve(waiters) == (expected.isEmpty ? [] : [expected]))
        }
        #expect(waiters.keyCount == model.values.count { !$0.isEmpty })
    }
}
