import Blocking
import Foundation
import RunModel
import Store
import Testing

@testable import gridpilot

@Suite struct StoreMarkerTests {
    @Test func `an empty place where a store was is refused, and left empty`() throws {
        let site = try Site()
        try site.start()
        try FileManager.default.removeItem(atPath: site.data.path)
        for makes in [false, true] {
            if makes { try FileManager.default.createDirectory(atPath: site.data.path, withIntermediateDirectories: true) }
            let problem = #expect(throws: CommandProblem.self) { try site.start() }
            #expect(problem?.sentence.contains("is not in \(site.data.path): is its disk mounted?") == true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.data.path).isEmpty)
        let identity = try site.start(new: true)
        #expect(try site.start() == identity)
    }

    @Test func `no backup is put where the store was that is used with this configuration, unless somebody says so`() throws {
        let site = try Site()
        try site.start()
        let backup = "\(site.folder.path)/b.sqlite"
        try RunStore.backUp(site.data.database, to: backup)
        try FileManager.default.removeItem(atPath: site.data.path)
        try FileManager.default.createDirectory(atPath: site.data.path, withIntermediateDirectories: true)
        let configuration = try site.folder.write("data: \(site.data.path)", to: "site.yaml")
        let problem = #expect(throws: CommandProblem.self) {
            try RestoreCommand.parse([backup, "--config", configuration]).restore()
        }
        #expect(
            problem?.sentence.contains("is its disk mounted?") == true && problem?.remedy?.contains("restore with --new") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.data.path).isEmpty)
        try RestoreCommand.parse([backup, "--config", configuration, "--new"]).restore()
        #expect(Files.exists(site.data.database))
        try site.start()
    }

    @Test func `the store that a backup takes the place of is kept as it was, and another one is expected from then on`() throws {
        let (site, other) = (try Site(), try Site())
        try site.start()
        try other.start()
        let backup = "\(other.folder.path)/b.sqlite"
        try RunStore.backUp(other.data.database, to: backup)
        let configuration = try site.folder.write("data: \(site.data.path)", to: "site.yaml")
        let before = try Data(contentsOf: URL(fileURLWithPath: site.data.database))
        try RestoreCommand.parse([backup, "--config", configuration]).restore()
        let kept = try #require(try Files.names(in: site.data.path).first { $0.contains(".before-") && !$0.contains("-wal") })
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(site.data.path)/\(kept)")) == before)
        #expect(try site.start() == RunStore.identity(at: backup))
    }

    @Test func `another store in the place is refused until it is accepted`() throws {
        let site = try Site()
        try site.start()
        try FileManager.default.removeItem(atPath: site.data.path)
        try site.data.prepare()
        try site.data.openStore().close()
        let problem = #expect(throws: CommandProblem.self) { try site.start() }
        #expect(problem?.sentence.contains("holds another store") == true)
        try site.start(new: true)
        try site.start()
    }

    @Test func `an empty file under the name of a restored backup costs nothing`() throws {
        let site = try Site()
        let identity = try site.start()
        let waiting = "\(site.data.database).restored"
        try Data().write(to: URL(fileURLWithPath: waiting))
        #expect(throws: StoreError.foreign(path: waiting)) { try site.start() }
        try FileManager.default.removeItem(atPath: waiting)
        #expect(try site.start() == identity)
    }

    @Test func `a configuration remembers each of its data directories`() throws {
        let site = try Site()
        let first = try site.start()
        let other = DataDirectory("\(site.folder.path)/other")
        let second = try site.start(other)
        #expect(try site.start() == first && site.start(other) == second)
    }

    @Test func `a marker that cannot be read is no empty one`() throws {
        let site = try Site()
        try site.start()
        try site.folder.write("{", to: "site.yaml.gridpilot-data")
        #expect(throws: CommandProblem.self) { try site.start() }
        try site.start(new: true)
        try site.start()
    }

    @Test func `a folder that cannot be written to costs the marker and a line, not the server`() throws {
        let site = try Site()
        try site.data.prepare()
        let store = try site.data.openStore()
        let marker = StoreMarker(configuration: "/nowhere/site.yaml", acceptsAny: false)
        try marker.check(site.data)
        let line = marker.note(store, in: site.data)
        #expect(line?.hasPrefix("/nowhere/site.yaml.gridpilot-data cannot be written") == true)
    }

    @Test func `without a configuration file there is no marker`() throws {
        #expect(try ServeCommand.parse([]).settings().marker == nil)
        let file = try Folder()
        let config = try file.write("log: info", to: "site.yaml")
        #expect(try ServeCommand.parse(["--config", config]).settings().marker?.file == "\(config).gridpilot-data")
        #expect(try ServeCommand.parse(["--config", config, "--new"]).settings().marker?.acceptsAny == true)
    }

    @Test(arguments: [true, false])
    func `a store that is damaged, or no store any more, is refused with the last whole backup`(isDamaged: Bool) throws {
        let site = try Site()
        try site.start()
        let backups = site.data.backups
        try FileManager.default.createDirectory(atPath: backups.folder, withIntermediateDirectories: true)
        let moments = [0, 86_400].map { Timestamp(milliseconds: 1_795_377_600_000).advanced(bySeconds: $0) }
        for moment in moments { try RunStore.backUp(site.data.database, to: backups.newFile(at: moment)) }
        // The newest is of no use.
        try Data(repeating: 65, count: 5000).write(to: URL(fileURLWithPath: backups.newFile(at: moments[1])))
        let bad = isDamaged ? try site.damagedPages() : Data(repeating: 65, count: 5000)
        try bad.write(to: URL(fileURLWithPath: site.data.database))
        let problem = #expect(throws: CommandProblem.self) { try site.start() }
        if isDamaged {
            #expect(problem?.sentence.hasPrefix("\(site.data.database) is damaged") == true, "\(problem?.sentence ?? "")")
        } else {
            #expect(problem?.sentence == StoreError.foreign(path: site.data.database).sentence)
        }
        let backup = backups.newFile(at: moments[0])
        #expect(problem?.remedy?.contains("gridpilot restore \(backup) --data \(site.data.path)") == true)
        #expect(backup.hasSuffix("/backups/gridpilot-20261122-200000.sqlite"))
    }
}

/// A configuration file, and a data directory on what stands for another disk.
private struct Site {
    let folder: Folder
    var data: DataDirectory { DataDirectory("\(folder.path)/disk/data") }

    init() throws {
        folder = try Folder()
        try folder.write("log: info", to: "site.yaml")
    }

    /// The store with its first page whole and all others begun with what no page begins with.
    func damagedPages() throws -> Data {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: data.database))
        for page in 1..<(bytes.count / 4096) {
            bytes.replaceSubrange(page * 4096..<page * 4096 + 64, with: Data(repeating: 0xAA, count: 64))
        }
        return bytes
    }

    /// As the server does it; returns the store's identity.
    @discardableResult
    func start(_ other: DataDirectory? = nil, new: Bool = false) throws -> String {
        let directory = other ?? data
        let marker = StoreMarker(configuration: "\(folder.path)/site.yaml", acceptsAny: new)
        try marker.check(directory)
        try directory.prepare()
        let store = try directory.openStore()
        defer { try? store.close() }  // Nothing is lost in a test.
        #expect(marker.note(store, in: directory) == nil)
        return store.identity
    }
}
