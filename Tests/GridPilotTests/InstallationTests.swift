import Store
import Testing

@testable import gridpilot

@Suite struct InstallationTests {
    @Test func `a copy of a data directory is another installation`() throws {
        let store = try RunStore.inMemory()
        let name = Installation.name(of: store, in: "/data", machine: "a")
        #expect(name == Installation.name(of: store, in: "/data", machine: "a"))
        #expect(name != Installation.name(of: store, in: "/copy", machine: "a"))
        #expect(name != Installation.name(of: store, in: "/data", machine: "b"))
        #expect(name.hasPrefix(store.identity))
    }

    @Test func `another store in the same place is another installation`() throws {
        let one = try RunStore.inMemory()
        let other = try RunStore.inMemory()
        #expect(Installation.name(of: one, in: "/data") != Installation.name(of: other, in: "/data"))
    }
}
