import Glibc

/// The names of a program's functions, as its own file has them: the loader knows only those that other libraries may call.
///
/// Reads what `elf(5)` describes, 64 bits, of the byte order of this machine. A file without such a table, or another kind of file, has no names.
struct SymbolTable {
    private struct Section {
        var kind: UInt32
        var link: Int
        var offset: Int
        var bytes: Int
    }
    private let symbols: [UInt8]
    private let names: [UInt8]
    private static let symbolBytes = 24
    private static let mostBytes = 256 << 20

    init?(file path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard let head = Self.read(file, 0, 64), head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2]),
            let table = Self.read(file, Self.number(head, 40, 8), Self.number(head, 58, 2) * Self.number(head, 60, 2))
        else { return nil }
        let step = Self.number(head, 58, 2)
        guard step >= 64 else { return nil }
        let sections = stride(from: 0, to: table.count, by: step).map { place in
            Section(
                kind: UInt32(Self.number(table, place + 4, 4)), link: Self.number(table, place + 40, 4),
                offset: Self.number(table, place + 24, 8), bytes: Self.number(table, place + 32, 8))
        }
        // 2: the table of all symbols.
        guard let found = sections.first(where: { $0.kind == 2 }), sections.indices.contains(found.link),
            let symbols = Self.read(file, found.offset, found.bytes),
            let names = Self.read(file, sections[found.link].offset, sections[found.link].bytes)
        else { return nil }
        (self.symbols, self.names) = (symbols, names)
    }

    /// The functions that these places of the file belong to. There may be hundreds of thousands, which are gone through once.
    func names(at places: [Int]) -> [Int: String] {
        let sorted = Set(places).sorted()
        var found: [Int: String] = [:]
        symbols.withUnsafeBytes { symbols in
            for start in stride(from: 0, through: symbols.count - Self.symbolBytes, by: Self.symbolBytes) {
                // 2: a function.
                guard symbols[start + 4] & 15 == 2 else { continue }
                let value = symbols.loadUnaligned(fromByteOffset: start + 8, as: Int.self)
                let bytes = symbols.loadUnaligned(fromByteOffset: start + 16, as: Int.self)
                guard value > 0, let last = sorted.last, value <= last else { continue }
                for place in sorted where place >= value && place - value < bytes && found[place] == nil {
                    found[place] = name(Int(symbols.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                }
            }
        }
        return found
    }

    private func name(_ start: Int) -> String { String(decoding: names.dropFirst(start).prefix { $0 != 0 }, as: UTF8.self) }

    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        guard place + count <= bytes.count else { return 0 }
        return Int(truncatingIfNeeded: (0..<count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) })
    }

    private static func read(_ file: Int32, _ offset: Int, _ count: Int) -> [UInt8]? {
        guard offset >= 0, (1...mostBytes).contains(count) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let read = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress! + got, count - got, offset + got) }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            got += read
        }
        return bytes
    }
}
