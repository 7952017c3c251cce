import ArgumentParser
import Foundation

/// What processing costs, and how close it comes to what is known, beside RELION's motion correction where that is installed.
struct ImagingBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imaging", abstract: "Movies, CTF, squares and holes: time, memory and distance from the truth.",
        discussion: "Movies need 1 GB of room in the temporary folder, and RELION some 5 GB of memory.")
    @Option(help: "How often each is repeated.") var times = 3
    @Flag(help: "Only movies of 1024 and 2048 pixels.") var small = false
    @Option(help: "The program. (default: GRIDPILOT_BINARY)") var program: String?

    func run() async throws {
        guard let program = program ?? ProcessInfo.processInfo.environment["GRIDPILOT_BINARY"] else {
            throw ValidationError("Name the program with --program or GRIDPILOT_BINARY.")
        }
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        for side in small ? [1024, 2048] : [1024, 2048, 4096] {
            try MovieBench(side: side, program: program, folder: folder, times: times).run()
        }
        try CTFBench(times: times).run()
        try MapBench(times: times).run()
        try await DemoMovieBench(program: program, times: times).run()
    }
}

/// The middle of some runs, seconds.
struct Timed {
    private var spread = Spread()

    mutating func measure<Value>(_ body: () throws -> Value) rethrows -> Value {
        let start = ContinuousClock.now
        let value = try body()
        spread.add((ContinuousClock.now - start) / .seconds(1))
        return value
    }

    var median: Double { spread.median }
}
