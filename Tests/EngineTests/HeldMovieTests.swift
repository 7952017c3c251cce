import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// Movies that lie whole where the camera left them.
@Suite struct HeldMovieTests {
    @Test func `a movie that cannot be moved is waited for and never asked about as if nobody had seen it`() throws {
        let isHeld = Flag(Mutex(true))
        let scene = try Scene(grids: 1) { parts in
            let microscope = parts.microscope
            parts.microscope = { HoldingMicroscope(scope: microscope($0, $1), isHeld: isHeld) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.kind == .diskSilent)
        #expect(
            try scene.state.prompt?.cause?.hasSuffix("is whole and cannot be moved into its session: no space left on device.")
                == true)
        #expect(try scene.state.status == .paused)
        scene.pass(.seconds(3600))
        #expect(scene.exposed.count == 1)
        // Somebody may say so before it is true.
        try scene.answer("continue")
        scene.pass(.seconds(3600))
        #expect(try scene.state.prompt?.kind == .diskSilent && scene.exposed.count == 1)
        isHeld.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(scene.exposed.count == 8)
    }

    @Test func `Stop is heard while a movie cannot be moved, and the next start takes it`() throws {
        let isHeld = Flag(Mutex(true))
        let scene = try Scene(grids: 1) { parts in
            let microscope = parts.microscope
            parts.microscope = { HoldingMicroscope(scope: microscope($0, $1), isHeld: isHeld) }
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        isHeld.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(scene.exposed.count == 8)
    }

    /// Nobody can tell about the third exposure; the server is killed, and the movie becomes whole.
    private func turnUp(_ scene: inout Scene) throws {
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.world.column().add(SimulatedFault(.halfWritten, times: 1))
        try scene.reach { $0.prompt?.kind == .exposureUnknown }
        let id = try scene.state.prompt?.micrograph
        try scene.crash()
        let movie = try #require(try scene.micrographs().first { $0.id == id })
        scene.world.noteMovie(
            "/data/\(try scene.state.session.directory)/\(movie.movie)", bytes: 1024 + movie.frames * 1024 * 1024 * 2)
    }

    @Test(arguments: [false, true]) func `a movie that turned up after a question about it settles the question`(
        isAnswered: Bool
    ) throws {
        var scene = try Scene(grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)])
        try turnUp(&scene)
        try scene.start()
        // Before the run has looked.
        if isAnswered { try scene.answer("again") }
        try scene.reach { $0.prompt == nil }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(scene.exposed.count == 8)
    }

    @Test(arguments: [false, true])
    func `a held movie of an exposure that was asked about is waited for, too, until somebody leaves it`(isAnswered: Bool) throws
    {
        let isHeld = Flag(Mutex(false))
        var scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .after)]
        ) { parts in
            let microscope = parts.microscope
            parts.microscope = { HoldingMicroscope(scope: microscope($0, $1), isHeld: isHeld) }
        }
        try turnUp(&scene)
        isHeld.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        if isAnswered {
            // Where it can never be moved, a person may still leave it.
            try scene.answer("continue")
            try scene.reach { $0.prompt?.kind == .exposureUnknown }
            try scene.answer("leave")
        }
        isHeld.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [isAnswered ? 7 : 8])
        #expect(scene.exposed.count == 8)
    }
}

/// Leaves each movie where the camera put it, as long as somebody says so.
private struct HoldingMicroscope: WrappedMicroscope {
    let scope: any Microscope
    let isHeld: Flag<Bool>

    private func check(_ file: String) throws(MicroscopeError) {
        guard isHeld.value.withLock({ $0 }) else { return }
        throw .movieHeld(path: "/frames/\(file)", reason: "no space left on device")
    }

    func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        let report = try await scope.record(request)
        try check(request.name)
        return report
    }

    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        try check(request.name)
        return try await scope.evidence(of: request)
    }
}
