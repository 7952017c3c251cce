import Simulator

/// SerialEM's low dose areas: each has its optics, and two lie beside the others on the tilt axis.
struct LowDose: Sendable {
    enum Area: Int, Sendable, CaseIterable {
        case view, focus, trial, record, search

        /// The first letter counts, and it must be a capital.
        init?(_ text: String) {
            guard let first = text.first, let area = Self.allCases.first(where: { $0.letter == first }) else { return nil }
            self = area
        }

        var letter: Character {
            switch self {
            case .view: "V"
            case .focus: "F"
            case .trial: "T"
            case .record: "R"
            case .search: "S"
            }
        }
        var mayLieBeside: Bool { self == .focus || self == .trial }
    }

    struct Parameters: Sendable {
        var magIndex: Int
        var spot: Int
        var intensity: Double
        /// µm along the tilt axis, and degrees from it.
        var axis = 0.0
        var rotation = 0.0
        /// µm by which View and Search are defocused.
        var defocusOffset = 0.0

        /// From the middle, µm along the stage's axes. The stage tilts around x.
        var offset: SpecimenPoint { .polar(axis, rotation * .pi / 180) }
    }

    static let farthest = 19.0

    var isOn = false
    private(set) var area: Area?
    private(set) var parameters: [Area: Parameters]
    /// As they will be again when control ends.
    private var kept: [Area: Parameters]
    private var updating: Area?

    init(_ magnifications: MagnificationTable) {
        let record = Parameters(magIndex: magnifications.record, spot: 5, intensity: 44)
        parameters = [
            .view: Parameters(magIndex: magnifications.view, spot: 7, intensity: 48), .focus: record, .trial: record,
            .record: record,
            .search: Parameters(magIndex: magnifications.search, spot: 8, intensity: 55),
        ]
        kept = parameters
    }

    subscript(area: Area) -> Parameters {
        // Every area is put in when this is made, and none is taken out.
        parameters[area] ?? Parameters(magIndex: 1, spot: 5, intensity: 0)
    }

    mutating func go(to area: Area) { self.area = area }
    mutating func turn(on: Bool) {
        isOn = on
        if !on { area = nil }
    }

    /// Where the beam falls beside the middle now.
    var offset: SpecimenPoint { isOn ? area.map { self[$0].offset } ?? .zero : .zero }

    /// What is done to the optics is done to the area that they belong to.
    mutating func changePresent(_ work: (inout Parameters) -> Void) {
        guard isOn, let area else { return }
        change(area, work)
    }

    mutating func change(_ area: Area, _ work: (inout Parameters) -> Void) {
        var changed = self[area]
        work(&changed)
        parameters[area] = changed
        if updating == area { kept[area] = changed }
    }

    /// As they were when control began; nil: all of them.
    mutating func restore(_ area: Area?) {
        for area in area.map({ [$0] }) ?? Area.allCases { parameters[area] = kept[area] }
    }

    /// Changes of this area from now on stay.
    mutating func keepChanges(of area: Area) { updating = area }

    mutating func restore() {
        // Where the areas lie is set up with the sample and stays.
        for area in Area.allCases where area.mayLieBeside {
            let present = self[area]
            kept[area]?.axis = present.axis
            kept[area]?.rotation = present.rotation
        }
        parameters = kept
        updating = nil
    }
}
