/// A complete Windows path, as SerialEM has them, and its place below a folder of ours.
///
/// Steps upwards are gone before anything is touched, and end at the drive, so nothing outside that folder is ever reached. Two that differ
/// in capitals alone are one.
struct WindowsPath: Hashable, Sendable {
    /// `C:` or `\\server\share`.
    private let root: String
    private let parts: [String]

    private init(root: String, parts: [String]) {
        self.root = root
        self.parts = parts
    }

    static func == (a: Self, b: Self) -> Bool { a.text.lowercased() == b.text.lowercased() }
    func hash(into hasher: inout Hasher) { hasher.combine(text.lowercased()) }

    /// Begins at a drive or a server.
    static func isWhole(_ text: String) -> Bool { root(of: text) != nil }

    /// `folder`: where a name lies that does not begin at a drive; nil where it must.
    init(_ text: String, in folder: WindowsPath?) throws(SerialEMProblem) {
        let refusal = SerialEMProblem.sentence("\(text.prefix(120)) is not a path that can be used here, in line:")
        guard text.utf8.count <= 1000 else { throw refusal }
        var rest = text[...]
        var start: WindowsPath
        if let found = Self.root(of: text) {
            start = WindowsPath(root: found.root, parts: [])
            rest = text.dropFirst(found.length)
        } else {
            // A drive without its slash means a folder that only Windows knows, two slashes a server without a share.
            let isAtTop = text.first.map(Self.isSeparator) ?? false
            guard let folder, !(isAtTop && text.dropFirst().first.map(Self.isSeparator) ?? false) else { throw refusal }
            start = isAtTop ? WindowsPath(root: folder.root, parts: []) : folder
        }
        for part in rest.split(whereSeparator: Self.isSeparator) where part != "." {
            guard part != ".." else {
                start = start.folder
                continue
            }
            guard Self.isAllowed(part) else { throw refusal }
            start = start.appending(String(part))
        }
        self = start
    }

    private static func root(of text: String) -> (root: String, length: Int)? {
        let letters = Array(text.prefix(3))
        guard letters.count >= 2 else { return nil }
        if letters[1] == ":", letters[0].isASCII, letters[0].isLetter {
            return letters.dropFirst(2).allSatisfy(isSeparator) ? ("\(letters[0].uppercased()):", 2) : nil
        }
        guard letters.prefix(2).allSatisfy(isSeparator) else { return nil }
        let names = text.dropFirst(2).split(separator: "\\", maxSplits: 2, omittingEmptySubsequences: false).flatMap {
            $0.split(separator: "/", omittingEmptySubsequences: false)
        }
        guard names.count >= 2, isAllowed(names[0]), isAllowed(names[1]) else { return nil }
        return (#"\\\#(names[0])\\#(names[1])"#, 2 + names[0].count + 1 + names[1].count)
    }

    private static func isSeparator(_ character: Character) -> Bool { character == "\\" || character == "/" }

    private static func isAllowed(_ part: Substring) -> Bool {
        !part.isEmpty && part != ".." && part != "." && part.utf8.count <= 200
            && part.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && !#"<>:"|?*\/"#.unicodeScalars.contains($0) }
    }

    /// As Windows writes it.
    var text: String { parts.isEmpty ? root + "\\" : ([root] + parts).joined(separator: "\\") }
    var name: String { parts.last ?? "" }
    var folder: WindowsPath { WindowsPath(root: root, parts: Array(parts.dropLast())) }
    /// `name`: one part, of letters that Windows allows.
    func appending(_ name: String) -> WindowsPath { WindowsPath(root: root, parts: parts + [name]) }

    /// The folders from the top: a drive is called by its letter, a server and its share by their names.
    var hostParts: [String] {
        (root.hasPrefix("\\") ? root.split(separator: "\\").map(String.init) : [String(root.prefix(1))]) + parts
    }
}
