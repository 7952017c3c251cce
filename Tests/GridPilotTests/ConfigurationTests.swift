import Foundation
import Microscope
import RunModel
import Testing

@testable import gridpilot

@Suite struct ConfigurationTests {
    @Test func `the example in the help can be used as it stands`() throws {
        let example = Configuration.help.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix("  ") }
        let read = try Configuration(yaml: example.joined(separator: "\n"), from: "help")
        #expect(read.data == "/srv/gridpilot")
        #expect(read.listen == "127.0.0.1:8080")
        #expect(read.tls == Configuration.TLS(certificate: "cert.pem", key: "key.pem"))
        #expect(read.web == "/usr/share/gridpilot/web")
        #expect(read.log == "info")
        #expect(read.recipes == "/etc/gridpilot/recipes")
        #expect(read.microscopes.map(\.id) == ["scope-1", "scope-2"])
        #expect(read.detectors.map(\.id) == ["camera-1", "camera-2"])
        #expect(read.detectors.last?.description.gain == GainFile(file: "/srv/gain.mrc", rotation: 0, flip: 0))
        #expect(read.detectors.last?.description.defects == "/srv/defects.txt" && read.detectors.last?.description.binning == 1)
        #expect(read.processing.settings.eer?.dosePerFrame == 1 && read.processing.settings.eer?.upsampling == 1)
        #expect(read.processing.workers == 2)
        #expect(read.processing.settings.motion?.program == .relion)
        #expect(read.processing.slurm.partition == "movies")
    }

    @Test func `a microscope behind SerialEM is reached as the file says`() throws {
        let read = try Configuration(
            yaml: """
                microscopes:
                  - id: scope-2
                    vendor: JEOL
                    voltage: 200
                    link: serialem
                    serialem:
                      address: 192.168.1.10:48888
                      folders: [{here: /srv/sessions, there: 'X:\\sessions'}]
                      levels: {atlas: {lowDose: false, magnification: 200, slitIn: false}}
                      upkeep: {flash: 8}
                      stageReach: 900
                      imageShiftLimit: 12
                detectors: [{id: camera-2, microscope: scope-2, width: 4096, height: 4096, pixelSize: 0.83}]
                """, from: "site.yaml")
        let entry = try #require(read.microscopes.first)
        guard case .serialEM(let settings) = entry.link else {
            Issue.record("It is reached in another way.")
            return
        }
        #expect(entry.description == MicroscopeDescription(id: "scope-2", name: "scope-2", vendor: .jeol, voltage: 200))
        #expect(settings.address == SerialEMAddress(host: "192.168.1.10", port: 48888))
        #expect(settings.folders == [SharedFolder(here: "/srv/sessions", there: "X:\\sessions")])
        #expect(settings.level(.atlas).magnification == 200)
        #expect(settings.upkeep.flash == 8)
        #expect(settings.stageReach == .micrometres(900))
        #expect(settings.imageShiftLimit == .micrometres(12))
    }

    @Test(arguments: ["", "# nothing yet\n", "\n\n"]) func `an empty file leaves everything out`(yaml: String) throws {
        #expect(try Configuration(yaml: yaml, from: "site.yaml") == Configuration())
    }

    @Test(arguments: [
        ("lisen: 127.0.0.1:8080", "'lisen' is not known here"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 300, link: simulator, sed: 1}]", "microscopes 1: 'sed' is not known here"),
        ("detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 1, pixels: 1}]", "detectors 1: 'pixels' is"),
        (
            "detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 1, gain: {file: /g, turn: 1}}]",
            "detectors 1 gain: 'turn' is not known here"
        ),
        ("processing: {worker: 2}", "processing: 'worker' is not known here"),
        ("processing: {slurm: {queue: movies}}", "processing slurm: 'queue' is not known here"),
        ("processing: {ctf: {program: ctffind, command: [x], input: []}}", "processing ctf: 'input' is not known here"),
        (Self.serialEM("adress: a:1"), "'adress' is not known here"),
        (Self.serialEM("address: 'a:1', folders: [{here: /a, their: 'X:'}]"), "'their' is not known here"),
        (Self.serialEM("address: 'a:1', levels: {atlas: {slit: true}}"), "'slit' is not known here"),
        (Self.serialEM("address: 'a:1', upkeep: {flsh: 1}"), "'flsh' is not known here"),
    ]) func `a misspelt key is named`(yaml: String, words: String) {
        Self.expectRefusal(of: yaml, saying: words)
    }

    @Test(arguments: [
        ("microscopes: [{vendor: TFS, voltage: 300, link: simulator}]", "microscopes 1 has no 'id'"),
        ("microscopes: [{id: a, vendor: Zeiss, voltage: 300, link: simulator}]", "vendor is no word that is known here"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 300, link: cable}]", "link is no word that is known here"),
        ("microscopes: [{id: a, vendor: TFS, voltage: high, link: simulator}]", "voltage is not of the kind it should be"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 20, link: simulator}]", "voltage is in kV, 60 to 1000"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 300, cs: 0, link: simulator}]", "cs is in mm, 0.01 to 10"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 300, slots: 13, link: simulator}]", "slots is 1 to 12"),
        ("microscopes: [{id: a, vendor: TFS, voltage: 300, link: serialem}]", "microscopes 1 has no 'serialem'"),
        ("detectors: [{id: a, microscope: b, width: 10, height: 64, pixelSize: 1}]", "width and height are pixels, 64 to 16384"),
        ("detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 0}]", "pixelSize is in Å, 0.05 to 100"),
        (
            "detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 1, framesFolder: 'Y:'}]",
            "framesDirectory, which is missing"
        ),
        (Self.gain("file: g.mrc"), "file is a whole path, from / on"),
        (Self.detector("defects: d.txt"), "defects is a whole path, from / on"),
        (Self.detector("binning: 5"), "binning is 1 to 4"),
        ("processing: {eer: {upsampling: 3}}", "upsampling is 1 or 2"),
        ("processing: {eer: {frames: 0}}", "frames is 1 to 10000"),
        ("processing: {eer: {frames: 25, dosePerFrame: 1}}", "either dosePerFrame or frames says how many go together"),
        ("processing: {eer: {dose: 1}}", "'dose' is not known here"),
        (Self.gain("file: /g.mrc, rotation: 4"), "rotation is 0 to 3 quarter turns"),
        (Self.gain("file: /g.mrc, flip: 3"), "flip is 0, 1 (upside down) or 2 (left to right)"),
        ("microscopes: 3", "microscopes is not of the kind it should be"),
        ("data: [", "The configuration site.yaml cannot be used"),
    ]) func `a value that cannot be right is refused with what it must be`(yaml: String, words: String) {
        Self.expectRefusal(of: yaml, saying: words)
    }

    @Test(arguments: [
        ("runner: cloud", "runner is no word that is known here"),
        ("workers: 0", "workers is 1 to 1000"),
        ("patches: 21", "patches is 0 to 20 along a side"),
        ("amplitudeContrast: 1.5", "amplitudeContrast is a fraction from 0 to 1"),
        ("deadline: 0", "deadline is in s, 1 to 86400"),
        ("motion: {program: magic, command: [x]}", "program is no word that is known here"),
        ("motion: {program: relion, command: [x, '{nothing}']}", "{nothing}"),
        ("ctf: {program: ctffind, command: [x], deadline: 0}", "deadline is in s, 1 to 86400"),
        ("slurm: {directory: jobs}", "directory and program are whole paths, from / on"),
        ("slurm: {interval: 0}", "interval is in s, 0.1 to 3600"), ("slurm: {interval: 1e300}", "interval is in s, 0.1 to 3600"),
        ("slurm: {arguments: [mem=4G]}", "arguments are options of sbatch"),
    ]) func `processing that cannot be right is refused with what it must be`(entry: String, words: String) {
        Self.expectRefusal(of: "processing: {\(entry)}", saying: words)
    }

    @Test(arguments: [
        ("address: 'nowhere:port'", "address is HOST:PORT, as in 192.168.1.10:48888"),
        ("address: 'a:1', folders: [{here: sessions, there: 'X:'}]", "here is a path from /"),
        ("address: 'a:1', folders: [{here: /sessions, there: sessions}]", "with its drive or server"),
        ("address: 'a:1', levels: {map: {}}", "the levels are"),
        ("address: 'a:1', levels: {hole: {objectiveAperture: 0.5}}", "apertures are whole µm, 0 to 10000"),
        ("address: 'a:1', levels: {atlas: {lowDose: false, magnification: 1}}", "magnification is 10 to 10000000"),
        ("address: 'a:1', levels: {hole: {magnification: 200}}", "magnification goes with lowDose: false"),
        ("address: 'a:1', upkeep: {flash: 0}", "upkeep is in hours"),
        ("address: 'a:1', stageReach: 10", "stageReach is in µm, 100 to 1500"),
        ("address: 'a:1', imageShiftLimit: 60", "imageShiftLimit is in µm, 0.1 to 50"),
    ]) func `a way to SerialEM that cannot be right is refused with what it must be`(entry: String, words: String) {
        Self.expectRefusal(of: Self.serialEM(entry), saying: words)
    }

    @Test(arguments: [
        (
            [Self.scope("a"), "detectors: [\(Self.camera("a", on: "a"))]"],
            "The configuration site.yaml names a twice."
        ),
        (
            [Self.scope("a"), "detectors: [\(Self.camera("c", on: "b"))]"],
            "In the configuration site.yaml, detector c is on b, which is no microscope there."
        ),
        ([Self.scope("a")], "In the configuration site.yaml, microscope a has no detector."),
    ]) func `microscopes and detectors must fit together`(lines: [String], sentence: String) {
        let problem = #expect(throws: CommandProblem.self) {
            try Configuration(yaml: lines.joined(separator: "\n"), from: "site.yaml")
        }
        #expect(problem?.sentence == sentence)
        #expect(problem?.remedy != nil)
    }

    @Test func `a file that is not there is named`() {
        let problem = CommandProblem(
            "The configuration /nowhere/site.yaml cannot be read.", remedy: "Check its path and its rights.")
        #expect(throws: problem) { try Configuration(file: "/nowhere/site.yaml") }
    }

    private static func expectRefusal(of yaml: String, saying words: String) {
        let problem = #expect(throws: CommandProblem.self) { try Configuration(yaml: yaml, from: "site.yaml") }
        #expect(problem?.sentence.hasPrefix("The configuration site.yaml cannot be used: ") == true)
        #expect(problem?.sentence.contains(words) == true, "\(problem?.sentence ?? "")")
        #expect(problem?.sentence.hasSuffix("..") == false)
        #expect(problem?.remedy == "Correct that; see gridpilot serve --help.")
    }

    static func serialEM(_ entry: String) -> String {
        "microscopes: [{id: a, vendor: TFS, voltage: 300, link: serialem, serialem: {\(entry)}}]"
    }
    static func detector(_ entry: String) -> String {
        "detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 1, \(entry)}]"
    }
    static func gain(_ entry: String) -> String {
        "detectors: [{id: a, microscope: b, width: 64, height: 64, pixelSize: 1, gain: {\(entry)}}]"
    }
    static func scope(_ id: String, name: String = "Scope") -> String {
        "microscopes: [{id: \(id), name: \(name), vendor: TFS, voltage: 300, link: simulator}]"
    }
    static func camera(_ id: String, on scope: String) -> String {
        "{id: \(id), microscope: \(scope), width: 64, height: 64, pixelSize: 1}"
    }
}
