import Engine
import RunModel
import TestSupport
import Testing

/// Movies of a store that was put back from a copy: it has forgotten what was imaged since.
@Suite struct ForgottenMovieTests {
    /// Where the first exposures of a session like this one go.
    private func movies(_ count: Int, of scene: Scene) throws -> [String] {
        let other = try Scene(grids: 1)
        try other.start()
        try other.reach { $0.grids[0].images == count }
        let directory = try other.state.session.directory
        #expect(try scene.state.session.directory == directory)
        return try other.micrographs().prefix(count).map { "/data/\(directory)/\($0.movie)" }
    }

    /// The store has not searched the square, so a person is asked before anything is imaged.
    private func goOn(_ scene: Scene, _ movies: Int) throws {
        try scene.start()
        try scene.reach { $0.prompt?.kind == .imagedBefore }
        let cause = try scene.state.prompt?.cause
        #expect(cause?.contains("\(movies) \(movies == 1 ? "exposure" : "exposures") of square") == true, "\(cause ?? "")")
        #expect(scene.commands("acquireAtlas").isEmpty && scene.exposed.isEmpty)
        try scene.answer("continue")
    }

    @Test func `movies of squares that the store has not searched are asked about, and a grid that is skipped is not imaged`()
        throws
    {
        let scene = try Scene(grids: 2)
        for movie in try movies(3, of: scene) { scene.world.noteMovie(movie, bytes: 1024 + 4 * 1024 * 1024 * 2) }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .imagedBefore }
        scene.pass(.seconds(3600))
        #expect(scene.exposed.isEmpty)
        try scene.answer("skip")
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.images) == [0, 8])
        #expect(scene.exposed.count == 8)
    }

    /// A movie that was asked for and never came, or is still on its way, may have been exposed.
    @Test func `what only stands beside a movie, or in its place, is asked about as well, each exposure once`() throws {
        let scene = try Scene(grids: 1)
        let movies = try movies(3, of: scene)
        for name in [movies[0], movies[0] + ".asked", movies[1] + ".asked", movies[1] + ".mdoc", movies[2] + ".part"] {
            scene.world.noteMovie(name, bytes: 8)
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .imagedBefore }
        #expect(try scene.state.prompt?.cause?.contains("traces of 3 exposures of square") == true)
        #expect(scene.exposed.isEmpty)
    }

    @Test func `an exposure that nobody can tell about is asked about although its grid is aborted meanwhile`() throws {
        let scene = try Scene(grids: 2)
        scene.world.noteMovie(try movies(1, of: scene)[0], bytes: 512)
        try goOn(scene, 1)
        try scene.reach { $0.prompt?.kind == .exposureUnknown }
        let (id, grid) = (scene.id, GridID(scene.id, slot: 1))
        try scene.order { try await $0.abort(grid, of: id, by: "operator", command: "c") }
        scene.pass(.seconds(60))
        #expect(try scene.state.prompt?.kind == .exposureUnknown)
        try scene.answer("leave")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.aborted, .completed])
        #expect(try !scene.targets().contains { [.queued, .acquiring, .unknown].contains($0.status) })
    }

    @Test func `movies of squares that it has searched are asked about by nobody`() throws {
        var scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 3 }
        try scene.crash()
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(
            try !scene.events().contains {
                if case .promptRaised(let prompt) = $0.event { prompt.kind == .imagedBefore } else { false }
            })
    }

    @Test func `what is there whole is not exposed again`() throws {
        let scene = try Scene(grids: 1)
        for movie in try movies(3, of: scene) { scene.world.noteMovie(movie, bytes: 1024 + 4 * 1024 * 1024 * 2) }
        try goOn(scene, 3)
        try scene.reachEnd()
        #expect(try scene.state.status == .completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(scene.exposed.count == 5)
    }

    @Test(arguments: ["leave", "again"]) func `what is there in part is asked about`(answer: String) throws {
        let scene = try Scene(grids: 1)
        scene.world.noteMovie(try movies(1, of: scene)[0], bytes: 512)
        try goOn(scene, 1)
        try scene.reach { $0.prompt?.kind == .exposureUnknown }
        #expect(scene.exposed.isEmpty)
        try scene.answer(answer)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [answer == "leave" ? 7 : 8])
        #expect(scene.exposed.count == (answer == "leave" ? 7 : 8))
        // One that is taken again has a name of its own.
        #expect(scene.world.movieBytes(try movies(1, of: scene)[0]) == 512)
    }
}
