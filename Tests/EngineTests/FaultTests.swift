import Engine
import Processing
import RunModel
import Simulator
import TestSupport
import Testing

@testable import Store

@Suite struct FaultTests {
    @Test func `a cartridge that jams fails its grid and the run goes on with the next`() throws {
        let scene = try Scene(faults: [SimulatedFault(.loaderJam, slot: 1)])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.failed, .completed])
        #expect(try scene.state.grids[0].problem == "The loader did not bring the cartridge of slot 1 onto the stage.")
        #expect(try scene.state.grids.map(\.images) == [0, 8])
    }

    @Test func `a slot that is found empty fails its grid`() throws {
        let scene = try Scene(faults: [SimulatedFault(.slotEmpty, slot: 1)])
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.problem) == ["Slot 1 holds no cartridge.", nil])
    }

    @Test func `a slot that the loader calls empty is not tried`() throws {
        var column = ColumnSettings()
        column.emptySlots = [1]
        let scene = try Scene(column: column)
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.failed, .completed])
        #expect(scene.ledger.filter { $0.kind == .load }.map(\.args) == [["2"]])
    }

    @Test func `a run in which no grid could be imaged has failed, and tries again at the next start`() throws {
        let scene = try Scene(faults: [SimulatedFault(.loaderJam, slot: 1), SimulatedFault(.loaderJam, slot: 2)])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.failed, valvesClosed: false)
        #expect(try scene.state.outcome?.sentence?.contains("slot 1") == true)
        scene.world.column().setFaults([])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test(arguments: ["acquireAtlas", "autofocus", "realign", "record"])
    func `valves that somebody closes hold the run up and cost no grid and no target`(command: String) throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand(command)
        scene.world.column().add(SimulatedFault(.valveShut, at: 0))
        try scene.reach { $0.notices.contains { $0.id == "valves" } }
        scene.pass(.seconds(600))
        #expect(!scene.world.column().areValvesOpen)
        // Somebody opens them at the microscope, which a stop and a start do as well.
        try scene.stop()
        try scene.reach { !$0.status.needsHolder }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(try !scene.targets().contains { $0.status == .failed })
    }

    @Test(
        arguments: [SimulatedFault.Moment.before, .during, .after], ["record", "moveStage", "load", "acquireAtlas", "autofocus"])
    func `a lost link is opened again, and what was under way is settled and never repeated`(
        moment: SimulatedFault.Moment, command: String
    ) throws {
        let scene = try Scene(faults: [SimulatedFault(.linkLost, command: command, number: 1, moment: moment)])
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        try scene.reach { !$0.notices.contains { $0.id == "microscopeLost" } }
        try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        if try scene.state.prompt != nil {
            #expect(command == "record" && moment == .during)
            try scene.answer("leave")
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let lost = try scene.micrographs().count { $0.status == .left }
        #expect(try scene.state.grids.map(\.images) == [8 - lost, 8])
        #expect(Set(scene.exposed).count == scene.exposed.count)
        #expect(try scene.world.store.epoch(of: "scope-1") == 2)
    }

    @Test func `an exposure that nobody can tell about is taken again only when somebody says so`() throws {
        for (answer, exposures) in [("again", 17), ("leave", 16)] {
            let scene = try Scene(faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)])
            try scene.start()
            try scene.reachCommand("record", number: 3)
            scene.world.column().add(SimulatedFault(.halfWritten, times: 1))
            try scene.reach { $0.prompt != nil }
            let prompt = try #require(try scene.state.prompt)
            #expect(prompt.kind == .exposureUnknown && prompt.answers == [.again, .leave])
            #expect(try scene.targets().first { $0.id == prompt.micrograph?.hole }?.status == .unknown)
            try scene.answer(answer)
            try scene.reachEnd()
            try scene.checkAtRest(.completed)
            #expect(scene.exposed.count == exposures)
        }
    }

    @Test func `filling nitrogen holds the run up and is said`() throws {
        let scene = try Scene(grids: 1, faults: [SimulatedFault(.nitrogenFill, at: 300, seconds: 600)])
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "nitrogen" } }
        #expect(try scene.state.notices[0].detail?.contains("in about") == true)
        try scene.reach { $0.notices.isEmpty }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a movie that is half written is that movie's failure only`() throws {
        let scene = try Scene(grids: 1) { $0.jobs = FailingJobs(fails: { $0.micrograph.number == 1 }) }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.micrographs().map(\.status) == (1...4).flatMap { _ in [.unprocessable, .processed] })
        #expect(try scene.targets().filter { $0.id.kind == .hole && $0.status != .found }.allSatisfy { $0.status == .completed })
        #expect(try scene.lines(.processing).count { $0.level == .error && $0.message.contains("The movie is cut short.") } == 4)
    }

    @Test func `a target that is not found again fails alone`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand("realign", number: 2)
        scene.world.column().add(SimulatedFault(.darkImages, times: 1))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let failed = try scene.targets().filter { $0.status == .failed }
        #expect(failed.count == 1 && failed[0].problem?.contains("not found again") == true)
        #expect(try scene.state.grids[0].images == 6)
    }

    @Test func `targets out of reach fail, and a session in which all are says that there is no image`() throws {
        var column = ColumnSettings()
        column.stageReach = .micrometres(150)
        let scene = try Scene(seed: 3, grids: 1, column: column)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.failed)
        #expect(try scene.state.outcome?.sentence?.hasPrefix("Ended with no image: 2 of 2 squares failed. ") == true)
        let problems = try scene.targets().compactMap(\.problem)
        #expect(!problems.isEmpty && problems.allSatisfy { $0.hasSuffix("out of reach.") })
    }

    @Test func `the disk is not filled beyond the reserve, and a press goes on once space is back`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        scene.world.freeBytes = 50_000_001_000
        try scene.reach { $0.prompt?.kind == .diskFull }
        let images = try scene.state.grids[0].images
        #expect(try scene.state.notices.map(\.id) == ["disk"])
        try scene.answer("continue")
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.grids[0].images == images)
        scene.world.freeBytes = 4_000_000_000_000
        scene.pass(.seconds(600))
        #expect(try scene.state.grids[0].images == images)
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }

    @Test func `a disk that cannot be measured holds the run up, in words, until it can be`() throws {
        let scene = try Scene(grids: 1)
        scene.world.freeBytes = nil
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        #expect(try scene.state.status == .paused)
        #expect(
            try scene.state.notices.first { $0.id == "disk" }?.sentence.contains("/data/sessions/demo/20260922_first") == true)
        let commands = scene.world.column().counters.commands
        scene.pass(.seconds(3600))
        #expect(scene.world.column().counters.commands == commands)
        scene.world.freeBytes = 4_000_000_000_000
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
        #expect(try scene.state.notices.isEmpty)
    }

    @Test func `a disk that cannot be measured is news once, however often it is looked at`() throws {
        let scene = try Scene(grids: 1)
        scene.world.freeBytes = nil
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let events = try scene.events().count
        scene.pass(.seconds(3600))
        #expect(try scene.events().count == events)
    }

    @Test func `a press while a disk cannot be measured looks again and asks again`() throws {
        let scene = try Scene(grids: 1)
        scene.world.freeBytes = nil
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let first = try #require(try scene.state.prompt?.id)
        try scene.answer("continue")
        try scene.reach { $0.prompt != nil && $0.prompt?.id != first }
        #expect(scene.exposed == [])
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
    }

    @Test func `a disk that was full and says nothing now has no space back`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        scene.world.freeBytes = 50_000_001_000
        try scene.reach { $0.prompt?.kind == .diskFull }
        try scene.stop()
        try scene.reachEnd()
        // A server that comes back takes the question up and finds the disk silent.
        scene.world.freeBytes = nil
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let images = try scene.state.grids[0].images
        scene.pass(.seconds(600))
        #expect(try scene.state.grids[0].images == images)
        #expect(
            try !scene.events().contains {
                if case .promptWithdrawn(let news) = $0.event { news.reason == "space is back" } else { false }
            })
    }

    @Test func `a store that is gone ends the run and refuses commands with its sentence`() throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(store: try RunStore.open(at: folder.path(of: "gridpilot.sqlite")))
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.world.store.close()
        scene.pass(.seconds(600))
        #expect(scene.world.column().connectedClient == nil)
        let commands = scene.world.column().counters.commands
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") }?.code.hasPrefix("store.") == true)
        #expect(scene.world.column().counters.commands == commands)
    }

    @Test func `movies beyond what may wait in memory wait in the store, and none is forgotten`() throws {
        var settings = GridSettings.quick
        settings.squaresPerGrid = 3
        settings.holesPerSquare = 4
        settings.exposuresPerHole = 4
        let scene = try Scene(grids: 1, settings: settings) { parts in parts.jobs = PatientJobs(clock: parts.clock) }
        try scene.start()
        try scene.reach { !$0.status.needsHolder && $0.status != .ready }
        #expect(try scene.micrographs().count { $0.status == .saved } > 34)
        scene.pass(.seconds(3600 * 30))
        #expect(try scene.micrographs().allSatisfy { $0.status == .processed })
        #expect(try scene.targets().filter { $0.id.kind == .hole && $0.status != .found }.allSatisfy { $0.status == .completed })
    }

    @Test func `after a restart the pipeline takes up what was not worked on`() throws {
        var scene = try Scene(grids: 1) { parts in parts.jobs = PatientJobs(clock: parts.clock) }
        try scene.start()
        try scene.reach { !$0.status.needsHolder && $0.status != .ready }
        try scene.crash()
        scene.pass(.seconds(3600 * 5))
        #expect(try scene.micrographs().allSatisfy { $0.status == .processed })
    }
}

extension RunStore {
    /// As a full disk: what is there can be read, and nothing be added.
    func limitPages(toPresent limits: Bool) throws {
        try configuring { db in
            let pages = limits ? try db.number("PRAGMA page_count", []) : 1_000_000_000
            _ = try db.number("PRAGMA max_page_count = \(pages)", [])
        }
    }
}

struct FailingJobs: JobRunner {
    let width = 2
    let fails: @Sendable (MovieJob) -> Bool
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        if fails(job) { throw JobProblem(sentence: "The movie is cut short.") }
        return Measurement(average: "a", picture: "p", spectrum: "s", shifts: [], totalMotion: 0, ctf: nil, reason: "No ice.")
    }
}
