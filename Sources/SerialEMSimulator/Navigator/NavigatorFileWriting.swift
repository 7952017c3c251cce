extension NavigatorFile {
    init(items: [NavigatorItem]) { self.items = items }

    /// As SerialEM writes it. `name`: the whole path it is saved under.
    func text(savedAs name: String) -> String {
        let head = ["AdocVersion = 2.00", "LastSavedAs = \(name.oneLine)", ""]
        return (head + items.flatMap(\.lines)).joined(separator: "\n") + "\n"
    }
}

extension NavigatorItem {
    fileprivate var lines: [String] {
        var fields = [
            ("Color", "\(color)"), ("StageXYZ", "\(place.x.number) \(place.y.number) \(z.number)"), ("NumPts", "\(points.count)"),
            ("Regis", "\(registration)"), ("Type", "\(kind.rawValue)"),
        ]
        if !isDrawn { fields.append(("Draw", "0")) }
        if !note.isEmpty { fields.append(("Note", note)) }
        if group != 0 { fields.append(("GroupID", "\(group)")) }
        if acquires { fields.append(("Acquire", "1")) }
        if drawnOn != 0 { fields.append(("DrawnID", "\(drawnOn)")) }
        if id != 0 { fields.append(("MapID", "\(id)")) }
        if let targetDefocus { fields.append(("TargetDefocus", targetDefocus.number)) }
        if let map { fields += map.fields }
        fields += rest.map { ($0.key, $0.value) }
        fields += [
            ("PtsX", points.map(\.x.number).joined(separator: " ")), ("PtsY", points.map(\.y.number).joined(separator: " ")),
        ]
        return ["[Item = \(label.oneLine.filter { $0 != "]" })]"] + fields.map { "\($0.oneLine) = \($1.oneLine)" } + [""]
    }
}

extension NavigatorMap {
    fileprivate var fields: [(String, String)] {
        [
            ("MapFile", file), ("MapMontage", isMontage ? "1" : "0"), ("MapSection", "\(section)"), ("MapBinning", "\(binning)"),
            ("MapMagInd", "\(magIndex)"), ("MapScaleMat", matrix.map(\.number).joined(separator: " ")),
            ("MapWidthHeight", "\(width) \(height)"), (isLowDose ? "MapLowDoseConSet" : "MapConSet", "\(set)"),
            ("MapExposure", exposure.number), ("MapSpotSize", "\(spot)"), ("MapIntensity", intensity.number),
        ]
    }
}

extension Double {
    /// With six digits after the point at most, whatever it is.
    fileprivate var number: String {
        let value = isFinite && abs(self) < 1e12 ? self : 0
        let rounded = (value * 1e6).rounded() / 1e6
        // 12.0 as 12: SerialEM's readers take both.
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

extension String {
    /// A value that held a newline would begin a line of its own.
    fileprivate var oneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
