import ArgumentParser
import Microscope
import RunModel

struct CheckSerialEMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-serialem", abstract: "Connects to SerialEM, greets in its log, and tells version, stage and slots.",
        discussion: "Takes external control for a moment: a script that is running there is pushed out. Moves nothing.")

    @Argument(help: "Where SerialEM runs: a name or an IPv4 address.") var host: String
    @Argument(help: "The port that its property SocketServerPort names; 48888 where it names none.") var port: Int
    @Option(help: "TFS or JEOL.") var vendor = Vendor.thermoFisher
    @Option(help: "Places in the autoloader.") var slots = 12

    func validate() throws {
        guard (1...65535).contains(port) else { throw ValidationError("A port is 1 to 65535.") }
        guard (1...12).contains(slots) else { throw ValidationError("--slots takes 1 to 12.") }
    }

    func run() async throws {
        let description = MicroscopeDescription(id: "checked", name: host, vendor: vendor, voltage: 300, slots: slots)
        let detector = DetectorDescription(
            id: "none", name: "none", microscope: "checked", width: 1024, height: 1024, pixelSize: 1)
        let scope = SerialEMMicroscope(
            SerialEMSettings(address: SerialEMAddress(host: host, port: port)), description, detector, dialer: SocketDialer(),
            clock: ContinuousClock(), now: SystemTime.now, work: PixelQueue(label: "check"), files: InlineFileWork())
        do throws(MicroscopeError) {
            try await scope.connect(greeting: "GridPilot checks the connection to SerialEM")
            try await report(scope)
        } catch {
            await scope.disconnect()
            throw error
        }
        await scope.disconnect()
    }

    private func report(_ scope: SerialEMMicroscope) async throws(MicroscopeError) {
        Terminal.say("Version: SerialEM \(try await scope.version()), at \(host):\(port)")
        let place = try await scope.stagePosition()
        Terminal.say("Stage: x \(place.x.written), y \(place.y.written), z \(place.z.written) µm")
        let column = try await scope.columnState()
        Terminal.say("Column valves: \(column.valvesOpen ? "open" : "closed")")
        for slot in try await scope.slots() { Terminal.say("Slot \(slot.slot): \(slot.wording)") }
    }
}

extension SlotReport {
    fileprivate var wording: String {
        let state =
            switch self.state {
            case .empty: "empty"
            case .occupied: "occupied"
            case .onStage: "on the stage"
            }
        return name.map { "\(state), \($0)" } ?? state
    }
}

extension Vendor: ExpressibleByArgument {}
