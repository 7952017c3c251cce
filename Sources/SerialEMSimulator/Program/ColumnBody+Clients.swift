import RunModel
import Simulator

/// The column as the program in front of it uses it: the program keeps the order of commands, so nothing is refused as busy here.
extension ColumnBody {
    /// A client has connected, and pushes out the one before.
    mutating func admitClient(at moment: Moment) -> Int {
        if origin == nil { origin = moment.at }
        if let old = client { write(.disconnect, client: old, at: moment) }
        lastClient += 1
        client = lastClient
        write(.connect, client: lastClient, at: moment)
        return lastClient
    }

    /// Writes a command down before it is carried out.
    mutating func hear(_ name: String, _ words: [String], client: Int, at moment: Moment) -> Int {
        settle(at: moment)
        write(.command, client: client, at: moment, name: name, args: words)
        lastTicket += 1
        inProgress[lastTicket] = client
        counters.commands += 1
        counters.mostAtOnce = max(counters.mostAtOnce, inProgress.count)
        counters.mostClientsAtOnce = max(counters.mostClientsAtOnce, Set(inProgress.values).count)
        return lastTicket
    }

    mutating func dismiss(_ ticket: Int) {
        inProgress[ticket] = nil
        if motion == ticket { motion = nil }
    }

    /// Something that is not the command of this ticket moves the stage.
    func isBusy(besides ticket: Int) -> Bool { !orphans.isEmpty || motion.map { $0 != ticket } ?? false }

    /// Looks beside the place of the beam for a while, as a low dose area with a shift of its own does.
    mutating func beside<Value, Problem: Error>(
        _ offset: SpecimenPoint, _ work: (inout ColumnBody) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        let shift = imageShift
        imageShift = shift + offset
        defer { imageShift = shift }
        return try work(&self)
    }
}
