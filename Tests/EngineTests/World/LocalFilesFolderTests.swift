import Blocking
import Engine
import Foundation
import RunModel
import TestSupport
import Testing

@Suite struct LocalFilesFolderTests {
    private let folder: TemporaryFolder
    private let files: LocalFiles

    init() throws {
        folder = try TemporaryFolder()
        files = LocalFiles(root: folder.path, disks: DiskLanes())
    }

    private func owner(_ name: String, store: String = "A") -> FolderOwner {
        let session = Session(
            id: SessionID(unchecked: "id-\(name)"), name: name, group: "demo", microscope: "scope", detector: "det",
            createdBy: "o",
            createdAt: Timestamp(milliseconds: 0), directory: "sessions/demo/20260101_\(name)", settings: GridSettings())
        return FolderOwner(session, store: store)
    }
    private func place(_ name: String) -> String { "sessions/demo/20260101_\(name)" }

    @Test func `a folder that was made for a session is its own from then on`() async throws {
        let made = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        #expect(try await files.takeFolder(place("WT"), for: owner("WT"), .own) == made)
        try await files.checkFolder(place("WT"), made, of: owner("WT"))
        try await files.checkFolder(place("WT"), nil, of: owner("WT"))
    }

    @Test(arguments: [FolderTaking.new, .own, .told])
    func `a folder of another session is refused with its name, also where two names lead to it`(taking: FolderTaking)
        async throws
    {
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: place("wt")), withDestinationPath: folder.path(of: place("WT")))
        await #expect(throws: RunFileError.folderTaken(path: folder.path(of: place("wt")), by: "WT")) {
            try await files.takeFolder(place("wt"), for: owner("wt"), taking)
        }
    }

    @Test func `folders that lie on another disk are named, and those that are not there yet are not`() async throws {
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        let parts = ["raw", "png", "movies"].map { "\(place("WT"))/1_grid/\($0)" }
        #expect(try await files.inner(parts, of: place("WT")).filter(\.isOnAnotherDisk).isEmpty)
        try await files.makeDirectories(Array(parts.prefix(2)))
        // The kernel's own files are on no disk of ours.
        try FileManager.default.createSymbolicLink(atPath: folder.path(of: parts[2]), withDestinationPath: "/dev/shm")
        #expect(try await files.inner(parts, of: place("WT")).filter(\.isOnAnotherDisk).map(\.relative) == [parts[2]])
    }

    // The system lets its administrator write everywhere.
    @Test(.enabled(if: geteuid() != 0)) func `a folder of a grid that may not be written is the reason`() async throws {
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        let part = "\(place("WT"))/1_grid/movies"
        try await files.makeDirectories([part])
        chmod(folder.path(of: part), 0o555)
        await #expect(throws: RunFileError.folderUnusable(path: folder.path(of: part), reason: "permission denied")) {
            try await files.inner([part], of: place("WT"))
        }
    }

    @Test func `the same session of another data directory is another session`() async throws {
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        await #expect(throws: RunFileError.self) {
            try await files.takeFolder(place("WT"), for: owner("WT", store: "B"), .own)
        }
    }

    @Test func `a folder that was made for a session that was never stored is the next one's of that name`() async throws {
        let session = Session(
            id: "earlier", name: "WT", group: "demo", microscope: "scope", detector: "det", createdBy: "o",
            createdAt: Timestamp(milliseconds: 0), directory: place("WT"), settings: GridSettings())
        _ = try await files.takeFolder(place("WT"), for: FolderOwner(session, store: "A"), .new)
        // Cut short while it was marked.
        try Data().write(to: URL(fileURLWithPath: folder.path(of: "\(place("WT"))/.draft-abc123")))
        let made = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        try await files.checkFolder(place("WT"), made, of: owner("WT"))
    }

    @Test(arguments: [FolderTaking.own, .told])
    func `a folder whose mark is of a making that was cut short is the session's that has its name`(taking: FolderTaking)
        async throws
    {
        let session = Session(
            id: "another", name: "WT", group: "demo", microscope: "scope", detector: "det", createdBy: "o",
            createdAt: Timestamp(milliseconds: 0), directory: place("WT"), settings: GridSettings())
        _ = try await files.takeFolder(place("WT"), for: FolderOwner(session, store: "A"), .new)
        let taken = try await files.takeFolder(place("WT"), for: owner("WT"), taking)
        try await files.checkFolder(place("WT"), taken, of: owner("WT"))
    }

    /// As after a backup was put back that does not know that session: its movies would be replaced by those of the same names.
    @Test(arguments: [FolderTaking.new, .own, .told])
    func `a folder with movies of another session of the same name is nobody else's`(
        taking: FolderTaking
    ) async throws {
        let session = Session(
            id: "earlier", name: "WT", group: "demo", microscope: "scope", detector: "det", createdBy: "o",
            createdAt: Timestamp(milliseconds: 0), directory: place("WT"), settings: GridSettings())
        _ = try await files.takeFolder(place("WT"), for: FolderOwner(session, store: "A"), .new)
        try await files.makeDirectories(["\(place("WT"))/1_g/movies"])
        await #expect(throws: RunFileError.folderTaken(path: folder.path(of: place("WT")), by: nil)) {
            try await files.takeFolder(place("WT"), for: owner("WT"), taking)
        }
    }

    @Test func `a new session takes no folder that has files of somebody's`() async throws {
        try await files.makeDirectories([place("WT")])
        try Data().write(to: URL(fileURLWithPath: folder.path(of: "\(place("WT"))/notes.txt")))
        await #expect(throws: RunFileError.folderTaken(path: folder.path(of: place("WT")), by: nil)) {
            try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        }
        // One from before there were marks is known by what is in it.
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .own)
        try await files.checkFolder(place("WT"), nil, of: owner("WT"))
    }

    @Test func `a folder that is gone, empty, another one or a file is told from the session's`() async throws {
        let path = folder.path(of: place("WT"))
        let made = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).away")
        await #expect(throws: RunFileError.missing(path: path)) {
            try await files.checkFolder(place("WT"), made, of: owner("WT"))
        }
        await #expect(throws: RunFileError.missing(path: path)) {
            try await files.takeFolder(place("WT"), for: owner("WT"), .own)
        }
        // As under a disk that is not mounted.
        try await files.makeDirectories([place("WT")])
        for seen in [made, nil] {
            await #expect(throws: RunFileError.folderChanged(path: path)) {
                try await files.checkFolder(place("WT"), seen, of: owner("WT"))
            }
        }
        await #expect(throws: RunFileError.folderChanged(path: path)) {
            try await files.takeFolder(place("WT"), for: owner("WT"), .own)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        try FileManager.default.removeItem(atPath: path)
        try Data().write(to: URL(fileURLWithPath: path))
        await #expect(throws: RunFileError.folderChanged(path: path)) {
            try await files.checkFolder(place("WT"), made, of: owner("WT"))
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: "\(path).away", toPath: path)
        try await files.checkFolder(place("WT"), made, of: owner("WT"))
    }

    @Test func `a copy of the folder is another folder until a person says that it is the right one`() async throws {
        let path = folder.path(of: place("WT"))
        let made = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).old")
        try FileManager.default.copyItem(atPath: "\(path).old", toPath: path)
        await #expect(throws: RunFileError.folderChanged(path: path)) {
            try await files.checkFolder(place("WT"), made, of: owner("WT"))
        }
        let told = try await files.takeFolder(place("WT"), for: owner("WT"), .told)
        try await files.checkFolder(place("WT"), told, of: owner("WT"))
    }

    @Test func `a mark that cannot be read is nobody's of ours`() async throws {
        _ = try await files.takeFolder(place("WT"), for: owner("WT"), .new)
        try Data("?".utf8).write(to: URL(fileURLWithPath: folder.path(of: "\(place("WT"))/\(FolderOwner.marker)")))
        await #expect(throws: RunFileError.folderTaken(path: folder.path(of: place("WT")), by: nil)) {
            try await files.takeFolder(place("WT"), for: owner("WT"), .own)
        }
    }
}
