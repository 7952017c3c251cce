import RunModel
import Testing

@testable import RunAPI

@Suite struct ReportTests {
    private typealias Samples = ReportSamples

    @Test func `a grid's numbers are counted as its page counts them`() {
        var grid = Samples.grid()
        grid.squares = [
            Samples.target("s.g1.s1", .completed), Samples.target("s.g1.s2", .found),
            Samples.target("s.g1.s3", .queued, hasImage: true),
        ]
        grid.holes = [
            Samples.target("s.g1.s1.h1", .acquired, thickness: 20), Samples.target("s.g1.s1.h2", .processed, thickness: 40),
            Samples.target("s.g1.s1.h3", .failed, thickness: 900),
        ]
        grid.micrographs = [
            Samples.micrograph(1, fit: 3.5, error: 0.1), Samples.micrograph(2, fit: 6, error: -0.3),
            Samples.micrograph(3, fit: 9, error: 0.2),
            Samples.micrograph(4), Samples.micrograph(5, isMeasured: false),
            Samples.micrograph(6, isSaved: false, isMeasured: false),
        ]
        let figures = GridFigures(grid)
        #expect(figures.squares == 3 && figures.squaresImaged == 2 && figures.holes == 3 && figures.holesImaged == 2)
        #expect(figures.images == 5 && figures.processed == 4 && figures.medianFit == 6 && figures.withinLimit == 2)
        #expect(figures.medianDefocusError.map { abs($0 - 0.1) < 1e-9 } == true)
        #expect(figures.medianMotion == 2.5 && figures.medianThickness == 30)
        let rows = Dictionary(uniqueKeysWithValues: figures.rows(limit: 6))
        #expect(rows["Fit of 6.0 Å or better"] == "50 %, 2 of 4" && rows["Median defocus error"] == "+0.10 µm")
        #expect(GridFigures(Samples.grid()).rows(limit: 6).contains { $0 == ("Median CTF fit", "None") })
    }

