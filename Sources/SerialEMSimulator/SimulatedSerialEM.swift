import Microscope
import RunModel
import Simulator
import Synchronization

/// The program that answers behind the wire: a SerialEM on a simulated column, with a camera that writes what it sees.
///
/// Time passes on the given clock alone, divided by `speed`; pixels and files are worked on by the camera's renderer. Windows paths lie
/// below `directory`, a folder for each drive. A command that was begun is carried to its end; cancelling its task is the end of the program.
public final class SimulatedSerialEM: SerialEMProgram {
    let column: SimulatedColumn
    let camera: RenderingCamera
    let disk: ProgramDisk
    let magnifications: MagnificationTable
    let speed: Double
    let settings: ProgramSettings
    /// What kind of file the camera saves frames in.
    let frameKind: FrameKind
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let state: Mutex<ProgramState>
    private let faults: Mutex<SerialEMFaultList>

    public init(
        column: SimulatedColumn, camera: RenderingCamera, directory: String, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, speed: Double, settings: ProgramSettings = ProgramSettings(),
        faults: [SerialEMFault] = [], frames: FrameKind = .mrc
    ) {
        frameKind = frames
        precondition(speed > 0, "time runs forwards")
        self.column = column
        self.camera = camera
        self.clock = clock
        self.now = now
        self.speed = speed
        self.settings = settings
        disk = ProgramDisk(directory: directory)
        magnifications = MagnificationTable(camera.optics)
        var state = ProgramState(magnifications, frameName: column.change { $0.frameName })
        if settings.isNavigatorOpen { state.navigator = Navigator(file: try? WindowsPath(Navigator.firstFile, in: nil)) }
        self.state = Mutex(state)
        self.faults = Mutex(SerialEMFaultList(faults))
        disk.prepare()
    }

    var moment: Moment { Moment(at: now(), speed: speed) }
    var durations: ColumnDurations { column.settings.durations }

    // MARK: As a program

    public func clientCame() -> Int {
        let moment = moment
        return column.change { $0.admitClient(at: moment) }
    }

    public func clientWent(_ client: Int) {
        let moment = moment
        column.change { $0.disconnect(client, at: moment) }
    }

    public func run(_ code: Int32, _ arguments: [SerialEMArgument], client: Int) async -> SerialEMOutcome {
        let name = SerialEMNames.name(at: code) ?? "\(code)"
        let (moment, words) = (moment, arguments.map(\.text))
        let ticket = column.change { $0.hear(name, words, client: client, at: moment) }
        defer { column.change { $0.dismiss(ticket) } }
        faults.withLock { $0.note(Self.knownName(of: code)) }
        if has(.operatorStop, .before) { return .stopped }
        guard settings.version.has(code) else { return .failed(nil) }
        let call = SerialEMCall(name: name, arguments: arguments, client: client, ticket: ticket)
        if let outcome = await outcomeOfFault(code, call) { return outcome }
        let outcome = await told(await carryOut(code, call))
        return has(.operatorStop, .after) ? .stopped : outcome
    }

    public func controlEnded() {
        change { $0.endControl() }
    }

    private func carryOut(_ code: Int32, _ call: SerialEMCall) async -> SerialEMOutcome {
        do throws(SerialEMProblem) {
            guard let (method, keys) = try Self.method(of: code) else { return .failed(nil) }
            try call.check(against: keys)
            switch method {
            case .answer(let answer): return .done(try answer(self)(call))
            case .action(let act): return .done(try await act(self)(call))
            }
        } catch {
            guard case .failed(let text?) = error.outcome(of: call) else { return error.outcome(of: call) }
            return .failed(disk.concealed(text))
        }
    }

    // MARK: For the commands

    /// Uses up one happening of a fault that is due at the present command.
    func has(_ kind: SerialEMFault.Kind, _ moment: SerialEMFault.Moment? = nil) -> Bool { take(kind, moment) != nil }

    /// The same, with what it says besides.
    func take(_ kind: SerialEMFault.Kind, _ moment: SerialEMFault.Moment? = nil) -> SerialEMFault? {
        faults.withLock { $0.take(kind, moment) }
    }

    /// One change of the program's state, with nothing in between.
    @discardableResult
    func change<Value: Sendable, Problem: Error>(
        _ work: (inout ProgramState) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        let outcome: Result<Value, Problem> = state.withLock { state in
            do throws(Problem) { return .success(try work(&state)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    func read<Value: Sendable>(_ path: KeyPath<ProgramState, Value> & Sendable) -> Value {
        state.withLock { $0[keyPath: path] }
    }

    /// What the column does at one moment. Its refusals become SerialEM's.
    @discardableResult
    func act<Value: Sendable>(
        _ work: @Sendable (inout ColumnBody, Moment) throws(MicroscopeError) -> Value
    ) throws(SerialEMProblem) -> Value {
        let moment = moment
        do throws(MicroscopeError) {
            return try column.change { body throws(MicroscopeError) in
                body.settle(at: moment)
                return try work(&body, moment)
            }
        } catch { throw SerialEMProblem(error) }
    }

    /// Seconds of the column's time; a week at most, whatever a client asks for.
    func wait(_ seconds: Double) async throws(SerialEMProblem) {
        guard seconds > 0 else { return }
        do { try await clock.sleep(for: .seconds(min(seconds, 604_800) / speed)) } catch { throw .closing }
    }

    /// Work on pixels and files, away from the threads that tasks share.
    func work<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SerialEMProblem) -> Value
    ) async throws(SerialEMProblem) -> Value {
        let outcome = await camera.renderer.run { () -> Result<Value, SerialEMProblem> in
            do throws(SerialEMProblem) { return .success(try body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
