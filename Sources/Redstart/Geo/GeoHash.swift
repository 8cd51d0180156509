/// A point on earth in degrees.
struct GeoPoint: Equatable {
    var longitude: Double
    var latitude: Double

    /// Where a web map ends: further to the poles its projection would have to be endless.
    static let latitudes = -85.05112878...85.05112878
    static let longitudes = -180.0...180.0
}

/// A cell of a grid over the earth, by the bits of its column and its row, interleaved: each pair of bits halves it
/// both ways. With 26 pairs it fits the score of a sorted set, and cells near each other mostly have scores that are
/// near each other.
struct GeoHash: Equatable {
    static let mostSteps = 26

    /// The interleaved bits, twice as many as there are steps: those of the column are the higher of each pair.
    let bits: UInt64
    let steps: Int

    init(bits: UInt64, steps: Int) {
        self.bits = bits
        self.steps = steps
    }

    /// The cell that a point is in. The range of latitudes is that of maps if not said otherwise.
    init(_ point: GeoPoint, steps: Int = mostSteps, latitudes: ClosedRange<Double> = GeoPoint.latitudes) {
        let row = GeoHash.cell(point.latitude, latitudes, steps)
        let column = GeoHash.cell(point.longitude, GeoPoint.longitudes, steps)
        self.init(row: row, column: column, steps: steps)
    }

    init(row: UInt64, column: UInt64, steps: Int) {
        bits = GeoHash.spread(row) | GeoHash.spread(column) &<< 1
        self.steps = steps
    }

    /// The cell that a member with this score is in.
    init(score: Double) { self.init(bits: GeoHash.bits(score), steps: GeoHash.mostSteps) }

    /// The score as an unsigned integer, as the processor makes one of scores that are no places, too.
    private static func bits(_ score: Double) -> UInt64 {
        let highest = UInt64(1) << 63
        guard score >= 0x1p63 else {
            return Int64(exactly: score.rounded(.towardZero)).map { UInt64(bitPattern: $0) } ?? highest
        }
        return (Int64(exactly: score - 0x1p63).map { UInt64(bitPattern: $0) } ?? highest) ^ highest
    }

    private static func cell(_ degrees: Double, _ range: ClosedRange<Double>, _ steps: Int) -> UInt64 {
        let fraction = (degrees - range.lowerBound) / (range.upperBound - range.lowerBound)
        return UInt64(UInt32(truncatingIfNeeded: UInt64(fraction * Double(UInt64(1) << UInt64(steps)))))
    }

    var row: UInt64 { GeoHash.collect(bits) }
    var column: UInt64 { GeoHash.collect(bits &>> 1) }

    /// The cell so many columns to the east and rows to the north, around the earth if need be.
    func neighbor(east: Int, north: Int) -> GeoHash {
        let mask = UInt64(1) << UInt64(steps) - 1
        // A point on the very edge of the map lies beyond the last cell. It stays there where nothing moves.
        let row = north == 0 ? row : (row &+ UInt64(bitPattern: Int64(north))) & mask
        let column = east == 0 ? column : (column &+ UInt64(bitPattern: Int64(east))) & mask
        return GeoHash(row: row, column: column, steps: steps)
    }

    /// The bits of a score that all points of the cell begin with, followed by zeros.
    var firstScore: UInt64 { bits &<< UInt64((GeoHash.mostSteps - steps) * 2) }

    /// The first score behind the cell.
    var endScore: UInt64 { (bits &+ 1) &<< UInt64((GeoHash.mostSteps - steps) * 2) }

    // MARK: - Degrees

    var latitudes: ClosedRange<Double> { GeoHash.degrees(row, GeoPoint.latitudes, steps) }
    var longitudes: ClosedRange<Double> { GeoHash.degrees(column, GeoPoint.longitudes, steps) }

    private static func degrees(_ cell: UInt64, _ range: ClosedRange<Double>, _ steps: Int) -> ClosedRange<Double> {
        let scale = range.upperBound - range.lowerBound
        let cells = Double(UInt64(1) << UInt64(steps))
        let low = range.lowerBound + Double(cell) / cells * scale
        let high = range.lowerBound + (Double(cell) + 1) / cells * scale
        return low...max(low, high)
    }

    /// The middle of the cell: what a member's point is taken for.
    var center: GeoPoint {
        let (latitudes, longitudes) = (latitudes, longitudes)
        let latitude = (latitudes.lowerBound + latitudes.upperBound) / 2
        let longitude = (longitudes.lowerBound + longitudes.upperBound) / 2
        return GeoPoint(
            longitude: min(max(longitude, GeoPoint.longitudes.lowerBound), GeoPoint.longitudes.upperBound),
            latitude: min(max(latitude, GeoPoint.latitudes.lowerBound), GeoPoint.latitudes.upperBound))
    }

    // MARK: - Text

    private static let alphabet: StaticString = "0123456789bcdefghjkmnpqrstuvwxyz"

    /// The usual eleven letters, which cover all latitudes; 52 bits are enough for ten, so the last is always zero.
    var text: [UInt8] {
        let standard = GeoHash(center, latitudes: -90...90).bits
        let letters = Bytes(GeoHash.alphabet)
        let first = (0..<10).map { letters[Int(standard >> UInt64(47 - $0 * 5) & 31)] }
        return first + [letters[0]]
    }

    // MARK: - Bits

    /// Puts a zero before each of the lower 32 bits.
    private static func spread(_ value: UInt64) -> UInt64 {
        var bits = value & 0xFFFF_FFFF
        bits = (bits | bits &<< 16) & 0x0000_FFFF_0000_FFFF
        bits = (bits | bits &<< 8) & 0x00FF_00FF_00FF_00FF
        bits = (bits | bits &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        bits = (bits | bits &<< 2) & 0x3333_3333_3333_3333
        return (bits | bits &<< 1) & 0x5555_5555_5555_5555
    }

    /// Every second bit, from the lowest on.
    private static func collect(_ value: UInt64) -> UInt64 {
        var bits = value & 0x5555_5555_5555_5555
        bits = (bits | bits &>> 1) & 0x3333_3333_3333_3333
        bits = (bits | bits &>> 2) & 0x0F0F_0F0F_0F0F_0F0F
        bits = (bits | bits &>> 4) & 0x00FF_00FF_00FF_00FF
        bits = (bits | bits &>> 8) & 0x0000_FFFF_0000_FFFF
        return (bits | bits &>> 16) & 0xFFFF_FFFF
    }
}
