/// SerialEM's sets of camera parameters, by the number that images carry.
enum CameraSet: Int, Sendable, CaseIterable {
    case view, focus, trial, record, preview, search

    init?(_ text: String) {
        guard let first = text.first, let set = Self.allCases.first(where: { $0.letter == first }) else { return nil }
        self = set
    }

    var letter: Character {
        switch self {
        case .view: "V"
        case .focus: "F"
        case .trial: "T"
        case .record: "R"
        case .preview: "P"
        case .search: "S"
        }
    }

    /// Where its images are taken while low dose is on.
    var area: LowDose.Area {
        switch self {
        case .view: .view
        case .focus: .focus
        case .trial: .trial
        case .record, .preview: .record
        case .search: .search
        }
    }
}

struct CameraParameters: Hashable, Sendable {
    /// Seconds.
    var exposure: Double
    var settling = 0.0
    var binning = 1
    var isFractionated = false
    var savesFrames = false
    var alignment = 0
    var alignmentMethod = 0
    var sums = 0
    /// Linear, counting, super-resolution, as SerialEM numbers them.
    var readMode = 1
    var processing = 2
    /// Unbinned pixels around the middle of the chip; nil for all of it.
    var area: Area?
    /// Seconds.
    var frameTime = 0.24

    struct Area: Hashable, Sendable {
        let width: Int
        let height: Int
    }
    /// e/Å² in a second at the Record magnification.
    static let doseRate = 40 / 2.4

    var frames: Int { max(1, Int((exposure / frameTime).rounded())) }
    var dose: Double { exposure * Self.doseRate }
}

/// The sets as they are, and as they will be again when control ends.
struct CameraSets: Sendable {
    private var present: [CameraSet: CameraParameters]
    private var kept: [CameraSet: CameraParameters]

    init() {
        present = [
            .view: CameraParameters(exposure: 1), .focus: CameraParameters(exposure: 0.5),
            .trial: CameraParameters(exposure: 0.5),
            .record: CameraParameters(exposure: 2.4), .preview: CameraParameters(exposure: 0.6),
            .search: CameraParameters(exposure: 1),
        ]
        kept = present
    }

    subscript(set: CameraSet) -> CameraParameters {
        // Every set is put in when this is made, and none is taken out.
        get { present[set] ?? CameraParameters(exposure: 1) }
        set { present[set] = newValue }
    }

    /// nil: all of them.
    mutating func restore(_ set: CameraSet?) {
        for set in set.map({ [$0] }) ?? CameraSet.allCases { present[set] = kept[set] }
    }
    mutating func keep(_ set: CameraSet?) {
        for set in set.map({ [$0] }) ?? CameraSet.allCases { kept[set] = present[set] }
    }
}
