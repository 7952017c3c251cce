import Blocking
import Engine
import Foundation
import RunModel
import Store
import Testing
import WebServer

@testable import gridpilot

@Suite struct DoctorCommandTests {
    @Test func `a healthy data directory has a line for each check`() async throws {
        let (folder, data) = try Self.directory()
        try RunStore.open(at: data.database).close()
        let findings = await Checks.data(data)
        #expect(
            findings.prefix(2) == [
                .fine("The data directory \(folder.path) may be written to."), .fine("The database is whole."),
            ])
        #expect(findings.count == 4)
        #expect(findings[2].sentence.contains("are free at \(folder.path)"))
        #expect(findings[3] == .fine("The files in \(folder.path) are for those alone whom they are meant for."))
    }

    @Test func `a data directory that is not there is made by the server`() async {
        let findings = await Checks.data(DataDirectory("/nowhere/data"))
        let words = "There is no data directory /nowhere/data. It is made by: gridpilot serve --data /nowhere/data"
        #expect(findings == [.problem(words)])
    }

    @Test func `a data directory that cannot be written to is a problem`() async throws {
        let folder = try Folder()
        // A file in its place: rights alone do not keep the superuser out.
        let place = try folder.write("", to: "data")
        let findings = await Checks.data(DataDirectory(place))
        #expect(findings == [.problem("The data directory \(place) cannot be written to: permission denied. Change its rights.")])
    }

    @Test func `no database yet, and one of another program, are problems`() async throws {
        let (folder, data) = try Self.directory()
        #expect(await Checks.data(data).contains(.problem("There is no database at \(data.database) yet.")))
        try folder.write(String(repeating: "A", count: 5000), to: "gridpilot.sqlite")
        #expect(await Checks.data(data).contains(.problem(StoreError.foreign(path: data.database).explanation)))
    }

    @Test func `lock files are named, and nothing else in their folder`() async throws {
        let (folder, data) = try Self.directory()
        try FileManager.default.createDirectory(atPath: data.locks, withIntermediateDirectories: true)
        for name in ["scope-2.lock", "scope-1.lock", "notes.txt"] { try folder.write("", to: "locks/\(name)") }
        let lines = await Checks.data(data).suffix(2).map(\.sentence)
        #expect(
            lines == ["scope-1", "scope-2"].map { "There is a lock file \($0).lock; a start clears it if its holder is gone." })
    }

    @Test(arguments: [(10, true), (9, false)]) func `a disk with less than a session's worth is a problem`(
        free: Int, isFine: Bool
    ) {
        let space = DiskSpace(totalBytes: 100_000_000_000, freeBytes: free * 1_000_000_000)
        let sentence = "\(free) GB of 100 GB are free at /data."
        #expect(
            Checks.judge(space, at: "/data")
                == Finding(isFine: isFine, sentence: isFine ? sentence : "\(sentence) Free some before a session begins."))
    }

    @Test func `a configuration whose programs are here can be used`() throws {
        let file = try Folder.kept("processing: {motion: {program: relion, command: [/bin/sh, '{input}', '{out}']}}")
        #expect(
            Checks.configuration(file.path) == [.fine("The configuration \(file.path) can be used, and its programs are here.")])
    }

    @Test func `a recipe file that cannot be followed has a line`() throws {
        let recipes = try Folder()
        try recipes.write("name: [", to: "bad.yaml")
        let file = try Folder.kept("recipes: \(recipes.path)")
        let found = Checks.configuration(file.path)
        #expect(found.count == 2 && !found[1].isFine)
        #expect(found[1].sentence.hasPrefix("The recipe bad.yaml cannot be followed: "))
    }

    @Test func `each program and gain reference that is missing has a line`() throws {
        let file = try Folder.kept(
            """
            \(ConfigurationTests.scope("a"))
            detectors: [{id: c, microscope: a, width: 64, height: 64, pixelSize: 1, gain: {file: /nowhere/gain.mrc}}]
            processing: {motion: {program: relion, command: [/nowhere/relion, '{input}', '{out}']}}
            """)
        #expect(
            Checks.configuration(file.path) == [
                .problem(
                    "There is no program /nowhere/relion, which the configuration's processing needs. Install it, put its folder on "
                        + "the PATH, or correct processing in the configuration."),
                .problem("The gain reference /nowhere/gain.mrc of c cannot be read. Check its path and its rights."),
            ])
    }

    @Test func `a configuration that cannot be used is one problem`() throws {
        let file = try Folder.kept("lisen: here")
        #expect(
            Checks.configuration(file.path) == [
                .problem(
                    "The configuration \(file.path) cannot be used: 'lisen' is not known here. Correct that; see gridpilot serve --help."
                )
            ])
    }

    @Test func `the shipped recipes can be read, and processes told apart`() {
        #expect(Checks.recipes().isFine)
        #expect(Checks.recipes().sentence.hasPrefix("Recipes: "))
        #expect(Checks.processes() == .fine("Processes can be told apart, on host \(LocalProcesses().this.host)."))
    }

    @Test(arguments: [(65_536, "ok"), (1024, "advice"), (300, "problem")])
    func `how many files and sockets may be open is fine, little or too little`(limit: Int, word: String) {
        let finding = Checks.descriptors(DescriptorLimit(soft: limit, hard: limit))
        #expect((finding.isAdvice ? "advice" : finding.isFine ? "ok" : "problem") == word)
        #expect(finding.sentence.hasPrefix("The system allows \(limit) open files and sockets, "))
        #expect(finding.sentence.contains("LimitNOFILE") == (word != "ok"))
    }

    @Test func `a system that allows too little is no place for a server`() {
        let problem = #expect(throws: CommandProblem.self) { try DescriptorLimit(soft: 300, hard: 300).linksOrRefusal() }
        #expect(problem?.remedy == DescriptorLimit.remedy)
    }

    @Test func `files that other users can read are named, with what takes that from them`() async throws {
        let (folder, data) = try Self.directory()
        for name in ["gridpilot.sqlite", "locks/scope-1.lock", "sessions/demo/a/run.out", "sessions/private/b.mrc"] {
            let file = "\(folder.path)/\(name)"
            try Files.makeDirectories(Files.folder(of: file))
            try folder.write("", to: name)
            chmod(file, name.hasPrefix("sessions") ? 0o644 : 0o640)
        }
        for name in ["", "/locks", "/sessions", "/sessions/demo", "/sessions/demo/a"] { chmod(folder.path + name, 0o711) }
        chmod("\(folder.path)/sessions/private", 0o700)
        let sentence = try #require(RightsCheck.findings(data).last?.sentence)
        #expect(
            sentence.hasPrefix(
                "Other users of this machine can read or change \(folder.path)/gridpilot.sqlite, \(folder.path)/locks/scope-1.lock, "
                    + "\(folder.path)/sessions/demo/a/run.out. Take that from them: chmod -R o= \(folder.path)"))
    }

    @Test func `a directory that only its owner can enter needs no look at what is in it`() throws {
        let (folder, data) = try Self.directory()
        try folder.write("", to: "gridpilot.sqlite")
        chmod(folder.path, 0o700)
        #expect(RightsCheck.findings(data) == [.fine("Nobody but its owner gets into \(folder.path).")])
    }

    @Test(arguments: [(0o600, true), (0o640, true), (0o644, false), (0o660, false)] as [(mode_t, Bool)])
    func `a key or a token that others can read or change is a problem`(mode: mode_t, isFine: Bool) throws {
        let folder = try Folder()
        let file = try folder.write("", to: "server.key")
        chmod(file, mode)
        #expect((Checks.problem(ofSecret: file) == nil) == isFine)
    }

    @Test(arguments: [0o770, 0o777, 0o720, 0o702] as [mode_t])
    func `a directory in which others may write is a problem, whatever lies in it`(mode: mode_t) throws {
        let (folder, data) = try Self.directory()
        let file = try folder.write("", to: "gridpilot.sqlite")
        chmod(file, 0o600)
        chmod(folder.path, mode)
        let finding = try #require(RightsCheck.findings(data).first)
        #expect(!finding.isFine && finding.sentence.hasSuffix("Take that from them: chmod go-w \(folder.path)"))
    }

    @Test func `a group may have the sessions, and nothing else`() throws {
        let (folder, data) = try Self.directory()
        try FileManager.default.createDirectory(atPath: data.sessions, withIntermediateDirectories: true)
        chmod(data.sessions, 0o750)
        chmod(folder.path, 0o750)
        #expect(RightsCheck.findings(data).map(\.isFine) == [true])
        let file = try folder.write("", to: "gridpilot.sqlite")
        chmod(file, 0o640)
        #expect(RightsCheck.findings(data).map(\.isFine) == [false])
    }

    @Test func `a tree without end is looked at as far as is needed`() throws {
        let (folder, data) = try Self.directory()
        for number in 0..<20 { try Files.makeDirectories("\(data.sessions)/demo/\(number)") }
        for number in 0..<5200 { try folder.write("", to: "sessions/demo/\(number % 20)/\(number)") }
        for path in [folder.path, data.sessions, "\(data.sessions)/demo"] { chmod(path, 0o755) }
        #expect(RightsCheck.findings(data).first?.sentence.contains("of them were looked at") == true)
    }

    @Test func `a server that runs as root is advised against, which is no problem`() {
        #expect(Checks.user(0).map { $0.isAdvice && $0.isFine } == [true])
        #expect(Checks.user(1000).isEmpty)
    }

    private static func directory() throws -> (Folder, DataDirectory) {
        let folder = try Folder()
        return (folder, DataDirectory(folder.path))
    }
}

extension Folder {
    /// A configuration, with the folder that it stands in.
    fileprivate static func kept(_ yaml: String) throws -> (path: String, folder: Folder) {
        let folder = try Folder()
        return (try folder.write(yaml, to: "site.yaml"), folder)
    }
}
