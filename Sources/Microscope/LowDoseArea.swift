/// SerialEM's low dose areas.
public enum LowDoseArea: String, Sendable, Codable, CaseIterable {
    case search, view, focus, record, preview

    /// The letter that SerialEM's commands know it by; Preview is a camera set of the Record area.
    public var letter: String {
        switch self {
        case .search: "S"
        case .view: "V"
        case .focus: "F"
        case .record: "R"
        case .preview: "R"
        }
    }
}
