import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// *Complete* is a claim: an end that lacks something says what.
@Suite struct EndingTests {
    private func refusing(grids: Int = 1, refuses: @escaping @Sendable (RefusingCamera.Work) -> String?) throws -> Scene {
        try Scene(grids: grids) { _ in
        } camera: {
            RefusingCamera(camera: $0, refuses: refuses)
        }
    }

    @Test func `a grid whose targets all failed has failed with the reason, and the next start tries them again`() throws {
        let isUnwilling = Flag(Mutex(true))
        let scene = try refusing { $0 == .hole && isUnwilling.value.withLock { $0 } ? "the shutter is stuck" : nil }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.failed)
        let words = "4 of 4 holes failed. The microscope would not do it: the shutter is stuck."
        #expect(try scene.state.grids.map(\.problem) == ["No image was taken: \(words)"])
        #expect(try scene.state.outcome?.sentence == "Ended with no image: \(words)")
        isUnwilling.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(try scene.state.grids[0].problem == nil)
        #expect(try scene.state.outcome?.completed?.shortfall == nil)
    }

    @Test func `an end with failures says how many of how many, and why most of them`() throws {
        let tries = Flag(Mutex(0))
        let scene = try refusing(grids: 2) { work in
            guard work == .hole else { return nil }
            return tries.value.withLock { tries in
                tries += 1
                return tries == 2 ? "the shutter is stuck" : nil
            }
        }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let completed = try #require(try scene.state.outcome?.completed)
        #expect(completed.failures == "1 of 8 holes failed")
        #expect(completed.reason == "The microscope would not do it: the shutter is stuck.")
        #expect(completed.shortfall == .failures)
        #expect(
            try scene.state.grids.map(\.problem)
                == ["1 of 4 holes failed. The microscope would not do it: the shutter is stuck.", nil])
        #expect(try scene.world.store.facility().state.sessions[0].shortfall == .failures)
        #expect(
            try scene.lines().last { $0.source == "session" }?.message
                == "Completed with failures. 1 of 8 holes failed. The microscope would not do it: the shutter is stuck.")
    }

    @Test func `a grid that could not be loaded is named at the end`() throws {
        let scene = try Scene(faults: [SimulatedFault(.loaderJam, slot: 2)])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let completed = try #require(try scene.state.outcome?.completed)
        #expect(completed.failures == "1 of 2 grids was not imaged" && completed.shortfall == .failures)
        #expect(completed.reason == "The loader did not bring the cartridge of slot 2 onto the stage.")
        #expect(
            try scene.lines().last { $0.source == "session" }?.message
                == "Completed with failures. 1 of 2 grids was not imaged. The loader did not bring the cartridge of slot 2 onto the stage."
        )
    }

    @Test func `a session with every image is complete without a further word`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachEnd()
        let completed = try #require(try scene.state.outcome?.completed)
        #expect(completed.failures == nil && completed.reason == nil && completed.shortfall == nil)
        #expect(try scene.state.grids.map(\.problem) == [nil, nil])
    }

    @Test func `a grid of which only maps were wanted ends with the words that there is no image`() throws {
        var settings = GridSettings.quick
        settings.holesPerSquare = 0
        let scene = try Scene(grids: 1, settings: settings)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].problem == "No image was taken: no hole was imaged.")
        #expect(try scene.state.outcome?.completed?.shortfall == .noImage)
    }

    @Test func `a grid that somebody leaves after kill -9 ends in the same words`() throws {
        var scene = try refusing { $0 == .hole ? "the shutter is stuck" : nil }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.crash()
        try scene.answer("next")
        #expect(try scene.state.grids[0].status == .failed)
        #expect(try scene.state.grids[0].problem?.hasPrefix("No image was taken: 3 of 3 holes failed.") == true)
    }
}
