import Simulator

/// Something that goes wrong between a simulated SerialEM and its client, or in the program itself. What goes wrong at the column
/// is a `SimulatedFault`.
public struct SerialEMFault: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The connection is closed: before the command is carried out, or after it and before its answer.
        case hangUp
        /// The connection stays open and says nothing any more.
        case halfOpen
        /// The answer comes `seconds` late.
        case lateAnswer
        /// Every answer comes `seconds` late, a byte at a time.
        case slowAnswer
        /// An answer that no SerialEM gives.
        case garbageAnswer
        /// The program is busy with something else for `seconds`: control cannot be started.
        case busy
        /// Somebody presses STOP: before the command, which is refused, or while it is carried out (`after`).
        case operatorStop
        /// The disk of the microscope's computer takes no more.
        case diskFull
        /// The command goes wrong, and says so in a box on the screen unless the client has asked for answers instead. Clicked after `seconds`.
        case messageBox
        /// A box that comes whatever a client has asked for, and stands until it is clicked after `seconds`.
        case standingBox
    }
    public enum Moment: String, Sendable, Codable { case before, after }

    public var kind: Kind
    /// The command it happens at, as SerialEM spells it; any when left out.
    public var command: String?
    /// Counts the commands of that name, or all of them, from 1; the next one when left out.
    public var number: Int?
    public var moment: Moment?
    public var seconds: Double?
    /// How often; once when left out.
    public var times: Int?

    public init(
        _ kind: Kind, command: String? = nil, number: Int? = nil, moment: Moment? = nil, seconds: Double? = nil, times: Int? = nil
    ) {
        self.kind = kind
        self.command = command
        self.number = number
        self.moment = moment
        self.seconds = seconds
        self.times = times
    }
}

extension SerialEMFault {
    /// Happens inside the program and not between it and its client: a STOP before a command is the link's.
    public var isOfProgram: Bool {
        switch kind {
        case .diskFull, .messageBox, .standingBox: true
        case .operatorStop: moment == .after
        case .hangUp, .halfOpen, .lateAnswer, .slowAnswer, .garbageAnswer, .busy: false
        }
    }
}

/// The faults asked for, and which of them are due.
struct SerialEMFaultList: Sendable {
    private var faults: [SerialEMFault]
    private var counts: [String: Int] = [:]
    private var total = 0
    private var name = ""

    init(_ faults: [SerialEMFault]) { self.faults = faults }

    mutating func add(_ fault: SerialEMFault) { faults.append(fault) }

    /// A command has come.
    mutating func note(_ command: String) {
        name = command
        total += 1
        counts[command, default: 0] += 1
    }

    /// Uses up one happening of a fault that is due at the command that came last.
    mutating func take(_ kind: SerialEMFault.Kind, _ moment: SerialEMFault.Moment? = nil) -> SerialEMFault? {
        let index = faults.firstIndex { fault in
            guard fault.kind == kind, fault.times != 0, fault.command ?? name == name else { return false }
            guard moment == nil || fault.moment ?? .before == moment else { return false }
            return fault.number ?? 0 <= (fault.command == nil ? total : counts[name, default: 0])
        }
        guard let index else { return nil }
        let fault = faults[index]
        let left = (fault.times ?? 1) - 1
        if left <= 0 { faults.remove(at: index) } else { faults[index].times = left }
        return fault
    }
}
