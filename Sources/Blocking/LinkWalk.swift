import Glibc
import SystemPackage

/// A path on its way to its disk: `done` is free of links, `rest` has not been looked at.
struct LinkWalk: Sendable {
    private var done: String
    /// The last part first: what is looked at next is taken from the end, however many there are.
    private var rest: [Substring]
    private var links = 0
    /// The kernel gives up there, too.
    private static let mostLinks = 40
    private static let longest = Int(PATH_MAX)

    init(_ path: String) {
        let whole = path.hasPrefix("/") ? path : "\(Files.workingDirectory)/\(path)"
        done = "/"
        // The kernel opens no longer one, so nothing of it is looked at.
        rest = whole.utf8.count < Self.longest ? Self.parts(whole) : []
    }

    /// The disk that the next look touches. A mount's own place is free of links, so a path that begins with it has come that far.
    mutating func mount(in mounts: [Mount]) -> Mount {
        // What follows a step back is known only when it is taken.
        let plain = rest.reversed().prefix { $0 != ".." }
        let mount = mounts.mount(of: Self.join(done, plain))
        if mount.holds(done) { return mount }
        let steps = mount.point.dropFirst(done.count).split(separator: "/").count
        rest.removeLast(steps)
        done = mount.point
        return mount
    }

    /// Looks at one part after the other as long as they are on `mount`. Nil when the path ends there; blocks as long as that disk does.
    func leaving(_ mount: Mount, of mounts: [Mount]) -> LinkWalk? {
        var walk = self
        while walk.links < Self.mostLinks, let name = walk.rest.popLast() {
            if name == ".." {
                walk.done = Self.parent(of: walk.done)
            } else {
                let next = Self.join(walk.done, [name])
                let target: String?
                // What is not there leads nowhere else: the call itself says why.
                do throws(Errno) { target = try Files.linkTarget(next) } catch { return nil }
                if let target {
                    guard walk.follow(target) else { return nil }
                } else {
                    walk.done = next
                    // A path of thousands of parts would be joined thousands of times; there is nothing that it could come upon.
                    if !mounts.contains(where: { $0.isBeneath(next) }) { continue }
                }
            }
            // Before the next name is looked at: were it another mount's place, the look would ask the disk mounted there.
            var ahead = walk
            if ahead.mount(in: mounts).device != mount.device { return ahead }
        }
        return nil
    }

    /// False where the way ends: a link is no longer than a path may be, but forty of them that each bring as much would keep a disk's lane busy.
    private mutating func follow(_ target: String) -> Bool {
        links += 1
        if target.hasPrefix("/") { done = "/" }
        rest += Self.parts(target)
        return rest.reduce(rest.count) { $0 + $1.utf8.count } <= Self.longest
    }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." }.reversed() }

    private static func join(_ folder: String, _ names: some Sequence<Substring>) -> String {
        let rest = names.joined(separator: "/")
        return rest.isEmpty ? folder : folder == "/" ? "/\(rest)" : "\(folder)/\(rest)"
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
