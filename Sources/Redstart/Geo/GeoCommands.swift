extension Command {
    static let geo: [Command] = [
        Command(
            "GEOADD", .atLeast(5), [.write, .denyOOM],
            keys: .key([.readWrite, .update]),
            arguments: .key,
            .oneOf(
                "condition",
                .token("NX", name: "nx"),
                .token("XX", name: "xx")
            ).optional.since("6.2.0"),
            .token("CH", name: "change").optional.since("6.2.0"),
            .block(
                "data",
                .double("longitude"),
                .double("latitude"),
                .string("member")
            ).multiple,
            group: .geo, since: "3.2.0",
            complexity: """
                O(log(N)) for each item added, where N is the number of elements in the sorted set.
                """,
            summary: "Adds members at places on earth to a sorted set.",
            run: add),
        Command(
            "GEODIST", .atLeast(4), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member1"),
            .string("member2"),
            .oneOf(
                "unit",
                .token("M", name: "m"),
                .token("KM", name: "km"),
                .token("FT", name: "ft"),
                .token("MI", name: "mi")
            ).optional,
            group: .geo, since: "3.2.0", complexity: "O(1)",
            summary: "Answers how far two members are apart.",
            run: distance),
        Command(
            "GEOHASH", .atLeast(2), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member").optional.multiple,
            group: .geo, since: "3.2.0", complexity: "O(1) for each member requested.",
            summary: "Answers the geohashes of members.",
            run: hash),
        Command(
            "GEOPOS", .atLeast(2), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member").optional.multiple,
            group: .geo, since: "3.2.0", complexity: "O(1) for each member requested.",
            summary: "Answers the longitudes and latitudes of members.",
            run: position),
        Command(
            "GEORADIUS", .atLeast(6), [.write, .denyOOM, .movableKeys],
            keys: .key([.readOnly, .access]),
            KeySpec(
                [.overwrite, .update],
                begin: .keyword("STORE", startFrom: 6), find: .range(last: 0, step: 1, limit: 0)),
            KeySpec(
                [.overwrite, .update],
                begin: .keyword("STOREDIST", startFrom: 6), find: .range(last: 0, step: 1, limit: 0)),
            arguments: .key,
            .double("longitude"),
            .double("latitude"),
            .double("radius"),
            .unit,
            .token("WITHCOORD", name: "withcoord").optional,
            .token("WITHDIST", name: "withdist").optional,
            .token("WITHHASH", name: "withhash").optional,
            .count(anySince: "6.2.0"),
            .order,
            .storeKey,
            group: .geo, since: "3.2.0",
            complexity: """
                O(N+log(M)) where N is the number of elements inside the bounding box of the circular area \
                delimited by center and radius and M is the number of items inside the index.
                """,
            summary: "Finds the members within a distance of a place, and may store them.",
            deprecated: Deprecation(
                since: "6.2.0", replacement: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"),
            run: radius),
        Command(
            "GEORADIUS_RO", .atLeast(6), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .double("longitude"),
            .double("latitude"),
            .double("radius"),
            .unit,
            .token("WITHCOORD", name: "withcoord").optional,
            .token("WITHDIST", name: "withdist").optional,
            .token("WITHHASH", name: "withhash").optional,
            .count(anySince: "6.2.0"),
            .order,
            group: .geo, since: "3.2.10",
            complexity: """
                O(N+log(M)) where N is the number of elements inside the bounding box of the circular area \
                delimited by center and radius and M is the number of items inside the index.
                """,
            summary: "Finds the members within a distance of a place.",
            deprecated: Deprecation(since: "6.2.0", replacement: "`GEOSEARCH` with the `BYRADIUS` argument"),
            run: readRadius),
        Command(
            "GEORADIUSBYMEMBER", .atLeast(5), [.write, .denyOOM, .movableKeys],
            keys: .key([.readOnly, .access]),
            KeySpec(
                [.overwrite, .update],
                begin: .keyword("STORE", startFrom: 5), find: .range(last: 0, step: 1, limit: 0)),
            KeySpec(
                [.overwrite, .update],
                begin: .keyword("STOREDIST", startFrom: 5), find: .range(last: 0, step: 1, limit: 0)),
            arguments: .key,
            .string("member"),
            .double("radius"),
            .unit,
            .token("WITHCOORD", name: "withcoord").optional,
            .token("WITHDIST", name: "withdist").optional,
            .token("WITHHASH", name: "withhash").optional,
            .count(),
            .order,
            .storeKey,
            group: .geo, since: "3.2.0",
            complexity: """
                O(N+log(M)) where N is the number of elements inside the bounding box of the circular area \
                delimited by center and radius and M is the number of items inside the index.
                """,
            summary: "Finds the members within a distance of one of them, and may store them.",
            deprecated: Deprecation(
                since: "6.2.0",
                replacement: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"),
            run: radiusByMember),
        Command(
            "GEORADIUSBYMEMBER_RO", .atLeast(5), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .string("member"),
            .double("radius"),
            .unit,
            .token("WITHCOORD", name: "withcoord").optional,
            .token("WITHDIST", name: "withdist").optional,
            .token("WITHHASH", name: "withhash").optional,
            .count(),
            .order,
            group: .geo, since: "3.2.10",
            complexity: """
                O(N+log(M)) where N is the number of elements inside the bounding box of the circular area \
                delimited by center and radius and M is the number of items inside the index.
                """,
            summary: "Finds the members within a distance of one of them.",
            deprecated: Deprecation(
                since: "6.2.0", replacement: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"),
            run: readRadiusByMember),
        Command(
            "GEOSEARCH", .atLeast(7), [.readonly],
            keys: .key([.readOnly, .access]),
            arguments: .key,
            .searchCenter,
            .searchShape,
            .order,
            .count(),
            .token("WITHCOORD", name: "withcoord").optional,
            .token("WITHDIST", name: "withdist").optional,
            .token("WITHHASH", name: "withhash").optional,
            group: .geo, since: "6.2.0",
            complexity: """
                O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the \
                shape provided as the filter and M is the number of items inside the shape
                """,
            summary: "Finds the members within a circle or a box around a place or a member.",
            run: search),
        Command(
            "GEOSEARCHSTORE", .atLeast(8), [.write, .denyOOM],
            keys: .key([.overwrite, .update]),
            .key([.readOnly, .access], at: 2),
            arguments: .key("destination", spec: 0),
            .key("source", spec: 1),
            .searchCenter,
            .searchShape,
            .order,
            .count(),
            .token("STOREDIST", name: "storedist").optional,
            group: .geo, since: "6.2.0",
            complexity: """
                O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the \
                shape provided as the filter and M is the number of items inside the shape
                """,
            summary: "Stores the members within a circle or a box around a place or a member.",
            run: searchAndStore),
    ]
}

extension Argument {
    fileprivate static let unit = oneOf(
        "unit",
        .token("M", name: "m"),
        .token("KM", name: "km"),
        .token("FT", name: "ft"),
        .token("MI", name: "mi"))

    fileprivate static let order = oneOf(
        "order",
        .token("ASC", name: "asc"),
        .token("DESC", name: "desc")
    ).optional

    fileprivate static func count(anySince version: StaticString? = nil) -> Argument {
        let any = token("ANY", name: "any").optional
        return block("count-block", .integer("count", token: "COUNT"), version.map { any.since($0) } ?? any).optional
    }

    fileprivate static let storeKey = oneOf(
        "store",
        .key("storekey", spec: 1, token: "STORE").display("key"),
        .key("storedistkey", spec: 2, token: "STOREDIST").display("key")
    ).optional

    fileprivate static let searchCenter = oneOf(
        "from",
        .string("member", token: "FROMMEMBER"),
        .block("fromlonlat", token: "FROMLONLAT", .double("longitude"), .double("latitude")))

    fileprivate static let searchShape = oneOf(
        "by",
        .block("circle", .double("radius", token: "BYRADIUS"), .unit),
        .block("box", .double("width", token: "BYBOX"), .double("height"), .unit))
}

extension Arguments {
    /// A longitude and a latitude.
    mutating func geoPoint() throws(ReplyError) -> GeoPoint {
        let longitude = try number(orThrow: .notFloat)
        let latitude = try number(orThrow: .notFloat)
        let point = GeoPoint(longitude: longitude, latitude: latitude)
        guard GeoPoint.longitudes.contains(longitude), GeoPoint.latitudes.contains(latitude) else {
            throw .geoPoint(point)
        }
        return point
    }

    mutating func number(orThrow error: ReplyError) throws(ReplyError) -> Double {
        guard let number = NumberText.double(try next()) else { throw error }
        return number
    }

    /// A unit of length, in meters.
    mutating func geoUnit() throws(ReplyError) -> Double {
        if take("M") { return 1 }
        if take("KM") { return 1_000 }
        if take("FT") { return 0.3048 }
        if take("MI") { return 1_609.34 }
        throw .geoUnit
    }
}

extension ReplyWriter {
    fileprivate func distance(_ distance: Double) {
        NumberText.withFixedText(of: LongDouble(distance), decimals: 4, keepsZeros: true) { bulk($0) }
    }

    fileprivate func geoPoint(_ point: GeoPoint) {
        array(2)
        NumberText.withFixedText(of: LongDouble(point.longitude)) { double(text: $0) }
        NumberText.withFixedText(of: LongDouble(point.latitude)) { double(text: $0) }
    }
}

extension Call {
    /// The place of a member, if it is there.
    fileprivate func geoPoint(_ set: SortedSet?, _ member: Bytes) -> GeoPoint? {
        set?.score(of: member, engine.hash(member)).map { GeoHash(score: $0).center }
    }
}

// MARK: - Adding

private func add(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    var rules = ScoreRules()
    var countsChanges = false
    while true {
        if call.arguments.take("NX") {
            rules.insert(.onlyNew)
        } else if call.arguments.take("XX") {
            rules.insert(.onlyExisting)
        } else if call.arguments.take("CH") {
            countsChanges = true
        } else {
            break
        }
    }
    let hasTriples = !call.arguments.isEmpty && call.arguments.left % 3 == 0
    guard hasTriples, !rules.isSuperset(of: [.onlyNew, .onlyExisting]) else { throw .syntax }
    let start = call.arguments.position
    while !call.arguments.isEmpty {
        _ = try call.arguments.geoPoint()
        call.arguments.skip()
    }
    call.arguments.move(to: start)
    try addAll(&call, key, rules, countsChanges: countsChanges)
}

private func addAll(
    _ call: inout Call, _ key: Key, _ rules: ScoreRules, countsChanges: Bool
) throws(ReplyError) {
    let database = call.database
    var editor: SortedSetEditor
    if rules.contains(.onlyExisting) {
        guard let existing = try database.sortedSetToEdit(key) else { return call.reply.integer(0) }
        editor = existing
    } else {
        editor = try database.sortedSetToFill(key, first: call.arguments[call.arguments.position + 2])
    }
    var added = 0
    var updated = 0
    while !call.arguments.isEmpty {
        let score = Double(GeoHash(try call.arguments.geoPoint()).bits)
        switch try editor.add(try call.arguments.next(), score, rules) {
        case .added: added += 1
        case .updated: updated += 1
        case .unchanged, .refused: break
        }
    }
    if added + updated > 0 { database.changed(key.bytes, .sortedSet, "zadd", changes: added + updated) }
    call.reply.integer(countsChanges ? added + updated : added)
}

// MARK: - Single places

private func distance(_ call: inout Call) throws(ReplyError) {
    let key = try call.key()
    let first = try call.arguments.next()
    let second = try call.arguments.next()
    guard call.arguments.left <= 1 else { throw .syntax }
    let unit = call.arguments.isEmpty ? 1 : try call.arguments.geoUnit()

    let set = try call.database.sortedSet(key)
    guard let from = call.geoPoint(set, first), let to = call.geoPoint(set, second) else {
        return call.reply.null()
    }
    call.reply.distance(Earth.distance(from, to) / unit)
}

private func hash(_ call: inout Call) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        let member = try call.arguments.next()
        if let score = set?.score(of: member, call.engine.hash(member)) {
            call.reply.bulk(GeoHash(score: score).text)
        } else {
            call.reply.null()
        }
    }
}

private func position(_ call: inout Call) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    call.reply.array(call.arguments.left)
    while !call.arguments.isEmpty {
        if let point = call.geoPoint(set, try call.arguments.next()) {
            call.reply.geoPoint(point)
        } else {
            call.reply.nullArray()
        }
    }
}

