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
