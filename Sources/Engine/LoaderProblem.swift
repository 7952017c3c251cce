import RunModel

/// Why a cartridge is not imaged although the loader works.
enum LoaderProblem: Explained, Equatable {
    case otherSlot(asked: Int, found: Int)
    case otherName(slot: Int, expected: String, found: String)
    case skipped(slot: Int, by: String)

    static let skippedCode = "loader.skipped"

    var code: String {
        switch self {
        case .otherSlot: "loader.otherSlot"
        case .otherName: "loader.otherName"
        case .skipped: Self.skippedCode
        }
    }

    var sentence: String {
        switch self {
        case .otherSlot(let asked, let found):
            "The loader brought the cartridge of slot \(found) instead of the one of slot \(asked)."
        case .otherName(let slot, let expected, let found):
            "The cartridge on the stage is \(found); slot \(slot) held \(expected)."
        case .skipped(let slot, let by): "\(by) chose not to load slot \(slot)."
        }
    }

    var remedy: String? {
        switch self {
        case .otherSlot, .otherName: "Check the loader and the cassette at the microscope."
        case .skipped: "Start tries it again."
        }
    }
}
