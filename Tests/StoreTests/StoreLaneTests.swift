import Dispatch
import GRDB
import RunModel
import Synchronization
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(1))) struct StoreLaneTests {
    private static let path = "/data/gridpilot.sqlite"

    @Test func `a call has its answer, and its own refusal`() throws {
        let lane = StoreLane()
        #expect(try lane.call(.read, on: Self.path, late: nil) { .success(7) } == 7)
        #expect(throws: StoreError.full(path: Self.path)) {
            try lane.call(.change, on: Self.path, late: nil) { () -> Result<Int, StoreError> in .failure(.full(path: Self.path)) }
        }
    }

    @Test func `another program that holds the store is named, and not its disk`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file).called(by: StoreLane())
        let other = try DatabaseQueue(path: folder.file)
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            let entry = Entry(session: SampleRun.session, events: [.sessionCreated(SampleRun.created)])
            #expect(throws: StoreError.busy(path: folder.file)) { _ = try store.append(entry, at: SampleRun.whole.now) }
            try db.execute(sql: "ROLLBACK")
            _ = try store.append(entry, at: SampleRun.whole.now)
        }
    }

    @Test func `a call that hangs costs its patience once, and the next ones nothing`() throws {
        let lane = StoreLane(patience: .milliseconds(30))
        let disk = SilentDisk()
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane) }
        #expect(lane.isSilent)
        let asked = Mutex(0)
        for _ in 1...3 {
            #expect(throws: StoreError.noAnswer(path: Self.path)) {
                try lane.call(.read, on: Self.path, late: nil) { () -> Result<Int, StoreError> in
                    asked.withLock { $0 += 1 }
                    return .success(1)
                }
            }
        }
        disk.answer()
        disk.untilHeard()
        #expect(asked.withLock { $0 } == 0)
    }

    @Test func `what a call that hung has done is heard before anything else is asked`() throws {
        let lane = StoreLane(patience: .milliseconds(30))
        let disk = SilentDisk()
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane) }
        disk.answer()
        disk.untilHeard()
        while lane.isSilent {}
        #expect(disk.late == [7])
        #expect(try lane.call(.read, on: Self.path, late: nil) { .success(8) } == 8)
    }

    @Test func `whoever is in a hurry does not wait the whole patience out`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(20))
        let disk = SilentDisk()
        let waiting = DispatchQueue(label: "caller")
        let refused = DispatchSemaphore(value: 0)
        waiting.async {
            do throws(StoreError) { try disk.ask(lane) } catch { refused.signal() }
        }
        disk.untilAsked()
        lane.hurry(for: "first")
        refused.wait()
        disk.answer()
    }

    @Test func `another session's change has the time of a slow disk, whoever is in a hurry`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(1), othersPatience: .seconds(600))
        let (disk, waiting, written) = (SilentDisk(), DispatchQueue(label: "caller"), DispatchSemaphore(value: 0))
        waiting.async {
            do throws(StoreError) {
                try disk.ask(lane, .change(of: "second"))
                written.signal()
            } catch {}
        }
        disk.untilAsked()
        lane.hurry(for: "first")
        // What is asked in its own name is given up at once, and so comes after the other has been answered.
        disk.answer()
        written.wait()
        let own = SilentDisk()
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try own.ask(lane, .change(of: "first")) }
        own.answer()
    }

    @Test func `another session's change that hangs is given up all the same`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(1), othersPatience: .milliseconds(20))
        let (disk, waiting, refused) = (SilentDisk(), DispatchQueue(label: "caller"), DispatchSemaphore(value: 0))
        waiting.async {
            do throws(StoreError) { try disk.ask(lane, .change(of: "second")) } catch { refused.signal() }
        }
        disk.untilAsked()
        lane.hurry(for: "first")
        refused.wait()
        disk.answer()
    }

    @Test func `a call that is given up for a hurry is waited for by another session's, and by nobody else's`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(1), othersPatience: .seconds(600))
        let (own, other, waiting) = (SilentDisk(), SilentDisk(), DispatchQueue(label: "caller"))
        let done = Mutex<Bool?>(nil)
        lane.hurry(for: "first")
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try own.ask(lane, .change(of: "first")) }
        for call in [StoreCall.change(of: "first"), .read(of: "first"), .read] {
            #expect(throws: StoreError.noAnswer(path: Self.path)) { try SilentDisk().ask(lane, call) }
        }
        other.answer()
        waiting.async {
            do throws(StoreError) {
                try other.ask(lane, .read(of: "second"))
                done.withLock { $0 = true }
            } catch {
                done.withLock { $0 = false }
            }
        }
        while !lane.isWaitedFor, done.withLock({ $0 == nil }) {}
        own.answer()
        while done.withLock({ $0 == nil }) {}
        #expect(done.withLock { $0 } == true)
        // Written first, since it was asked first.
        #expect(own.late == [7] && other.late == [])
    }

    @Test func `a call that waits behind one that was given up for a hurry is given up with it`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(1), othersPatience: .milliseconds(20))
        let disk = SilentDisk()
        lane.hurry(for: "first")
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane, .change(of: "first")) }
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane, .change(of: "second")) }
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane, .change(of: "second")) }
        disk.answer()
    }

    @Test func `a call that begins in a hurry does not wait the whole patience out either`() throws {
        let lane = StoreLane(patience: .seconds(600), hurriedPatience: .milliseconds(20))
        let disk = SilentDisk()
        lane.hurry(for: "first")
        #expect(throws: StoreError.noAnswer(path: Self.path)) { try disk.ask(lane) }
        disk.answer()
    }
}

/// A disk that answers when the test says so, and then 7.
private final class SilentDisk: Sendable {
    private let asked = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)
    private let heard = DispatchSemaphore(value: 0)
    private let values = Mutex<[Int]>([])

    func ask(_ lane: StoreLane, _ call: StoreCall = .change) throws(StoreError) {
        _ = try lane.call(
            call, on: "/data/gridpilot.sqlite",
            late: { [self] value in
                values.withLock { $0.append(value) }
                heard.signal()
            }
        ) { [self] () -> Result<Int, StoreError> in
            asked.signal()
            gate.wait()
            return .success(7)
        }
    }

    var late: [Int] { values.withLock { $0 } }
    func answer() { gate.signal() }
    func untilAsked() { asked.wait() }
    func untilHeard() { heard.wait() }
}
