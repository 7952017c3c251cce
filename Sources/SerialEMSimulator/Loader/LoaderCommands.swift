import Microscope
import RunModel

/// The autoloader.
extension SimulatedSerialEM {
    static let loaderAnswers: [SerialEMCommand: Answer] = [
        .reportSlotStatus: reportSlotStatus, .reportLoadedSlot: reportLoadedSlot,
    ]
    static let loaderActions: [SerialEMCommand: Action] = [.loadCartridge: loadCartridge, .unloadCartridge: unloadCartridge]

    var isJEOL: Bool { column.settings.loader == .jeol }

    private func reportSlotStatus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try checkInventory()
        let number = call.integer(0)
        let reports = try act { body, _ in body.slotReports() }
        guard let report = reports.first(where: { $0.slot == number }) else {
            if isJEOL { return [.count(-1)] }
            throw .sentence("There is no slot \(number) in the cassette, in line:")
        }
        return isJEOL ? inventory(report) : status(report)
    }

    /// A JEOL loader knows nothing of its cartridges before that.
    private func checkInventory() throws(SerialEMProblem) {
        guard isJEOL, !read(\.hasInventory) else { return }
        throw .sentence("You need to do a cassette inventory; There is no cartridge information for:")
    }

    /// A slot is empty while its cartridge is on the stage, and -1 before the autoloader has looked. The number of the slot stands for a name
    /// that could not be read.
    private func status(_ report: SlotReport) -> [SerialEMValue] {
        guard settings.knowsSlots else { return [.count(-1)] }
        guard report.state == .occupied else { return [.count(0)] }
        return [.count(1), report.name.map { .text($0) } ?? .count(report.slot)]
    }

    /// Cartridge, station (1 magazine, 3 stage), slot, type, angle and name.
    private func inventory(_ report: SlotReport) -> [SerialEMValue] {
        guard report.state != .empty else { return [.count(-1)] }
        return [
            .count(Self.cartridge(report.slot)), .count(report.state == .onStage ? 3 : 1), .count(report.slot), .count(1),
            .count(0),
            .text(report.name ?? ""),
        ]
    }

    /// Cartridges are numbered from here.
    static let firstCartridge = 100
    private static func cartridge(_ slot: Int) -> Int { firstCartridge + slot }

    private func reportLoadedSlot(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard isJEOL || settings.hasUTAPI else { throw .sentence("UTAPI loader service must be connected to for line:") }
        guard !isJEOL || read(\.hasInventory) else {
            throw .sentence("You must get a cartridge inventory before line:")
        }
        let loaded = try act { body, _ in body.loaded }
        guard isJEOL else { return [.count(loaded ?? 0), .count(0)] }
        return loaded.map { [.count($0 - 1), .count(Self.cartridge($0))] } ?? [.count(-1), .count(-1)]
    }

    private func loadCartridge(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try checkInventory()
        return try await load(call.integer(0), call)
    }

    /// What goes wrong once the loader moves is a value, not a problem.
    func load(_ slot: Int, _ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let seconds = try act { body, _ throws(MicroscopeError) in
            guard let report = body.slotReports().first(where: { $0.slot == slot }) else {
                throw .refused("the loader has no slot \(slot)")
            }
            guard report.state != .empty else { throw .slotEmpty(slot: slot) }
            guard !body.isBusy(besides: call.ticket) else { throw .busy }
            body.motion = call.ticket
            return body.secondsToLoad(slot)
        }
        try await wait(seconds)
        let isOnStage = try act { body, moment in
            body.motion = nil
            // Why not is in the ledger; a loader only says that it did not work.
            return (try? body.load(slot, for: call.client, at: moment)) != nil
        }
        return [.count(isOnStage ? 0 : 1), .count(0)]
    }

    func unloadCartridge(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try act { body, _ throws(MicroscopeError) in
            guard body.loaded != nil else { throw .refused("no cartridge is on the stage") }
            guard !body.isBusy(besides: call.ticket) else { throw .busy }
            body.motion = call.ticket
        }
        try await wait(durations.unload)
        try act { body, moment in
            body.motion = nil
            body.putOnStage(nil)
            body.write(.load, client: call.client, at: moment, name: "unloaded")
        }
        return [.count(0), .count(0)]
    }
}
