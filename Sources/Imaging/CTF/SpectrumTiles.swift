/// The tiles of one image and the mean of their amplitudes.
struct SpectrumTiles {
    let image: Image
    /// Pixels a side that are cut out, and that are transformed: padded with zeros where larger.
    let tile: Int
    let transform: Int

    /// Tiles are shared out to this many workers whatever the machine has, so that sums come out the same everywhere.
    private static let workers = 4

    struct Tile {
        let x: Int
        let y: Int
        let mean: Double
        let deviation: Double

        var isFinite: Bool { mean.isFinite && deviation.isFinite }
    }

    /// The whole plane, `size` pixels a side; zeros where no tile holds numbers only.
    func meanAmplitudes(croppedTo size: Int) -> Image {
        let kept = usualTiles()
        guard !kept.isEmpty else { return Image(width: size, height: size) }
        let taper = self.taper()
        let sums = Parallel.values(Self.workers) { worker in
            let transformer = TileAmplitudes(tile: tile, transform: transform, size: size)
            for index in stride(from: worker, to: kept.count, by: Self.workers) {
                transformer.add(image, kept[index], taper: taper)
            }
            return transformer.sums
        }
        var sum = sums[0]
        for other in sums.dropFirst() {
            for i in sum.indices { sum[i] += other[i] }
        }
        return Self.wholePlane(sum, size: size, scale: 1 / Float(kept.count))
    }

    private func usualTiles() -> [Tile] {
        let rows = starts(along: image.height)
        let columns = starts(along: image.width)
        let all = Parallel.values(rows.count) { row in columns.map { statistics(x: $0, y: rows[row]) } }
            .flatMap { $0 }.filter(\.isFinite)
        guard all.count >= 9 else { return all }
        let means = Spread(of: all.map(\.mean))
        let deviations = Spread(of: all.map(\.deviation))
        let usual = all.filter { means.holds($0.mean) && deviations.holds($0.deviation) }
        return usual.count * 2 >= all.count ? usual : all
    }

    private func statistics(x: Int, y: Int) -> Tile {
        var sum = 0.0
        var squares = 0.0
        image.pixels.withUnsafeBufferPointer { pixels in
            // Squares about a pixel near by: about zero they would lose their digits on a bright image.
            let origin = pixels[(y + tile / 2) * image.width + x + tile / 2]
            for row in y..<y + tile {
                let (s, q) = Self.moments(
                    UnsafeRawPointer(pixels.baseAddress! + row * image.width + x), count: tile, origin: origin)
                sum += s
                squares += q
            }
            let count = Double(tile * tile)
            let mean = sum / count
            squares = max(0, squares / count - mean * mean)
            sum = mean + Double(origin)
        }
        return Tile(x: x, y: y, mean: sum, deviation: squares.squareRoot())
    }

    private static func moments(_ base: UnsafeRawPointer, count: Int, origin: Float) -> (Double, Double) {
        var sum = SIMD8<Float>.zero
        var square = SIMD8<Float>.zero
        for i in 0..<count / 8 {
            let v = base.loadUnaligned(fromByteOffset: i * 32, as: SIMD8<Float>.self) - origin
            sum += v
            square += v * v
        }
        var (s, q) = (Double(sum.sum()), Double(square.sum()))
        for i in count / 8 * 8..<count {
            let v = Double(base.loadUnaligned(fromByteOffset: i * 4, as: Float.self) - origin)
            s += v
            q += v * v
        }
        return (s, q)
    }

    /// From border to border in even steps of about two thirds of a tile: closer ones cost more than they tell.
    private func starts(along length: Int) -> [Int] {
        let room = length - tile
        let steps = (room * 3 + 2 * tile - 1) / (2 * tile)
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

    /// A real image's transform is the same at −k, so the half that was computed fills both; `half` is column by column.
    private static func wholePlane(_ half: [Float], size: Int, scale: Float) -> Image {
        let middle = size / 2
        var plane = Image(width: size, height: size)
        plane.pixels.withUnsafeMutableBufferPointer { pixels in
            for y in 0..<size {
                let (up, down) = ((y + middle) % size, (3 * middle - y) % size)
                for x in 0..<size {
                    let column = abs(x - middle)
                    pixels[y * size + x] = half[column * size + (x >= middle ? up : down)] * scale
                }
            }
        }
        return plane
    }
}
