import Microscope

/// Commands that only change what stands on SerialEM's own screen or in its log, and the short names of common ones.
extension SimulatedSerialEM {
    static let aliasRows: [ScriptCommand] = [
        .init("V", sameAs: .view), .init("F", sameAs: .focus), .init("T", sameAs: .trial), .init("R", sameAs: .record),
        .init("L", sameAs: .preview), .init("M", sameAs: .montage), .init("A", sameAs: .autoAlign),
        .init("G", sameAs: .autoFocus), .init("S", sameAs: .save), .init("CallMacro", "I", runScript),
        .init("CallScript", "I", runScript),
    ]

    static let quietRows: [ScriptCommand] =
        quiet.map { .init($0.name, $0.keys, doNothing) } + [
            .init("SetStatusLine", "IS", setStatusLine), .init("ClearStatusLine", "I", clearStatusLine),
            .init("HighlightStatusLine", "II", highlightStatusLine),
        ]

    private static let quiet: [(name: String, keys: String)] = [
        ("SuppressReports", "i"), ("SuppressInfoOutput", "i"), ("ErrorsToLog", "i"), ("ProgramTimeStamps", "i"),
        ("Verbose", "D"), ("SetNextLogOutputStyle", "Iiii"), ("NoLineWrapInMessageBox", "i"), ("DeferLogUpdates", "i"),
        ("SaveLogOpenNew", "s"), ("CloseLogOpenNew", "i"), ("SaveLog", "is"),
        ("EchoNoVarSub", "s"), ("EchoEval", "s"), ("EchoReplaceLine", "s"), ("EchoNoLineEnd", "S"), ("EchoBreakLines", "s"),
        ("MailSubject", "S"), ("SendEmail", "S"), ("ErrorBoxSendEmail", "S"), ("FlashDisplay", "ids"), ("Show", "S"),
        ("ShowMessageOnScope", "S"), ("SetupScopeMessage", "Ids"), ("AddBufToStackWindow", "SIIiis"), ("CloseStackWindow", ""),
        ("SuspendNavRedraw", "i"), ("SetLDContinuousUpdate", "I"), ("SaveSettings", ""), ("SaveCalibrations", ""),
        ("SetNewFileType", "Ii"),
    ]

    private func setStatusLine(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let line = try statusLine(call)
        change { $0.script.statusLines[line] = call.text(1) }
        return .nothing
    }

    /// 0 clears them all.
    private func clearStatusLine(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        if call.integer(0) <= 0 {
            change { $0.script.statusLines = [:] }
        } else {
            let line = try statusLine(call)
            change { $0.script.statusLines[line] = nil }
        }
        return .nothing
    }

    private func highlightStatusLine(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try statusLine(call)
        return .nothing
    }

    private func statusLine(_ call: SerialEMCall) throws(SerialEMProblem) -> Int {
        guard (1...8).contains(call.integer(0)) else {
            throw .sentence("There is no status line of number \(call.integer(0)), in line:")
        }
        return call.integer(0)
    }
}
