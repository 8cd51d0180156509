import Testing

@testable import Redstart

/// The geometry against plain ways to the same results.
@Suite struct GeoHashTests {
    private func randomPoint(_ random: inout SystemRandomNumberGenerator) -> GeoPoint {
        GeoPoint(
            longitude: Double.random(in: GeoPoint.longitudes, using: &random),
            latitude: Double.random(in: GeoPoint.latitudes, using: &random))
    }

    @Test func `bits are those of halving the range again and again`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let point = randomPoint(&random)
            let steps = Int.random(in: 1...26, using: &random)
            var (longitudes, latitudes) = (GeoPoint.longitudes, GeoPoint.latitudes)
            var bits: UInt64 = 0
            for _ in 0..<steps {
                bits = bits << 2 | halve(&longitudes, point.longitude) << 1 | halve(&latitudes, point.latitude)
            }
            let hash = GeoHash(point, steps: steps)
            #expect(hash.bits == bits)
            #expect(abs(hash.latitudes.lowerBound - latitudes.lowerBound) < 1e-9)
            #expect(abs(hash.longitudes.upperBound - longitudes.upperBound) < 1e-9)
            #expect(GeoHash(hash.center, steps: steps) == hash)
        }
    }

    private func halve(_ range: inout ClosedRange<Double>, _ value: Double) -> UInt64 {
        let middle = (range.lowerBound + range.upperBound) / 2
        range = value >= middle ? middle...range.upperBound : range.lowerBound...middle
        return value >= middle ? 1 : 0
    }

    @Test func `a step to a neighbour and back is none`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let cell = GeoHash(randomPoint(&random), steps: Int.random(in: 1...26, using: &random))
            for (east, north) in [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1)] {
                let there = cell.neighbor(east: east, north: north)
                #expect(there != cell)
                #expect(there.neighbor(east: -east, north: -north) == cell)
            }
        }
    }

    @Test func `the cells of an area hold every point that is in it`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let center = GeoPoint(
                longitude: Double.random(in: -100...100, using: &random),
                latitude: Double.random(in: -60...60, using: &random))
            let reach = pow10(Double.random(in: 0...6, using: &random))
            let area = GeoArea(
                center: center,
                shape: Bool.random(using: &random) ? .circle(radius: reach) : .box(width: reach, height: reach / 3))
            let degrees = reach / 111_000
            let point = GeoPoint(
                longitude: center.longitude + Double.random(in: -degrees...degrees, using: &random),
                latitude: center.latitude + Double.random(in: -degrees...degrees, using: &random))
            guard area.distance(to: point) != nil else { continue }
            let score = GeoHash(point).bits
            #expect(area.cells.contains { $0.firstScore <= score && score < $0.endScore }, "\(area) \(point)")
        }
    }

    private func pow10(_ exponent: Double) -> Double {
        var value = 1.0
        for _ in 0..<Int(exponent) { value *= 10 }
        return value * (1 + 9 * (exponent - exponent.rounded(.down)))
    }

    @Test func `distances are those of great circles`() {
        let quarter = Earth.radius * Double.pi / 2
        let zero = GeoPoint(longitude: 0, latitude: 0)
        #expect(abs(Earth.distance(zero, GeoPoint(longitude: 90, latitude: 0)) - quarter) < 0.001)
        #expect(abs(Earth.distance(zero, GeoPoint(longitude: 0, latitude: 45)) - quarter / 2) < 0.001)
        #expect(Earth.distance(zero, zero) == 0)
    }
}
