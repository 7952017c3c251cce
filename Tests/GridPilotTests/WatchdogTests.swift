import Blocking
import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import gridpilot

@Suite struct WatchdogTests {
    @Test func `a part that answers every ping is not spoken of`() {
        let (part, log) = (FakePart("engine"), Lines())
        let watchdog = watchdog([part], log)
        for _ in 0..<100 {
            watchdog.round(passed: .seconds(1))
            part.answer()
        }
        #expect(log.all == [])
        #expect(watchdog.stalled == [])
    }

    @Test func `a part that answers nothing for 30 s is named once, with the last that it began, and again when it goes on`() {
        let (part, log) = (FakePart("engine"), Lines())
        let watchdog = watchdog([part], log)
        part.activity.begin("writing exposureSaved")
        for _ in 0..<60 { watchdog.round(passed: .seconds(1)) }
        #expect(log.all == ["Part engine has not answered for 30 s. The last it began: writing exposureSaved."])
        #expect(watchdog.stalled == ["engine"])
        part.answer()
        watchdog.round(passed: .seconds(1))
        #expect(log.all.last == "Part engine answers again, after 60 s.")
        #expect(log.all.count == 2)
        #expect(watchdog.stalled == [])
    }

    @Test func `a part that hangs gets no second ping`() {
        let part = FakePart("engine")
        let watchdog = watchdog([part], Lines())
        for _ in 0..<60 { watchdog.round(passed: .seconds(1)) }
        #expect(part.waiting == 1)
    }

    @Test func `of two parts the one that hangs is named, and the other is pinged on`() {
        let (engine, network, log) = (FakePart("engine"), FakePart("network"), Lines())
        let watchdog = watchdog([engine, network], log)
        for _ in 0..<40 {
            watchdog.round(passed: .seconds(1))
            network.answer()
        }
        #expect(watchdog.stalled == ["engine"])
        #expect(network.answered == 40)
    }

    @Test func `a part that goes from job to job has not stopped, however many stand before the ping`() {
        let (part, log) = (FakePart("engine"), Lines())
        let watchdog = watchdog([part], log)
        // Ten jobs of ten seconds each.
        for second in 0..<100 {
            if second % 10 == 0 { part.activity.enter() }
            watchdog.round(passed: .seconds(1))
        }
        #expect(log.all == [] && part.waiting == 1)
        // The last of them does not end.
        for _ in 0..<30 { watchdog.round(passed: .seconds(1)) }
        #expect(watchdog.stalled == ["engine"])
    }

    @Test func `a part whose end would be worse than its silence is named, and the server is not ended for it`() throws {
        let receiver = try Receiver()
        let (part, log) = (FakePart("requests", isVital: false), Lines())
        let watchdog = watchdog([part], log, receiver.manager(watchdog: "20000000"))
        for _ in 0..<40 { watchdog.round(passed: .seconds(1)) }
        #expect(log.all == ["Part requests has not answered for 30 s."])
        #expect(receiver.heard().sorted() == ["STATUS=Part requests does not answer."] + Array(repeating: "WATCHDOG=1", count: 4))
    }

    /// As a lock that is never given back, or a call into a library that does not return, would have it.
    @Test func `the threads that all requests share are missed when every one of them is blocked`() async {
        let log = Lines()
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let (watchdog, mayGo) = (Watchdog(manager: nil) { log.add($0) }, DispatchSemaphore(value: 0))
                watchdog.watch(.requests())
                // More than there are threads: the ping stands behind them all.
                let blockers = 4 * ProcessInfo.processInfo.activeProcessorCount + 4
                for _ in 0..<blockers { Task.detached { Self.wait(for: mayGo) } }
                for _ in 0..<31 { watchdog.round(passed: .seconds(1)) }
                let stalled = watchdog.stalled
                for _ in 0..<blockers { mayGo.signal() }
                if stalled == ["requests"] { while !watchdog.stalled.isEmpty { watchdog.round(passed: .zero) } }
                continuation.resume()
            }
        }
        #expect(log.all.first == "The part that answers requests has not answered for 30 s.")
        #expect(log.all.last?.hasPrefix("The part that answers requests answers again") == true)
    }

    private static func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }

    @Test func `the service manager hears of life at half of its time, and of none while a part does not answer`() throws {
        let receiver = try Receiver()
        let (part, log) = (FakePart("engine"), Lines())
        let watchdog = watchdog([part], log, receiver.manager(watchdog: "20000000"))
        for _ in 0..<40 {
            watchdog.round(passed: .seconds(1))
            part.answer()
        }
        #expect(receiver.heard() == Array(repeating: "WATCHDOG=1", count: 4))
        for _ in 0..<40 { watchdog.round(passed: .seconds(1)) }
        #expect(receiver.heard() == ["STATUS=Part engine does not answer.\nWATCHDOG=trigger"])
        part.answer()
        watchdog.round(passed: .seconds(1))
        #expect(receiver.heard() == ["STATUS=Part engine answers again.", "WATCHDOG=1"])
    }

    @Test func `a service manager that does not watch is told of a stall and not asked to end the server`() throws {
        let receiver = try Receiver()
        let watchdog = watchdog([FakePart("engine")], Lines(), receiver.manager(watchdog: nil))
        for _ in 0..<40 { watchdog.round(passed: .seconds(1)) }
        #expect(receiver.heard() == ["STATUS=Part engine does not answer."])
    }

    @Test func `what is said is out when the watchdog has ended`() throws {
        let receiver = try Receiver()
        let watchdog = watchdog([], Lines(), receiver.manager(watchdog: nil))
        watchdog.start()
        watchdog.say("READY=1", "STATUS=Here")
        watchdog.say("STOPPING=1")
        watchdog.end()
        #expect(receiver.heard() == ["READY=1\nSTATUS=Here", "STOPPING=1"])
    }

    @Test func `a service manager that has gone is complained of once`() throws {
        let log = Lines()
        let manager = try Receiver().manager(watchdog: nil)
        let watchdog = watchdog([], log, manager)
        watchdog.start()
        for _ in 0..<3 { watchdog.say("STATUS=Here") }
        watchdog.end()
        #expect(log.all == ["The service manager cannot be told how the server is."])
    }

    private func watchdog(_ parts: [FakePart], _ log: Lines, _ manager: ServiceManager? = nil) -> Watchdog {
        let watchdog = Watchdog(manager: manager) { log.add($0) }
        for part in parts { watchdog.watch(part.watched) }
        return watchdog
    }
}

