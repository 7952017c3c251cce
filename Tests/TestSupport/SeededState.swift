import Simulator

/// A job and the executor whose isolation it runs under.
struct ReadyJob {
    let job: UnownedJob
    let serial: UnownedSerialExecutor
}

/// What a `SeededExecutor` knows; it decides and does nothing.
struct SeededState {
    enum Action {
        case run(ReadyJob)
        case wake([Sleeper])
        case nothing
    }

    var generator: SeededGenerator
    var now = VirtualInstant.start
    private(set) var isAbandoned = false
    private(set) var steps = 0
    private(set) var strays = 0
    private(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
    private var isInJob = false
    private var ready: [ReadyJob] = []
    private var sleepers: [Sleeper] = []
    private var timers: [(deadline: VirtualInstant, job: ReadyJob)] = []
    private var sleepersSoFar = 0

    private let order: SeededExecutor.Order

    init(generator: SeededGenerator, order: SeededExecutor.Order) {
        self.generator = generator
        self.order = order
    }

    mutating func add(_ job: ReadyJob) {
        if !isAbandoned { ready.append(job) }
    }

    mutating func addStray(_ job: ReadyJob, after delay: Duration) {
        strays += 1
        if delay <= .zero { add(job) } else if !isAbandoned { timers.append((now.advanced(by: delay), job)) }
    }

    mutating func beginJob() {
        precondition(!isInJob, "A seeded executor is run by one thread, and not from within itself.")
        isInJob = true
    }

    mutating func endJob() {
        isInJob = false
    }

    mutating func nextSleeperNumber() -> Int {
        sleepersSoFar += 1
        return sleepersSoFar
    }

    mutating func add(_ sleeper: Sleeper) {
        if !isAbandoned { sleepers.append(sleeper) }
    }

    mutating func takeSleeper(_ number: Int) -> Sleeper? {
        guard let index = sleepers.firstIndex(where: { $0.number == number }) else { return nil }
        return sleepers.remove(at: index)
    }

    mutating func abandon() {
        isAbandoned = true
        ready = []
        sleepers = []
        timers = []
    }

    /// Sleepers whose time has come are woken first, then the seed picks a job; time moves only when there is none.
    mutating func next(notAfter limit: VirtualInstant?) -> Action {
        let due = takeDue()
        if !due.isEmpty { return .wake(due) }
        if !ready.isEmpty { return .run(takeReady()) }
        let moments = sleepers.map(\.deadline) + timers.map(\.deadline)
        guard let moment = moments.min(), limit.map({ moment <= $0 }) ?? true else { return .nothing }
        now = moment
        return next(notAfter: limit)
    }

    /// The sleepers to wake; timers that are due go to the ready jobs.
    private mutating func takeDue() -> [Sleeper] {
        if !timers.isEmpty {
            ready += timers.filter { $0.deadline <= now }.map(\.job)
            timers.removeAll { $0.deadline <= now }
        }
        let due = sleepers.filter { $0.deadline <= now }
        if !due.isEmpty { sleepers.removeAll { $0.deadline <= now } }
        return due
    }

    private mutating func takeReady() -> ReadyJob {
        if order == .asTheyCame {
            steps += 1
            return ready.removeFirst()
        }
        let index = generator.index(below: ready.count)
        steps += 1
        note(UInt64(ready.count) << 32 | UInt64(index))
        let (seconds, attoseconds) = now.sinceStart.components
        note(UInt64(bitPattern: seconds) &* 1_000_000_007 ^ UInt64(bitPattern: attoseconds))
        ready.swapAt(index, ready.count - 1)
        return ready.removeLast()
    }

    private mutating func note(_ word: UInt64) {
        trace = (trace ^ word) &* 0x0000_0100_0000_01B3
    }
}
