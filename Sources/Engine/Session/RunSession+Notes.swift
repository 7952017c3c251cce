import RunModel

/// What a person writes of a grid; what is nil stays as it is.
public struct GridNoting: Hashable, Sendable {
    public enum Quality: Hashable, Sendable {
        case judged(GridQuality)
        case open
    }
    public var quality: Quality?
    public var notes: String?
    public init(quality: Quality? = nil, notes: String? = nil) {
        self.quality = quality
        self.notes = notes
    }
}

// What people think of grids and images. It says nothing to the run.
extension RunSession {
    func note(_ noting: GridNoting, on id: GridID, by person: String, command: CommandID) throws(EngineError) {
        _ = try grid(id, try state())
        let old = try journal.grid(id).notes
        let quality: GridQuality? =
            switch noting.quality {
            case .judged(let quality): quality
            case .open: nil
            case nil: old?.quality
            }
        let news = GridNoted(grid: id, quality: quality, notes: noting.notes ?? old?.text ?? "", by: person)
        // A page sends what it has when somebody leaves the field, changed or not.
        guard news.quality != old?.quality || news.notes != old?.text ?? "" else { return }
        try recordOutside([.gridNoted(news)], command: command)
    }

    func rate(_ micrograph: MicrographID, _ rating: ImageRating?, by person: String, command: CommandID) throws(EngineError) {
        _ = try grid(micrograph.grid, try state())
        guard let known = try journal.grid(micrograph.grid).micrograph(micrograph) else {
            throw .unknown("image", id: micrograph.rawValue)
        }
        guard known.rating != rating else { return }
        try recordOutside(
            [.micrographRated(MicrographRated(micrograph: micrograph, rating: rating, by: person))], command: command)
    }
}
