import RunModel
import Store
import Testing

@testable import gridpilot

@Suite struct EquipmentTests {
    @Test func `what is kept from a file reads as the file does`() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            microscopes:
              - id: scope-1
                name: "Scope: the first"
                vendor: TFS
                voltage: 300
                link: simulator
                seed: 7
            detectors:
              - {id: camera-1, microscope: scope-1, width: 64, height: 128, pixelSize: 1.5, gain: {file: /g.mrc, flip: 1}}
            """, to: "site.yaml")
        let records = try Equipment.records(of: file)
        #expect(records.map(\.id) == ["scope-1", "camera-1"])
        #expect(records.map(\.kind) == [.microscope, .detector])
        let (kept, written) = (try Equipment(records), try Configuration(file: file))
        #expect(kept.microscopes == written.microscopes)
        #expect(kept.detectors == written.detectors)
    }

    @Test func `nothing kept is no equipment`() throws {
        let kept = try Equipment([])
        #expect(kept.microscopes.isEmpty && kept.detectors.isEmpty)
    }

    @Test func `a kept entry that cannot be used says where it is`() {
        let record = EquipmentRecord(kind: .microscope, id: "scope-1", yaml: "id: scope-1\nvendor: TFS\nlink: simulator")
        let problem = #expect(throws: CommandProblem.self) { try Equipment([record]) }
        #expect(
            problem?.sentence
                == "The configuration kept in the data directory cannot be used: microscopes 1 has no 'voltage'.")
    }

    @Test func `a kept detector knows its microscope, and one that cannot be read has none`() {
        let camera = EquipmentRecord(kind: .detector, id: "camera-1", yaml: "{id: camera-1, microscope: scope-1}")
        #expect(Equipment.microscope(of: camera) == "scope-1")
        #expect(Equipment.microscope(of: EquipmentRecord(kind: .detector, id: "camera-1", yaml: "{id: [")) == nil)
    }

    @Test func `what a configuration names counts before what is kept under the same id`() throws {
        let both = ConfigurationTests.scope("a", name: "Written") + "\ndetectors: [\(ConfigurationTests.camera("c", on: "a"))]"
        let written = try Configuration(yaml: both, from: "site.yaml")
        var settings = try ServeCommand.parse([]).settings()
        (settings.microscopes, settings.detectors) = (written.microscopes, written.detectors)
        let kept = try Equipment([
            Self.microscope("a", name: "Kept"), Self.microscope("b", name: "Kept"),
            EquipmentRecord(kind: .detector, id: "c", yaml: ConfigurationTests.camera("c", on: "b")),
            EquipmentRecord(kind: .detector, id: "d", yaml: ConfigurationTests.camera("d", on: "a")),
        ])
        let merged = try settings.with(kept)
        #expect(merged.microscopes.map(\.description.name) == ["Written", "Kept"])
        #expect(merged.microscopes.map(\.id) == ["a", "b"])
        #expect(merged.detectors.map(\.id) == ["c", "d"])
        #expect(merged.detectors.map(\.microscope) == ["a", "a"])
    }

    @Test func `one SerialEM is not two microscopes, whichever of them the store keeps`() throws {
        let entry = { (id: String, address: String) in
            "{id: \(id), vendor: TFS, voltage: 300, link: serialem, serialem: {address: '\(address)'}}"
        }
        let cameras = ["a", "b"].map { ConfigurationTests.camera("c\($0)", on: $0) }
        let written = try Configuration(
            yaml: "microscopes: [\(entry("a", "scope-pc:48888"))]\ndetectors: [\(cameras[0])]", from: "site.yaml")
        var settings = try ServeCommand.parse([]).settings()
        (settings.microscopes, settings.detectors) = (written.microscopes, written.detectors)
        func kept(_ address: String) throws -> Equipment {
            try Equipment([
                EquipmentRecord(kind: .microscope, id: "b", yaml: entry("b", address)),
                EquipmentRecord(kind: .detector, id: "cb", yaml: cameras[1]),
            ])
        }
        #expect(try settings.with(kept("scope-pc:48889")).microscopes.count == 2)
        let problem = #expect(throws: CommandProblem.self) { _ = try settings.with(kept("Scope-PC:48888")) }
        #expect(problem?.sentence == "The microscopes a and b are behind one SerialEM, scope-pc:48888.")
    }

    private static func microscope(_ id: String, name: String) -> EquipmentRecord {
        EquipmentRecord(
            kind: .microscope, id: id, yaml: "{id: \(id), name: \(name), vendor: TFS, voltage: 300, link: simulator}")
    }
}
