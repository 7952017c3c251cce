import Blocking
import Foundation
import Imaging
import ImagingSamples
import RunModel
import TestSupport
import Testing

@testable import Processing

@Suite struct ProgramOutputTests {
    @Test func `RELION's corrections become displacements against the first frame`() throws {
        let shifts = try #require(MotionLog.relion(RecordedScheduler.text("relion/movie.star")))
        #expect(shifts.count == 8)
        #expect(shifts[0] == .zero)
        #expect(shifts[1] == PixelShift(x: 0.79667, y: -0.520789))
        // RELION's own sums, of the same run: 3.952393 Å and 2.401237 Å.
        let motion = FrameMotion(shifts, pixelSize: 1, dosePerFrame: 1)
        #expect(abs(motion.total - 3.952393) < 0.0001)
        #expect(abs(try #require(motion.early) - 2.401237) < 0.0001)
    }

    @Test func `RELION's list names both sums`() {
        let star = StarTable(RecordedScheduler.text("relion/corrected_micrographs.star"))
        #expect(star.values("micrographs", "MicrographNameNoDW") == ["out/movie_noDW.mrc"])
        #expect(star.values("micrographs", "MicrographName") == ["out/movie.mrc"])
        #expect(star.values("micrographs", "MicrographMetadata") == ["out/movie.star"])
    }

    @Test(arguments: [
        "", "data_global_shift\n\nloop_\n_rlnMicrographShiftX #1\n_rlnMicrographShiftY #2\nnan 0\n", "no STAR file",
    ])
    func `a STAR file without finite shifts gives none`(_ text: String) {
        #expect(MotionLog.relion(text) == nil)
    }

    @Test func `a MotionCor log becomes displacements against the first frame`() {
        let log = "# full frame alignment\n# frame   x   y\n   1    1.50   -0.25\n   2    0.50    0.75\n   3    0.00    1.00\n"
        #expect(MotionLog.motioncor(log) == [.zero, PixelShift(x: 1, y: -1), PixelShift(x: 1.5, y: -1.25)])
    }

