import RunModel

/// CTF by a facility's program, on the unweighted sum.
struct ExternalCTF {
    private let order: WorkerOrder
    private let run: ExternalRun

    /// `pixelSize`: Å of the sum, which may be binned.
    init?(_ movie: ToldMovie, _ clock: any Clock<Duration>, pixelSize: Double) {
        guard let step = movie.order.settings.ctf else { return nil }
        var order = movie.order
        order.pixelSize = pixelSize
        self.order = order
        run = ExternalRun(step, movie, order, clock)
    }

    /// A fit, or why there is none. `average`: relative to the session's directory.
    func measure(_ average: String) async throws -> (fit: CTFMeasurement?, reason: String?) {
        try run.prepare()
        defer { run.clear() }
        try run.link(order.path(average), as: "average.mrc")
        _ = try await run.run(input: "average.mrc", output: "spectrum.mrc")
        // Beside its diagnostic image: `spectrum.txt`, and `spectrum_avrot.txt` with curves.
        let name = run.written.first { $0.hasSuffix(".txt") && !$0.hasSuffix("_avrot.txt") }
        guard let name else { throw run.problem("wrote no table.") }
        guard let table = CTFTable(try run.text("\(ExternalRun.out)/\(name)", "table")) else {
            throw run.problem("wrote a table that cannot be read.")
        }
        return table.measurement(by: run.step.name)
    }
}

extension CTFTable {
    func measurement(by program: String) -> (fit: CTFMeasurement?, reason: String?) {
        guard let fitResolution else { return (nil, "\(program) found no rings that fit.") }
        guard defocus1 > 0, defocus2 > 0, score > 0 else { return (nil, "\(program) gave an impossible defocus.") }
        let isSwapped = defocus2 > defocus1
        let fit = CTFMeasurement(
            defocusU: max(defocus1, defocus2), defocusV: min(defocus1, defocus2),
            angle: Self.folded(isSwapped ? angle + 90 : angle),
            fitResolution: fitResolution, score: score)
        return (fit, nil)
    }

    /// Into (−90, 90].
    private static func folded(_ angle: Double) -> Double {
        let rest = angle.truncatingRemainder(dividingBy: 180)
        return rest > 90 ? rest - 180 : rest <= -90 ? rest + 180 : rest
    }
}
