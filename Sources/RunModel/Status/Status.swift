/// A word with its legal moves. The only way to change a status is to move.
public protocol Status: RawRepresentable<String>, Hashable, Sendable, Codable, CaseIterable {
    var successors: Set<Self> { get }
}

extension Status {
    public func canMove(to next: Self) -> Bool { successors.contains(next) }

    /// Moves, or says why not. Staying in place is not a move.
    public mutating func move(to next: Self) throws(IllegalMove) {
        guard canMove(to: next) else { throw IllegalMove(from: rawValue, to: next.rawValue) }
        self = next
    }
}

/// A status was asked to make a move that it does not list: a fault in the program, kept from spreading.
public struct IllegalMove: Explained, Equatable {
    public let from: String
    public let to: String
    public var code: String { "status.illegalMove" }
    public var sentence: String { "What is \(from) cannot become \(to)." }
    public var remedy: String? { "Reload the page; if it stays, report this sentence." }
}
