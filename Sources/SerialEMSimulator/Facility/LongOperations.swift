import Microscope
import RunModel

/// What takes minutes and is done every few hours.
enum LongOperation: String, Sendable, CaseIterable {
    case bakeOut = "BU"
    case refill = "RE"
    case inventory = "IN"
    case load = "LO"
    case message = "$="
    case darkReference = "DA"
    case unload = "UN"
    case restoreStage = "RS"
    case retractStage = "RT"
    case flash = "FF"
    case partialBake = "RB"
    case pump = "PA"
    case vacuum = "AV"
    case storeMagazine = "SM"

    /// By its first two letters, in any case.
    init?(_ text: String) { self.init(rawValue: text.prefix(2).uppercased()) }

    var takesInterval: Bool { ![.inventory, .message, .unload, .vacuum].contains(self) }
    var isForJEOL: Bool { [.inventory, .storeMagazine].contains(self) }

    var seconds: Double {
        switch self {
        case .refill: 600
        case .flash: 300
        case .darkReference: 45
        case .inventory, .bakeOut, .partialBake: 120
        default: 30
        }
    }
}

extension SimulatedSerialEM {
    static let longActions: [SerialEMCommand: Action] = [
        .longOperation: longOperation, .updateHWDarkRef: updateHWDarkRef,
    ]
    static let longAnswers: [SerialEMCommand: Answer] = [.reportLongOperations: reportLongOperations]
    private static let query = -1.5

    private func longOperation(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let plan = try plan(call)
        if plan.contains(where: { $0.interval < Self.query }) {
            return try plan.prefix(6).map { step throws(SerialEMProblem) in .number(try hours(since: step.operation)) }
        }
        for step in plan {
            guard try isDue(step.operation, hours: step.interval) else { continue }
            switch step.operation {
            case .load:
                let values = try await load(Int(step.interval), call)
                if values.first != .count(0) { return values }
            case .unload: _ = try await unloadCartridge(call)
            default: try await carryOut(step.operation)
            }
            try noteDone(step.operation)
        }
        return [.count(0), .count(0)]
    }

    private func plan(_ call: SerialEMCall) throws(SerialEMProblem) -> [(operation: LongOperation, interval: Double)] {
        var plan: [(operation: LongOperation, interval: Double)] = []
        var index = 0
        while call.has(index) {
            guard let operation = LongOperation(call.text(index)) else {
                throw .sentence("\(call.text(index).prefix(40)) is not a long operation, in line:")
            }
            guard !operation.isForJEOL || column.settings.loader == .jeol else {
                throw .sentence("The operation \(operation.rawValue) is not available on this microscope, in line:")
            }
            let interval = operation.takesInterval ? call.arguments.dropFirst(index + 1).first : nil
            guard interval != nil || !operation.takesInterval else {
                throw .sentence("The operation \(operation.rawValue) needs an interval in hours, in line:")
            }
            plan.append((operation, max(-1e6, min(interval?.number ?? 0, 1e6))))
            index += operation.takesInterval ? 2 : 1
        }
        return plan
    }

    /// 0 does it in any case, a negative interval not at all.
    private func isDue(_ operation: LongOperation, hours interval: Double) throws(SerialEMProblem) -> Bool {
        if operation == .load || interval == 0 { return true }
        return interval > 0 ? try hours(since: operation) >= interval : false
    }

    private func hours(since operation: LongOperation) throws(SerialEMProblem) -> Double {
        // What was never done counts as done before the column's first contact, a day ago.
        let last = read(\.operationsDone)[operation.rawValue] ?? -86_400
        return (try columnSeconds() - last) / 3600
    }

    private func noteDone(_ operation: LongOperation) throws(SerialEMProblem) {
        let now = try columnSeconds()
        change { $0.operationsDone[operation.rawValue] = now }
    }

    private func carryOut(_ operation: LongOperation) async throws(SerialEMProblem) {
        if operation == .refill {
            try act { body, moment in body.fillingUntil = moment.after(operation.seconds) }
        }
        try await wait(operation.seconds)
        if operation == .inventory { change { $0.hasInventory = true } }
    }

    private func updateHWDarkRef(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        if try isDue(.darkReference, hours: max(0, call.number(0))) {
            try await carryOut(.darkReference)
            try noteDone(.darkReference)
        }
        return [.count(0), .count(0)]
    }

    /// Each is waited for by the command that starts it, so none runs while this is asked.
    private func reportLongOperations(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(0), .count(-1), .count(-1)]
    }
}
