import Microscope
import RunModel

/// A command as the column hears it.
struct ColumnCommand: Sendable {
    let name: String
    var args: [String] = []
    /// Takes the column for itself: refused while something else is under way.
    var needsColumn = true
    /// The gate is asked before it is sent.
    var acts = true
    /// Needs open valves and a cartridge on the stage.
    var needsBeam = false
}

/// A command under way.
struct ColumnTicket: Sendable {
    let number: Int
    package let client: Int
    let name: String
    /// Seconds of the column's time until the link breaks; nil while it holds.
    var breaksAfter: Double?
    /// The command will be done, and nobody told.
    let losesAnswer: Bool
}

/// Clients and their commands. The newest connection is the only one heard.
extension ColumnBody {
    mutating func connect(at moment: Moment) -> Int {
        if origin == nil { origin = moment.at }
        if let old = client { write(.disconnect, client: old, at: moment) }
        lastClient += 1
        client = lastClient
        write(.connect, client: lastClient, at: moment)
        return lastClient
    }

    mutating func greet(_ greeting: String, client number: Int?, at moment: Moment) throws(MicroscopeError) {
        write(.command, client: try heard(number), at: moment, name: "echo", args: [greeting])
    }

    package mutating func disconnect(_ number: Int, at moment: Moment) {
        guard client == number else { return }
        client = nil
        write(.disconnect, client: number, at: moment)
    }

    /// `seconds`: how long the command will take if nothing comes between.
    mutating func begin(
        _ command: ColumnCommand, client number: Int?, at moment: Moment, seconds: Double
    ) throws(MicroscopeError) -> ColumnTicket {
        settle(at: moment)
        let number = try heard(number)
        let plan = try linkPlan(for: command, client: number, at: moment, seconds: seconds)
        write(.command, client: number, at: moment, name: command.name, args: command.args)
        lastTicket += 1
        let ticket = ColumnTicket(
            number: lastTicket, client: number, name: command.name, breaksAfter: plan.breaksAfter, losesAnswer: plan.losesAnswer)
        count(ticket)
        do throws(MicroscopeError) { try admit(command, ticket, at: moment) } catch {
            inProgress[ticket.number] = nil
            throw error
        }
        return ticket
    }

    /// The client's number, where it is the one that is heard.
    func heard(_ number: Int?) throws(MicroscopeError) -> Int {
        guard let number else { throw .linkLost("and has not been opened again") }
        guard number == client else { throw .replaced }
        return number
    }

    private mutating func count(_ ticket: ColumnTicket) {
        inProgress[ticket.number] = ticket.client
        counters.commands += 1
        counters.mostAtOnce = max(counters.mostAtOnce, inProgress.count)
        counters.mostClientsAtOnce = max(counters.mostClientsAtOnce, Set(inProgress.values).count)
    }

    private mutating func admit(_ command: ColumnCommand, _ ticket: ColumnTicket, at moment: Moment) throws(MicroscopeError) {
        if command.needsColumn {
            guard motion == nil, orphans.isEmpty else { throw .busy }
        }
        if command.needsBeam { try checkBeam() }
        if command.needsColumn { motion = ticket.number }
    }

    package func checkBeam() throws(MicroscopeError) {
        guard loaded != nil else { throw .refused("no cartridge is on the stage") }
        guard valvesOpen else { throw .valveClosed }
    }

    /// The command is over for its client. An answer that cannot reach it any more is a lost link.
    mutating func end(_ ticket: ColumnTicket, at moment: Moment) throws(MicroscopeError) {
        release(ticket)
        if ticket.losesAnswer {
            disconnect(ticket.client, at: moment)
            throw .linkLost("before the answer to \(ticket.name) came")
        }
        guard client == ticket.client else { throw .replaced }
    }

    /// The client is gone; what the column was doing goes on for `seconds` of its time.
    mutating func abandon(
        _ ticket: ColumnTicket, for seconds: Double, at moment: Moment,
        effect: @escaping @Sendable (inout ColumnBody, Moment) -> Void
    ) {
        let wasMoving = motion == ticket.number
        release(ticket)
        disconnect(ticket.client, at: moment)
        if wasMoving { orphans.append(Orphan(until: moment.after(seconds), effect: effect)) }
    }

    mutating func release(_ ticket: ColumnTicket) {
        inProgress[ticket.number] = nil
        if motion == ticket.number { motion = nil }
    }

    /// Brings to their end what has ended by itself since somebody last looked.
    package mutating func settle(at moment: Moment) {
        if origin == nil { origin = moment.at }
        let over = orphans.filter { $0.until <= moment.at }
        orphans.removeAll { $0.until <= moment.at }
        for orphan in over { orphan.effect(&self, Moment(at: orphan.until, speed: moment.speed)) }
        let now = elapsed(at: moment)
        while faults.takeOnce(.valveShut, where: { $0.at.map { $0 <= now } ?? false }) != nil { shutValves(at: moment) }
        while let fault = faults.takeOnce(.cartridgeTaken, where: { ($0.at ?? 0) <= now }) {
            fault.slot.map { _ = cassette.emptySlots.insert($0) }
        }
        while let fault = faults.takeOnce(.nitrogenFill, where: { ($0.at ?? 0) <= now }) {
            fillingUntil = moment.after((fault.at ?? now) + (fault.seconds ?? 1200) - now)
        }
    }

    package mutating func shutValves(at moment: Moment) {
        valvesOpen = false
        write(.valves, client: 0, at: moment, args: ["closed"])
    }
}

/// Broken links, as they were asked for.
extension ColumnBody {
    private mutating func linkPlan(
        for command: ColumnCommand, client number: Int, at moment: Moment, seconds: Double
    ) throws(MicroscopeError) -> (breaksAfter: Double?, losesAnswer: Bool) {
        commandsByName["", default: 0] += 1
        commandsByName[command.name, default: 0] += 1
        let now = elapsed(at: moment)
        if let fault = faults.takeOnce(.linkLost, where: { $0.at.map { $0 < now + seconds } ?? false }), let at = fault.at {
            if at > now { return (at - now, false) }
            try breakLink(of: number, at: moment)
        }
        let counts = commandsByName
        let name = command.name
        guard
            let fault = faults.takeOnce(
                .linkLost,
                where: {
                    $0.at == nil && ($0.command ?? name) == name && ($0.number ?? 1) == counts[$0.command ?? "", default: 0]
                })
        else { return (nil, false) }
        switch fault.moment ?? .during {
        case .before: try breakLink(of: number, at: moment)
        case .during: return (seconds / 2, false)
        case .after: return (nil, true)
        }
    }

    private mutating func breakLink(of number: Int, at moment: Moment) throws(MicroscopeError) -> Never {
        disconnect(number, at: moment)
        throw .linkLost("before the command was sent")
    }
}
