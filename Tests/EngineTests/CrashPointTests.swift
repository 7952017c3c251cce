import TestSupport
import Testing

/// A few of the ends that `gridpilot-stories crash-points` tries at every step: here with every assertion.
@Suite(.serialized, .longWork) struct CrashPointTests {
    @Test func `a server that ends at a step, and again in its recovery, loses nothing and exposes nothing twice`() throws {
        let reference = try CrashTrial.reference()
        let last = CrashPoint.store(change: reference.lastChange, isWritten: true)
        for (number, point) in reference.points.enumerated() where number % 23 == 0 {
            #expect(try CrashTrial.run([point], of: reference), "\(point)")
            for change in 1...4 {
                let isMet = try CrashTrial.run([point, .store(change: change, isWritten: false)], of: reference)
                // Whatever was cut short has a recovery or a start, and that has a first change.
                if change == 1, point != last { #expect(isMet, "\(point), then change \(change)") }
            }
        }
    }

    @Test func `a stop at a step begins no exposure, on a silent disk too`() throws {
        let reference = try CrashTrial.reference()
        for (number, point) in StopTrial.points(of: reference).enumerated() where number % 23 == 0 {
            for disk in StopTrial.Disk.allCases {
                #expect(try StopTrial.run(point, disk: disk, of: reference), "\(point) \(disk.words)")
            }
        }
    }
}
