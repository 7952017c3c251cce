import RunModel
import Synchronization

/// A microscope behind SerialEM's external control.
///
/// Nothing is sent twice. A connection is opened for a run and closed with it; what SerialEM was doing goes on to its end.
public final class SerialEMMicroscope: Microscope {
    /// What is known of SerialEM as long as this connection lasts.
    struct State {
        var connection: SerialEMConnection?
        var level: ImagingLevel?
        var isNavigatorOpen = false
        var framesFolder: String?
        var savesFrames = false
        /// Where a simulated SerialEM on this computer keeps its files, where the facility names no folders; nil until asked.
        var simulatedFiles: SharedFolder??
        var hasInventory = false
        /// The slot whose cartridge was brought to the stage, or said to be there, over this connection.
        var arrived: Int?
        /// Whether SerialEM was seen to keep the claim that it was told.
        var keepsClaim: Bool?
        /// Whether SerialEM takes the variable that remembers it.
        var keepsVariable = true
        /// What an earlier connection remembered is gone from a SerialEM that tells what is on the stage.
        var hasForgotten = false
        /// Image shifts go along the specimen's axes, since SerialEM does not know them along the stage's.
        var shiftsByMicrons = false
        /// Why SerialEM cannot tell what is on the stage, once it was asked.
        var stageGap: StageGap?
    }
    let settings: SerialEMSettings
    let description: MicroscopeDescription
    let detector: DetectorDescription
    let maker: any ColumnMaker
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    /// Pixels are worked on here.
    let work: any Renderer
    let files: any FileWork
    let memory: LoaderMemory
    /// For whom cartridges are loaded; nil for nobody's session.
    let session = Mutex<SessionID?>(nil)
    /// Whether any connection of this run has taken the loader's inventory.
    let hasTakenInventory = Mutex(false)
    /// How many seconds pass at the microscope in one here: 1 at any real one, more at a simulated one that is faster.
    let speed: Double
    let log: @Sendable (String) -> Void
    private let dialer: any StreamDialer
    let state = Mutex(State())
    /// A SerialEM that is carrying out another's command lets nobody in: it is busy, not silent.
    private static let dialDeadline = 5.0
    private static let seatDeadline = 8.0

    /// `log` hears what an operator may want to know afterwards: a line each.
    public init(
        _ settings: SerialEMSettings, _ description: MicroscopeDescription, _ detector: DetectorDescription,
        dialer: any StreamDialer, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, work: any Renderer,
        files: any FileWork, memory: LoaderMemory = LoaderMemory(), speed: Double = 1,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.settings = settings
        self.description = description
        self.detector = detector
        maker = description.vendor.maker
        self.dialer = dialer
        self.clock = clock
        self.now = now
        self.work = work
        self.files = files
        self.memory = memory
        self.speed = speed
        self.log = log
    }

    /// A column that is asked while SerialEM finishes an exposure answers late, and not never.
    public var leaveDeadlines: LeaveDeadlines {
        func seconds(_ commands: SerialEMCommand...) -> Duration {
            .seconds(commands.reduce(0) { $0 + $1.row.deadline })
        }
        return LeaveDeadlines(
            connect: .seconds(Self.dialDeadline + Self.seatDeadline)
                + seconds(.noMessageBoxOnError, .getVariable, .reportTickTime, .echo, .setPersistentVar),
            valves: seconds(.setColumnOrGunValve, .resetImageShift), level: seconds(.tiltTo))
    }

    public func serve(_ session: SessionID) { self.session.withLock { $0 = session } }

    public func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        hangUp()
        if Task.isCancelled { throw .cancelled }
        let stream: any ByteStream
        do throws(ByteStreamEnd) { stream = try await dialer.dial(settings.address, within: Self.dialDeadline) } catch {
            throw Task.isCancelled ? .cancelled : .linkLost(error.reason)
        }
        let connection = SerialEMConnection(stream, clock: clock, gate: terms.gate)
        do throws(MicroscopeError) {
            try await takeSeat(connection, terms)
        } catch {
            connection.close()
            throw error
        }
        state.withLock { $0 = State(connection: connection) }
    }

    /// The first message is answered only when SerialEM has finished what it is doing, and the first command says whether it obeys.
    private func takeSeat(_ connection: SerialEMConnection, _ terms: LinkTerms) async throws(MicroscopeError) {
        do throws(MicroscopeError) {
            // No: control may be on already, left by a connection that this one has pushed out. The command below tells.
            _ = try await connection.askToRun(within: Self.seatDeadline)
        } catch {
            if case .timedOut = error { throw .busy }
            throw error
        }
        // Before the question below, whose refusal would otherwise be a box on somebody else's screen.
        try await connection.answerProblems()
        if let mayEnter = terms.mayEnter {
            let reading = try await readClaim(over: connection)
            if !mayEnter(reading), case .held(let claim, _) = reading {
                // Without this word the run that was pushed out counts one push more, and no harm is done.
                try? await leaveWord(over: connection)
                throw .claimed(claim)
            }
            if let hearsLook = terms.hearsLook { hearsLook(try await lastLook(over: connection)) }
        }
        try await connection.call(.echo, [.text(terms.greeting.filter { $0.isASCII && !$0.isNewline })])
    }

    public func disconnect() async {
        guard let connection = state.withLock({ $0.connection }) else { return }
        if !Task.isCancelled, connection.isOpen {
            // What a script changed is undone at once. Without an answer the same happens when the connection is seen to be gone.
            _ = try? await connection.call(.exit, [.integer(1)])
        }
        hangUp()
    }

    func hangUp() {
        let connection = state.withLock { state in
            defer { state = State() }
            return state.connection
        }
        connection?.close()
    }

    /// One command of SerialEM.
    @discardableResult
    func call(
        _ command: SerialEMCommand, _ arguments: SerialEMArgument..., taking seconds: Double? = nil
    ) async throws(MicroscopeError) -> SerialEMReport {
        try await connection().call(command, arguments, taking: seconds)
    }

    public var silence: MicroscopeSilence? { state.withLock { $0.connection }?.silence }

    /// Nobody has closed it, and nothing has gone wrong on it.
    var isLinkOpen: Bool { state.withLock { $0.connection }?.isOpen ?? false }

    func connection() throws(MicroscopeError) -> SerialEMConnection {
        guard let connection = state.withLock({ $0.connection }) else { throw .linkLost("and has not been opened again") }
        return connection
    }
}
