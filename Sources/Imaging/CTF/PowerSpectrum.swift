/// The mean amplitude spectrum of an image's tiles, the whole plane with frequency zero at (`size`/2, `size`/2).
public struct PowerSpectrum: Sendable {
    /// Amplitudes, rows from negative to positive ky.
    public let amplitudes: Image
    /// Å of the pixel whose spectrum this is: the image's own, or larger where high frequencies were left out.
    public let pixelSize: Double

    /// How many of its pixels, along an axis, tell the same: more than 1 where tiles were padded.
    let oversampling: Double

    public var size: Int { amplitudes.width }
    /// 1/Å from one pixel of the spectrum to the next.
    public var step: Double { 1 / (Double(size) * pixelSize) }

    /// Where pixels are finer than this the rest of the spectrum is left out, so that its rings get wide enough to fit.
    private static let finestPixel = 1.4

    /// Averages tiles that overlap by half; tiles whose mean or variance stands out (ice, hole edges) do not count.
    ///
    /// `pixelSize` in Å. Images smaller than a tile make one tile, padded.
    public init(of image: Image, pixelSize: Double, size: Int = 512) {
        let whole = Self.transformSize(pixelSize: pixelSize, size: size)
        let tiles = SpectrumTiles(image: image, tile: min(whole, image.width, image.height), transform: whole)
        amplitudes = tiles.meanAmplitudes(croppedTo: size)
        oversampling = Double(whole) / Double(tiles.tile)
        self.pixelSize = pixelSize * Double(whole) / Double(size)
    }

    /// Even, because half of it is the middle.
    private static func transformSize(pixelSize: Double, size: Int) -> Int {
        guard pixelSize < finestPixel else { return size }
        let ideal = Double(size) * finestPixel / pixelSize
        return min(4096, Int((ideal / 2).rounded()) * 2)
    }
}

/// The tiles of one image and their transforms.
private struct SpectrumTiles {
    let image: Image
    let tile: Int
    let transform: Int

    func meanAmplitudes(croppedTo size: Int) -> Image {
        var sum = [Float](repeating: 0, count: size * (size / 2 + 1))
        let kept = usualTiles()
        let taper = self.taper()
        for corner in kept {
            let spectrum = FourierTransform.forward(
                padded(x: corner.x, y: corner.y, mean: corner.mean, taper: taper), croppedToWidth: size, height: size)
            Self.add(spectrum, to: &sum)
        }
        return Self.wholePlane(sum, size: size, scale: 1 / Float(kept.count))
    }

    private struct Tile {
        let x: Int
        let y: Int
        let mean: Double
        let deviation: Double
    }

    private func usualTiles() -> [Tile] {
        let all = starts(along: image.height).flatMap { y in
            starts(along: image.width).map { x in
                let statistics = image.cropped(x: x, y: y, width: tile, height: tile).statistics
                return Tile(x: x, y: y, mean: statistics.mean, deviation: statistics.standardDeviation)
            }
        }
        guard all.count >= 9 else { return all }
        let means = Spread(of: all.map(\.mean))
        let deviations = Spread(of: all.map(\.deviation))
        let usual = all.filter { means.holds($0.mean) && deviations.holds($0.deviation) }
        return usual.count * 2 >= all.count ? usual : all
    }

    /// From border to border in even steps of about half a tile.
    private func starts(along length: Int) -> [Int] {
        let room = length - tile
        let steps = (room * 2 + tile - 1) / tile
        guard steps > 0 else { return [0] }
        return (0...steps).map { $0 * room / steps }
    }

    /// Falls to nothing over the outer eighth: hard tile borders draw a cross over the rings.
    private func taper() -> [Float] {
        let edge = max(1, tile / 8)
        return (0..<tile).map { i in
            let inside = Double(min(i, tile - 1 - i)) + 0.5
            guard inside < Double(edge) else { return 1 }
            let s = inside / Double(edge)
            return Float(s * s * (3 - 2 * s))
        }
    }

    private func padded(x: Int, y: Int, mean: Double, taper: [Float]) -> Image {
        var result = Image(width: transform, height: transform)
        let mean = Float(mean)
        image.pixels.withUnsafeBufferPointer { source in
            result.pixels.withUnsafeMutableBufferPointer { target in
                for row in 0..<tile {
                    let from = (y + row) * image.width + x
                    let to = row * transform
                    for column in 0..<tile {
                        target[to + column] = (source[from + column] - mean) * taper[row] * taper[column]
                    }
                }
            }
        }
        return result
    }

    private static func add(_ spectrum: Spectrum, to sum: inout [Float]) {
        spectrum.values.withUnsafeBufferPointer { values in
            sum.withUnsafeMutableBufferPointer { sum in
                for i in 0..<sum.count {
                    let (re, im) = (values[2 * i], values[2 * i + 1])
                    sum[i] += (re * re + im * im).squareRoot()
                }
            }
        }
    }

    /// A real image's transform is the same at −k, so the half that was computed fills both.
    private static func wholePlane(_ half: [Float], size: Int, scale: Float) -> Image {
        let columns = size / 2 + 1
        var plane = Image(width: size, height: size)
        for y in 0..<size {
            let ky = y - size / 2
            for x in 0..<size {
                let kx = x - size / 2
                let row = kx >= 0 ? ky : -ky
                plane.pixels[y * size + x] = half[((row + size) % size) * columns + abs(kx)] * scale
            }
        }
        return plane
    }
}

/// Where most of some values lie: median and median distance from it.
struct Spread {
    let median: Double
    let distance: Double

    init(of values: [Double]) {
        let middle = Self.median(values)
        median = middle
        distance = Self.median(values.map { abs($0 - middle) })
    }

    /// Within four and a half median distances: three standard deviations of a normal spread.
    func holds(_ value: Double) -> Bool { abs(value - median) <= 4.5 * max(distance, 1e-12 * abs(median)) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted.count % 2 == 1 ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
}
