import ArgumentParser
import Glibc

/// Measures what the project promises of speed and memory. `scripts/bench` runs it.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gridpilot-bench", abstract: "Measures speed and memory.",
        subcommands: [RenderBench.self, EngineBench.self, PushBench.self, DemoBench.self, ImagingBench.self, WireBench.self])
}

/// Values of one kind, of which the middle and the end matter.
struct Spread {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }
    var count: Int { values.count }

    /// The value below which a fraction lies; nearest rank.
    func percentile(_ fraction: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((fraction * Double(sorted.count)).rounded(.up))
        return sorted[min(sorted.count, max(1, rank)) - 1]
    }
    var median: Double { percentile(0.5) }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
}

enum Report {
    /// A line of the result, with what was promised where something was.
    static func line(_ name: String, _ value: Double, _ unit: String, promised: Double? = nil) {
        let promise = promised.map { " (promised: at most \(written($0)) \(unit))" } ?? ""
        print("\(name): \(written(value)) \(unit)\(promise)")
    }

    private static func written(_ value: Double) -> String {
        value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
    }
}

enum Memory {
    /// Of a process, now and at its peak, kB. Nil when there is no such process.
    static func resident(of process: String = "self") -> (now: Int, peak: Int)? {
        guard let file = fopen("/proc/\(process)/status", "r") else { return nil }
        defer { fclose(file) }
        var (now, peak) = (0, 0)
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split {
                $0 == " " || $0 == "\t"
            }
            if words.first == "VmRSS:" { now = Int(words[1]) ?? 0 }
            if words.first == "VmHWM:" { peak = Int(words[1]) ?? 0 }
        }
        return (now, peak)
    }
}

/// A folder for one measurement.
enum Scratch {
    static func folder() throws -> String {
        var name = Array("/tmp/gridpilot-bench-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw ValidationError("No folder can be made in /tmp.") }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
