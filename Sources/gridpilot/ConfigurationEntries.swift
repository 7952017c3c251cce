import Microscope
import RunModel

/// A microscope of the configuration: what it is, and how it is reached.
struct MicroscopeEntry: Decodable, Equatable {
    /// The ways to a microscope.
    enum Link: Equatable {
        /// Inside this program; the seed says which specimens its cassette holds.
        case simulator(seed: UInt64)
        case serialEM(SerialEMSettings)
    }
    private enum LinkName: String, Decodable, CaseIterable { case simulator, serialem }

    var description: MicroscopeDescription
    var link: Link

    var id: MicroscopeID { description.id }

    init(_ description: MicroscopeDescription, link: Link) {
        self.description = description
        self.link = link
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, vendor, voltage, cs, slots, link, seed, serialem
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let id = try fields.decode(MicroscopeID.self, forKey: .id)
        description = MicroscopeDescription(
            id: id, name: try fields.decodeIfPresent(String.self, forKey: .name) ?? id.rawValue,
            vendor: try fields.decode(Vendor.self, forKey: .vendor), voltage: try fields.decode(Double.self, forKey: .voltage),
            cs: try fields.decodeIfPresent(Double.self, forKey: .cs) ?? 2.7,
            slots: try fields.decodeIfPresent(Int.self, forKey: .slots) ?? 12)
        switch try fields.decode(LinkName.self, forKey: .link) {
        case .simulator: link = .simulator(seed: try fields.decodeIfPresent(UInt64.self, forKey: .seed) ?? 1)
        case .serialem: link = .serialEM(try fields.decode(SerialEMEntry.self, forKey: .serialem).settings)
        }
        try Rule.require((60...1000).contains(description.voltage), "voltage is in kV, 60 to 1000", decoder)
        try Rule.require((0.01...10).contains(description.cs), "cs is in mm, 0.01 to 10", decoder)
        try Rule.require((1...12).contains(description.slots), "slots is 1 to 12", decoder)
    }
}

/// What a value of the configuration must be.
enum Rule {
    static func require(_ isTrue: Bool, _ rule: String, _ decoder: any Decoder) throws {
        guard !isTrue else { return }
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: rule))
    }
}

/// A detector of the configuration.
struct DetectorEntry: Decodable, Equatable {
    var description: DetectorDescription
    /// What the microscope's computer calls `framesDirectory`.
    var framesFolder: String?

    var id: DetectorID { description.id }
    var microscope: MicroscopeID { description.microscope }

    init(_ description: DetectorDescription) { self.description = description }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, microscope, width, height, pixelSize, framesDirectory, framesFolder, gain, defects, binning
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let id = try fields.decode(DetectorID.self, forKey: .id)
        description = DetectorDescription(
            id: id, name: try fields.decodeIfPresent(String.self, forKey: .name) ?? id.rawValue,
            microscope: try fields.decode(MicroscopeID.self, forKey: .microscope),
            width: try fields.decode(Int.self, forKey: .width), height: try fields.decode(Int.self, forKey: .height),
            pixelSize: try fields.decode(Double.self, forKey: .pixelSize),
            framesDirectory: try fields.decodeIfPresent(String.self, forKey: .framesDirectory),
            gain: try fields.decodeIfPresent(GainEntry.self, forKey: .gain)?.gain,
            defects: try fields.decodeIfPresent(String.self, forKey: .defects),
            binning: try fields.decodeIfPresent(Int.self, forKey: .binning))
        framesFolder = try fields.decodeIfPresent(String.self, forKey: .framesFolder)
        try Rule.require(
            (64...16384).contains(description.width) && (64...16384).contains(description.height),
            "width and height are pixels, 64 to 16384", decoder)
        try Rule.require(description.defects?.hasPrefix("/") ?? true, "defects is a whole path, from / on", decoder)
        try Rule.require(description.binning.map { (1...4).contains($0) } ?? true, "binning is 1 to 4", decoder)
        try Rule.require((0.05...100).contains(description.pixelSize), "pixelSize is in Å, 0.05 to 100", decoder)
        try Rule.require(
            framesFolder == nil || description.framesDirectory != nil,
            "framesFolder says what the microscope's computer calls framesDirectory, which is missing", decoder)
    }
}

/// A detector's gain reference in the configuration.
private struct GainEntry: Decodable {
    var gain: GainFile

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case file, rotation, flip
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        gain = GainFile(
            file: try fields.decode(String.self, forKey: .file),
            rotation: try fields.decodeIfPresent(Int.self, forKey: .rotation) ?? 0,
            flip: try fields.decodeIfPresent(Int.self, forKey: .flip) ?? 0)
        try Rule.require(gain.file.hasPrefix("/"), "file is a whole path, from / on", decoder)
        try Rule.require((0...3).contains(gain.rotation), "rotation is 0 to 3 quarter turns", decoder)
        try Rule.require((0...2).contains(gain.flip), "flip is 0, 1 (upside down) or 2 (left to right)", decoder)
    }
}
