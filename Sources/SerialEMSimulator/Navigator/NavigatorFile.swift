/// A Navigator file, as SerialEM keeps its table: an autodoc of version 2.00 with a section an item.
struct NavigatorFile: Hashable, Sendable {
    var items: [NavigatorItem] = []
    /// Sections that hold no item that can be used.
    var passedOver = 0

    static let mostBytes = 64 << 20
    static let mostItems = 100_000

    /// nil for what is no Navigator file. Line ends of Windows and letters of its western code page are taken as they come.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.mostBytes else { return nil }
        var (sections, isNavigator): ([(label: String, fields: [NavigatorField])], Bool) = ([], false)
        for line in bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let line = Self.trimmed(line)
            if line.first == UInt8(ascii: "[") {
                guard let field = Self.field(line.dropFirst().prefix { $0 != UInt8(ascii: "]") }), field.key == "Item" else {
                    passedOver += 1
                    continue
                }
                sections.append((field.value, []))
            } else if let field = Self.field(line) {
                if field.key == "AdocVersion" { isNavigator = true }
                if !sections.isEmpty { sections[sections.count - 1].fields.append(field) }
            }
        }
        guard isNavigator else { return nil }
        for section in sections.prefix(Self.mostItems) {
            if let item = NavigatorItem(label: section.label, section.fields) { items.append(item) } else { passedOver += 1 }
        }
        passedOver += max(0, sections.count - Self.mostItems)
    }

    private static func field(_ line: ArraySlice<UInt8>) -> NavigatorField? {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = text(line[..<equals])
        // What begins with a bracket would be a section when it is written again.
        return key.isEmpty || key.hasPrefix("[") ? nil : NavigatorField(key: key, value: text(line[(equals + 1)...]))
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
        guard let first = line.firstIndex(where: { !isBlank($0) }), let last = line.lastIndex(where: { !isBlank($0) }) else {
            return []
        }
        return line[first...last]
    }

    /// UTF-8, or else Latin-1; what no printer prints counts as a blank, and blanks at the ends for nothing.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let whole = String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        let plain = whole.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isBlank = scalar.value < 33 || (127...160).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
            return isBlank ? " " : scalar
        }
        guard let first = plain.firstIndex(where: { $0 != " " }), let last = plain.lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return String(String.UnicodeScalarView(plain[first...last]))
    }
}

extension NavigatorItem {
    /// nil where kind, place or points are missing or make no sense.
    fileprivate init?(label: String, _ fields: [NavigatorField]) {
        // A key that is there twice counts once, as SerialEM has it.
        let values = Dictionary(fields.map { ($0.key, $0.value) }) { $1 }
        func numbers(_ key: String) -> [Double] { Self.numbers(values[key]) }
        func integer(_ key: String) -> Int? { numbers(key).first.map { Int($0) } }

        guard let kind = integer("Type").flatMap(Kind.init) else { return nil }
        let stage = numbers("StageXYZ")
        let (xs, ys) = (numbers("PtsX"), numbers("PtsY"))
        var points = zip(xs, ys).prefix(Self.mostPoints).map { NavigatorPoint(x: $0, y: $1) }
        guard stage.count >= 2, xs.count == ys.count, points.count == xs.count else { return nil }
        if points.isEmpty { points = [NavigatorPoint(x: stage[0], y: stage[1])] }
        self.init(kind, label: Self.short(label), points: points, z: stage.count > 2 ? stage[2] : 0)
        place = NavigatorPoint(x: stage[0], y: stage[1])
        if let color = integer("Color"), Self.colors.contains(color) { self.color = color }
        isDrawn = integer("Draw") ?? 1 != 0
        registration = max(1, integer("Regis") ?? 1)
        note = values["Note"] ?? ""
        group = max(0, integer("GroupID") ?? 0)
        acquires = integer("Acquire") ?? 0 != 0
        id = max(0, integer("MapID") ?? 0)
        drawnOn = max(0, integer("DrawnID") ?? 0)
        targetDefocus = numbers("TargetDefocus").first
        if kind == .map {
            guard let map = NavigatorMap(values["MapFile"], integer, numbers) else { return nil }
            self.map = map
        }
        rest = fields.filter { !Self.ownKeys.contains($0.key) && values[$0.key] == $0.value }
    }

    private static func short(_ label: String) -> String {
        let scalars = Array(label.unicodeScalars.prefix(longestLabel))
        let end = (scalars.lastIndex { $0 != " " } ?? -1) + 1
        return String(String.UnicodeScalarView(scalars[..<end]))
    }

    static let ownKeys: Set<String> = [
        "Color", "StageXYZ", "NumPts", "Draw", "Regis", "Type", "Note", "GroupID", "Acquire", "MapID", "DrawnID", "PtsX", "PtsY",
        "TargetDefocus", "MapFile", "MapSection", "MapMontage", "MapBinning", "MapMagInd", "MapScaleMat", "MapWidthHeight",
        "MapConSet", "MapLowDoseConSet", "MapExposure", "MapSpotSize", "MapIntensity",
    ]

    /// None where one of the words is no number that a stage or a table could have.
    private static func numbers(_ value: String?) -> [Double] {
        let words = value?.split { $0 == " " || $0 == "\t" || $0 == "," } ?? []
        let numbers = words.compactMap { Double($0) }.filter { $0.isFinite && abs($0) < 1e12 }
        return numbers.count == words.count ? numbers : []
    }
}

extension NavigatorMap {
    fileprivate init?(_ file: String?, _ integer: (String) -> Int?, _ numbers: (String) -> [Double]) {
        guard let file, !file.isEmpty else { return nil }
        self.init(file: file)
        section = max(0, integer("MapSection") ?? 0)
        isMontage = integer("MapMontage") ?? 0 != 0
        binning = min(max(1, integer("MapBinning") ?? 1), 64)
        magIndex = max(0, integer("MapMagInd") ?? 0)
        if numbers("MapScaleMat").count == 4 { matrix = numbers("MapScaleMat") }
        let size = numbers("MapWidthHeight")
        if size.count == 2 { (width, height) = (Int(max(0, size[0])), Int(max(0, size[1]))) }
        isLowDose = integer("MapLowDoseConSet") ?? -1 >= 0
        set = integer(isLowDose ? "MapLowDoseConSet" : "MapConSet") ?? -1
        exposure = max(0, numbers("MapExposure").first ?? 0)
        spot = integer("MapSpotSize") ?? 0
        intensity = numbers("MapIntensity").first ?? 0
    }
}
