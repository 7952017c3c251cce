import CFFTW

/// The transform of a frame in a quarter of a double's room: real and imaginary part keep the upper sixteen bits of a `Float` each.
///
/// That rounds every coefficient by 0.1 %, a millionth of its power, where shot noise is most of it; in return all
/// frames of an ordinary movie stay in memory, and none is transformed twice.
struct PackedSpectrum: Sendable {
    let width: Int
    let height: Int
    /// Real parts in the upper halves.
    private(set) var values: [UInt32]

    var columns: Int { width / 2 + 1 }

    /// How many columns are gathered at a time: two cache lines of each row.
    private static let block = 32

    /// `pixels`: rows of the frame, best without their mean, which would be rounded with all else.
    init(of pixels: UnsafePointer<Float>, width: Int, height: Int) {
        self.width = width
        self.height = height
        let columns = width / 2 + 1
        values = [UInt32](unsafeUninitializedCapacity: columns * height) { target, filled in
            let target = target.baseAddress!
            Self.transformRows(pixels, width: width, height: height, into: target)
            Self.transformColumns(target, columns: columns, height: height)
            filled = columns * height
        }
    }

    /// The low frequencies of a frame whose rows come one band after another, as an image of this smaller, even size would have them, without
    /// its highest; the others are never kept. `rows` fills memory with rows of the frame.
    init(
        width: Int, height: Int, toWidth smallWidth: Int, height smallHeight: Int, band: Int,
        rows: (Range<Int>, (UnsafePointer<Float>) -> Void) throws(ImagingError) -> Void
    ) throws(ImagingError) {
        let columns = smallWidth / 2 + 1
        var tall = [UInt32](repeating: 0, count: columns * height)
        for first in stride(from: 0, to: height, by: band) {
            let taken = first..<min(height, first + band)
            try rows(taken) { pixels in
                tall.withUnsafeMutableBufferPointer { tall in
                    Self.transformRows(
                        pixels, width: width, height: taken.count, keeping: columns, into: tall.baseAddress! + first * columns)
                }
            }
        }
        tall.withUnsafeMutableBufferPointer { Self.transformColumns($0.baseAddress!, columns: columns, height: height) }
        (self.width, self.height) = (smallWidth, smallHeight)
        values = [UInt32](repeating: 0, count: columns * smallHeight)
        for row in 0..<smallHeight where row != smallHeight / 2 {
            let from = (row < smallHeight / 2 ? row : row - smallHeight + height) * columns
            for column in 0..<columns - 1 { values[row * columns + column] = tall[from + column] }
        }
    }

    private static func transformRows(
        _ pixels: UnsafePointer<Float>, width: Int, height: Int, keeping kept: Int? = nil,
        into target: UnsafeMutablePointer<UInt32>
    ) {
        let plan = FourierPlans.plan(.realForward, length: width)
        let real = FourierBuffer<Float>(count: width)
        let columns = width / 2 + 1
        let complex = FourierBuffer<fftwf_complex>(count: columns)
        complex.pointer.withMemoryRebound(to: SIMD2<Float>.self, capacity: columns) { row in
            for y in 0..<height {
                real.pointer.update(from: pixels + y * width, count: width)
                fftwf_execute_dft_r2c(plan.pointer, real.pointer, complex.pointer)
                let packed = target + y * (kept ?? columns)
                for x in 0..<(kept ?? columns) { packed[x] = pack(row[x]) }
            }
        }
    }

    private static func transformColumns(_ values: UnsafeMutablePointer<UInt32>, columns: Int, height: Int) {
        let plan = FourierPlans.plan(.complexForward, length: height)
        // A cache line between columns: at a power of two all of them would fall on the same places of the cache.
        let pitch = (height + 15) / 8 * 8
        let gathered = FourierBuffer<fftwf_complex>(count: pitch * block)
        gathered.pointer.withMemoryRebound(to: SIMD2<Float>.self, capacity: pitch * block) { scratch in
            for first in stride(from: 0, to: columns, by: block) {
                let taken = min(block, columns - first)
                for y in 0..<height {
                    let row = values + y * columns + first
                    for j in 0..<taken { scratch[j * pitch + y] = unpack(row[j]) }
                }
                for j in 0..<taken {
                    let column = gathered.pointer + j * pitch
                    fftwf_execute_dft(plan.pointer, column, column)
                }
                for y in 0..<height {
                    let row = values + y * columns + first
                    for j in 0..<taken { row[j] = pack(scratch[j * pitch + y]) }
                }
            }
        }
    }

    /// Rounds to the nearest; a coefficient is never so large that this overflows.
    @inline(__always)
    private static func pack(_ value: SIMD2<Float>) -> UInt32 {
        let (a, b) = (value.x.bitPattern &+ 0x8000, value.y.bitPattern &+ 0x8000)
        return a & 0xFFFF_0000 | b >> 16
    }

    @inline(__always)
    static func unpack(_ packed: UInt32) -> SIMD2<Float> {
        SIMD2(Float(bitPattern: packed & 0xFFFF_0000), Float(bitPattern: packed << 16))
    }

    private init(width: Int, height: Int, values: [UInt32]) {
        (self.width, self.height, self.values) = (width, height, values)
    }

    /// The low frequencies, packed as they are; without the highest of this smaller, even size.
    func packed(toWidth width: Int, height: Int) -> PackedSpectrum {
        let columns = width / 2 + 1
        var result = [UInt32](repeating: 0, count: columns * height)
        for row in 0..<height where row != height / 2 {
            let from = (row < height / 2 ? row : row - height + self.height) * self.columns
            for column in 0..<width / 2 { result[row * columns + column] = values[from + column] }
        }
        return PackedSpectrum(width: width, height: height, values: result)
    }

    /// Adds frames up, as a group of too little dose each.
    static func sum(_ frames: [PackedSpectrum]) -> PackedSpectrum {
        guard frames.count > 1 else { return frames[0] }
        let values = frames[0].values.indices.map { i in pack(frames.reduce(SIMD2<Float>.zero) { $0 + unpack($1.values[i]) }) }
        return PackedSpectrum(width: frames[0].width, height: frames[0].height, values: values)
    }

    /// The low frequencies, as an image of this smaller, even size would have them, without its highest.
    func cropped(toWidth width: Int, height: Int) -> Spectrum {
        var result = Spectrum(width: width, height: height)
        for row in 0..<height where row != height / 2 {
            let from = (row < height / 2 ? row : row - height + self.height) * columns
            for column in 0..<width / 2 {
                let value = Self.unpack(values[from + column])
                result.values[(row * result.columns + column) * 2] = value.x
                result.values[(row * result.columns + column) * 2 + 1] = value.y
            }
        }
        return result
    }
}
