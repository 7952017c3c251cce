import RunModel

/// A grid's squares and holes as a SerialEM Navigator file (an autodoc of version 2.00): points with their stage positions, those that wait in the
/// queue marked for acquisition, each hole in the group of its square.
///
/// Images are not among its items: SerialEM needs of a map with which magnification and camera it was taken, which only it can say.
enum NavigatorExport {
    /// SerialEM's: 0 red, 1 green, 2 blue, 3 yellow, 4 magenta.
    private enum Color: Int { case red, green, blue, yellow, magenta }

    static func text(_ state: GridState) -> String {
        let items = (state.squares + state.holes).enumerated().map { item($1, id: $0 + 1) }
        let head = ["AdocVersion = 2.00", "LastSavedAs = \(state.grid.fileName).nav", ""]
        return (head + items.flatMap(\.self)).joined(separator: "\n") + "\n"
    }

    private static func item(_ target: Target, id: Int) -> [String] {
        let (x, y, z) = (number(target.stage.x), number(target.stage.y), number(target.stage.z))
        var fields = [
            ("Color", "\(color(of: target).rawValue)"), ("StageXYZ", "\(x) \(y) \(z)"), ("NumPts", "1"), ("Regis", "1"),
            ("Type", "0"),
            ("Note", note(target)),
        ]
        if target.id.kind == .hole { fields.append(("GroupID", "\(target.id.square.number)")) }
        if target.status == .queued { fields.append(("Acquire", "1")) }
        fields += [("MapID", "\(id)"), ("PtsX", x), ("PtsY", y)]
        return ["[Item = \(label(target.id))]"] + fields.map { "\($0) = \($1)" } + [""]
    }

    /// `s12`, or `12-7` for hole 7 of square 12: SerialEM's labels are short.
    private static func label(_ id: TargetID) -> String {
        id.kind == .square ? "s\(id.number)" : "\(id.square.number)-\(id.number)"
    }

    private static func note(_ target: Target) -> String {
        let what =
            target.id.kind == .square
            ? "Square \(target.id.number)" : "Hole \(target.id.number) of square \(target.id.square.number)"
        return "\(what), \(target.status.rawValue), \(target.targetClass.rawValue)"
    }

    private static func color(of target: Target) -> Color {
        switch target.status {
        case .acquired, .processed, .completed: .green
        case .queued, .acquiring: .yellow
        case .failed, .unknown: .red
        case .skipped: .magenta
        case .found: .blue
        }
    }

    private static func number(_ length: Length) -> String { ExportNumber.text(length.micrometres) }
}
