import Foundation
import Imaging
import Microscope
import RunModel
import Synchronization

/// Reads the defocus from the rings of a power spectrum with arithmetic of its own.
enum Rings {
    /// Mean power in rings one frequency step wide, of the sum of all frames.
    static func profile(of movie: MRCFile) throws -> [Double] {
        var sum = try movie.frame(0)
        for index in 1..<movie.frameCount { sum = sum.combined(with: try movie.frame(index)) { $0 + $1 } }
        let mean = Float(sum.statistics.mean)
        let spectrum = FourierTransform.forward(sum.mapped { $0 - mean })
        var totals = [(power: Double, count: Double)](repeating: (0, 0), count: movie.width / 2)
        for row in 0..<spectrum.height {
            let ky = Double(row <= spectrum.height / 2 ? row : row - spectrum.height)
            for column in 0..<spectrum.columns {
                let ring = Int((Double(column * column) + ky * ky).squareRoot().rounded())
                guard ring < totals.count else { continue }
                let index = 2 * (row * spectrum.columns + column)
                let (re, im) = (Double(spectrum.values[index]), Double(spectrum.values[index + 1]))
                totals[ring] = (totals[ring].power + re * re + im * im, totals[ring].count + 1)
            }
        }
        return totals.map { $0.count > 0 ? $0.power / $0.count : 0 }
    }

    /// Å under focus whose sin² follows the profile best between 20 and 5 Å, at 300 kV and 2.7 mm.
    static func defocus(of profile: [Double], size: Int, pixelSize: Double) -> Double {
        let rings = profile.indices.filter { (1 / 20.0...1 / 5.0).contains(Double($0) / (Double(size) * pixelSize)) }
        let flat = flattened(rings.map { profile[$0] })
        func score(_ defocus: Double) -> Double {
            let curve = rings.map { ring -> Double in
                let g = Double(ring) / (Double(size) * pixelSize)
                let phase = Double.pi * 0.019687 * g * g * (defocus - 0.5 * 0.019687 * 0.019687 * g * g * 2.7e7) + asin(0.08)
                return pow(sin(phase), 2) - 0.5
            }
            return zip(curve, flat).map { $0 * $1 }.reduce(0, +)
        }
        return stride(from: 3000.0, through: 30_000, by: 25).max { score($0) < score($1) } ?? 0
    }

    /// Less its running mean, so that only the rings are left.
    private static func flattened(_ values: [Double]) -> [Double] {
        values.indices.map { index in
            let window = values[max(0, index - 8)...min(values.count - 1, index + 8)]
            let mean = window.reduce(0, +) / Double(window.count)
            return (values[index] - mean) / mean
        }
    }
}

/// A renderer that cancels a task as soon as its rendering begins.
final class Gate: Renderer {
    private let task = Mutex<(@Sendable () -> Void)?>(nil)

    func cancelsAtOnce<Value: Sendable>(_ task: Task<Value, any Error>) {
        self.task.withLock { $0 = { task.cancel() } }
    }

    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        task.withLock { $0 }?()
        return work()
    }
}
