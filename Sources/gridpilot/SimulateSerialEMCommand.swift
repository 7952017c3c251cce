import ArgumentParser
import Foundation
import Microscope
import RunModel
import SerialEMSimulator
import Simulator

extension FrameKind: ExpressibleByArgument {}

struct SimulateSerialEMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate-serialem", abstract: "A simulated microscope behind SerialEM's external-control socket.",
        discussion: """
            The first line on standard output says where it listens. Scripts written for SerialEM's Python module work against it. Images
            and movies are written below the directory, a folder for each drive. With a ledger that exists already it goes on where that
            ends: the grid on the stage, the valves and the exposures are as they were left.
            """)

    @Option(help: "HOST:PORT to listen on; port 0 takes a free one.") var listen = "127.0.0.1:48888"
    @Option(help: "Where images and movies are written.") var directory = "serialem"
    @Option(help: "The exposure ledger: a JSON object a line for all that the microscope was made to do.") var ledger: String?
    @Option(help: "How many times as fast as a real one it is.") var speed = 1.0
    @Option(help: "Which specimens the cassette holds.") var seed: UInt64 = 11
    @Option(help: "A JSON list of what goes wrong, and when.") var faults: String?
    @Option(help: "TFS or JEOL.") var vendor = Vendor.thermoFisher
    @Option(help: "Places in the autoloader.") var slots = 12
    @Option(help: "Pixels along each side of the camera.") var camera = 1024
    @Option(
        help:
            "Which SerialEM it is: \(SerialEMVersion.allCases.map(\.rawValue).joined(separator: ", ")). Older ones lack commands."
    )
    var version = SerialEMVersion.v4_3
    @Flag(name: .customLong("no-utapi"), help: "A Thermo Fisher column without UTAPI: what is on the stage cannot be asked.")
    var isWithoutUTAPI = false
    @Flag(
        name: .customLong("problem-boxes"),
        help: "What goes wrong is put into a box on the screen and waits for a click, unless NoMessageBoxOnError was sent.")
    var putsProblemsIntoBoxes = false
    @Option(help: "What the camera saves frames in: mrc, tiff or eer.") var frames = FrameKind.mrc
    @Option(help: "Whether the Navigator is open when it starts: open or shut.") var navigator = NavigatorAtStart.open
    @Option(help: "What is answered to boxes on SerialEM's screen: yes, no, or refuse, as when nobody is there.")
    var boxes = ProgramSettings.Boxes.refuse

    enum NavigatorAtStart: String, ExpressibleByArgument { case open, shut }

    func validate() throws {
        guard listen.contains(":"), SerialEMAddress(listen) != nil else {
            throw ValidationError("--listen takes HOST:PORT, as in 127.0.0.1:48888.")
        }
        guard speed >= 0.1, speed <= 100_000 else { throw ValidationError("--speed takes a factor from 0.1 to 100000.") }
        guard (1...12).contains(slots) else { throw ValidationError("--slots takes 1 to 12.") }
        guard (128...8192).contains(camera) else { throw ValidationError("--camera takes 128 to 8192 pixels.") }
    }

    func run() async throws {
        let signals = Signals()
        let faults = try SerialEMFaults(file: faults)
        let ledger = try ledger.map { path throws(CommandProblem) in try LedgerFile(path) }
        let listener = try SocketListener(SerialEMAddress(listen) ?? SerialEMAddress(host: "127.0.0.1"))
        let server = SerialEMServer(
            program: try program(faults, ledger), clock: ContinuousClock(), faults: faults.link)
        Terminal.say("Simulated SerialEM is listening on \(listener.address)")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.run(listener.connections()) }
            group.addTask { for await _ in signals.endAsked { break } }
            await group.next()
            listener.close()
            group.cancelAll()
        }
    }

    private func program(_ faults: SerialEMFaults, _ ledger: LedgerFile?) throws -> SimulatedSerialEM {
        var settings = ColumnSettings()
        settings.slots = slots
        settings.putGridsDownAnew()
        settings.loader = vendor == .jeol ? .jeol : .thermoFisher
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandProblem(
                "The directory \(path) cannot be made.", remedy: "Name one that may be written to with --directory.")
        }
        let column = SimulatedColumn(
            settings: settings, seed: seed, faults: faults.column, history: ledger?.history ?? [], linesKept: 200,
            record: { [ledger] in ledger?.append($0) })
        var program = ProgramSettings()
        program.version = version
        program.hasUTAPI = !isWithoutUTAPI
        program.putsProblemsIntoBoxes = putsProblemsIntoBoxes
        let camera = RenderingCamera(size: camera, renderer: PixelQueue(label: "camera"))
        program.isNavigatorOpen = navigator == .open
        program.boxes = boxes
        return SimulatedSerialEM(
            column: column, camera: camera, directory: path, clock: ContinuousClock(), now: SystemTime.now, speed: speed,
            settings: program, faults: faults.program, frames: frames)
    }
}

extension SerialEMVersion: ExpressibleByArgument {}
extension ProgramSettings.Boxes: ExpressibleByArgument {}
