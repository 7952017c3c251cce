/// A grid: its session and its autoloader slot, `SESSION.g6`.
public struct GridID: Identifier {
    public let rawValue: String
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
    public init(_ session: SessionID, slot: Int) { self.init(unchecked: "\(session).g\(slot)") }

    public var session: SessionID { SessionID(unchecked: IdentifierPath(rawValue).parent) }
    /// 1 to 12; 0 when the text is not a grid's.
    public var slot: Int { IdentifierPath(rawValue).number(after: "g") ?? 0 }
}

/// A square or a hole, which can be queued: `SESSION.g6.s57` or `SESSION.g6.s57.h90`.
public struct TargetID: Identifier {
    public enum Kind: String, Sendable, Codable { case square, hole }

    public let rawValue: String
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
    public init(square number: Int, of grid: GridID) { self.init(unchecked: "\(grid).s\(number)") }
    public init(hole number: Int, of square: TargetID) { self.init(unchecked: "\(square).h\(number)") }

    public var kind: Kind { IdentifierPath(rawValue).number(after: "h") == nil ? .square : .hole }
    public var number: Int { IdentifierPath(rawValue).number(after: kind == .hole ? "h" : "s") ?? 0 }
    /// The square itself, or the square that a hole is in.
    public var square: TargetID { kind == .square ? self : TargetID(unchecked: IdentifierPath(rawValue).parent) }
    public var grid: GridID { GridID(unchecked: IdentifierPath(square.rawValue).parent) }
    public var session: SessionID { grid.session }
}

/// One high-mag exposure of a hole: `SESSION.g6.s57.h90.m2`, counted from 1.
public struct MicrographID: Identifier {
    public let rawValue: String
    public init(unchecked rawValue: String) { self.rawValue = rawValue }
    public init(_ number: Int, of hole: TargetID) { self.init(unchecked: "\(hole).m\(number)") }

    public var hole: TargetID { TargetID(unchecked: IdentifierPath(rawValue).parent) }
    public var number: Int { IdentifierPath(rawValue).number(after: "m") ?? 0 }
    public var grid: GridID { hole.grid }
    public var session: SessionID { grid.session }
}

/// The dotted text behind the natural keys.
struct IdentifierPath {
    let text: String
    init(_ text: String) { self.text = text }

    var parent: String { String(text[..<(text.lastIndex(of: ".") ?? text.startIndex)]) }
    func number(after letter: Character) -> Int? {
        guard let dot = text.lastIndex(of: ".") else { return nil }
        let last = text[text.index(after: dot)...]
        guard last.first == letter else { return nil }
        return Int(last.dropFirst())
    }
}
