import Glibc
import Synchronization
import SystemPackage

/// What is mounted where. Asking never touches a disk, so it never hangs.
public protocol MountTable: Sendable {
    /// In the order of mounting: of two at one place the later one is seen.
    func mounts() -> [Mount]
}

/// One line of the table: a place, and the device that is seen there.
public struct Mount: Hashable, Sendable {
    /// Absolute and free of links.
    public var point: String
    /// The kernel's numbers of the device: two mounts that share it hang together.
    public var device: String

    public init(point: String, device: String) {
        self.point = point
        self.device = device
    }

    func isBeneath(_ folder: String) -> Bool {
        folder == "/"
            || point.utf8.starts(with: folder.utf8) && point.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/")
    }

    func holds(_ path: String) -> Bool {
        if point == "/" { return true }
        let rest = path.utf8.dropFirst(point.utf8.count)
        return path.utf8.starts(with: point.utf8) && (rest.isEmpty || rest.first == UInt8(ascii: "/"))
    }
}

/// A table that is given and does not change: for tests, in which folders pass for disks.
public struct FixedMounts: MountTable {
    private let list: [Mount]

    public init(_ list: [Mount]) { self.list = list }

    public func mounts() -> [Mount] { list }
}

extension [Mount] {
    /// The mount that a path free of links lies on.
    func mount(of path: String) -> Mount {
        // Where the table cannot be read all is one disk.
        var best = Mount(point: "/", device: "")
        for mount in self where mount.holds(path) && mount.point.utf8.count >= best.point.utf8.count { best = mount }
        return best
    }
}

/// The mounts of this process, as the kernel lists them.
///
/// Every call about a file asks for them, so the list is read anew only when the kernel says that it has changed.
public final class SystemMounts: MountTable {
    private struct List {
        /// Stays open: the kernel tells whoever polls it of a change. Nil where there is no such file.
        let file: FileDescriptor?
        var mounts: [Mount]
    }
    private let list: Mutex<List>

    public init() {
        // Nothing is mounted as far as can be seen where it cannot be opened.
        let file = try? FileDescriptor.open("/proc/self/mountinfo", .readOnly, options: .closeOnExec)
        list = Mutex(List(file: file, mounts: file.map(Self.read) ?? []))
    }

    deinit { list.withLock { try? $0.file?.close() } }

    public func mounts() -> [Mount] {
        list.withLock { list in
            if let file = list.file, Self.hasChanged(file) { list.mounts = Self.read(file) }
            return list.mounts
        }
    }

    /// Asked once, it says no until the next change.
    private static func hasChanged(_ file: FileDescriptor) -> Bool {
        var event = pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0)
        return poll(&event, 1, 0) > 0
    }

    private static func read(_ file: FileDescriptor) -> [Mount] {
        var text: [UInt8] = []
        do {
            try file.seek(offset: 0, from: .start)
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { return parse(text) }
                text += part
            }
        } catch {
            return parse(text)
        }
    }

    /// A line's third field is the device, its fifth the place.
    static func parse(_ text: [UInt8]) -> [Mount] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 4 else { return nil }
            return Mount(point: plain(fields[4]), device: String(decoding: fields[2], as: UTF8.self))
        }
    }

    /// Blanks, tabs, line ends and backslashes are written as three octal digits.
    private static func plain(_ field: ArraySlice<UInt8>) -> String {
        var (bytes, rest) = ([UInt8](), field)
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(3), as: UTF8.self)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(digits, radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
