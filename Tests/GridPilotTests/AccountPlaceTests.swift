import Blocking
import Foundation
import Store
import Testing

@testable import gridpilot

@Suite struct AccountPlaceTests {
    @Test func `a configuration names the data directory for every command, and an option counts before it`() throws {
        let folder = try Folder()
        let file = try folder.write("data: /srv/written", to: "site.yaml")
        let commands: [any AccountPlaced] = [
            try UserCommand.List.parse(["--config", file]), try GroupCommand.List.parse(["--config", file]),
            try AuditCommand.Show.parse(["--config", file]), try UserCommand.Unlock.parse(["ada", "--config", file]),
            try BackupCommand.parse(["--config", file]), try RestoreCommand.parse(["b.sqlite", "--config", file]),
            try MicroscopeCommand.List.parse(["--config", file]),
        ]
        for command in commands { #expect(try command.place.directory().path == "/srv/written") }
        #expect(try UserCommand.List.parse(["--config", file, "--data", "/srv/told"]).place.directory().path == "/srv/told")
        #expect(try UserCommand.List.parse([]).place.directory().path == FileManager.default.currentDirectoryPath + "/data")
    }

    @Test func `a store is begun by the first user, and by nothing that only looks`() throws {
        let folder = try Folder()
        let place = try UserCommand.List.parse(["--data", "\(folder.path)/data"]).place
        #expect(throws: CommandProblem.self) { try place.store() }
        #expect(!Files.exists("\(folder.path)/data"))
        try place.store(creates: true).close()
        try place.store().close()
    }

    @Test func `equipment is kept where the file that describes it has the data, and a file without any begins no store`() throws
    {
        let folder = try Folder()
        let empty = try folder.write("data: \(folder.path)/none", to: "empty.yaml")
        #expect(throws: CommandProblem.self) { try MicroscopeCommand.Keep.parse([empty]).keep() }
        #expect(!Files.exists("\(folder.path)/none"))
        let file = try folder.write(
            """
            data: \(folder.path)/data
            microscopes: [{id: scope-1, name: Scope 1, vendor: TFS, voltage: 300, link: simulator}]
            detectors: [{id: camera-1, name: Camera 1, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5}]
            """, to: "site.yaml")
        try MicroscopeCommand.Keep.parse([file]).keep()
        let store = try RunStore.open(at: "\(folder.path)/data/gridpilot.sqlite")
        #expect(try store.equipment().map(\.id).sorted() == ["camera-1", "scope-1"])
    }

    @Test func `sessions without a store are not given a new one`() throws {
        let folder = try Folder()
        try Files.makeDirectories("\(folder.path)/sessions/demo")
        let place = try UserCommand.List.parse(["--data", folder.path]).place
        let problem = #expect(throws: CommandProblem.self) { try place.store(creates: true) }
        #expect(problem?.remedy?.contains("--config") == true)
        #expect(!Files.exists("\(folder.path)/gridpilot.sqlite"))
    }
}

private protocol AccountPlaced { var place: AccountPlace { get } }
extension UserCommand.List: AccountPlaced {}
extension UserCommand.Unlock: AccountPlaced {}
extension GroupCommand.List: AccountPlaced {}
extension AuditCommand.Show: AccountPlaced {}
extension BackupCommand: AccountPlaced {}
extension RestoreCommand: AccountPlaced {}
extension MicroscopeCommand.List: AccountPlaced {}
