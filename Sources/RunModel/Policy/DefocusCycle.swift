/// The next target defocus: cycles through the range so that a grid's micrographs spread over it.
public enum DefocusCycle {
    /// The series from the weakest to the strongest under focus; one value when the step does not fit in.
    public static func series(_ range: DefocusRange) -> [Length] {
        let span = (range.strongest - range.weakest).micrometres
        let step = range.step.micrometres.magnitude
        guard step > 0, span.magnitude > 0 else { return [range.weakest] }
        let count = Int(min(1000, (span.magnitude / step + 1e-6).rounded(.down)))
        return (0...count).map { .micrometres(range.weakest.micrometres + Double($0) * (span < 0 ? -step : step)) }
    }

    /// `taken` counts the exposures that the grid already had, so that a restart goes on where the cycle stood.
    public static func next(_ range: DefocusRange, taken: Int) -> Length {
        let series = series(range)
        return series[taken % series.count]
    }
}
