import Microscope
import RunModel

/// How a microscope is reached through SerialEM, as the configuration has it.
struct SerialEMEntry: Decodable {
    var settings: SerialEMSettings

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case address, folders, levels, upkeep, stageReach, imageShiftLimit
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let text = try fields.decode(String.self, forKey: .address)
        guard let address = SerialEMAddress(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .address, in: fields, debugDescription: "address is HOST:PORT, as in 192.168.1.10:48888")
        }
        settings = SerialEMSettings(address: address)
        settings.folders = try fields.decodeIfPresent([FolderEntry].self, forKey: .folders)?.map(\.folder) ?? []
        for (name, entry) in try fields.decodeIfPresent([String: LevelEntry].self, forKey: .levels) ?? [:] {
            let names = ImagingLevel.allCases.map(\.rawValue).joined(separator: ", ")
            try Rule.require(ImagingLevel(rawValue: name) != nil, "the levels are \(names)", decoder)
            ImagingLevel(rawValue: name).map { settings.levels[$0] = entry.settings(usual: settings.level($0)) }
        }
        settings.upkeep = try fields.decodeIfPresent(UpkeepEntry.self, forKey: .upkeep)?.settings ?? UpkeepSettings()
        if let reach = try fields.decodeIfPresent(Double.self, forKey: .stageReach) {
            try Rule.require((100...1500).contains(reach), "stageReach is in µm, 100 to 1500", decoder)
            settings.stageReach = .micrometres(reach)
        }
        if let limit = try fields.decodeIfPresent(Double.self, forKey: .imageShiftLimit) {
            try Rule.require((0.1...50).contains(limit), "imageShiftLimit is in µm, 0.1 to 50", decoder)
            settings.imageShiftLimit = .micrometres(limit)
        }
    }
}

private struct FolderEntry: Decodable {
    var folder: SharedFolder
    private enum CodingKeys: String, CodingKey, CaseIterable { case here, there }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        folder = SharedFolder(
            here: try fields.decode(String.self, forKey: .here), there: try fields.decode(String.self, forKey: .there))
        try Rule.require(folder.here.hasPrefix("/"), "here is a path from /", decoder)
        try Rule.require(
            folder.there.contains(":") || folder.there.hasPrefix("\\\\"),
            #"there is a path of the microscope's computer, with its drive or server, as in X:\frames"#, decoder)
    }
}

private struct LevelEntry: Decodable {
    private var lowDose: Bool?
    private var imagingState: String?
    private var magnification: Double?
    private var objectiveAperture: Double?
    private var condenserAperture: Double?
    private var slitIn: Bool?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case lowDose, imagingState, magnification, objectiveAperture, condenserAperture, slitIn
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        lowDose = try fields.decodeIfPresent(Bool.self, forKey: .lowDose)
        imagingState = try fields.decodeIfPresent(String.self, forKey: .imagingState)
        magnification = try fields.decodeIfPresent(Double.self, forKey: .magnification)
        objectiveAperture = try fields.decodeIfPresent(Double.self, forKey: .objectiveAperture)
        condenserAperture = try fields.decodeIfPresent(Double.self, forKey: .condenserAperture)
        slitIn = try fields.decodeIfPresent(Bool.self, forKey: .slitIn)
        let apertures = [objectiveAperture, condenserAperture].compactMap(\.self)
        try Rule.require(
            apertures.allSatisfy { (0...10_000).contains($0) && $0 == $0.rounded() },
            "apertures are whole µm, 0 to 10000; 0 takes one out", decoder)
        try Rule.require(magnification.map { (10...10_000_000).contains($0) } ?? true, "magnification is 10 to 10000000", decoder)
        try Rule.require(
            magnification == nil || lowDose == false,
            "magnification goes with lowDose: false; in low dose each area has its own, set up in SerialEM", decoder)
    }

    func settings(usual: LevelSettings) -> LevelSettings {
        LevelSettings(
            lowDose: lowDose ?? usual.lowDose, imagingState: imagingState, magnification: magnification,
            objectiveAperture: objectiveAperture, condenserAperture: condenserAperture, slitIn: slitIn)
    }
}

private struct UpkeepEntry: Decodable {
    var settings: UpkeepSettings
    private enum CodingKeys: String, CodingKey, CaseIterable { case hardwareDark, zeroLoss, flash }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        settings = UpkeepSettings(
            hardwareDark: try fields.decodeIfPresent(Double.self, forKey: .hardwareDark),
            zeroLoss: try fields.decodeIfPresent(Double.self, forKey: .zeroLoss),
            flash: try fields.decodeIfPresent(Double.self, forKey: .flash))
        let all = [settings.hardwareDark, settings.zeroLoss, settings.flash].compactMap(\.self)
        try Rule.require(
            all.allSatisfy { $0 > 0 && $0 < 10_000 }, "upkeep is in hours, and zeroLoss in minutes, above 0", decoder)
    }
}
