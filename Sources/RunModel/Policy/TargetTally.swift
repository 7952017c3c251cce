/// How the targets of grids came out, for the words at their end.
public struct TargetTally: Hashable, Sendable {
    public private(set) var images = 0
    /// Those that were tried, whatever came of it.
    public private(set) var squares = 0
    public private(set) var holes = 0
    public private(set) var failedSquares = 0
    public private(set) var failedHoles = 0
    /// Why most of them failed, in a sentence; nil where none did.
    public let reason: String?

    public init(_ grids: [GridState]) {
        reason = FailureReason.commonest(
            of: grids.flatMap { ($0.squares + $0.holes).filter { $0.status == .failed }.compactMap(\.problem) })
        for grid in grids {
            images += grid.images
            squares += grid.squares.count(where: \.isTried)
            holes += grid.holes.count(where: \.isTried)
            failedSquares += grid.squares.count { $0.status == .failed }
            failedHoles += grid.holes.count { $0.status == .failed }
        }
    }

    /// `1 of 4 squares and 3 of 40 holes failed`; nil where none did.
    public var failures: String? {
        var parts: [String] = []
        if failedSquares > 0 { parts.append("\(failedSquares) of \(squares) \(squares == 1 ? "square" : "squares")") }
        if failedHoles > 0 { parts.append("\(failedHoles) of \(holes) \(holes == 1 ? "hole" : "holes")") }
        return parts.isEmpty ? nil : parts.joined(separator: " and ") + " failed"
    }

    /// The same as sentences, with the reason.
    public var sentence: String? {
        guard let failures else { return nil }
        return ["\(failures).", reason].compactMap(\.self).joined(separator: " ")
    }
}

extension GridState {
    /// Movies that were saved, whatever was made of them.
    public var images: Int { micrographs.count { [.saved, .processed, .unprocessable].contains($0.status) } }

    /// Failed targets at which nothing was exposed, so that trying them again adds no dose.
    public var unexposedFailures: [TargetID] {
        let exposed = Set(micrographs.filter { $0.status != .notTaken }.map(\.id.hole))
        return (squares + holes).filter { $0.status == .failed && !exposed.contains($0.id) }.map(\.id)
    }
}

extension Target {
    fileprivate var isTried: Bool {
        switch status {
        case .found, .queued, .skipped: false
        case .acquiring, .acquired, .processed, .completed, .failed, .unknown: true
        }
    }
}
