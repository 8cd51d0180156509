/// Drawing fields of a hash at random.
extension Record {
    /// Visits `count` fields of this hash that are alive at `now`, each drawn by itself with the same chance.
    func drawFields(
        _ count: Int, _ random: RandomSource, _ now: Int64, _ body: (StringValue, StringValue) -> Void
    ) {
        if let hash = object(as: LargeHash.self) { return draw(count, of: hash, random, now, body) }
        let small = SmallHash(PackedList(bytes), hasDeadlines: kind == ValueKind.hashWithDeadlines)
        let dead = small.due(now).count
        let alive = small.count - dead
        guard alive > 0 else { return }
        guard count > 1 else {
            let field = small[small.list.offset(of: (dead + random.below(alive)) * small.stride)]
            return body(field.field.value, field.value.value)
        }
        // Where each begins is found once.
        var offsets: [Int] = []
        offsets.reserveCapacity(alive)
        small.forEach(now) { offsets.append($0.field.offset) }
        for _ in 0..<count {
            let field = small[offsets[random.below(alive)]]
            body(field.field.value, field.value.value)
        }
    }

    private func draw(
        _ count: Int, of hash: LargeHash, _ random: RandomSource, _ now: Int64,
        _ body: (StringValue, StringValue) -> Void
    ) {
        guard hash.count(now) < hash.table.count else {
            for _ in 0..<count {
                if let member = hash.table.randomElement(random) { body(.bytes(member.key), .bytes(member.value)) }
            }
            return
        }
        // Some are dead, and only not removed yet: rare enough to look at all of them.
        var alive: [Member] = []
        hash.table.forEach { if $0.deadline > now { alive.append($0) } }
        guard !alive.isEmpty else { return }
        for _ in 0..<count {
            let member = alive[random.below(alive.count)]
            body(.bytes(member.key), .bytes(member.value))
        }
    }

    /// Visits `count` different fields of this hash that are alive at `now`, or all if there are no more: every choice of
    /// so many is as likely as any other.
    func drawDistinctFields(
        _ count: Int, _ random: RandomSource, _ now: Int64, _ body: (StringValue, StringValue) -> Void
    ) {
        var left = fieldCount(now)
        if count < left, let hash = object(as: LargeHash.self), left == hash.table.count {
            return hash.table.drawDistinct(count, random) { body(.bytes($0.key), .bytes($0.value)) }
        }
        // One after the other is taken with the chance that the rest of the draw needs, in their order.
        var missing = min(count, left)
        forEachField(now) { field, value, _ in
            if missing > 0, missing == left || random.below(left) < missing {
                missing -= 1
                body(field, value)
            }
            left -= 1
        }
    }
}