    @Test(arguments: ["", "1 2\n", "1 a b\n", "1 inf 0\n", "killed\n"])
    func `a log that is none gives none`(_ text: String) { #expect(MotionLog.motioncor(text) == nil) }

    // Written after the program's published format; no recording could be made.
    @Test func `a CTFFIND table is read`() throws {
        let text = """
            # Output from CTFFind version 4.1.14, run on 2026-01-01 12:00:00
            # Input file: average.mrc ; Number of micrographs: 1
            # Columns: #1 - micrograph number; #2 - defocus 1 [Angstroms]; #3 - defocus 2; #4 - azimuth; #5 - phase shift; #6 - score; #7 - fit
            1.000000 9986.331055 10295.926758 -38.856349 0.000000 0.121242 4.250000
            """
        let (fit, reason) = try #require(CTFTable(text)).measurement(by: "ctffind")
        #expect(reason == nil)
        #expect(fit?.defocusU == 10295.926758 && fit?.defocusV == 9986.331055)
        #expect(abs((fit?.angle ?? 0) - 51.143651) < 1e-9)
        #expect(fit?.fitResolution == 4.25 && fit?.score == 0.121242)
    }

    @Test func `a CTFFIND table without a fit resolution is no fit`() throws {
        let (fit, reason) = try #require(CTFTable("1 10000 9000 10 0 0.02 inf\n")).measurement(by: "ctffind")
        #expect(fit == nil && reason == "ctffind found no rings that fit.")
    }

    @Test(arguments: [
        "", "# only remarks\n", "1 2 3\n", "1 nan 9000 10 0 0.02 4\n", "1 1e300 9000 10 0 0.02 4\n", "1 9000 -1e9 10 0 0.02 4\n",
        "Segmentation fault\n",
    ])
    func `a table that is none gives none`(_ text: String) { #expect(CTFTable(text) == nil) }
}

@Suite struct TemplateTests {
    private let values = TemplateValues(values: [.movie: "/a b/{gain}.mrc", .out: "."])

    @Test(arguments: ["/a b/{gain}.mrc", "; rm -rf x", "$(id)", "`id`", "two\nlines", "-rf", "'\"", "a|b>c&", "*", "\\", ""])
    func `a value is one argument, whatever is in it`(_ value: String) throws {
        let values = TemplateValues(values: [.movie: value, .out: "."])
        let step = ExternalStep(program: .relion, command: [.always("p"), .always("{movie}"), .always("--o={out}/x")])
        #expect(try values.arguments(step) == [value, "--o=./x"])
    }

    @Test func `arguments in a list are left out together`() throws {
        let step = ExternalStep(
            program: .relion, command: [.always("p"), .together(["--gain", "{gain}"]), .together(["--o", "{out}"])])
        #expect(try values.arguments(step) == ["--o", "."])
    }

    @Test func `a value that is missing elsewhere is told`() {
        let step = ExternalStep(program: .relion, command: [.always("p"), .always("{gain}")])
        #expect(throws: TemplateProblem.noValue(.gain)) { try values.arguments(step) }
    }

    @Test func `an unknown placeholder, a wrong step and an empty command are refused before the first movie`() {
        var settings = ProcessingSettings()
        settings.motion = ExternalStep(program: .relion, command: [.always("p"), .together(["{movies}"])])
        #expect(throws: TemplateProblem.unknown("movies")) { try settings.check() }
        settings.motion = ExternalStep(program: .ctffind, command: [.always("p")])
        #expect(throws: TemplateProblem.wrongStep(.ctffind)) { try settings.check() }
        settings.motion = ExternalStep(program: .relion, command: [])
        #expect(throws: TemplateProblem.noProgram) { try settings.check() }
    }
}

@Suite(.timeLimit(.minutes(2))) struct ExternalProgramTests {
    @Test func `sums and shifts of a program are taken over, and its folder is gone`() async throws {
        let scene = try ProgramScene()
        let measured = try await scene.measure(
            "cp '\(scene.recordings)'/*.star out; cp ../../../sum.mrc out/movie.mrc; cp ../../../sum.mrc out/movie_noDW.mrc")
        #expect(measured.shifts.count == 8)
        #expect(abs(measured.totalMotion - 3.952393) < 0.0001)
        #expect(measured.programs == ["sh"])
        #expect(measured.average == "g/raw/m.mrc")
        for file in [measured.average, "g/raw/m_DW.mrc", measured.picture, measured.spectrum] {
            #expect(FileManager.default.fileExists(atPath: scene.folder.path(of: file)))
        }
        #expect(try Files.names(in: scene.folder.path(of: "g/programs")) == [])
    }

    /// Defocus goes with the square of the pixel size: a binned sum must never pass for one that is not.
    @Test func `a sum that a program has binned keeps its own pixel size, for the next program too`() async throws {
        let scene = try ProgramScene()
        let sum = try MRCFile.image(path: scene.folder.path(of: "sum.mrc"))
        try MRCFile.write(sum, to: scene.folder.path(of: "binned.mrc"), pixelSize: 2)
        let said = scene.folder.path(of: "said")
        scene.order.settings.ctf = ExternalStep(
            program: .ctffind,
            command: [
                .always("/bin/sh"), .always("-c"), .always("echo $0 > '\(said)'; echo '1 9000 8000 10 0 0.2 4' > out/a.txt"),
                .always("{pixelSize}"),
            ])
        let measured = try await scene.measure(
            "cp '\(scene.recordings)'/*.star out; cp ../../../binned.mrc out/movie.mrc; cp ../../../binned.mrc out/movie_noDW.mrc"
        )
        #expect(measured.pixelSize == 2)
        #expect(try String(contentsOfFile: said, encoding: .utf8) == "2.0\n")
        #expect(measured.ctf?.defocusU == 9000)
        #expect(abs(measured.totalMotion - 3.952393) < 0.0001)
        #expect(measured.warnings == nil)
    }

    @Test(arguments: [
        ("echo out of luck >&2; exit 4", "sh ended with code 4. Its last words: out of luck"),
        ("kill -9 $$", "sh was ended by signal 9. It said nothing."), (":", "sh wrote no list of corrected micrographs."),
        ("echo nonsense > out/corrected_micrographs.star", "sh wrote no sum of this movie. It said nothing."),
        (
            "echo Skipped: too few frames >&2; echo nonsense > out/corrected_micrographs.star",
            "sh wrote no sum of this movie. Its last words: Skipped: too few frames"
        ),
        ("cp '$R'/corrected_micrographs.star out", "sh wrote no shifts of this movie."),
        ("cp '$R'/*.star out; echo > out/movie.star", "sh wrote shifts that cannot be read."),
        ("cp '$R'/*.star out", "sh wrote no sum out/movie_noDW.mrc."),
        ("cp '$R'/*.star out; echo no image > out/movie_noDW.mrc", "sh wrote a sum that is not an image: "),
    ])
    func `a program that gives nothing is named in a sentence, and nothing is left`(_ script: String, _ sentence: String)
        async throws
    {
        let scene = try ProgramScene()
        let problem = await #expect(throws: ExternalProblem.self) {
            try await scene.measure(script.replacing("$R", with: scene.recordings))
        }
        #expect(problem?.sentence.hasPrefix(sentence) == true, "\(problem?.sentence ?? "")")
        #expect(try Files.names(in: scene.folder.path(of: "g/programs")) == [])
        #expect(try Files.names(in: scene.folder.path(of: "g/raw")) == [])
    }

    @Test func `a program is given what the movie tells of itself`() async throws {
        let scene = try ProgramScene()
        try scene.drawSmallMovie()
        let mdoc = "PixelSpacing = 0.5\nVoltage = 200\nFrameDosesAndNumber = 4 3\nRotationAndFlip = 5\nGainReference = ref.mrc\n"
        try mdoc.write(toFile: scene.order.movie + ".mdoc", atomically: true, encoding: .utf8)
        try MRCFile.write(Image(width: 256, height: 256, filledWith: 1), to: scene.folder.path(of: "ref.mrc"))
        try "BadPixels 2 255\n".write(toFile: scene.folder.path(of: "defects.txt"), atomically: true, encoding: .utf8)
        scene.order.detector = DetectorDescription(
            id: "d", name: "D", microscope: "m", width: 256, height: 256, pixelSize: 1,
            defects: scene.folder.path(of: "defects.txt"))
        let said = try await scene.said(
            "{pixelSize} {voltage} {dosePerFrame} {frames} {gain} {gainRotation} {gainFlip}", keeping: "{defects}")
        #expect(said == "0.5 200.0 4.0 3 \(scene.folder.path(of: "ref.mrc")) 3 2")
        // The third pixel of the lowest row, mirrored and turned by a quarter as the frames are.
        let map = try MRCFile.image(path: scene.folder.path(of: "kept"))
        #expect(map.pixels.indices.filter { map.pixels[$0] != 0 } == [253 * 256 + 255])
    }

    @Test func `a program gets the name of a movie as it is, whatever a shell would make of it`() async throws {
        let scene = try ProgramScene()
        scene.order.movie = scene.folder.path(of: "-rf; touch made; $(touch made)\n`touch made` '\" & | > made * \\n.mrc")
        try scene.drawSmallMovie()
        let before = try Files.names(in: scene.folder.path)
        let script = "printf %s \"$1\" > ../../../said; printf %s $# > ../../../count; exit 3"
        scene.order.settings.motion = ExternalStep(
            program: .relion, command: ["/bin/sh", "-c", script, "sh", "{movie}"].map { .always($0) })
        let problem = await #expect(throws: ExternalProblem.self) { try await scene.order.carryOut() }
        #expect(problem?.sentence.hasPrefix("sh ended with code 3") == true)
        #expect(try Files.text(scene.folder.path(of: "said")) == scene.order.movie)
        #expect(try Files.text(scene.folder.path(of: "count")) == "1")
        #expect(Set(try Files.names(in: scene.folder.path)) == Set(before + ["said", "count"]))
    }

    @Test func `a program is told how the electrons of a movie go together`() async throws {
        let scene = try ProgramScene()
        scene.order.movie = scene.folder.path(of: "m.eer")
        let sample = EERSample(width: 64, height: 64, frames: 100, rate: 0.01, seed: 6)
        try Data(sample.file).write(to: URL(fileURLWithPath: scene.order.movie))
        scene.order.settings.eer = ElectronFrames()
        scene.order.settings.eer?.upsampling = 2
        let said = try await scene.said(
            "{rawFrames} {eerGrouping} {eerUpsampling} {frames} {dosePerFrame} {pixelSize}", keeping: "{fractions}")
        // Eight e/Å² in eight frames: twelve of the camera's in each, four are left over.
        #expect(said == "100 12 2 8 0.96 0.5")
        #expect(try Files.text(scene.folder.path(of: "kept")) == "100 12 0.08\n")
    }

    @Test func `what only electrons have is left out for frames`() async throws {
        let scene = try ProgramScene()
        try scene.drawSmallMovie()
        let problem = await #expect(throws: ExternalProblem.self) { try await scene.said("{eerGrouping}", keeping: "{movie}") }
        #expect(problem?.sentence.hasPrefix("sh was not run: {eerGrouping} has no value for this movie.") == true)
    }

    @Test func `a program that is missing is named`() async throws {
        let scene = try ProgramScene()
        let problem = await #expect(throws: ExternalProblem.self) { try await scene.measure("", program: "/nowhere/relion") }
        #expect(problem?.sentence == "relion could not be run: there is no such program.")
    }

    @Test func `a program that hangs is ended`() async throws {
        let scene = try ProgramScene()
        let clock = TestClock()
        let task = Task { try await scene.measure("exec 9>../../../life; echo >&9; exec sleep 1000", clock: clock) }
        #expect(await scene.life.ready())
        #expect(try await clock.nextSleep() == .seconds(270))
        clock.advance(by: .seconds(270))
        let problem = await #expect(throws: ExternalProblem.self) { try await task.value }
        #expect(problem?.sentence == "sh had not finished after 4 min, and was ended.")
        #expect(await scene.life.isOver())
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["GRIDPILOT_RELION"] != nil, "set GRIDPILOT_RELION=1"))
    func `RELION's own motion correction finds the drift of a drawn movie`() async throws {
        let scene = try ProgramScene()
        let truth = try scene.drawMovie()
        scene.setRelion()
        let movie = try Data(contentsOf: URL(fileURLWithPath: scene.order.movie))
        let measured = try await scene.order.carryOut()
        #expect(measured.shifts.count == truth.count)
        for (found, place) in zip(measured.shifts, truth) {
            #expect(abs(found.x - place.x) < 0.3 && abs(found.y - place.y) < 0.3)
        }
        #expect(measured.programs == ["relion_run_motioncorr"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: scene.order.movie)) == movie)
        #expect(try MRCFile(path: scene.folder.path(of: "g/raw/m.mrc")).width == 512)
        #expect(FileManager.default.fileExists(atPath: scene.folder.path(of: "g/raw/m_DW.mrc")))
    }
}
