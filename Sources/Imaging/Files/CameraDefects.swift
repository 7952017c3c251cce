/// Rows, columns and pixels of a camera that are known to be bad, as SerialEM's file of defects names them.
///
/// Places count from the top left corner of the camera's image.
public struct CameraDefects: Sendable, Equatable {
    /// The camera's size that places are in; nil where the file does not tell, and then they are the movie's.
    public var size: (width: Int, height: Int)?
    /// How the image that places are in was turned against the camera.
    public var rotationAndFlip = 0
    /// Left, top, width and height of each bad part.
    private(set) var parts: [Part] = []
    /// First good rows and columns, and last ones; nil where all are.
    private(set) var usable: (top: Int, left: Int, bottom: Int, right: Int)?

    struct Part: Equatable, Sendable {
        var x: Int
        var y: Int
        var width: Int
        var height: Int

        /// A whole column or row is as long as the camera.
        func within(_ own: (width: Int, height: Int)) -> Part {
            Part(
                x: x, y: y, width: width == CameraDefects.farthest ? own.width : width,
                height: height == CameraDefects.farthest ? own.height : height)
        }
    }

    /// Named in what is thrown.
    private let file: String

    public static func == (a: Self, b: Self) -> Bool {
        a.rotationAndFlip == b.rotationAndFlip && a.parts == b.parts && a.size?.width == b.size?.width
            && a.size?.height == b.size?.height
    }

    fileprivate static let farthest = 1 << 17
    private static let mostBytes = 4 << 20
    /// A camera has some thousands of bad pixels.
    private static let mostParts = 1 << 17

    public init(file path: String) throws(ImagingError) {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard size <= Self.mostBytes else { throw .notDefects(file: path, detail: "it is longer than any such file") }
        try self.init(String(decoding: try file.read(at: 0, count: size), as: UTF8.self), file: path)
    }

