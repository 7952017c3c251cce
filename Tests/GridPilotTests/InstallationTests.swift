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

    /// Containers of one image may have the same id, and one that is still to be written.
    @Test func `a machine is known by its id and its name`() throws {
        let folder = try Folder()
        let whole = try folder.write("0123456789abcdef0123456789abcdef\n", to: "machine-id")
        #expect(Installation.machine(idFile: whole, host: "a") != Installation.machine(idFile: whole, host: "b"))
        #expect(Installation.machine(idFile: whole, host: "a") != "a")
        for text in ["", "uninitialized\n"] {
            #expect(Installation.machine(idFile: try folder.write(text, to: "unready"), host: "a") == "a")
        }
        #expect(Installation.machine(idFile: "\(folder.path)/none", host: "a") == "a")
    }

    @Test func `another store in the same place is another installation`() throws {
        let one = try RunStore.inMemory()
        let other = try RunStore.inMemory()
        #expect(Installation.name(of: one, in: "/data") != Installation.name(of: other, in: "/data"))
    }
}
