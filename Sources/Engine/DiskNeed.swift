import RunModel

/// What a session will still write, as far as its queue and its settings tell.
struct DiskNeed {
    /// Write-ahead log and logs, between two looks.
    private static let records = 4.0 * 1_048_576

    let nextMovie: Int
    let rest: Int

    /// `unprocessed`: movies whose results are still to be written.
    init(_ state: SessionState, unprocessed: Int) {
        let settings = state.session.settings
        let (movie, results) = Self.exposure(settings, state.detector)
        // What comes of the movie, and of those before; besides, what the store and the logs write meanwhile.
        nextMovie = Self.bytes(movie + results * Double(1 + unprocessed) + Self.records)
        let queued = state.queue.items.filter { !$0.isSkipped }.reduce(0) { $0 + Double($1.exposures) }
        let perGrid = Double(settings.squaresPerGrid) * Double(settings.holesPerSquare) * Double(settings.exposuresPerHole)
        let waiting = Double(state.grids.count { $0.status == .waiting && !$0.hasAtlas })
        rest = Self.bytes((queued + waiting * perGrid) * (movie + results) + results * Double(unprocessed))
    }

    /// What some exposures will write, with what comes of them; bytes.
    static func of(_ exposures: Int, _ settings: GridSettings, _ detector: DetectorDescription) -> Int {
        let (movie, results) = exposure(settings, detector)
        return bytes(Double(exposures) * (movie + results))
    }

    private static func exposure(_ settings: GridSettings, _ detector: DetectorDescription) -> (movie: Double, results: Double) {
        let pixels = Double(detector.width) * Double(detector.height)
        // 16-bit frames; 32-bit averages, with and without dose weighting, and what pages show of them.
        return (pixels * 2 * Double(settings.movie.frames), pixels * 9)
    }

    /// Each setting is within its bounds, and all of them together may ask for more than a number holds.
    private static func bytes(_ wanted: Double) -> Int { Int(min(wanted, 1e18)) }
}
