import Microscope
import RunModel

/// Onto the square or hole itself: maps are off by a few micrometres.
struct Realign: Step {
    let kind: MappedFeature.Kind

    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let target = try acquisition.place()
        run.tell(StepReading(step: .align, grid: acquisition.grid.id, target: target.id, begunAt: run.now()))
        let size = try mapPixelSize(of: target, run).map { Length.ångströms(target.size * $0) } ?? .micrometres(1)
        let alignment = try await column.realign(to: MappedFeature(kind: kind, position: target.stage, size: size))
        try run.log(
            .info, "align",
            "\(target.id.wording) centred, shift \(alignment.shift.length.written) µm, correlation \(alignment.correlation.written)"
        )
        return .done
    }

    /// Å in a pixel of the map that a target was found on.
    private func mapPixelSize(of target: Target, _ run: isolated RunContext) throws(RunEnd) -> Double? {
        let grid = try run.grid(target.id.grid)
        return target.id.kind == .square ? grid.atlas?.pixelSize : grid.target(target.id.square)?.image?.pixelSize
    }
}
