import Imaging
import Microscope

extension SimulatedSerialEM {
    static let autodocActions: [SerialEMCommand: Action] = [.addToAutodoc: addToAutodoc, .writeAutodoc: writeAutodoc]

    /// To the last section; to what holds for the whole file where there is none yet.
    private func addToAutodoc(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let field = MDocField(call.text(0), call.lastText)
        guard !field.key.isEmpty, !field.key.contains("="), !field.key.hasPrefix("[") else {
            throw .sentence("\(field.key.prefix(60)) cannot be a key, in line:")
        }
        var file = try presentFile()
        // A montage's last piece stands before the section that describes the whole.
        if let last = file.document.sections.lastIndex(where: { $0.kind == "ZValue" }) {
            file.document.sections[last].fields.set(field)
        } else {
            file.document.globals.set(field)
        }
        let changed = file
        change { $0.files.present = changed }
        return .nothing
    }

    private func writeAutodoc(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let file = try presentFile()
        guard file.sections > 0 else { throw .sentence("There is no autodoc for the open file yet, in line:") }
        if has(.diskFull) { throw .sentence("The autodoc was not written, there is no space on the disk, in line:") }
        try await write(file.document, to: file.documentFile)
        return .nothing
    }
}

extension [MDocField] {
    fileprivate mutating func set(_ field: MDocField) {
        if let index = firstIndex(where: { $0.key == field.key }) { self[index] = field } else { append(field) }
    }
}
