import Foundation
import Imaging
import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

/// A simulated SerialEM on a column of its own, with a client that sends one command after the other.
struct ProgramBench: Sendable {
    let executor: SeededExecutor
    let column: SimulatedColumn
    let camera: RenderingCamera
    let program: SimulatedSerialEM
    let folder: TemporaryFolder
    let client: Int

    init(
        seed: UInt64 = 7, size: Int = 128, pixelSize: Double = 2, settings: ColumnSettings = ColumnSettings(),
        columnFaults: [SimulatedFault] = [], faults: [SerialEMFault] = [], optics: CameraOptics? = nil,
        setup: ProgramSettings = ProgramSettings(), frames: FrameKind = .mrc
    ) throws {
        let executor = SeededExecutor(seed: seed)
        self.executor = executor
        folder = try TemporaryFolder()
        column = SimulatedColumn(settings: settings, seed: seed, faults: columnFaults)
        let optics = optics ?? CameraOptics(width: size, height: size, recordPixelSize: pixelSize)
        camera = RenderingCamera(optics: optics, renderer: InlineRenderer())
        program = SimulatedSerialEM(
            column: column, camera: camera, directory: folder.path, clock: executor.clock,
            now: { Timestamp(virtual: executor.now.sinceStart) }, speed: 1, settings: setup, faults: faults, frames: frames)
        client = program.clientCame()
    }

    /// With a cartridge on the stage, the valves open, the pumps still and the Navigator open.
    static func ready(
        seed: UInt64 = 7, size: Int = 128, pixelSize: Double = 2, settings: ColumnSettings = ColumnSettings(),
        columnFaults: [SimulatedFault] = [], faults: [SerialEMFault] = [], optics: CameraOptics? = nil,
        frames: FrameKind = .mrc
    ) throws -> ProgramBench {
        let bench = try ProgramBench(
            seed: seed, size: size, pixelSize: pixelSize, settings: settings, columnFaults: columnFaults, faults: faults,
            optics: optics, frames: frames)
        try bench.values(.loadCartridge, 1)
        try bench.values(.setColumnOrGunValve, 1)
        try bench.values(.openNavigator)
        bench.sleep(120)
        return bench
    }

    func run(_ command: SerialEMCommand, _ arguments: [SerialEMArgument]) throws -> SerialEMOutcome {
        let (program, client) = (program, client)
        return try executor.complete { await program.run(command.rawValue, arguments, client: client) }
    }

    /// What a command that must succeed reports.
    @discardableResult
    func values(_ command: SerialEMCommand, _ arguments: ProgramArgument...) throws -> [SerialEMValue] {
        let outcome = try run(command, arguments.map(\.wire))
        guard case .done(let values) = outcome else { throw Refused(command: command.name, outcome: "\(outcome)") }
        return values
    }

    @discardableResult
    func numbers(_ command: SerialEMCommand, _ arguments: ProgramArgument...) throws -> [Double] {
        let outcome = try run(command, arguments.map(\.wire))
        guard case .done(let values) = outcome else { throw Refused(command: command.name, outcome: "\(outcome)") }
        return values.compactMap { if case .number(let number) = $0 { number } else { nil } }
    }

    func text(_ command: SerialEMCommand, _ arguments: ProgramArgument...) throws -> String {
        let outcome = try run(command, arguments.map(\.wire))
        guard case .done(let values) = outcome, case .text(let text)? = values.first else {
            throw Refused(command: command.name, outcome: "\(outcome)")
        }
        return text
    }

    /// The text of a command that must be refused, without the frame around it.
    func problem(_ command: SerialEMCommand, _ arguments: ProgramArgument...) throws -> String {
        try Self.unframed(try run(command, arguments.map(\.wire)), command.name)
    }

