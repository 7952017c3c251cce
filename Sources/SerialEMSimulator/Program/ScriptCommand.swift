import Microscope

/// A command that people's scripts use and the client does not: one row of the table, with what carries it out.
struct ScriptCommand: Sendable {
    enum Method: Sendable {
        /// Another name of a command of the client's table.
        case same(SerialEMCommand)
        case answer(SimulatedSerialEM.Answer)
        case action(SimulatedSerialEM.Action)
    }

    /// As SerialEM spells it, which is where its code comes from.
    let name: String
    /// One letter an argument, as in the client's table.
    let keys: String
    let method: Method

    init(_ name: String, _ keys: String = "", _ answer: @escaping SimulatedSerialEM.Answer) {
        (self.name, self.keys, method) = (name, keys, .answer(answer))
    }
    init(_ name: String, _ keys: String = "", acts action: @escaping SimulatedSerialEM.Action) {
        (self.name, self.keys, method) = (name, keys, .action(action))
    }
    init(_ name: String, sameAs command: SerialEMCommand) { (self.name, keys, method) = (name, command.row.keys, .same(command)) }

    /// -1 for a name that is not in SerialEM's list.
    var code: Int32 { SerialEMNames.codes[name] ?? -1 }
    /// How many arguments it cannot do without.
    var needed: Int { keys.prefix { $0.isUppercase }.count }
    /// The version of SerialEM that brought it, as `IsVersionAtLeast` counts them; nil for those that were always there.
    var since: Int? { Self.since(code) }

    /// By the place in the list: 4.1's ends with the code 704, and 4.2's before `ReportLoadedSlot`.
    static func since(_ code: Int32) -> Int? { code >= 835 ? 40_300 : code > 704 ? 40_200 : nil }
}

extension SimulatedSerialEM {
    /// All rows, by topic.
    static let scriptRows: [ScriptCommand] = [
        aliasRows, quietRows, clockRows, variableRows, tryRows, settingRows, matrixRows, beamRows, lensRows, alignRows,
        lowDoseRows,
        chipRows, boxRows, shellRows, placeRows, navigatorRows, navigatorItemRows, navigatorPlaceRows, navigatorMapRows,
        navigatorMoveRows, imageFileRows, textFileRows, pictureRows, tiltRows,
    ].flatMap { $0 }

    static let scriptCommands = Dictionary(uniqueKeysWithValues: scriptRows.map { ($0.code, $0) })

    /// The name under which faults and tables know what a code does; the code itself where nobody knows it.
    static func knownName(of code: Int32) -> String {
        if case .same(let command)? = scriptCommands[code]?.method { return command.name }
        return SerialEMNames.name(at: code) ?? "\(code)"
    }
}

extension SimulatedSerialEM {
    /// The code that clients send for a command; nil for a name that SerialEM does not have.
    public static func code(of name: String) -> Int32? { SerialEMNames.codes[name] }
}