@Suite struct ServiceManagerTests {
    @Test func `without a socket there is nobody to be told`() {
        #expect(ServiceManager(take: { _ in nil }, process: 1) == nil)
        #expect(ServiceManager(take: { ["NOTIFY_SOCKET": "somewhere"][$0] }, process: 1) == nil)
        #expect(ServiceManager(take: { ["NOTIFY_SOCKET": ""][$0] }, process: 1) == nil)
        #expect(ServiceManager(take: { ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)][$0] }, process: 1) == nil)
    }

    @Test(arguments: [
        ("30000000", nil, Duration.seconds(30)), ("30000000", "7", .seconds(30)), ("30000000", "8", nil), ("0", nil, nil),
        ("x", nil, nil),
    ])
    func `how often it wants to hear is for the process that it means`(every: String, process: String?, expected: Duration?)
        throws
    {
        let variables = ["NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": every, "WATCHDOG_PID": process].compactMapValues { $0 }
        let manager = try #require(ServiceManager(take: { variables[$0] }, process: 7))
        #expect(manager.watchdog == expected)
    }

    @Test func `a socket without a file is found by its name`() throws {
        let receiver = try Receiver(isAbstract: true)
        #expect(receiver.manager(watchdog: nil).tell(["READY=1", "STATUS=Here"]))
        #expect(receiver.heard() == ["READY=1\nSTATUS=Here"])
    }

    @Test func `children inherit nothing of it`() {
        setenv("NOTIFY_SOCKET", "@nobody", 1)
        setenv("WATCHDOG_USEC", "1000", 1)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(ServiceManager.ofEnvironment()?.watchdog == .milliseconds(1))
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { #expect(getenv(name) == nil) }
        #expect(ServiceManager.ofEnvironment() == nil)
    }
}

@Suite struct StallOrderTests {
    @Test func `names a part and two times`() {
        let order = StallOrder(argument: "engine:2:1.5")
        #expect(order?.part == "engine")
        #expect(order?.after == 2)
        #expect(order?.seconds == 1.5)
    }

    @Test(arguments: ["", "engine", "engine:2", "store:1:1", "engine:-1:1", "engine:nan:1", "engine:1:1:1", "engine:1:inf"])
    func `takes nothing else`(text: String) { #expect(StallOrder(argument: text) == nil) }

    @Test(arguments: [["--debug-stall", "engine:1:1"], ["--debug-stall-limit", "1"]]) func `is for the demo only`(
        arguments: [String]
    ) throws {
        #expect(throws: (any Error).self) { try ServeCommand.parse(arguments) }
        _ = try ServeCommand.parse(["--demo"] + arguments)
    }
}

/// Answers its pings when it is told to.
private final class FakePart: Sendable {
    let name: String
    let activity = ThreadActivity()
    private let calls = Mutex<[@Sendable () -> Void]>([])
    private let count = Mutex(0)

    let isVital: Bool

    init(_ name: String, isVital: Bool = true) { (self.name, self.isVital) = (name, isVital) }

    var waiting: Int { calls.withLock(\.count) }
    var answered: Int { count.withLock { $0 } }
    var watched: WatchedPart {
        WatchedPart(name: "Part \(name)", key: name, activity: activity, isVital: isVital) { call in
            self.calls.withLock { $0.append(call) }
        }
    }

    func answer() {
        for call in calls.withLock({ calls in
            defer { calls = [] }
            return calls
        }) {
            call()
            count.withLock { $0 += 1 }
        }
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// The service manager's end.
private final class Receiver {
    private let socket: Int32
    private let name: String
    private let folder: Folder

    init(isAbstract: Bool = false) throws {
        folder = try Folder()
        name = (isAbstract ? "@" : "") + "\(folder.path)/notify"
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let length = withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: name.utf8)
            if isAbstract { path[0] = 0 }
            return MemoryLayout<sa_family_t>.size + name.utf8.count + (isAbstract ? 0 : 1)
        }
        let bound = withUnsafeBytes(of: &address) {
            bind(socket, $0.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(length))
        }
        #expect(bound == 0)
    }

    deinit { close(socket) }

    func manager(watchdog: String?) -> ServiceManager {
        ServiceManager(
            take: { ["NOTIFY_SOCKET": self.name, "WATCHDOG_USEC": watchdog].compactMapValues { $0 }[$0] }, process: 1)!
    }

    /// What has come so far.
    func heard() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var all: [String] = []
        while case let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
            all.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
        return all
    }
}