// MARK: - Searching

/// How the commands that search read their words.
private enum SearchSyntax {
    case radius(mayStore: Bool)
    case search
    case searchAndStore
}

private func radius(_ call: inout Call) throws(ReplyError) { try searchAround(&call, mayStore: true) }

private func readRadius(_ call: inout Call) throws(ReplyError) { try searchAround(&call, mayStore: false) }

private func searchAround(_ call: inout Call, mayStore: Bool) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    var search = GeoSearch()
    search.center = try call.arguments.geoPoint()
    try readCircle(&search, &call)
    try finish(&search, &call, set, .radius(mayStore: mayStore))
}

private func radiusByMember(_ call: inout Call) throws(ReplyError) { try searchAroundMember(&call, mayStore: true) }

private func readRadiusByMember(_ call: inout Call) throws(ReplyError) {
    try searchAroundMember(&call, mayStore: false)
}

private func searchAroundMember(_ call: inout Call, mayStore: Bool) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    let member = try call.arguments.next()
    var search = GeoSearch()
    if set != nil {
        guard let point = call.geoPoint(set, member) else { throw .geoMember }
        search.center = point
        try readCircle(&search, &call)
    } else {
        // Where there is nothing nobody looks at the radius.
        call.arguments.skip(2)
    }
    try finish(&search, &call, set, .radius(mayStore: mayStore))
}

