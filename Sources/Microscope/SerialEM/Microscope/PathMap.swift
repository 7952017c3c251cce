/// A folder that the microscope's computer and this one both reach, by both its names.
public struct SharedFolder: Hashable, Sendable, Codable {
    /// As this computer knows it: absolute.
    public var here: String
    /// As the microscope's computer knows it: `X:\frames` or `\\server\frames`.
    public var there: String

    public init(here: String, there: String) {
        self.here = here
        self.there = there
    }
}

/// Names of files on the two computers.
public struct PathMap: Hashable, Sendable {
    private let folders: [SharedFolder]

    /// The first folder that fits is taken.
    public init(_ folders: [SharedFolder]) { self.folders = folders }

    /// The other computer's name of a file here; nil where no folder is shared that holds it.
    public func there(_ path: String) -> String? {
        for folder in folders {
            guard let rest = Self.rest(Self.parts(path, "/"), after: Self.parts(folder.here, "/"), same: ==) else { continue }
            return rest.reduce(folder.there, Self.join)
        }
        return nil
    }

    /// This computer's name of a file there; nil where no folder is shared that holds it. Windows does not tell large letters from small.
    public func here(_ path: String) -> String? {
        let separators = "\\/"
        for folder in folders {
            let same: (String, String) -> Bool = { $0.lowercased() == $1.lowercased() }
            guard let rest = Self.rest(Self.parts(path, separators), after: Self.parts(folder.there, separators), same: same)
            else { continue }
            return ([folder.here.hasSuffix("/") ? String(folder.here.dropLast()) : folder.here] + rest).joined(separator: "/")
        }
        return nil
    }

    private static func parts(_ path: String, _ separators: String) -> [String] {
        path.split { separators.contains($0) }.map(String.init)
    }

    /// Nothing leads out of a shared folder.
    private static func rest(_ path: [String], after folder: [String], same: (String, String) -> Bool) -> [String]? {
        guard path.count >= folder.count, zip(path, folder).allSatisfy(same), !path.contains("..") else { return nil }
        return Array(path.dropFirst(folder.count))
    }

    /// A drive's root keeps its backslash, as Windows wants it.
    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("\\") || folder.hasSuffix("/") ? folder + name : folder + "\\" + name
    }

    /// The folder of a file there.
    static func folder(of path: String) -> String {
        guard let end = path.lastIndex(where: { "\\/".contains($0) }) else { return path }
        let folder = path[..<end]
        return folder.hasSuffix(":") ? String(path[...end]) : String(folder)
    }
}

extension SerialEMMicroscope {
    /// Where frames go when they do not go straight into the session's folder.
    func framesFolder() async throws(MicroscopeError) -> SharedFolder? {
        if let folder = settings.framesFolder { return folder }
        guard settings.folders.isEmpty, settings.address.isThisComputer else { return nil }
        if let known = state.withLock({ $0.simulatedFiles }) { return known }
        let folder = try await simulatedFiles()
        state.withLock { $0.simulatedFiles = .some(folder) }
        return folder
    }

    /// A simulated SerialEM on this computer says where its drive C is. A real one has no such variable: then only the facility can tell.
    private func simulatedFiles() async throws(MicroscopeError) -> SharedFolder? {
        do throws(MicroscopeError) {
            let directory = try await call(.getVariable, .text("SimulatedFiles")).text(0)
            return SharedFolder(here: directory + "/C/GridPilot", there: "C:\\GridPilot")
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    /// With all above it. A drive's root is there or it is not.
    func makeThere(_ folder: String) async throws(MicroscopeError) {
        guard !folder.hasSuffix(":\\") else { return }
        try await call(.makeDirectory, .text(folder))
    }

    /// What the microscope's computer calls the folder of a file here.
    func folderThere(of file: String) throws(MicroscopeError) -> String {
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        guard let there = settings.paths.there(folder) else {
            throw .refused("the microscope's computer has no name for \(folder): no shared folder holds it")
        }
        return there
    }

    /// What this computer calls a file there.
    func pathHere(_ path: String) async throws(MicroscopeError) -> String {
        let frames = try await framesFolder()
        let paths = PathMap((frames.map { [$0] } ?? []) + settings.folders)
        guard let here = paths.here(path) else {
            throw .fileNotWritten(path: path, reason: "no shared folder leads to it from here")
        }
        return here
    }
}
