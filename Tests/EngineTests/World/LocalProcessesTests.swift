import Engine
import Foundation
import Testing

@Suite struct LocalProcessesTests {
    private let processes = LocalProcesses()

    @Test func `this process is alive, under its own start and boot only`() {
        #expect(processes.liveness(of: processes.this) == .alive)
        var other = processes.this
        other.start += 1
        #expect(processes.liveness(of: other) == .gone)
        other = processes.this
        other.bootID = "another"
        #expect(processes.liveness(of: other) == .gone)
    }

    @Test func `nobody here can tell of another host`() {
        var other = processes.this
        other.host += "-2"
        #expect(processes.liveness(of: other) == .cannotTell)
    }

    @Test func `nobody here can tell of a process in another container, and a holder without one is taken as it is`() {
        #expect(processes.this.namespace?.hasPrefix("pid:") == true)
        var other = processes.this
        other.namespace = "pid:[1]"
        other.start += 1
        #expect(processes.liveness(of: other) == .cannotTell)
        other.namespace = nil
        #expect(processes.liveness(of: other) == .gone)
    }

    @Test func `a process that has ended is gone`() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        var ended = processes.this
        ended.pid = Int(process.processIdentifier)
        #expect(processes.liveness(of: ended) == .gone)
    }
}
