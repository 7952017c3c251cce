/// What lies in the slots of a simulated loader.
public struct SimulatedCassette: Hashable, Sendable {
    public var emptySlots: Set<Int>
    /// Names on the cartridges, by slot.
    public var names: [Int: String]
}

extension SimulatedColumn {
    public var cassette: SimulatedCassette { change { $0.cassette } }

    /// A person at the loader: takes cartridges out, puts others in. What lies on the stage stays there.
    public func changeCassette(_ work: @Sendable (inout SimulatedCassette) -> Void) {
        change { work(&$0.cassette) }
    }
}

extension ColumnBody {
    /// The cartridge that a loader which has lost count brings instead: the first other one.
    func otherSlot(than slot: Int) -> Int? {
        (1...max(1, settings.slots)).first { $0 != slot && !cassette.emptySlots.contains($0) }
    }
}