    /// The words of a refusal, which must come in SerialEM's frame.
    static func unframed(_ outcome: SerialEMOutcome, _ name: String) throws -> String {
        let (head, foot) = ("\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\n", "\r\n* * * * * * * * * * * * * * * * * *\r\n")
        guard case .failed(let text?) = outcome, text.hasPrefix(head), text.hasSuffix(foot) else {
            throw Refused(command: name, outcome: "\(outcome)")
        }
        return String(text.dropFirst(head.count).dropLast(foot.count))
    }

    struct Refused: Error { let command: String, outcome: String }

    /// Of the column's time.
    func sleep(_ seconds: Double) {
        executor.run(for: .seconds(seconds))
    }

    /// Upright, row 0 at the bottom.
    func image(_ letter: Character) throws -> Image {
        let (program, index) = (program, Int32(letter.asciiValue ?? 65) - 65)
        return try #require(try executor.complete { await program.image(in: index, isFFT: false) }).image
    }

    /// A file of the simulated computer's disk.
    func host(_ path: String) -> String { "\(folder.path)/\(path)" }

    func autodoc(_ path: String) throws -> MDoc { MDoc(try String(contentsOfFile: host(path), encoding: .utf8)) }

    func entries(_ kind: LedgerEntry.Kind) -> [LedgerEntry] { column.ledger.filter { $0.kind == kind } }

    func specimen() throws -> SimulatedSpecimen { try #require(column.specimen(slot: 1)) }

    func goTo(_ place: StagePosition) throws {
        try values(.moveStageTo, .real(place.x.micrometres), .real(place.y.micrometres))
    }

    /// Where the pixel (y down from the top) is that shows a true place of the specimen, by the program's own matrix.
    ///
    /// The stage is a little beside where it says; that part is put right from the truth, since no program can know it.
    func pixel(of place: StagePosition, in letter: String, truth: StagePosition, believed: StagePosition) throws -> (
        x: Double, y: Double
    ) {
        let m = try numbers(.stageToBufImageMatrix, .text(letter), 0)
        let x = place.x.micrometres - truth.x.micrometres + believed.x.micrometres
        let y = place.y.micrometres - truth.y.micrometres + believed.y.micrometres
        return (m[0] * x + m[1] * y + m[4], m[2] * x + m[3] * y + m[5])
    }

    func stage() throws -> StagePosition {
        let xyz = try numbers(.reportStageXYZ)
        return StagePosition(x: .micrometres(xyz[0]), y: .micrometres(xyz[1]), z: .micrometres(xyz[2]))
    }
}

/// An argument as a test writes it: `7`, `1.5` or `"R"`.
enum ProgramArgument: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
    case integer(Int)
    case real(Double)
    case text(String)

    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .real(value) }
    init(stringLiteral value: String) { self = .text(value) }

    var wire: SerialEMArgument {
        switch self {
        case .integer(let value): .integer(value)
        case .real(let value): .real(value)
        case .text(let value): .text(value)
        }
    }
}

/// Bright things in pictures.
enum BrightSpot {
    /// Centre of mass of what is bright around a place; x and y of the image as stored.
    static func centre(near place: (x: Double, y: Double), radius: Int, in image: Image) -> (x: Double, y: Double)? {
        let (px, py) = (Int(place.x.rounded()), Int(place.y.rounded()))
        guard px - radius >= 0, py - radius >= 0, px + radius < image.width, py + radius < image.height else { return nil }
        let part = image.cropped(x: px - radius, y: py - radius, width: 2 * radius + 1, height: 2 * radius + 1).blurred(sigma: 1)
        let ends = part.percentiles([0.1, 0.9])
        let level = (ends[0] + ends[1]) / 2
        var sums = (n: 0.0, x: 0.0, y: 0.0)
        for y in 0..<part.height {
            for x in 0..<part.width where part[x, y] > level { sums = (sums.n + 1, sums.x + Double(x), sums.y + Double(y)) }
        }
        guard sums.n > 0 else { return nil }
        return (Double(px - radius) + sums.x / sums.n, Double(py - radius) + sums.y / sums.n)
    }
}
