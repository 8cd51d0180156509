/// Clients that wait for keys, in order of arrival.
///
/// A key for which somebody waits has a line, found by the key's hash; a client has a place in the line of each of its
/// keys. Places are numbers in one array, linked both ways, so that a client leaves all its lines in the time that its
/// own keys take, however many others wait. What changes a key tells it here in one look-up, and nothing at all while
/// nobody waits; the engine serves the lines that became ready when the command is over.
final class Waiters {
    fileprivate struct Name: Hashable {
        let database: Int
        let hash: UInt64
    }

    private struct Line {
        var first: Int
        var last: Int
        var count = 0
        /// How many in it are to be told when the key goes, or becomes something else.
        var watchingEnd = 0
        var isReady = false
    }

    private struct Place {
        var client: Client?
        let name: Name
        /// The position of the key among the words of the client's command.
        let word: Int
        /// Which arrival this was: tells a place from another one that has its number later.
        let arrival: Int
        let watchesEnd: Bool
        var previous: Int
        var next = Waiters.none
        /// The client's next place, in another line.
        let sibling: Int
    }

    static let none = -1

    private var lines: [Name: Line] = [:]
    private var places: ContiguousArray<Place> = []
    private var freePlaces: [Int] = []
    private var arrivals = 0
    private var ready = Queue<Name>()

    /// Whether any client waits for any key. All that a change of a key costs while nobody does.
    private(set) var isNeeded = false

    /// Whether a line became ready that was not served yet.
    private(set) var hasReady = false

    /// How many keys are waited for, and for how many of them their end, too.
    var keyCount: Int { lines.count }
    var endCount: Int { lines.values.count { $0.watchingEnd > 0 } }

    // MARK: - Coming and going

    /// Puts a client at the end of the line of a key, unless it stands there already. Returns its new place or, failing
    /// that, `sibling`: what is to be handed in for its next key.
    func enter(
        _ client: Client, database: Int, hash: UInt64, word: Int, watchesEnd: Bool, sibling: Int
    ) -> Int {
        let name = Name(database: database, hash: hash)
        var line = lines[name] ?? Line(first: Waiters.none, last: Waiters.none)
        if line.last != Waiters.none, places[line.last].client === client { return sibling }
        arrivals += 1
        let place = Place(
            client: client, name: name, word: word, arrival: arrivals, watchesEnd: watchesEnd, previous: line.last,
            sibling: sibling)
        let number = freePlaces.popLast() ?? places.count
        if number == places.count { places.append(place) } else { places[number] = place }
        if line.last == Waiters.none { line.first = number } else { places[line.last].next = number }
        line.last = number
        line.count += 1
        if watchesEnd { line.watchingEnd += 1 }
        lines[name] = line
        isNeeded = true
        return number
    }

    /// Takes a client out of all its lines; `first` is the last of its places.
    func leave(_ first: Int) {
        var number = first
        while number != Waiters.none {
            let place = places[number]
            leaveLine(place)
            places[number].client = nil
            freePlaces.append(number)
            number = place.sibling
        }
        isNeeded = !lines.isEmpty
        if !isNeeded { (places, freePlaces) = ([], []) }
    }

    private func leaveLine(_ place: Place) {
        guard var line = lines[place.name] else { return }
        let (previous, next) = (place.previous, place.next)
        if previous == Waiters.none { line.first = next } else { places[previous].next = next }
        if next == Waiters.none { line.last = previous } else { places[next].previous = previous }
        line.count -= 1
        if place.watchesEnd { line.watchingEnd -= 1 }
        lines[place.name] = line.count > 0 ? line : nil
    }

    // MARK: - Becoming ready

    /// The key has a new value, or more in it than before.
    @inline(__always)
    func keyAppeared(_ database: Int, _ hash: UInt64) {
        if isNeeded { makeReady(Name(database: database, hash: hash), onlyIfEndMatters: false) }
    }

    /// The key, or a part of it for which clients wait, is gone.
    @inline(__always)
    func keyEnded(_ database: Int, _ hash: UInt64) {
        if isNeeded { makeReady(Name(database: database, hash: hash), onlyIfEndMatters: true) }
    }

    /// All keys of a database are others than before, or gone.
    func databaseChanged(_ database: Int) {
        guard isNeeded else { return }
        let names = lines.filter { $0.key.database == database }.map { ($0.key, $0.value.first) }
        for (name, _) in names.sorted(by: { places[$0.1].arrival < places[$1.1].arrival }) {
            makeReady(name, onlyIfEndMatters: false)
        }
    }

    @inline(never)
    private func makeReady(_ name: Name, onlyIfEndMatters: Bool) {
        guard let line = lines[name], !line.isReady, !onlyIfEndMatters || line.watchingEnd > 0 else { return }
        lines[name]?.isReady = true
        ready.append(name)
        hasReady = true
    }

    // MARK: - Serving

    /// A line that is being served: where in it, and how many are still to be looked at. Who joins meanwhile comes
    /// behind them.
    struct Round {
        fileprivate let name: Name
        fileprivate var place: Int
        fileprivate var arrival: Int
        fileprivate var left: Int

        var database: Int { name.database }
    }

    /// Somebody in a line.
    struct Waiter {
        let client: Client
        /// Which of its command's words is the key.
        let word: Int
    }

    /// The line that became ready first; no longer ready from now on.
    func takeReady() -> Round? {
        while let name = ready.removeFirst() {
            guard let line = lines[name], line.isReady else { continue }
            lines[name]?.isReady = false
            return Round(name: name, place: line.first, arrival: places[line.first].arrival, left: line.count)
        }
        hasReady = false
        return nil
    }

    /// Whether anybody in the line wants to hear that its key is gone.
    func watchesEnd(_ round: Round) -> Bool { (lines[round.name]?.watchingEnd ?? 0) > 0 }

    /// The next one in the line. Whoever came before may have left since, but nobody else.
    func next(_ round: inout Round) -> Waiter? {
        // Serving one may have sent all others away, and their places with them.
        guard round.left > 0, round.place != Waiters.none, round.place < places.count,
            let client = places[round.place].client,
            places[round.place].arrival == round.arrival
        else { return nil }
        let place = places[round.place]
        round.left -= 1
        round.place = place.next
        round.arrival = place.next == Waiters.none ? 0 : places[place.next].arrival
        return Waiter(client: client, word: place.word)
    }
}
