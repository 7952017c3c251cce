import CFFTW

/// The transform of a real image: the half with kx ≥ 0, row ky = 0 first, negative ky in the upper rows.
///
/// `values` holds real and imaginary part in turn; forward transforms are not scaled.
public struct Spectrum: Sendable {
    /// Size of the image it came from, or would give.
    public let width: Int
    public let height: Int
    public var values: [Float]

    public var columns: Int { width / 2 + 1 }

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
        values = [Float](repeating: 0, count: height * (width / 2 + 1) * 2)
    }

    init(width: Int, height: Int, values: [Float]) {
        self.width = width
        self.height = height
        self.values = values
    }

    /// ky of a row in cycles per pixel.
    public func frequency(ofRow row: Int) -> Float {
        Float(row <= height / 2 ? row : row - height) / Float(height)
    }

    /// kx of a column in cycles per pixel.
    public func frequency(ofColumn column: Int) -> Float {
        Float(column) / Float(width)
    }
}

/// Two-dimensional transforms of real images, on one thread.
public enum FourierTransform {
    /// How many columns are gathered at a time: sixteen complex numbers fill two cache lines.
    private static let block = 16

    public static func forward(_ image: Image) -> Spectrum {
        forward(image, croppedToWidth: image.width, height: image.height)
    }

    /// Only the frequencies an image of this smaller size can hold; columns left out are never transformed.
    public static func forward(_ image: Image, croppedToWidth width: Int, height: Int) -> Spectrum {
        let columns = width / 2 + 1
        var tall = transformRows(of: image, keeping: columns)
        transformColumns(&tall, columns: columns, height: image.height, kind: .complexForward)
        if height == image.height && width == image.width { return Spectrum(width: width, height: height, values: tall) }
        return crop(tall, columns: columns, fromWidth: image.width, fromHeight: image.height, toWidth: width, height: height)
    }

    /// The image of a spectrum, scaled so that `inverse(forward(image))` is the image.
    public static func inverse(_ spectrum: Spectrum) -> Image {
        var values = spectrum.values
        transformColumns(&values, columns: spectrum.columns, height: spectrum.height, kind: .complexInverse)
        return inverseRows(values, width: spectrum.width, height: spectrum.height)
    }

    private static func transformRows(of image: Image, keeping columns: Int) -> [Float] {
        let width = image.width
        let plan = FourierPlans.plan(.realForward, length: width)
        let real = FourierBuffer<Float>(count: width)
        let complex = FourierBuffer<fftwf_complex>(count: width / 2 + 1)
        let count = image.height * columns * 2
        return [Float](unsafeUninitializedCapacity: count) { target, filled in
            image.pixels.withUnsafeBufferPointer { source in
                for y in 0..<image.height {
                    real.pointer.update(from: source.baseAddress! + y * width, count: width)
                    fftwf_execute_dft_r2c(plan.pointer, real.pointer, complex.pointer)
                    complex.pointer.withMemoryRebound(to: Float.self, capacity: columns * 2) { row in
                        (target.baseAddress! + y * columns * 2).initialize(from: row, count: columns * 2)
                    }
                }
            }
            filled = count
        }
    }

    private static func transformColumns(_ values: inout [Float], columns: Int, height: Int, kind: FourierPlans.Kind) {
        let plan = FourierPlans.plan(kind, length: height)
        // A cache line between columns: at a power of two all of them would fall on the same places of the cache.
        let pitch = (height + 15) / 8 * 8
        let gathered = FourierBuffer<fftwf_complex>(count: pitch * block)
        gathered.pointer.withMemoryRebound(to: SIMD2<Float>.self, capacity: pitch * block) { scratch in
            values.withUnsafeMutableBytes { bytes in
                let all = bytes.bindMemory(to: SIMD2<Float>.self).baseAddress!
                for first in stride(from: 0, to: columns, by: block) {
                    let taken = min(block, columns - first)
                    for y in 0..<height {
                        let row = all + y * columns + first
                        for j in 0..<taken { scratch[j * pitch + y] = row[j] }
                    }
                    for j in 0..<taken {
                        let column = gathered.pointer + j * pitch
                        fftwf_execute_dft(plan.pointer, column, column)
                    }
                    for y in 0..<height {
                        let row = all + y * columns + first
                        for j in 0..<taken { row[j] = scratch[j * pitch + y] }
                    }
                }
            }
        }
    }

    private static func inverseRows(_ values: [Float], width: Int, height: Int) -> Image {
        let columns = width / 2 + 1
        let plan = FourierPlans.plan(.realInverse, length: width)
        let complex = FourierBuffer<Float>(count: columns * 2)
        let real = FourierBuffer<Float>(count: width)
        let scale = 1 / Float(width * height)
        let pixels = [Float](unsafeUninitializedCapacity: width * height) { target, filled in
            values.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    complex.pointer.update(from: source.baseAddress! + y * columns * 2, count: columns * 2)
                    complex.pointer.withMemoryRebound(to: fftwf_complex.self, capacity: columns) {
                        fftwf_execute_dft_c2r(plan.pointer, $0, real.pointer)
                    }
                    for x in 0..<width { target[y * width + x] = real.pointer[x] * scale }
                }
            }
            filled = width * height
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    /// The low frequencies of a whole spectrum, as an image of this smaller size would have them.
    static func crop(_ spectrum: Spectrum, toWidth width: Int, height: Int) -> Spectrum {
        crop(
            spectrum.values, columns: spectrum.columns, fromWidth: spectrum.width, fromHeight: spectrum.height, toWidth: width,
            height: height)
    }

    /// The highest frequency of an even size stands for two and is left out.
    private static func crop(
        _ values: [Float], columns: Int, fromWidth: Int, fromHeight: Int, toWidth: Int, height: Int
    ) -> Spectrum {
        var result = Spectrum(width: toWidth, height: height)
        let row = result.columns * 2
        for y in 0..<height {
            let signed = y <= (height - 1) / 2 ? y : y - height
            if height < fromHeight && height % 2 == 0 && signed == -height / 2 { continue }
            let from = (signed >= 0 ? signed : signed + fromHeight) * columns * 2
            for i in 0..<row { result.values[y * row + i] = values[from + i] }
            if toWidth < fromWidth && toWidth % 2 == 0 {
                result.values[y * row + row - 2] = 0
                result.values[y * row + row - 1] = 0
            }
        }
        return result
    }
}
