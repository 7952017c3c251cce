import RunModel
import Testing

@testable import RunAPI

@Suite struct ExportTests {
    private static let hole: TargetID = "s.g1.s2.h3"
    private static let scope = MicroscopeDescription(id: "s", name: "S", vendor: .jeol, voltage: 300)

    private func micrograph(
        _ number: Int, fit: Bool = true, shift: (x: Double, y: Double) = (0, 0), tilt: Double? = nil, isSaved: Bool = true
    ) -> Micrograph {
        var made = Micrograph(
            id: MicrographID(number, of: Self.hole), movie: "1_a/movies/m\(number).mrc", frames: 4, pixelSize: 1.1, dose: 40,
            stage: StagePosition(x: .micrometres(12.5), y: .micrometres(-3)),
            imageShift: PlaneShift(x: .micrometres(shift.x), y: .micrometres(shift.y)), tilt: tilt,
            targetDefocus: .micrometres(-1.5),
            measuredDefocus: nil, begunAt: Timestamp(milliseconds: 0))
        made.savedAt = isSaved ? Timestamp(milliseconds: 1000) : nil
        let ctf = CTFMeasurement(defocusU: 16_500.25, defocusV: 16_000, angle: -42.5, fitResolution: 3.5, score: 0.125)
        made.measurement = RunModel.Measurement(
            average: "1_a/raw/m\(number).mrc", picture: "", spectrum: "", shifts: [], totalMotion: 1.75, ctf: fit ? ctf : nil,
            reason: nil)
        return made
    }

    @Test func `micrographs with a fit go out as RELION reads them`() {
        let text = StarFile.micrographs([micrograph(1), micrograph(2, fit: false)], of: Self.scope)
        #expect(text.contains("data_optics\n\nloop_\n_rlnOpticsGroupName #1\n_rlnOpticsGroup #2\n"))
        #expect(text.contains("\nopticsGroup1 1 1.1 300.0 2.7 0.07 1.1\n"))
        var binned = micrograph(3)
        binned.measurement?.pixelSize = 2.2
        binned.measurement?.amplitudeContrast = 0.1
        #expect(StarFile.micrographs([binned], of: Self.scope).contains("\nopticsGroup1 1 1.1 300.0 2.7 0.1 2.2\n"))
        #expect(text.hasSuffix("_rlnAccumMotionTotal #9\n1_a/raw/m1.mrc 1 16500.25 16000.0 500.25 -42.5 0.125 3.5 1.75\n\n"))
    }

    @Test func `movies go out as RELION imports them, worked on or not`() {
        let text = StarFile.movies([micrograph(1), micrograph(2, fit: false), micrograph(3, isSaved: false)], of: Self.scope)
        let end =
            "data_movies\n\nloop_\n_rlnMicrographMovieName #1\n_rlnOpticsGroup #2\n1_a/movies/m1.mrc 1\n1_a/movies/m2.mrc 1\n\n"
        #expect(text.hasSuffix(end))
    }

    @Test func `image shifts of one place of the lattice make a group, and each tilt makes its own`() {
        // Three by three holes 2.5 µm apart, found to 0.1 µm.
        let lattice = (0..<90).map { n in
            let off = (Double(n % 7) - 3) / 30
            return micrograph(n + 1, shift: (Double(n % 3 - 1) * 2.5 + off, Double(n / 3 % 3 - 1) * 2.5 - off))
        }
        let groups = OpticsGroups(lattice, ofMovies: true)
        #expect(groups.groups.count == 9)
        for (n, one) in lattice.enumerated() {
            for (m, other) in lattice.enumerated() {
                #expect((groups.number(of: one.id) == groups.number(of: other.id)) == (n % 9 == m % 9))
            }
        }
        #expect(OpticsGroups(lattice.reversed(), ofMovies: true).groups == groups.groups)
        let tilted = OpticsGroups(
            [micrograph(1), micrograph(2, tilt: 30), micrograph(3, tilt: -30), micrograph(4, tilt: 30)], ofMovies: true)
        #expect([1, 2, 3, 4].map { tilted.number(of: MicrographID($0, of: Self.hole)) } == [2, 3, 1, 3])
    }

    @Test
    func `the groups of movies stay as they are while processing goes on, and are numbered alike in movies.star and the table`() {
        var binned = micrograph(1)
        binned.measurement?.pixelSize = 2.2
        let images = [binned, micrograph(2, fit: false), micrograph(3, shift: (2.5, 0)), micrograph(4, isSaved: false)]
        #expect(StarFile.movies(images, of: Self.scope).contains("m1.mrc 1\n1_a/movies/m2.mrc 1\n1_a/movies/m3.mrc 2\n"))
        let rows = TableExport.micrographs(images, of: []).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let column = rows[0].firstIndex(of: "opticsGroup") ?? 0
        #expect(rows.dropFirst().map { $0[column] } == ["1", "1", "2", ""])
    }

    @Test func `movies have the contrast that their fits were made with`() {
        func contrasts(_ images: [Micrograph]) -> [Double] {
            OpticsGroups(images, ofMovies: true).groups.map(\.amplitudeContrast)
        }
        let images = (1...3).map { n in
            var image = micrograph(n)
            image.measurement?.amplitudeContrast = n == 1 ? 0.07 : 0.1
            return image
        }
        #expect(contrasts(images + [micrograph(4, fit: false)]) == [0.1])
        #expect(contrasts([micrograph(4, fit: false)]) == [0.07])
    }

    @Test func `a spreadsheet takes no name for a formula`() {
        let grid = Grid(id: "s.g1", name: "=cmd", slot: 1, holeType: nil, meshMaterial: nil, recipe: "spa")
        var image = micrograph(1)
        image.problem = "a \"word\", another"
        let lines = TableExport.micrographs([image], of: [grid]).split(separator: "\r\n")
        #expect(lines[0].hasPrefix("grid,position,square,hole,exposure,status,movie,begun,"))
        #expect(lines[1].hasPrefix("'=cmd,1,2,3,1,exposing,1_a/movies/m1.mrc,1970-01-01T00:00:00.000Z,4,1.1,40.0,12.5,-3.0,"))
        #expect(lines[1].hasSuffix(",\"a \"\"word\"\", another\""))
        #expect(lines[1].contains(",-1.5,16500.25,16000.0,-42.5,3.5,0.125,1.75,,,"))
    }

    @Test func `exposure groups name each movie that is there`() {
        let text = TableExport.exposureGroups([micrograph(1), micrograph(2, shift: (2.5, 0)), micrograph(3, isSaved: false)])
        #expect(text == "movie,exposureGroup\r\n1_a/movies/m1.mrc,1\r\n1_a/movies/m2.mrc,2\r\n")
    }

    @Test func `each file is offered by its name, and one of another grid is not there`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for export in Export.all {
            let answer = await bench.ask("GET", "/api/grids/\(session).g1/export/\(export.file)")
            #expect(answer.status == 200 && answer.headers["content-disposition"]?.hasSuffix("\(export.file)\"") == true)
            #expect(await bench.ask("GET", "/api/grids/\(session).g7/export/\(export.file)").status == 404)
            let whole = await bench.ask("GET", "/api/sessions/\(session)/export/\(export.file)")
            #expect(whole.status == (export.isOfSessions ? 200 : 404))
        }
    }
}
