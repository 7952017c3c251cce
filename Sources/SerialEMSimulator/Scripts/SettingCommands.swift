import Microscope

/// User settings and properties, by the names that scripts use. Names do not care for capitals.
struct ScriptSettings: Sendable {
    private(set) var values = standard
    private var kept: [String: Double] = [:]
    private(set) var properties: [String: Double] = [:]

    private static let standard: [String: Double] = [
        "driftprotection": 0, "tiltincrement": 3, "tiltdelay": 1, "bufferstorollonacquire": Double(ImageBuffers.rolling - 1),
        "buffertoreadinto": 15, "imageshiftdelay": 1, "imageshifttiltlimit": 30, "autofocusbeamtilt": 4,
        "autofocuseucenoffset": 0, "montageusecontinuous": 0, "lowdoseviewdefocus": -50, "keepfocustrialsamepos": 1,
        "adjustbeamtiltforis": 0, "cosinetilt": 0, "userposition": 0, "autosavenav": 0, "navoverviewbuffer": 10,
        "trimwhenaligning": 0, "savemdocs": 1, "alignbuffersizesdiffer": 1, "multishotdelay": 0.5, "multiinholedelay": 0.5,
        "frameextensiondigits": 3, "maximumdefocuschange": 50, "useblankingindarkref": 0, "logincludestime": 0,
    ]

    /// How many buffers take part when a new image comes.
    var rollingBuffers: Int {
        let rolled = values["bufferstorollonacquire"].flatMap { Int(exactly: $0.rounded()) } ?? ImageBuffers.rolling - 1
        return min(max(1, rolled + 1), ImageBuffers.count)
    }

    /// `lasts`: beyond the end of external control.
    mutating func set(_ name: String, _ value: Double, lasts: Bool) {
        let key = name.lowercased()
        if lasts { kept[key] = nil } else if kept[key] == nil { kept[key] = values[key] }
        values[key] = value
    }

    mutating func setProperty(_ name: String, _ value: Double) { properties[name.lowercased()] = value }

    mutating func restore() {
        values.merge(kept) { $1 }
        kept = [:]
    }
}

extension SimulatedSerialEM {
    static let settingAnswers: [SerialEMCommand: Answer] = [
        .reportProperty: reportProperty, .reportUserSetting: reportUserSetting,
    ]
    static let settingRows: [ScriptCommand] = [
        .init("SetUserSetting", "SDi", setUserSetting), .init("SetProperty", "SD", setProperty),
        .init("ReportSettingsFile", "", reportSettingsFile), .init("ReportSystemPath", "", reportSystemPath),
    ]

    private func properties() -> [String: Double] {
        let fixed: [String: Double] = [
            "jeolhasextraapertures": 0, "enableexternalpython": 1, "nolowdose": 0, "noscope": 0, "maximumtilt": 70,
            "maximumtiltangle": 70, "stagelimitx": 1000, "stagelimity": 1000, "tiltaxisoffset": read(\.optics.tiltAxisOffset),
            "numberofslots": Double(column.settings.slots), "imageshiftlimit": column.settings.imageShiftLimit.micrometres,
            // It runs on no microscope, which is what scripts ask this one for.
            "dummyinstance": 1, "useilluminatedareaforc2": 0, "useutapiscripting": 0, "invertstagexaxis": 0,
            "usenormalizeallforldarea": 0, "startnavifautosaved": 0, "moveinfoatrelease": 0, "squareapertureforclip": 0,
        ]
        return fixed.merging(read(\.script.settings).properties) { $1 }
    }

    private func reportProperty(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.number(try known(call.text(0), in: properties(), kind: "property"))]
    }

    private func setProperty(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try known(call.text(0), in: properties(), kind: "property")
        change { $0.script.settings.setProperty(call.text(0), call.number(1)) }
        return .nothing
    }

    private func reportUserSetting(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let own: [String: Double] = [
            "targetdefocus": read(\.focus.target), "autofocustargetdefocus": read(\.focus.target),
            "lowdosemode": read(\.lowDose.isOn) ? 1 : 0,
        ]
        return [.number(try known(call.text(0), in: own.merging(read(\.script.settings).values) { $1 }, kind: "user setting"))]
    }

    /// Until control ends, or for good.
    private func setUserSetting(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let name = call.text(0).lowercased()
        if name.hasSuffix("targetdefocus") {
            change { $0.focus.target = call.number(1) }
            return .nothing
        }
        _ = try known(call.text(0), in: read(\.script.settings).values, kind: "user setting")
        change {
            $0.script.settings.set(name, call.number(1), lasts: call.isSet(2))
            $0.buffers.rolling = $0.script.settings.rollingBuffers
        }
        return .nothing
    }

    private func known(_ name: String, in table: [String: Double], kind: String) throws(SerialEMProblem) -> Double {
        guard let value = table[name.lowercased()] else {
            throw .sentence("\(name.prefix(60)) is not a recognized \(kind) or cannot be accessed by script command, in line:")
        }
        return value
    }

    private func reportSettingsFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.text(ProgramDisk.home + #"\SerialEMsettings.txt"#)]
    }

    private func reportSystemPath(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] { [.text(ProgramDisk.home)] }
}
