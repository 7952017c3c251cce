import CFFTW

/// Transforms tiles and adds up their amplitudes, in buffers of its own that last from tile to tile.
///
/// Sums lie column by column, as the second pass of the transform leaves them; frequencies beyond ±`size`/2 are dropped on the way.
final class TileAmplitudes {
    private let tile: Int
    private let transform: Int
    private let size: Int
    private let columns: Int
    private let pitch: Int
    private let rowPlan: FourierPlans.Plan
    private let columnPlan: FourierPlans.Plan
    private let row: FourierBuffer<Float>
    private let rowSpectrum: FourierBuffer<fftwf_complex>
    private let plane: FourierBuffer<SIMD2<Float>>
    private let gathered: FourierBuffer<fftwf_complex>

    /// Rows 0..<`size` of column 0, then column 1 … `size`/2; row ky = 0 first.
    private(set) var sums: [Float]

    /// Columns gathered at a time: sixteen complex numbers fill two cache lines.
    private static let block = 16

    init(tile: Int, transform: Int, size: Int) {
        self.tile = tile
        self.transform = transform
        self.size = size
        columns = size / 2 + 1
        pitch = transform + transform % 2
        rowPlan = FourierPlans.plan(.realForward, length: transform)
        columnPlan = FourierPlans.plan(.complexForward, length: transform)
        row = FourierBuffer(count: transform)
        rowSpectrum = FourierBuffer(count: transform / 2 + 1)
        plane = FourierBuffer(count: transform * columns)
        gathered = FourierBuffer(count: pitch * Self.block)
        sums = [Float](repeating: 0, count: columns * size)
        row.pointer.initialize(repeating: 0, count: transform)
        plane.pointer.initialize(repeating: .zero, count: transform * columns)
    }

    func add(_ image: Image, _ place: SpectrumTiles.Tile, taper: [Float]) {
        transformRows(image, place, taper: taper)
        for first in stride(from: 0, to: columns, by: Self.block) {
            transformColumns(first..<min(first + Self.block, columns))
        }
    }

    /// Rows below the tile stay zero where it is padded.
    private func transformRows(_ image: Image, _ place: SpectrumTiles.Tile, taper: [Float]) {
        let mean = Float(place.mean)
        let scale = place.deviation > 0 ? Float(1 / place.deviation) : 0
        let row = row.pointer
        image.pixels.withUnsafeBufferPointer { pixels in
            taper.withUnsafeBufferPointer { taper in
                for y in 0..<tile {
                    let from = pixels.baseAddress! + (place.y + y) * image.width + place.x
                    Self.weigh(from, mean, taper.baseAddress!, taper[y] * scale, to: row, count: tile)
                    fftwf_execute_dft_r2c(rowPlan.pointer, row, rowSpectrum.pointer)
                    rowSpectrum.pointer.withMemoryRebound(to: SIMD2<Float>.self, capacity: columns) {
                        (plane.pointer + y * columns).update(from: $0, count: columns)
                    }
                }
            }
        }
    }

    private static func weigh(
        _ from: UnsafePointer<Float>, _ mean: Float, _ taper: UnsafePointer<Float>, _ factor: Float,
        to target: UnsafeMutablePointer<Float>, count: Int
    ) {
        let (source, weights, result) = (UnsafeRawPointer(from), UnsafeRawPointer(taper), UnsafeMutableRawPointer(target))
        for i in 0..<count / 8 {
            let value = source.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self) - mean
            let weight = weights.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self) * factor
            result.storeBytes(of: value * weight, toByteOffset: i * 32, as: SIMD8<Float>.self)
        }
        for x in count / 8 * 8..<count { target[x] = (from[x] - mean) * (taper[x] * factor) }
    }

    private func transformColumns(_ range: Range<Int>) {
        gathered.pointer.withMemoryRebound(to: SIMD2<Float>.self, capacity: pitch * Self.block) { scratch in
            for y in 0..<transform {
                let from = plane.pointer + y * columns + range.lowerBound
                for j in 0..<range.count { scratch[j * pitch + y] = from[j] }
            }
        }
        sums.withUnsafeMutableBufferPointer { sums in
            for j in 0..<range.count {
                let column = gathered.pointer + j * pitch
                fftwf_execute_dft(columnPlan.pointer, column, column)
                let target = sums.baseAddress! + (range.lowerBound + j) * size
                Self.addAmplitudes(UnsafeRawPointer(column), to: target, count: size / 2)
                Self.addAmplitudes(UnsafeRawPointer(column + transform - size / 2), to: target + size / 2, count: size / 2)
            }
        }
    }

    private static func addAmplitudes(_ values: UnsafeRawPointer, to target: UnsafeMutablePointer<Float>, count: Int) {
        let raw = UnsafeMutableRawPointer(target)
        for i in 0..<count / 8 {
            let pairs = values.loadUnaligned(fromByteOffset: i * 64, as: SIMD16<Float>.self)
            let (re, im) = (pairs.evenHalf, pairs.oddHalf)
            let sum = raw.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self) + (re * re + im * im).squareRoot()
            raw.storeBytes(of: sum, toByteOffset: i * 32, as: SIMD8<Float>.self)
        }
        for i in count / 8 * 8..<count {
            let pair = values.loadUnaligned(fromByteOffset: i * 8, as: SIMD2<Float>.self)
            target[i] += (pair * pair).sum().squareRoot()
        }
    }
}