    /// Lines of a word and whole numbers; `#` begins a remark. Words that are not known here are passed over, with whatever numbers follow.
    init(_ text: String, file: String) throws(ImagingError) {
        self.file = file
        var sides = (0, 0)
        var known = 0
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let name = words.first else { continue }
            let numbers = words.dropFirst().compactMap { Int($0) }
            guard numbers.count == words.count - 1, numbers.allSatisfy({ (0...Self.farthest).contains($0) }) else {
                throw .notDefects(file: file, detail: "“\(line.prefix(60))” is not a word with numbers")
            }
            guard parts.count + numbers.count <= Self.mostParts else {
                throw .notDefects(file: file, detail: "it names more bad places than any camera has")
            }
            known += note(name, numbers, &sides) ? 1 : 0
        }
        guard known > 0 else { throw .notDefects(file: file, detail: "no line of it names a defect") }
        if sides.0 > 0, sides.1 > 0 { size = sides }
        if let size { try check(size) }
    }

    /// False for a word that is not known here.
    private mutating func note(_ name: Substring, _ numbers: [Int], _ sides: inout (Int, Int)) -> Bool {
        switch (name, numbers.count) {
        case ("CameraSizeX", 1...): sides.0 = numbers[0]
        case ("CameraSizeY", 1...): sides.1 = numbers[0]
        case ("RotationAndFlip", 1...): rotationAndFlip = numbers[0] & 15
        case ("UsableArea", 4...): usable = (numbers[0], numbers[1], numbers[2], numbers[3])
        case ("BadColumns", 1...): parts += numbers.map { Part(x: $0, y: 0, width: 1, height: Self.farthest) }
        case ("BadRows", 1...): parts += numbers.map { Part(x: 0, y: $0, width: Self.farthest, height: 1) }
        case ("PartialBadColumn", 4...) where numbers[3] >= numbers[2]:
            parts.append(Part(x: numbers[0], y: numbers[2], width: numbers[1], height: numbers[3] - numbers[2] + 1))
        case ("PartialBadRow", 4...) where numbers[3] >= numbers[2]:
            parts.append(Part(x: numbers[2], y: numbers[0], width: numbers[3] - numbers[2] + 1, height: numbers[1]))
        case ("BadPixels", 2...):
            for i in stride(from: 0, to: numbers.count - 1, by: 2) {
                parts.append(Part(x: numbers[i], y: numbers[i + 1], width: 1, height: 1))
            }
        case ("WasScaled", _), ("K2Type", _), ("FalconType", _), ("NumToAvgSuperRes", _): break
        default: return false
        }
        return true
    }

    /// What cannot be is refused before any place is marked: the file is another camera's, or was made to keep somebody busy.
    private func check(_ own: (width: Int, height: Int)) throws(ImagingError) {
        let camera = "a camera of \(own.width) x \(own.height) pixels"
        let usable = self.usable ?? (0, 0, 0, 0)
        let within = parts.map { $0.within(own) }
        guard within.allSatisfy({ $0.x + $0.width <= own.width && $0.y + $0.height <= own.height }),
            usable.top < own.height, usable.bottom <= own.height, usable.left < own.width, usable.right <= own.width
        else { throw .notDefects(file: file, detail: "it names places outside of \(camera)") }
        guard within.reduce(0, { $0 + $1.width * $1.height }) <= own.width * own.height else {
            throw .notDefects(file: file, detail: "it names more places than \(camera) has")
        }
    }

    /// Positions in an image of this size whose row 0 is the bottom row. `rotationAndFlip`: how the movie was turned against the camera; nil where nobody
    /// tells, and then it is turned as the places are. Nil where the camera's size and the movie's do not go together.
    /// Refused where places lie outside of the camera.
    public func positions(width: Int, height: Int, rotationAndFlip turn: Int? = nil) throws(ImagingError) -> [Int]? {
        let operation = self.operation(for: turn ?? rotationAndFlip)
        let (across, down) = operation % 2 == 0 ? (width, height) : (height, width)
        let own = size ?? (across, down)
        // A camera's places may be those of its pixels or of their quarters, and so may the movie's, which may be binned besides.
        guard PixelCount(own.width, own.height).fits(PixelCount(across, down)) else { return nil }
        let binning = PixelCount(own.width, own.height).binning(to: PixelCount(across, down))
        if size == nil { try check(own) }
        var isBad = [Bool](repeating: false, count: width * height)
        for part in parts.map({ $0.within(own) }) + edges(own.width, own.height) {
            let (xs, ys) = (part.x..<part.x + part.width, part.y..<part.y + part.height)
            let (columns, rows) = (scaled(xs, binning).clamped(to: 0..<across), scaled(ys, binning).clamped(to: 0..<down))
            for y in rows {
                for x in columns {
                    let (px, py) = Self.turned(x, down - 1 - y, across, down, operation)
                    isBad[py * width + px] = true
                }
            }
        }
        return isBad.indices.filter { isBad[$0] }
    }

    /// `binning`: places along a side of a pixel of the movie; nil where a place is four pixels of it.
    private func scaled(_ range: Range<Int>, _ binning: Int?) -> Range<Int> {
        guard let binning else { return range.lowerBound * 2..<range.upperBound * 2 }
        return range.lowerBound / binning..<(range.upperBound + binning - 1) / binning
    }

    /// Outside of the area that can be used. 0 at the bottom or right says nothing.
    private func edges(_ width: Int, _ height: Int) -> [Part] {
        guard let usable else { return [] }
        var edges = [
            Part(x: 0, y: 0, width: width, height: usable.top), Part(x: 0, y: 0, width: usable.left, height: height),
        ]
        if usable.bottom > 0, usable.bottom < height - 1 {
            edges.append(Part(x: 0, y: usable.bottom + 1, width: width, height: height - 1 - usable.bottom))
        }
        if usable.right > 0, usable.right < width - 1 {
            edges.append(Part(x: usable.right + 1, y: 0, width: width - 1 - usable.right, height: height))
        }
        return edges
    }

    /// From the image that places are in to one that was turned so: its own turn undone, or the other's done, as SerialEM has it.
    private func operation(for turn: Int) -> Int {
        if turn == rotationAndFlip { return 0 }
        if turn != 0 { return turn }
        // A mirror image that is turned is its own opposite.
        return rotationAndFlip == 1 || rotationAndFlip == 3 ? 4 - rotationAndFlip : rotationAndFlip
    }

    /// Where a pixel of an image, row 0 at the bottom, goes.
    private static func turned(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ operation: Int) -> (Int, Int) {
        var (x, y, width, height) = (x, y, width, height)
        if operation & 4 != 0 { x = width - 1 - x }
        for _ in 0..<(operation & 3) {
            (x, y) = (height - 1 - y, x)
            (width, height) = (height, width)
        }
        if operation & 8 != 0 { x = width - 1 - x }
        return (x, y)
    }
}
