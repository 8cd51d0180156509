internal import Glibc

/// Distances on a sphere, in meters.
enum Earth {
    static let radius = 6_372_797.560856

    static func radians(_ degrees: Double) -> Double { degrees * (Double.pi / 180) }

    static func degrees(_ radians: Double) -> Double { radians / (Double.pi / 180) }

    /// By the haversine formula.
    static func distance(_ first: GeoPoint, _ second: GeoPoint) -> Double {
        let (firstLatitude, secondLatitude) = (radians(first.latitude), radians(second.latitude))
        let u = sin((secondLatitude - firstLatitude) / 2)
        let v = sin((radians(second.longitude) - radians(first.longitude)) / 2)
        // On one meridian there is less to calculate, and less to round.
        if v == 0 { return distance(latitudes: first.latitude, second.latitude) }
        return 2 * radius * asin((u * u + cos(firstLatitude) * cos(secondLatitude) * v * v).squareRoot())
    }

    static func distance(latitudes first: Double, _ second: Double) -> Double {
        radius * abs(radians(second) - radians(first))
    }
}

/// What is searched: a circle or a box around a point, in meters.
struct GeoArea {
    enum Shape {
        case circle(radius: Double)
        case box(width: Double, height: Double)
    }

    let center: GeoPoint
    let shape: Shape

    /// How far `point` is from the center; nil where it is outside.
    func distance(to point: GeoPoint) -> Double? {
        switch shape {
        case .circle(let radius):
            let distance = Earth.distance(center, point)
            return distance > radius ? nil : distance
        case .box(let width, let height):
            if Earth.distance(latitudes: point.latitude, center.latitude) > height / 2 { return nil }
            let beside = GeoPoint(longitude: center.longitude, latitude: point.latitude)
            if Earth.distance(point, beside) > width / 2 { return nil }
            return Earth.distance(center, point)
        }
    }

    // MARK: - Cells

    /// Half the circle's bounding box, or half the box.
    private var halves: (width: Double, height: Double) {
        switch shape {
        case .circle(let radius): (radius, radius)
        case .box(let width, let height): (width / 2, height / 2)
        }
    }

    /// A radius that reaches all of it.
    private var reach: Double {
        switch shape {
        case .circle(let radius): radius
        case .box(let width, let height): (width / 2 * (width / 2) + height / 2 * (height / 2)).squareRoot()
        }
    }

    private struct Bounds {
        let west, south, east, north: Double
    }

    private var bounds: Bounds {
        let (width, height) = halves
        let latitudeReach = Earth.degrees(height / Earth.radius)
        let wide = Earth.degrees(width / Earth.radius / cos(Earth.radians(center.latitude + latitudeReach)))
        let narrow = Earth.degrees(width / Earth.radius / cos(Earth.radians(center.latitude - latitudeReach)))
        // Towards the pole the same width is more degrees.
        let longitudeReach = center.latitude < 0 ? narrow : wide
        return Bounds(
            west: center.longitude - longitudeReach, south: center.latitude - latitudeReach,
            east: center.longitude + longitudeReach, north: center.latitude + latitudeReach)
    }

    /// Half the length of the equator, as maps measure it.
    private static let mapReach = 20_037_726.37

    /// How often the earth is to be halved so that nine cells cover the area.
    private var steps: Int {
        var range = reach
        guard range > 0 else { return GeoHash.mostSteps }
        var steps = 1
        while range < GeoArea.mapReach {
            range *= 2
            steps += 1
        }
        steps -= 2
        // Towards the poles cells get narrow.
        if abs(center.latitude) > 66 {
            steps -= 1
            if abs(center.latitude) > 80 { steps -= 1 }
        }
        return min(max(steps, 1), GeoHash.mostSteps)
    }

    /// The cells that cover the area, the center's first, in the order in which Redis visits them.
    var cells: [GeoHash] {
        let bounds = bounds
        var steps = steps
        var middle = GeoHash(center, steps: steps)
        if steps > 1, !reaches(middle, bounds) {
            steps -= 1
            middle = GeoHash(center, steps: steps)
        }
        var directions = GeoArea.directions
        if steps >= 2 {
            let (latitudes, longitudes) = (middle.latitudes, middle.longitudes)
            // What lies beyond an edge that the area does not reach need not be visited.
            directions.removeAll { direction in
                direction.north < 0 && latitudes.lowerBound < bounds.south
                    || direction.north > 0 && latitudes.upperBound > bounds.north
                    || direction.east < 0 && longitudes.lowerBound < bounds.west
                    || direction.east > 0 && longitudes.upperBound > bounds.east
            }
        }
        var cells: [GeoHash] = []
        for direction in directions {
            let cell = middle.neighbor(east: direction.east, north: direction.north)
            // Around a small earth of few cells neighbours may be the same.
            if cell != cells.last { cells.append(cell) }
        }
        return cells
    }

    private static let directions: [(east: Int, north: Int)] = [
        (0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1),
    ]

    /// Whether the cells around `middle` end outside of the area.
    private func reaches(_ middle: GeoHash, _ bounds: Bounds) -> Bool {
        middle.neighbor(east: 0, north: 1).latitudes.upperBound >= bounds.north
            && middle.neighbor(east: 0, north: -1).latitudes.lowerBound <= bounds.south
            && middle.neighbor(east: 1, north: 0).longitudes.upperBound >= bounds.east
            && middle.neighbor(east: -1, north: 0).longitudes.lowerBound <= bounds.west
    }
}