private func search(_ call: inout Call) throws(ReplyError) {
    let set = try call.database.sortedSet(try call.key())
    var search = GeoSearch()
    try finish(&search, &call, set, .search)
}

private func searchAndStore(_ call: inout Call) throws(ReplyError) {
    var search = GeoSearch()
    search.target = try call.key()
    let set = try call.database.sortedSet(try call.key())
    try finish(&search, &call, set, .searchAndStore)
}

private func readCircle(_ search: inout GeoSearch, _ call: inout Call) throws(ReplyError) {
    let radius = try call.arguments.number(orThrow: .geoRadius)
    guard radius >= 0 else { throw .geoNegativeRadius }
    search.unit = try call.arguments.geoUnit()
    search.shape = .circle(radius: radius * search.unit)
}

private func readBox(_ search: inout GeoSearch, _ call: inout Call) throws(ReplyError) {
    let width = try call.arguments.number(orThrow: .geoWidth)
    let height = try call.arguments.number(orThrow: .geoHeight)
    guard width >= 0, height >= 0 else { throw .geoNegativeBox }
    search.unit = try call.arguments.geoUnit()
    search.shape = .box(width: width * search.unit, height: height * search.unit)
}

/// Reads the options, runs the search, and answers.
private func finish(
    _ search: inout GeoSearch, _ call: inout Call, _ set: SortedSet?, _ syntax: SearchSyntax
) throws(ReplyError) {
    var words = PlaceWords()
    while !call.arguments.isEmpty {
        if try readCommonOption(&search, &call) { continue }
        switch syntax {
        case .radius(let mayStore):
            guard mayStore, call.arguments.left >= 2 else { throw .syntax }
            try readTarget(&search, &call)
        case .search, .searchAndStore:
            if case .searchAndStore = syntax, call.arguments.take("STOREDIST") {
                search.storesDistances = true
            } else {
                try readPlace(&search, &call, set, &words)
            }
        }
    }
    try check(search, call, syntax, hasCenter: words.fromMember || words.fromPoint)
    if search.limit > 0, search.order == .any, !search.takesAny { search.order = .nearestFirst }
    let found = set.map { search.run($0) } ?? []
    if let target = search.target {
        store(found, search, at: target, &call, syntax)
    } else {
        answer(found, search, call.reply)
    }
}

