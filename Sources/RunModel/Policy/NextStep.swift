/// Which target is next.
public enum NextStep {
    /// The first item of the grid on the stage that is not skipped: the order of the queue is the order of the run, so that the page shows
    /// what will happen.
    public static func choose(_ queue: QueueState, on grid: GridID) -> QueueItem? {
        queue.items(of: grid).first { !$0.isSkipped }
    }

    /// Where newly found holes go: the item that they are put before; nil puts them at the end.
    ///
    /// In screening on a TFS column, holes of finished squares come before new squares: one look at a square's ice decides about it, and
    /// the stage is already there. In data collection all squares are mapped first, so that targets can be judged over the whole grid.
    /// A JEOL column changes between Search and Record more slowly than its stage moves, so there squares come first in screening too.
    public static func placeForHoles(
        in queue: QueueState, on grid: GridID, mode: RunMode, vendor: Vendor
    ) -> TargetID? {
        guard mode == .screening, vendor == .thermoFisher else { return nil }
        return queue.items(of: grid).first { $0.id.kind == .square }?.id
    }
}
