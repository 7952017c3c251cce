import Blocking
import Engine
import Hashing
import Store

/// What a server calls itself at the microscopes: the same after each restart, and another one for a copy of its data directory in another
/// place or on another machine, which would not know what the first one has exposed since.
enum Installation {
    static func name(of store: RunStore, in directory: String, machine: String = machine) -> String {
        let place = Digest.of(Array("\(machine)\n\(directory)".utf8))
        return "\(store.identity)-\(place.prefix(12))"
    }

    /// What systemd gave the machine at its installation; its name where there is no such file.
    private static var machine: String {
        (try? Files.read("/etc/machine-id")).map { String(decoding: $0, as: UTF8.self) } ?? LocalProcesses().this.host
    }
}
