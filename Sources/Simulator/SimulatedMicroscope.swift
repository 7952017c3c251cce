import Microscope
import RunModel
import Synchronization

/// One client of a simulated column: a peer of the real link, with the durations of a real one divided by `speed`.
///
/// Waits on the given clock alone and uses no other thread, so it is repeatable under a seeded executor.
public final class SimulatedMicroscope: Microscope {
    package let column: SimulatedColumn
    let camera: any SimulatedCamera
    package let speed: Double
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let client = Mutex<Int?>(nil)
    private let gate = Mutex<CommandGate?>(nil)

    public init(
        column: SimulatedColumn, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp,
        camera: any SimulatedCamera,
        speed: Double = 1
    ) {
        precondition(speed > 0, "time runs forwards")
        self.column = column
        self.clock = clock
        self.now = now
        self.camera = camera
        self.speed = speed
    }

    var durations: ColumnDurations { column.settings.durations }
    var moment: Moment { Moment(at: now(), speed: speed) }

    public func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        try await sleep(durations.connect)
        gate.withLock { $0 = terms.gate }
        let moment = moment
        let number = column.change { $0.connect(at: moment) }
        client.withLock { $0 = number }
        if let mayEnter = terms.mayEnter {
            let reading = try await readClaim()
            guard mayEnter(reading) else {
                try change { body throws(MicroscopeError) in body.claimReadAt = Double(moment.at.milliseconds) / 1000 }
                giveUpLink()
                guard case .held(let claim, _) = reading else { throw .linkLost("since nobody was to enter") }
                throw .claimed(claim)
            }
            terms.hearsLook?(try peek { $0.claimReadAt })
        }
        try change { body throws(MicroscopeError) in try body.greet(terms.greeting, client: number, at: moment) }
    }

    public func disconnect() async {
        guard let number = takeClient() else { return }
        let moment = moment
        column.change { $0.disconnect(number, at: moment) }
    }

    private func takeClient() -> Int? {
        client.withLock { number in
            defer { number = nil }
            return number
        }
    }

    /// A command that takes its time and then does its one thing. The column does it also where its client has gone meanwhile.
    func perform<Value: Sendable>(
        _ command: ColumnCommand, seconds: @Sendable (inout ColumnBody) throws(MicroscopeError) -> Double,
        effect: @escaping @Sendable (inout ColumnBody, Moment, _ client: Int) throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        if command.acts { try await askGate() }
        var ticket = try begin(command, seconds: seconds)
        let number = ticket.ticket.client
        // Nobody is left to be told how it ended.
        try await wait(ticket.seconds, for: &ticket.ticket) { body, moment in _ = try? effect(&body, moment, number) }
        return try finish(ticket.ticket, effect: effect)
    }

    func askGate() async throws(MicroscopeError) { try await gate.withLock(\.self)?() }

    func begin(
        _ command: ColumnCommand, seconds: @Sendable (inout ColumnBody) throws(MicroscopeError) -> Double
    ) throws(MicroscopeError) -> (ticket: ColumnTicket, seconds: Double) {
        let number = client.withLock { $0 }
        let moment = moment
        if Task.isCancelled {
            giveUpLink()
            throw .cancelled
        }
        return try closingLostLink { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                body.settle(at: moment)
                _ = try body.heard(number)
                let time = try seconds(&body)
                return (try body.begin(command, client: number, at: moment, seconds: time), time)
            }
        }
    }

    /// What a client that is heard sees of the column at once, without a command.
    func peek<Value: Sendable>(_ question: @Sendable (ColumnBody) -> Value) throws(MicroscopeError) -> Value {
        try change { body throws(MicroscopeError) in question(body) }
    }

    /// The same for what such a client changes at once.
    func change<Value: Sendable>(
        _ work: @Sendable (inout ColumnBody) throws(MicroscopeError) -> Value
    ) throws(MicroscopeError) -> Value {
        let number = client.withLock { $0 }
        let moment = moment
        return try closingLostLink { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                body.settle(at: moment)
                _ = try body.heard(number)
                return try work(&body)
            }
        }
    }

    /// Lets the column's time pass. Where the client is cancelled or its link breaks, the column goes on and `effect` happens in the end.
    func wait(
        _ seconds: Double, of total: Double? = nil, for ticket: inout ColumnTicket,
        effect: @escaping @Sendable (inout ColumnBody, Moment) -> Void = { _, _ in }
    ) async throws(MicroscopeError) {
        let left = total ?? seconds
        let breaks = ticket.breaksAfter.map { $0 <= seconds } ?? false
        let begun = now()
        do throws(MicroscopeError) { try await sleep(breaks ? ticket.breaksAfter ?? 0 : seconds) } catch {
            abandon(ticket, seconds: left - now().seconds(since: begun) * speed, effect: effect)
            throw error
        }
        if breaks {
            abandon(ticket, seconds: left - (ticket.breaksAfter ?? 0), effect: effect)
            throw .linkLost("while \(ticket.name) was under way")
        }
        ticket.breaksAfter = ticket.breaksAfter.map { $0 - seconds }
    }

    func finish<Value: Sendable>(
        _ ticket: ColumnTicket,
        effect: @Sendable (inout ColumnBody, Moment, _ client: Int) throws(MicroscopeError) -> Value
    ) throws(MicroscopeError) -> Value {
        let moment = moment
        return try closingLostLink { () throws(MicroscopeError) in
            try column.change { body throws(MicroscopeError) in
                // What a client that has gone had set going, and ended before this, came before it.
                body.settle(at: moment)
                let value: Value
                do throws(MicroscopeError) { value = try effect(&body, moment, ticket.client) } catch {
                    try body.end(ticket, at: moment)
                    throw error
                }
                try body.end(ticket, at: moment)
                return value
            }
        }
    }

    private func closingLostLink<Value>(_ work: () throws(MicroscopeError) -> Value) throws(MicroscopeError) -> Value {
        do throws(MicroscopeError) { return try work() } catch {
            if error.losesLink { client.withLock { $0 = nil } }
            throw error
        }
    }

    func abandon(
        _ ticket: ColumnTicket, seconds: Double = 0,
        effect: @escaping @Sendable (inout ColumnBody, Moment) -> Void = { _, _ in }
    ) {
        client.withLock { $0 = nil }
        let moment = moment
        column.change { $0.abandon(ticket, for: max(0, seconds), at: moment, effect: effect) }
    }

    func giveUpLink() {
        guard let number = takeClient() else { return }
        let moment = moment
        column.change { $0.disconnect(number, at: moment) }
    }

    private func sleep(_ seconds: Double) async throws(MicroscopeError) {
        do { try await clock.sleep(for: .seconds(seconds / speed)) } catch { throw .cancelled }
    }
}
