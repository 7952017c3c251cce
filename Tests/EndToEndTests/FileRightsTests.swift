import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// Who can have what a server and its workers write.
    @Suite struct FileRightsTests {
        @Test func `everything that a server writes is for its own user alone`() async throws {
            let folder = try TemporaryFolder()
            let data = folder.path(of: "data")
            try await Self.imageOneGrid(in: data)
            let modes = try Self.modes(in: data)
            #expect(modes.keys.contains { $0.hasSuffix(".png") } && modes.keys.contains("gridpilot.sqlite"))
            #expect(modes.filter { $0.value & 0o077 != 0 }.keys.sorted() == [])
        }

        @Test func `the group may read what a session writes where the configuration says so, and nothing else`() async throws {
            let folder = try TemporaryFolder()
            let data = folder.path(of: "data")
            let config = folder.path(of: "site.yaml")
            try "sessionFiles: group".write(toFile: config, atomically: true, encoding: .utf8)
            try await Self.imageOneGrid(in: data, config: config)
            let modes = try Self.modes(in: data)
            let sessions = modes.filter { $0.key.hasPrefix("sessions") }
            #expect(sessions.filter { $0.value & 0o067 != 0o040 }.keys.sorted() == [])
            let own = modes.filter { !$0.key.hasPrefix("sessions") && !$0.key.isEmpty }
            #expect(own.filter { $0.value & 0o077 != 0 }.keys.sorted() == [])
        }

        private static func imageOneGrid(in data: String, config: String? = nil) async throws {
            let server = try await ServerProcess(data: data, config: config)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("rights", grids: 1)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
            #expect(try await server.end(by: SIGTERM) == 0)
        }

        /// By path below the folder; its own is the empty one.
        private static func modes(in folder: String) throws -> [String: Int] {
            var modes: [String: Int] = [:]
            for path in try FileManager.default.subpathsOfDirectory(atPath: folder) + [""] {
                let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
                modes[path] = try #require(facts[.posixPermissions] as? Int)
            }
            return modes
        }
    }
}
