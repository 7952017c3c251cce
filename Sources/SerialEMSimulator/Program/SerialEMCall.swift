import Microscope

/// One command under way.
struct SerialEMCall: Sendable {
    /// As SerialEM spells it.
    let name: String
    let arguments: [SerialEMArgument]
    let client: Int
    /// The column's number for it.
    let ticket: Int

    /// As SerialEM repeats it below the text of a problem.
    var line: String { "\(name)(\(arguments.map(\.text).joined(separator: ", ")))" }

    /// `keys`: one letter an argument, as in the tables of commands.
    func check(against keys: String) throws(SerialEMProblem) {
        let needed = keys.prefix { $0.isUppercase }.count
        guard arguments.count >= needed else {
            throw .sentence("The command needs \(needed) entries and came with \(arguments.count), in line:")
        }
        for (key, argument) in zip(keys, arguments) where !"Ss".contains(key) && !argument.isEmpty {
            guard argument.number.isFinite else { throw .sentence("\(argument.text.prefix(40)) is not a number, in line:") }
        }
    }

    /// The same without its arguments, for what is asked of the present item or image.
    var withoutArguments: SerialEMCall { SerialEMCall(name: name, arguments: [], client: client, ticket: ticket) }

    func has(_ index: Int) -> Bool { arguments.indices.contains(index) && !arguments[index].isEmpty }
    /// nil where it was left out. Held to what anything here can measure; 0 where it is no number.
    func number(ifAny index: Int) -> Double? {
        guard has(index) else { return nil }
        let value = arguments[index].number
        return value.isNaN ? 0 : min(max(value, -1e9), 1e9)
    }
    /// 0 where it was left out.
    func number(_ index: Int) -> Double { number(ifAny: index) ?? 0 }
    func integer(ifAny index: Int) -> Int? { has(index) ? integer(index) : nil }
    /// Cut off, as SerialEM does.
    func integer(_ index: Int) -> Int { Int(number(index)) }
    func isSet(_ index: Int) -> Bool { integer(index) != 0 }
    func text(_ index: Int) -> String { arguments.indices.contains(index) ? arguments[index].text : "" }
    /// Free text is what stands last, whatever else was sent.
    var lastText: String { arguments.last?.text ?? "" }
}

extension SerialEMValue {
    static func flag(_ isTrue: Bool) -> Self { .number(isTrue ? 1 : 0) }
    static func count(_ value: Int) -> Self { .number(Double(value)) }
}

extension [SerialEMValue] {
    static var nothing: Self { [] }
    static func numbers(_ values: Double...) -> Self { values.map { .number($0) } }
}
