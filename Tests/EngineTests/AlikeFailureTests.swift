import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// What fails three times for one reason would fail all night.
@Suite struct AlikeFailureTests {
    private func refusing(
        grids: Int = 1, squares: Int = 2, holes: Int = 2, seed: UInt64 = 1,
        refuses: @escaping @Sendable (RefusingCamera.Work) -> String?
    ) throws -> Scene {
        var settings = GridSettings.quick
        settings.squaresPerGrid = squares
        settings.holesPerSquare = holes
        return try Scene(seed: seed, grids: grids, settings: settings) { _ in
        } camera: {
            RefusingCamera(camera: $0, refuses: refuses)
        }
    }

    /// Refuses each hole in words that hold another figure each time, as long as somebody says so.
    private func unwillingHoles(_ isUnwilling: Flag<Bool>, grids: Int = 1) throws -> Scene {
        let tries = Flag(Mutex(0))
        return try refusing(grids: grids) { work in
            guard work == .hole, isUnwilling.value.withLock({ $0 }) else { return nil }
            let number = tries.value.withLock { tries in
                tries += 1
                return tries
            }
            return "the Navigator must be open at \(number).5 s"
        }
    }

    @Test func `three holes that fail for one reason pause the run, which names them and says the microscope's own sentence`()
        throws
    {
        let scene = try unwillingHoles(Flag(Mutex(true)))
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.kind == .targetsFailAlike)
        #expect(prompt.answers == [.continue, .again, .next])
        #expect(prompt.cause?.hasPrefix("The microscope would not do it: the Navigator must be open at ") == true)
        let failed = try scene.targets().filter { $0.status == .failed }.map(\.id)
        #expect(failed.count == 3 && Set(prompt.failedTargets ?? []) == Set(failed))
        #expect(try scene.state.status == .paused)
        let commands = scene.world.column().counters.commands
        scene.pass(.seconds(3600))
        #expect(scene.world.column().counters.commands == commands)
    }

    @Test func `to continue leaves them failed, and the rest is imaged`() throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try unwillingHoles(isUnwilling)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        isUnwilling.value.withLock { $0 = false }
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.targets().count { $0.status == .failed } == 3)
        #expect(try scene.state.grids[0].images == 2)
    }

    @Test func `what is tried again comes first and is imaged`() throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try unwillingHoles(isUnwilling)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        let failed = try #require(try scene.state.prompt?.failedTargets)
        isUnwilling.value.withLock { $0 = false }
        try scene.answer("again")
        try scene.reach { $0.prompt == nil && $0.target != nil }
        #expect(try scene.state.target == failed.first)
        #expect(try scene.state.queue.items.prefix(2).map(\.id) == Array(failed.dropFirst()))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
        #expect(try !scene.targets().contains { $0.status == .failed || $0.problem != nil })
    }

    @Test func `to proceed ends the grid`() throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try unwillingHoles(isUnwilling, grids: 2)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        isUnwilling.value.withLock { $0 = false }
        try scene.answer("next")
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.images) == [0, 8])
    }

    @Test(arguments: Seeds.first(20)) func `the run asks wherever three holes in a row failed alike, and nowhere else`(
        seed: UInt64
    ) throws {
        let outcomes = Flag(Mutex((random: SeededGenerator(seed: seed), told: [String?]())))
        let scene = try refusing(squares: 2, holes: 6, seed: seed) { work in
            guard work == .hole else { return nil }
            return outcomes.value.withLock { state in
                let all: [String?] = [nil, "no peak was found", "the image is saturated", "no peak was found"]
                let outcome = all[state.random.index(below: all.count)]
                state.told.append(outcome)
                return outcome
            }
        }
        try scene.start()
        while try scene.life.run(scene.id, until: { $0.prompt != nil || !$0.status.needsHolder && $0.status != .ready }),
            try scene.state.prompt != nil
        {
            try scene.answer("continue")
        }
        var (expected, row) = (0, [String]())
        for outcome in outcomes.value.withLock({ $0.told }) {
            guard let outcome else {
                row = []
                continue
            }
            row = row.last == outcome ? row + [outcome] : [outcome]
            guard row.count == 3 else { continue }
            expected += 1
            row = []
        }
        let asked = try scene.events().count {
            if case .promptRaised(let prompt) = $0.event { prompt.kind == .targetsFailAlike } else { false }
        }
        #expect(asked == expected)
    }

    @Test func `squares are counted by themselves`() throws {
        let scene = try refusing(squares: 4) { $0 == .square ? "the beam is off" : nil }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.failedTargets?.map(\.kind) == [.square, .square, .square])
        #expect(prompt.cause == "The microscope would not do it: the beam is off.")
    }

    @Test func `squares that a finder cannot look at are alike as well, and tried again when somebody says so`() throws {
        let isBlind = Flag(Mutex(true))
        var settings = GridSettings.quick
        settings.squaresPerGrid = 3
        let scene = try Scene(grids: 1, settings: settings) {
            $0.finder = FailingFinder(finder: $0.finder, failsHoles: { isBlind.value.withLock { $0 } })
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        #expect(try scene.state.prompt?.cause?.hasPrefix("The disk does not answer.") == true)
        isBlind.value.withLock { $0 = false }
        try scene.answer("again")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 12)
    }

    @Test(arguments: ["continue", "again"]) func `two grids that fail alike pause the run`(answer: String) throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try refusing(grids: 3) { work in
            work == .atlas && isUnwilling.value.withLock { $0 } ? "the camera is not inserted" : nil
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.kind == .gridsFailAlike)
        #expect(prompt.failedGrids == [GridID(scene.id, slot: 1), GridID(scene.id, slot: 2)])
        #expect(prompt.cause?.contains("the camera is not inserted") == true)
        #expect(try scene.state.status == .paused)
        scene.pass(.seconds(3600))
        #expect(scene.commands("load").count == 2)
        isUnwilling.value.withLock { $0 = false }
        try scene.answer(answer)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == (answer == "again" ? [8, 8, 8] : [0, 0, 8]))
    }

    @Test func `grids whose targets fail alike are alike, however many they are`() throws {
        let refused = Flag(Mutex(0))
        // The first grid fails at a square and at holes, the second at squares alone.
        let scene = try refusing(grids: 3, squares: 2) { work in
            guard work == .square || work == .hole else { return nil }
            let number = refused.value.withLock { number in
                number += 1
                return number
            }
            return work == .square && number == 1 ? nil : "the beam is off"
        }
        try scene.start()
        while try scene.life.run(scene.id, until: { $0.prompt != nil }), try scene.state.prompt?.kind == .targetsFailAlike {
            try scene.answer("continue")
        }
        #expect(try scene.state.prompt?.kind == .gridsFailAlike)
        let problems = try scene.state.grids.prefix(2).compactMap(\.problem)
        #expect(Set(problems).count == 2 && problems.allSatisfy { $0.contains("the beam is off") })
    }

    @Test func `a question about a grid that cannot be taken up again is withdrawn when another begins`() throws {
        let isUnwilling = Flag(Mutex(true))
        var scene = try unwillingHoles(isUnwilling, grids: 2)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.crash()
        isUnwilling.value.withLock { $0 = false }
        scene.world.column().change { $0.putOnStage(nil) }
        scene.world.column().add(SimulatedFault(.loaderJam, slot: 1))
        try scene.start()
        try scene.reach { $0.current == GridID(scene.id, slot: 2) && $0.prompt == nil }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [0, 8])
        #expect(
            try scene.events().contains {
                if case .promptWithdrawn(let news) = $0.event {
                    news.reason == "its grid is not the one that begins"
                } else {
                    false
                }
            })
    }

    @Test func `nobody is asked where no grid is left to fail`() throws {
        let scene = try refusing(grids: 2) { $0 == .atlas ? "the camera is not inserted" : nil }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.failed)
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `the question outlives kill -9, and the next run asks it again before anything is exposed`() throws {
        let isUnwilling = Flag(Mutex(true))
        var scene = try unwillingHoles(isUnwilling)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        let prompt = try scene.state.prompt
        try scene.crash()
        #expect(try scene.state.prompt == prompt)
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reach { $0.status == .paused }
        scene.pass(.seconds(600))
        #expect(try scene.state.prompt?.id == prompt?.id)
        #expect(scene.exposed == [])
        try scene.answer("again")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }

    @Test func `an answer after kill -9 queues them for the next run`() throws {
        let isUnwilling = Flag(Mutex(true))
        var scene = try unwillingHoles(isUnwilling)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        let failed = try #require(try scene.state.prompt?.failedTargets)
        try scene.crash()
        try scene.answer("again")
        #expect(try scene.state.queue.items.prefix(3).map(\.id) == failed)
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }

    @Test func `a question about grids that outlived kill -9 is withdrawn, as the next run tries them anyway`() throws {
        let isUnwilling = Flag(Mutex(true))
        var scene = try refusing(grids: 3) { work in
            work == .atlas && isUnwilling.value.withLock { $0 } ? "the camera is not inserted" : nil
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .gridsFailAlike }
        try scene.crash()
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8, 8])
    }

    @Test func `Stop is heard while the question stands`() throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try unwillingHoles(isUnwilling)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.prompt == nil)
        #expect(try scene.targets().count { $0.status == .failed } == 3)
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 2)
    }
}

/// A camera that refuses as long as somebody says so, with its reason.
struct RefusingCamera: SimulatedCamera {
    enum Work { case atlas, square, hole }
    let camera: any SimulatedCamera
    let refuses: @Sendable (Work) -> String?

    private func ask(_ work: Work) throws(MicroscopeError) {
        if let reason = refuses(work) { throw .refused(reason) }
    }
    var optics: CameraOptics { camera.optics }
    func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize {
        try ask(.atlas)
        return try await camera.takeAtlas(pieces, tiles: tiles, into: file)
    }
    func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize {
        try ask(area == .search ? .square : .hole)
        return try await camera.take(area, of: view, into: file)
    }
    func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie {
        try await camera.takeMovie(of: view, request)
    }
    func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        try await camera.find(feature, in: view)
    }
    func bytes(of file: String, noted: Int?) -> Int? { camera.bytes(of: file, noted: noted) }
    func movieBytes(frames: Int) -> Int { camera.movieBytes(frames: frames) }
}
