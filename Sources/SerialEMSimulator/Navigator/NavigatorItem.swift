/// A place on the stage, µm.
struct NavigatorPoint: Hashable, Sendable {
    var x: Double
    var y: Double
}

/// What an image or montage was taken with that is a map now.
struct NavigatorMap: Hashable, Sendable {
    /// A Windows path.
    var file: String
    var section = 0
    var isMontage = false
    var binning = 1
    var magIndex = 0
    /// From the stage to pixels of the image, y down: xx, xy, yx, yy.
    var matrix: [Double] = [1, 0, 0, 1]
    var width = 0
    var height = 0
    /// The camera set's number; -1 where nobody knows.
    var set = -1
    var isLowDose = false
    var exposure = 0.0
    var spot = 0
    var intensity = 0.0
}

/// A row of the Navigator's table.
struct NavigatorItem: Hashable, Sendable {
    enum Kind: Int, Sendable { case point, polygon, map }

    var kind: Kind
    var label: String
    var place: NavigatorPoint
    var z = 0.0
    /// 0 to 5: red, green, blue, yellow, magenta, black.
    var color: Int
    var isDrawn = true
    var registration = 1
    var note = ""
    /// 0: in none.
    var group = 0
    var acquires = false
    /// No other item has it; 0 for one of a file that does not tell.
    var id = 0
    /// The id of the map it was drawn on; 0 for none.
    var drawnOn = 0
    /// The point itself, a polygon's or a map's corners.
    var points: [NavigatorPoint]
    var map: NavigatorMap?
    var targetDefocus: Double?
    /// By their numbers, from 1.
    var userValues: [Int: String] = [:]
    /// What else a file said of it, kept as it was.
    var rest: [NavigatorField] = []

    static let colors = 0...5
    static let longestLabel = 16
    static let mostPoints = 20_000

    init(_ kind: Kind, label: String, points: [NavigatorPoint], z: Double) {
        self.kind = kind
        self.label = label
        self.points = points
        self.z = z
        color = kind.rawValue
        place = Self.middle(of: points)
    }

    /// Of a closed outline each corner counts once.
    private static func middle(of points: [NavigatorPoint]) -> NavigatorPoint {
        let corners = points.count > 1 && points.first == points.last ? Array(points.dropLast()) : points
        guard !corners.isEmpty else { return NavigatorPoint(x: 0, y: 0) }
        let count = Double(corners.count)
        return NavigatorPoint(x: corners.reduce(0) { $0 + $1.x } / count, y: corners.reduce(0) { $0 + $1.y } / count)
    }

    mutating func shift(x: Double, y: Double) {
        place = NavigatorPoint(x: place.x + x, y: place.y + y)
        points = points.map { NavigatorPoint(x: $0.x + x, y: $0.y + y) }
    }

    /// Whether a place lies inside its outline.
    func encloses(_ place: NavigatorPoint) -> Bool {
        guard points.count > 2 else { return false }
        var isInside = false
        for (a, b) in zip(points, points.dropFirst() + [points[0]]) where (a.y > place.y) != (b.y > place.y) {
            if place.x < (b.x - a.x) * (place.y - a.y) / (b.y - a.y) + a.x { isInside.toggle() }
        }
        return isInside
    }
}

/// A line of a Navigator file: `key = value`.
struct NavigatorField: Hashable, Sendable {
    var key: String
    var value: String
}
