/// The four levels of a session, from the whole grid to one exposure: a column is set up differently for each.
public enum ImagingLevel: String, Sendable, Codable, CaseIterable {
    case atlas, square, hole, exposure
}