private func readCommonOption(_ search: inout GeoSearch, _ call: inout Call) throws(ReplyError) -> Bool {
    if call.arguments.take("WITHDIST") {
        search.withDistances = true
    } else if call.arguments.take("WITHHASH") {
        search.withHashes = true
    } else if call.arguments.take("WITHCOORD") {
        search.withPoints = true
    } else if call.arguments.take("ANY") {
        search.takesAny = true
    } else if call.arguments.take("ASC") {
        search.order = .nearestFirst
    } else if call.arguments.take("DESC") {
        search.order = .farthestFirst
    } else if call.arguments.left >= 2, call.arguments.take("COUNT") {
        search.limit = try call.arguments.integer()
        guard search.limit > 0 else { throw .geoCount }
    } else {
        return false
    }
    return true
}

private func readTarget(_ search: inout GeoSearch, _ call: inout Call) throws(ReplyError) {
    if call.arguments.take("STORE") {
        search.storesDistances = false
    } else if call.arguments.take("STOREDIST") {
        search.storesDistances = true
    } else {
        throw .syntax
    }
    search.target = try call.key()
}

/// Which of two ways to say the same was taken. It may be taken again, and the last time counts; the other may not.
private struct PlaceWords {
    var fromMember = false
    var fromPoint = false
    var byRadius = false
    var byBox = false
}

