import Microscope

/// One command under way.
struct SerialEMCall: Sendable {
    let command: SerialEMCommand
    let arguments: [SerialEMArgument]
    let client: Int
    /// The column's number for it.
    let ticket: Int

    /// As SerialEM repeats it below the text of a problem.
    var line: String { "\(command.name)(\(arguments.map(\.text).joined(separator: ", ")))" }

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
