import Blocking
import RunModel
import Store
import Synchronization

/// Writes what happens, then tells it: one event log, one order, for everybody.
///
/// Nothing is told that is not on disk, and telling never waits: a listener that is slow has its own queue.
public actor Journal {
    public nonisolated let store: RunStore
    /// The same store for whoever can wait for its disk, however long that takes.
    private nonisolated let patient: RunStore
    private let now: @Sendable () -> Timestamp
    private nonisolated let executor: any SerialExecutor
    private var listeners: [Int: AsyncStream<NewsStream.Numbered>.Continuation] = [:]
    private var nextListener = 0
    /// How many items of news have been told so far. Each has a number, by which a listener knows that it has missed some.
    private var told = 0
    private let late = LateNews()
    private let activity: ThreadActivity

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What listeners hear, in the order it was written.
    public enum News: Sendable {
        case written(Appended)
        case reading(Reading, at: Timestamp)
        /// How many items were told while this listener was too slow to hear them. What was written is in the store.
        case missed(Int)
    }

    public init(
        store: RunStore, patient: RunStore? = nil, executor: any SerialExecutor, now: @escaping @Sendable () -> Timestamp,
        activity: ThreadActivity = ThreadActivity()
    ) {
        self.store = store
        self.patient = patient ?? store
        self.executor = executor
        self.now = now
        self.activity = activity
    }

    /// Everything from now on. The stream ends with the journal; of what has not been taken it keeps the newest `limit` items.
    public func listen(limit: Int = NewsStream.usualLimit) -> NewsStream {
        let (stream, continuation) = NewsStream.make(from: told, limit: limit)
        let number = nextListener
        nextListener += 1
        listeners[number] = continuation
        return stream
    }

    /// One entry is one transaction; there is no `await` between writing and telling.
    ///
    /// `afterwards` is called, on the engine's executor, where the entry was written after this had thrown that the store does not answer.
    @discardableResult
    public func record(_ entry: Entry, afterwards: (@Sendable () -> Void)? = nil) throws(StoreError) -> Appended {
        activity.begin("writing \(entry.events.first?.type ?? "lines of the log")")
        let appended = try store.append(
            entry, at: now(), late: { [late] in late.add(LateNews.Item(appended: $0, afterwards: afterwards)) })
        tellLate()
        tell(.written(appended))
        return appended
    }

    /// The same for whoever waits for the disk.
    func recordPatiently(_ entry: Entry) throws(StoreError) {
        tell(.written(try patient.append(entry, at: now())))
    }

    /// What was written although the store had not answered in time is told like everything else, and before anything that came after it.
    func tellLate() {
        for item in late.take() {
            tell(.written(item.appended))
            item.afterwards?()
        }
    }

    public func tell(_ reading: Reading) { tell(.reading(reading, at: now())) }

    /// Ends every listener's stream.
    public func close() {
        for number in listeners.keys.sorted() { listeners[number]?.finish() }
        listeners = [:]
    }

    private func tell(_ news: News) {
        for number in listeners.keys.sorted() {
            // A listener that has gone is found out by telling it.
            if case .terminated? = listeners[number]?.yield((told, news)) { listeners[number] = nil }
        }
        told += 1
    }
}

/// Changes that the store has written after whoever made them was told that its disk does not answer.
private final class LateNews: Sendable {
    struct Item: Sendable {
        let appended: Appended
        let afterwards: (@Sendable () -> Void)?
    }
    private let waiting = Mutex<[Item]>([])

    func add(_ item: Item) { waiting.withLock { $0.append(item) } }
    func take() -> [Item] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}

extension Journal {
    /// `record` for the engine's other actors: they share the journal's executor, so they decide and write in one go.
    nonisolated func recordNow(_ entry: Entry, afterwards: (@Sendable () -> Void)? = nil) throws(StoreError) {
        // Traps when called from elsewhere: a fault of the program, not of a run.
        let result: Result<Void, StoreError> = assumeIsolated { journal in
            do throws(StoreError) {
                try journal.record(entry, afterwards: afterwards)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    nonisolated func tellNow(_ reading: Reading) { assumeIsolated { $0.tell(reading) } }
    nonisolated func tellLateNow() { assumeIsolated { $0.tellLate() } }
}
