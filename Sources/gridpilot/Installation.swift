import Blocking
import Engine
import Hashing
import Store

/// What a server calls itself at the microscopes: the same after each restart, and another one for a copy of its data directory in another
/// place or on another machine, which would not know what the first one has exposed since.
enum Installation {
    static func name(of store: RunStore, in directory: String, machine: String = machine()) -> String {
        let place = Digest.of(Array("\(machine)\n\(directory)".utf8))
        return "\(store.identity)-\(place.prefix(12))"
    }

    /// What systemd gave the machine at its installation, and its name: containers of one image share the first, machines of one kind the second.
    static func machine(idFile: String = "/etc/machine-id", host: String = LocalProcesses().this.host) -> String {
        // Without one, or with one that is still to be written, the name alone tells.
        let text = (try? Files.read(idFile)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let digits = text.prefix { $0.isHexDigit }
        return digits.count == 32 ? "\(digits)\n\(host)" : host
    }
}