private func readPlace(
    _ search: inout GeoSearch, _ call: inout Call, _ set: SortedSet?, _ words: inout PlaceWords
) throws(ReplyError) {
    if !words.fromPoint, call.arguments.left >= 2, call.arguments.take("FROMMEMBER") {
        let member = try call.arguments.next()
        if set != nil {
            guard let point = call.geoPoint(set, member) else { throw .geoMember }
            search.center = point
        }
        words.fromMember = true
    } else if !words.fromMember, call.arguments.left >= 3, call.arguments.take("FROMLONLAT") {
        search.center = try call.arguments.geoPoint()
        words.fromPoint = true
    } else if !words.byBox, call.arguments.left >= 3, call.arguments.take("BYRADIUS") {
        try readCircle(&search, &call)
        words.byRadius = true
    } else if !words.byRadius, call.arguments.left >= 4, call.arguments.take("BYBOX") {
        try readBox(&search, &call)
        words.byBox = true
    } else {
        throw .syntax
    }
}

private func check(
    _ search: GeoSearch, _ call: Call, _ syntax: SearchSyntax, hasCenter: Bool
) throws(ReplyError) {
    let isStore = search.target != nil
    if isStore, search.withDistances || search.withHashes || search.withPoints {
        if case .searchAndStore = syntax { throw .geoStore("GEOSEARCHSTORE") }
        throw .geoStore("STORE option in GEORADIUS")
    }
    switch syntax {
    case .radius: break
    case .search, .searchAndStore:
        guard hasCenter else { throw .geoExactlyOne("FROMMEMBER or FROMLONLAT", call.arguments[0]) }
        guard search.shape != nil else { throw .geoExactlyOne("BYRADIUS and BYBOX", call.arguments[0]) }
    }
    guard !search.takesAny || search.limit > 0 else { throw .geoAny }
}

private func answer(_ found: [GeoSearch.Found], _ search: GeoSearch, _ reply: ReplyWriter) {
    let extras = [search.withDistances, search.withHashes, search.withPoints].count { $0 }
    reply.array(found.count)
    for one in found {
        if extras > 0 { reply.array(extras + 1) }
        reply.bulk(one.member)
        if search.withDistances { reply.distance(one.distance / search.unit) }
        if search.withHashes { reply.integer(Int(one.score)) }
        if search.withPoints { reply.geoPoint(one.point) }
    }
}

private func store(
    _ found: [GeoSearch.Found], _ search: GeoSearch, at target: Key, _ call: inout Call, _ syntax: SearchSyntax
) {
    let builder = SortedSetBuilder(call.engine.keyspace)
    for one in found {
        let score = search.storesDistances ? one.distance / search.unit : one.score
        one.member.withBytes { builder.set($0, score) }
    }
    if case .searchAndStore = syntax {
        call.database.store(builder, at: target, "geosearchstore", changes: found.count)
    } else {
        call.database.store(builder, at: target, "georadiusstore", changes: found.count)
    }
    call.reply.integer(found.count)
}
