/// A search for members near a place, as GEORADIUS and GEOSEARCH read it from their words.
struct GeoSearch {
    enum Order {
        case any, nearestFirst, farthestFirst
    }

    /// A member that was found. Good until its sorted set changes.
    struct Found {
        let member: StringValue
        let score: Double
        let point: GeoPoint
        let distance: Double
    }

    var center: GeoPoint?
    var shape: GeoArea.Shape?
    /// Meters in the unit of the distances that are answered.
    var unit = 1.0
    var withDistances = false
    var withHashes = false
    var withPoints = false
    var order = Order.any
    /// No more than so many; 0 for all.
    var limit = 0
    /// Any will do, not just the nearest.
    var takesAny = false
    var target: Key?
    var storesDistances = false

    /// The members of `set` that are in the area, in the order wanted.
    func run(_ set: SortedSet) -> [Found] {
        guard let center, let shape else { return [] }
        let area = GeoArea(center: center, shape: shape)
        let enough = takesAny ? limit : 0
        var found: [Found] = []
        for cell in area.cells {
            if enough > 0, found.count >= enough { break }
            let range = ScoreRange(
                least: ScoreRange.Bound(score: Double(cell.firstScore)),
                greatest: ScoreRange.Bound(score: Double(cell.endScore), isExclusive: true))
            collect(set, range, area, enough, &found)
        }
        let wanted = limit > 0 ? limit : found.count
        switch order {
        case .any: break
        case .nearestFirst: found.sortFirst(wanted) { GeoSearch.compare($0, $1) }
        case .farthestFirst: found.sortFirst(wanted) { GeoSearch.compare($1, $0) }
        }
        if limit > 0, found.count > limit { found.removeSubrange(limit...) }
        return found
    }

    private static func compare(_ left: Found, _ right: Found) -> Int {
        left.distance < right.distance ? -1 : left.distance > right.distance ? 1 : 0
    }

    private func collect(
        _ set: SortedSet, _ range: ScoreRange, _ area: GeoArea, _ enough: Int, _ found: inout [Found]
    ) {
        guard var cursor = set.cursor(into: range, reversed: false, offset: 0) else { return }
        while let next = cursor.next(), !range.isBefore(next.score) {
            let point = GeoHash(score: next.score).center
            guard let distance = area.distance(to: point) else { continue }
            found.append(Found(member: next.member, score: next.score, point: point, distance: distance))
            if enough > 0, found.count >= enough { return }
        }
    }
}