    @Test func `rated images come first, then as many of the best as of the worst, and the rest is counted`() {
        var grid = Samples.grid()
        grid.micrographs =
            (1...9).map { Samples.micrograph($0, fit: Double(10 - $0)) } + [
                Samples.micrograph(10), Samples.micrograph(11, fit: 5, rating: .cracked),
                Samples.micrograph(12, isMeasured: false),
            ]
        let choice = ReportChoice(grid, squares: 1, micrographs: 5)
        #expect(choice.groups.map(\.title) == ["Rated", "Best by fit", "Worst by fit"])
        #expect(choice.groups.map { $0.micrographs.map(\.id.number) } == [[11], [9, 8], [1, 10]])
        #expect(choice.micrographsLeftOut == 6)
        let all = ReportChoice(grid, squares: 1, micrographs: 11)
        #expect(
            all.groups.count == 1 && all.micrographs.map(\.id.number) == [9, 8, 7, 6, 5, 11, 4, 3, 2, 1, 10]
                && all.micrographsLeftOut == 0)
    }

    @Test func `the squares with the most exposures stand in a report, in the order of their numbers`() {
        var grid = Samples.grid()
        grid.squares = (1...4).map { Samples.target(TargetID(square: $0, of: grid.grid.id), .completed, hasImage: $0 != 2) }
        grid.micrographs = [
            Samples.micrograph(1, of: "s.g1.s4.h1"), Samples.micrograph(1, of: "s.g1.s3.h1"),
            Samples.micrograph(1, of: "s.g1.s4.h2"),
        ]
        let choice = ReportChoice(grid, squares: 2, micrographs: 5)
        #expect(choice.squares.map(\.id.number) == [3, 4] && choice.squaresLeftOut == 1)
    }

    @Test func `pictures beyond the size are left out, and a smaller one does not slip in behind them`() {
        var pictures = ReportPictures()
        let head = "data:image/png;base64,".utf8.count
        pictures.add([1, 2, 3], of: "a", below: head + 4)
        pictures.add([1], of: "b", below: head + 4)
        pictures.add([], of: "c", below: head + 4)
        #expect(pictures["a"] == .held("data:image/png;base64,AQID") && pictures["b"] == .leftOut && pictures["d"] == .none)
        #expect(pictures.leftOut == 2 && pictures.limit == .size)
    }

    @Test func `a picture that is missing says why in its place, and at the top how many are`() {
        var grid = Samples.grid()
        grid.squares = [Samples.target("s.g1.s1", .completed, hasImage: true)]
        grid.micrographs = [Samples.micrograph(1, fit: 4)]
        #expect(Samples.page(Samples.facts([grid])).contains("The atlas: none was taken"))
        grid.atlas = Samples.image
        var pictures = ReportPictures()
        pictures.miss("s.g1")
        pictures.leaveOut("s.g1.s1")
        pictures.end(for: .size)
        pictures.miss("s.g1.s1.h1.m1")
        let page = Samples.page(Samples.facts([grid]), pictures)
        #expect(page.contains("The atlas could not be read. The marks show what was found on it."))
        #expect(page.contains("The picture of square 1 was left out.") && page.contains(">The picture could not be read<"))
        #expect(page.contains("1 picture left out, because the file would be larger than 40 MB. 2 pictures could not be read."))
    }

    @Test func `what people have typed is text in every place of the page`() {
        let hostile = "<script>alert(1)</script>\"'&\u{202E}" + String(repeating: "w", count: 300)
        var grid = Samples.grid(hostile)
        grid.atlas = Samples.image
        grid.grid.holeType = hostile
        grid.grid.meshMaterial = hostile
        grid.grid.recipe = hostile
        grid.problem = hostile
        let noted = GridNoted(grid: grid.grid.id, quality: .bad, notes: hostile, by: hostile)
        grid.apply(StoredEvent(seq: 1, at: Samples.start, session: "s", event: .gridNoted(noted)))
        grid.micrographs = [Samples.micrograph(1), Samples.micrograph(2, fit: 3)]
        grid.micrographs[0].problem = hostile
        var session = Samples.session(hostile)
        session.session.group = hostile
        session.session.createdBy = hostile
        session.microscope.name = hostile
        session.detector.name = hostile
        session.process.startedAt = Samples.start
        session.process.startedBy = hostile
        var facts = Samples.facts([grid], isOfSession: true, session: session)
        facts.madeBy = hostile
        let page = Samples.page(facts)
        #expect(!page.lowercased().contains("<script") && !page.contains("\u{202E}"))
        // Each place keeps it whole.
        let safe = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\u{FFFD}www"
        #expect(page.components(separatedBy: safe).count > 15)
    }

    @Test func `each exposure has its row, with what was aimed at and found, and its time with the offset`() {
        var grid = Samples.grid()
        grid.micrographs = [Samples.micrograph(1, fit: 3.52, error: -0.1, rating: .great), Samples.micrograph(2)]
        let page = Samples.page(Samples.facts([grid]))
        let row = page.components(separatedBy: "<th scope=\"row\">1-1-1</th>").last?.components(separatedBy: "</tr>").first ?? ""
        for words in ["2026-11-22 21:00:01 +01:00", "3.5 Å", "Great", "12.50, −3.00, 0.00", "−1.50", "−1.60", ">1.0<"] {
            #expect(row.contains(words), "\(words)")
        }
        #expect(page.contains("<td>No fit"))
    }

    @Test func `a run that broke off is never shown as running`() {
        var grid = Samples.grid()
        grid.status = .running
        #expect(ReportStanding(of: grid, isLiving: false).word == "Interrupted")
        #expect(ReportStanding(of: grid, isLiving: true).word == "Running")
        grid.status = .completed
        grid.problem = "Square 3 could not be mapped."
        #expect(ReportStanding(of: grid, isLiving: false).word == "No image")
        grid.micrographs = [Samples.micrograph(1)]
        #expect(ReportStanding(of: grid, isLiving: false).word == "Done with failures")
    }

    @Test func `a map has a mark for each target, where it is, and a scale bar`() {
        let targets = [
            Samples.target("s.g1.s1", .completed), Samples.target("s.g1.s2", .unknown), Samples.target("s.g1.s3", .skipped),
        ]
        let map = ReportMap(what: "The atlas", alt: "Atlas", image: Samples.image, targets: targets, picture: .none, time: .utc)
        let text = String(decoding: map.html.bytes, as: UTF8.self)
        // The file's row 0 is at the bottom, the drawing's at the top.
        #expect(text.contains("<rect class=\"ok\" x=\"68.6\" y=\"567.6\" width=\"63.8\" height=\"63.8\""))
        #expect(text.contains("1 completed, 1 skipped, 1 unknown: may have been exposed"))
        #expect(ScaleBar(image: Samples.image).length == 10 && text.contains(">10 µm</text>"))
    }
}
