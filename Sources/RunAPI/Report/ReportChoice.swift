import RunModel

/// Which pictures of a grid stand in a report: the file must stay one that a mail program takes.
struct ReportChoice {
    struct Group {
        var title: String
        var micrographs: [Micrograph]
    }
    /// With an image, in the order of their numbers.
    var squares: [Target]
    /// Of those with an image.
    var squaresLeftOut: Int
    var groups: [Group]
    /// Of those with a picture.
    var micrographsLeftOut: Int

    var micrographs: [Micrograph] { groups.flatMap(\.micrographs) }

    /// The squares with the most exposures; of the exposures first those that people rated, then as many of the best by fit as of the worst.
    init(_ grid: GridState, squares mostSquares: Int, micrographs mostMicrographs: Int) {
        let imaged = grid.squares.filter { $0.image != nil }
        let exposures = Dictionary(grid.micrographs.map { ($0.id.hole.square, 1) }, uniquingKeysWith: +)
        let busiest = imaged.sorted { (exposures[$1.id] ?? 0, $0.id.number) < (exposures[$0.id] ?? 0, $1.id.number) }
        squares = busiest.prefix(mostSquares).sorted { $0.id.number < $1.id.number }
        squaresLeftOut = imaged.count - squares.count

        let measured = grid.micrographs.filter { $0.measurement != nil }
        // No fit is worse than any; of equals the earlier one is first.
        let byFit = measured.enumerated().sorted {
            ($0.element.fit ?? .infinity, $0.offset) < ($1.element.fit ?? .infinity, $1.offset)
        }
        .map(\.element)
        guard measured.count > mostMicrographs else {
            groups = byFit.isEmpty ? [] : [Group(title: "By fit, best first", micrographs: byFit)]
            micrographsLeftOut = 0
            return
        }
        let rated = byFit.filter { $0.rating != nil }.prefix(mostMicrographs)
        let unrated = byFit.filter { $0.rating == nil }
        let room = mostMicrographs - rated.count
        let best = unrated.prefix((room + 1) / 2)
        let worst = unrated.dropFirst(best.count).suffix(room - best.count)
        groups = [
            Group(title: "Rated", micrographs: Array(rated)), Group(title: "Best by fit", micrographs: Array(best)),
            Group(title: "Worst by fit", micrographs: Array(worst)),
        ].filter { !$0.micrographs.isEmpty }
        micrographsLeftOut = measured.count - rated.count - best.count - worst.count
    }
}
