import Engine
import RunModel
import Simulator
import Store

// What goes wrong with disks and clocks, and whether it had any effect.
extension Chaos {
    /// As a store in memory calls itself.
    private static let path = "memory"
    static let storeFailures: [StoreError] = [
        .full(path: path), .noAnswer(path: path), .readOnly(path: path), .refused(path: path, detail: "disk I/O error"),
    ]

    mutating func breakStore() {
        let failures = [nil, nil, nil, Self.storeFailures[1]] + Self.storeFailures
        if random.isOnce(in: 2) {
            let change = disk.changes + random.index(below: 12) + 1
            disk.fail(changes: [change])
            story.append("change \(change) of the store fails")
        } else {
            disk.failure = failures[random.index(below: failures.count)]
            story.append("store \(disk.failure?.code ?? "healthy")")
        }
    }

    mutating func changeFolder() {
        let path = "/data/\(session)"
        let problems: [RunFileError?] = [
            nil, nil, .missing(path: path), .folderChanged(path: path), .folderUnusable(path: path, reason: "it is read-only"),
            .noAnswer(path: path),
        ]
        world.folderProblem = problems[random.index(below: problems.count)]
        story.append("folder \(world.folderProblem?.code ?? "as it was")")
    }

    mutating func changeFreeSpace() {
        world.freeBytes = [1_000_000, nil, 4_000_000_000_000, 4_000_000_000_000][random.index(below: 4)]
        story.append("disk \(world.freeBytes.map { "\($0)" } ?? "silent")")
    }

    /// Somebody sets the machine's clock.
    mutating func setClock() throws {
        let hours = [-24, -1, 1, 24][random.index(below: 4)]
        if try life.state(session).status.needsHolder { met.insert(.clockSetInRun) }
        world.setClock(by: hours * 3_600_000)
        story.append("clock \(hours) h")
    }

    /// Which faults have happened by now, by what they were to do and not by having been asked for.
    mutating func noteFaults() {
        let left = Dictionary(grouping: world.column().faults, by: \.kind)
        for (kind, made) in Dictionary(grouping: faultsMade, by: \.kind) {
            let times = { (faults: [SimulatedFault]) in faults.reduce(0) { $0 + ($1.times ?? 1) } }
            if times(left[kind] ?? []) < times(made) { faultsMet.append(kind.rawValue) }
        }
        faultsMet += disk.refusals.keys.map { "refused by \($0)" }
        let said = watch.troubles.union(life.heard.troubles)
        faultsMet += Self.storeFailures.filter { said.contains($0.sentence) }.map { "held by \($0.code)" }
    }
}
