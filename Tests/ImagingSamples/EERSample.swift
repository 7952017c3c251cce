/// An EER movie written from the published format (Guo 2020, and the description that comes with the camera's library), by nothing of the decoder's.
///
/// A BigTIFF file with a directory for each camera frame. Its one or more strips hold a stream of bits, the lowest bit of each byte first: for
/// every electron the number of empty pixels before it and two signed numbers, where in its pixel it hit, across and down.
public struct EERSample: Sendable {
    public struct Electron: Sendable, Hashable, Comparable {
        public var x: Int
        public var y: Int
        /// In quarters of a pixel from its middle, −2 to 1.
        public var across: Int
        public var down: Int

        public init(x: Int, y: Int, across: Int = 0, down: Int = 0) {
            (self.x, self.y, self.across, self.down) = (x, y, across, down)
        }

        public static func < (a: Self, b: Self) -> Bool { (a.y, a.x) < (b.y, b.x) }
    }

    public var width: Int
    public var height: Int
    public var frames: [[Electron]]
    /// 65000, 65001 or 65002.
    public var compression = 65001
    /// Of 65002 alone: bits of a run, of a place across, of a place down.
    public var bits = (run: 7, across: 2, down: 2)
    public var strips = 1
    /// What the camera writes of itself, as XML.
    public var metadata: String?

    public init(width: Int, height: Int, frames: [[Electron]]) {
        (self.width, self.height, self.frames) = (width, height, frames)
    }

    /// Electrons that fall anywhere, at most one to a pixel and frame.
    public init(width: Int, height: Int, frames: Int, rate: Double, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var all: [[Electron]] = []
        for _ in 0..<frames {
            var frame: [Electron] = []
            for place in 0..<width * height where random.uniform() < rate {
                let word = Int(random.next() >> 60)
                frame.append(Electron(x: place % width, y: place / width, across: word % 4 - 2, down: word / 4 - 2))
            }
            all.append(frame)
        }
        self.init(width: width, height: height, frames: all)
    }

    /// Electrons in each pixel of some frames, row 0 first; `upsampling` 2 tells the halves of a pixel apart.
    public func counts(_ range: Range<Int>, upsampling: Int = 1) -> [Float] {
        var counts = [Float](repeating: 0, count: width * height * upsampling * upsampling)
        for electron in frames[range].joined() {
            let (x, y) =
                upsampling == 1
                ? (electron.x, electron.y)
                : (2 * electron.x + (electron.across < 0 ? 0 : 1), 2 * electron.y + (electron.down < 0 ? 0 : 1))
            counts[y * width * upsampling + x] += 1
        }
        return counts
    }

    // MARK: Bits

    public func code(_ electrons: [Electron]) -> [UInt8] {
        let (run, across, down) = compression == 65002 ? bits : compression == 65000 ? (8, 2, 2) : (7, 2, 2)
        let longest = 1 << run - 1
        var stream = BitStream()
        var next = 0
        func skip(_ empty: Int) -> Int {
            var left = empty
            while left >= longest {
                stream.append(longest, run)
                // The first cameras wrote a place behind every run.
                if compression == 65000 { stream.append(0, across + down) }
                left -= longest
            }
            return left
        }
        for electron in electrons.sorted() {
            let place = electron.y * width + electron.x
            stream.append(skip(place - next), run)
            stream.append(electron.across & (1 << across - 1), across)
            stream.append(electron.down & (1 << down - 1), down)
            next = place + 1
        }
        if next < width * height {
            let left = skip(width * height - next)
            if left > 0 {
                stream.append(left, run)
                stream.append(0, across + down)
            }
        }
        return stream.bytes
    }

    // MARK: File

    public var file: [UInt8] {
        var bytes = Array("II".utf8) + word(43, 2) + word(8, 2) + word(0, 2) + word(0, 8)
        var link = 8
        for (index, frame) in frames.enumerated() {
            let code = code(frame)
            let start = bytes.count
            bytes += code
            let text = index == 0 ? metadata.map { Array($0.utf8) } : nil
            let textAt = bytes.count
            bytes += text ?? []
            let parts = (0..<strips).map { (code.count * $0 / strips, code.count * ($0 + 1) / strips) }
            let listAt = bytes.count
            if strips > 1 { for part in parts { bytes += word(start + part.0, 8) } }
            let lengthsAt = bytes.count
            if strips > 1 { for part in parts { bytes += word(part.1 - part.0, 8) } }
            var tags: [(Int, Int, Int, Int)] = [
                (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, compression), (262, 3, 1, 1),
                (273, 16, strips, strips > 1 ? listAt : start), (277, 3, 1, 1), (278, 4, 1, (height + strips - 1) / strips),
                (279, 16, strips, strips > 1 ? lengthsAt : code.count),
            ]
            if let text { tags.append((65001, 7, text.count, textAt)) }
            if compression == 65002 { tags += [(65007, 3, 1, bits.run), (65008, 3, 1, bits.across), (65009, 3, 1, bits.down)] }
            bytes.replaceSubrange(link..<link + 8, with: word(bytes.count, 8))
            bytes += word(tags.count, 8)
            for (tag, type, count, value) in tags { bytes += word(tag, 2) + word(type, 2) + word(count, 8) + word(value, 8) }
            link = bytes.count
            bytes += word(0, 8)
        }
        return bytes
    }

    private func word(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

private struct BitStream {
    private(set) var bytes: [UInt8] = []
    private var used = 0

    mutating func append(_ value: Int, _ count: Int) {
        for bit in 0..<count {
            if used % 8 == 0 { bytes.append(0) }
            if value >> bit & 1 == 1 { bytes[used / 8] |= 1 << (used % 8) }
            used += 1
        }
    }
}
