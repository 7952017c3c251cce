import RunModel

/// What a path under `/api/targets` or `/api/grids` may name. The kinds are told apart by the form of the id alone
/// (`s.g1.s2.h3.m4`), without asking the store, because rights are checked before anything is looked up.
enum ItemID: Hashable {
    case grid(GridID)
    case target(TargetID)
    case micrograph(MicrographID)

    /// Nil for a text that has none of these shapes.
    init?(_ text: String) {
        let numbered = text.split(separator: ".", omittingEmptySubsequences: false)
        func ends(in letters: String) -> Bool {
            let tail = numbered.suffix(letters.count)
            return numbered.count > letters.count
                && zip(tail, letters).allSatisfy { part, letter in
                    part.first == letter && part.count > 1 && part.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
                }
        }
        if ends(in: "gshm") {
            self = .micrograph(MicrographID(unchecked: text))
        } else if ends(in: "gsh") || ends(in: "gs") {
            self = .target(TargetID(unchecked: text))
        } else if ends(in: "g") {
            self = .grid(GridID(unchecked: text))
        } else {
            return nil
        }
    }

    var session: SessionID {
        switch self {
        case .grid(let id): id.session
        case .target(let id): id.session
        case .micrograph(let id): id.session
        }
    }

    var grid: GridID {
        switch self {
        case .grid(let id): id
        case .target(let id): id.grid
        case .micrograph(let id): id.grid
        }
    }
}
