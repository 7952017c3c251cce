import Glibc

/// The factors exp(−2πi(kx·sx + ky·sy)) that move an image's content by a shift, row by row.
struct PhaseRamp {
    private let columnsRe: [Float]
    private let columnsIm: [Float]
    private let rows: [SIMD2<Float>]

    /// `scale` is how many pixels of the movie one pixel of the spectrum's image stands for.
    init(movingBy shift: PixelShift, width: Int, height: Int, scale: Double = 1) {
        let columns = (0...width / 2).map { Self.factor(Double($0) / Double(width) * shift.x / scale) }
        columnsRe = columns.map(\.x)
        columnsIm = columns.map(\.y)
        rows = (0..<height).map { row in
            let ky = Double(row <= height / 2 ? row : row - height) / Double(height)
            return Self.factor(ky * shift.y / scale)
        }
    }

    private static func factor(_ turns: Double) -> SIMD2<Float> {
        SIMD2(Float(cos(2 * .pi * turns)), Float(-sin(2 * .pi * turns)))
    }

    /// Moves the content of `spectrum`.
    func apply(to spectrum: inout Spectrum) {
        let columns = spectrum.columns
        spectrum.values.withUnsafeMutableBufferPointer { values in
            forEachRow { row, re, im in
                let v = values.baseAddress! + row * columns * 2
                for i in 0..<columns {
                    let (a, b) = (v[2 * i], v[2 * i + 1])
                    v[2 * i] = a * re[i] - b * im[i]
                    v[2 * i + 1] = a * im[i] + b * re[i]
                }
            }
        }
    }

    /// Adds the moved `spectrum` to `sum`.
    func add(_ spectrum: Spectrum, to sum: inout Spectrum) {
        let columns = spectrum.columns
        spectrum.values.withUnsafeBufferPointer { values in
            sum.values.withUnsafeMutableBufferPointer { sums in
                forEachRow { row, re, im in
                    let v = values.baseAddress! + row * columns * 2
                    let s = sums.baseAddress! + row * columns * 2
                    for i in 0..<columns {
                        s[2 * i] += v[2 * i] * re[i] - v[2 * i + 1] * im[i]
                        s[2 * i + 1] += v[2 * i] * im[i] + v[2 * i + 1] * re[i]
                    }
                }
            }
        }
    }

    /// Real and imaginary part of a row's own factor, and those of the columns, with which it is to be multiplied.
    @inline(__always)
    func withRow(_ row: Int, _ body: (Float, Float, UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
        columnsRe.withUnsafeBufferPointer { columnsRe in
            columnsIm.withUnsafeBufferPointer { columnsIm in
                body(rows[row].x, rows[row].y, columnsRe.baseAddress!, columnsIm.baseAddress!)
            }
        }
    }

    /// The factors of each row, in memory that is reused from row to row.
    @inline(__always)
    func forEachRow(_ body: (Int, UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
        let count = columnsRe.count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count * 2) { factors in
            let re = factors.baseAddress!
            let im = re + count
            columnsRe.withUnsafeBufferPointer { columnsRe in
                columnsIm.withUnsafeBufferPointer { columnsIm in
                    for row in rows.indices {
                        let (c, s) = (rows[row].x, rows[row].y)
                        for i in 0..<count {
                            re[i] = columnsRe[i] * c - columnsIm[i] * s
                            im[i] = columnsRe[i] * s + columnsIm[i] * c
                        }
                        body(row, UnsafePointer(re), UnsafePointer(im))
                    }
                }
            }
        }
    }
}
