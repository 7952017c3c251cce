import RunModel
import Store
import Testing

@Suite struct EquipmentRowsTests {
    private let moment = Timestamp(milliseconds: 1_790_000_000_000)

    @Test func `what is kept is there, microscopes first, and takes the place of what had its id`() throws {
        let store = try RunStore.inMemory()
        let camera = EquipmentRecord(kind: .detector, id: "camera", yaml: "id: camera\n")
        try store.keep(
            [camera, EquipmentRecord(kind: .microscope, id: "scope", yaml: "id: scope\n")], by: .test, at: moment)
        try store.keep(
            [EquipmentRecord(kind: .microscope, id: "scope", yaml: "id: scope\nslots: 4\n")], by: .test, at: moment)
        #expect(try store.equipment().map(\.id) == ["scope", "camera"])
        #expect(try store.equipment()[0].yaml == "id: scope\nslots: 4\n")
        #expect(try store.audit().map(\.entry.act) == ["keepEquipment", "keepEquipment", "keepEquipment"])
    }

    @Test func `what is removed is gone, and what was never there is said so`() throws {
        let store = try RunStore.inMemory()
        try store.keep([EquipmentRecord(kind: .microscope, id: "scope", yaml: "")], by: .test, at: moment)
        #expect(try !store.removeEquipment(["other"], by: .test, at: moment))
        #expect(try store.removeEquipment(["scope", "camera"], by: .test, at: moment))
        #expect(try store.equipment().isEmpty)
        #expect(try store.audit().first?.entry.act == "removeEquipment")
    }
}
