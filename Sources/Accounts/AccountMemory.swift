import Hashing
import RunModel
import Store

/// The accounts as this process knows them: who stands behind a token is answered from here, without waiting.
struct AccountMemory: Sendable {
    private(set) var version: Int64 = -1
    private(set) var people: [String: PersonRecord] = [:]
    /// Nil as long as nobody has listed any.
    private(set) var groups: [String]?
    private var credentials: [String: CredentialRecord] = [:]
    /// Sign-ins used since they were last written, with their new expiry.
    private(set) var prolonged: [String: Timestamp] = [:]
    /// Sign-ins that a full disk did not take, with what the audit says about them. They count here all the same.
    private(set) var unwritten: [Unwritten] = []
    var gate = SignInGate()
    var failures = SignInFailures()
    private var unlocked: [String: Timestamp] = [:]

    struct Unwritten: Sendable {
        var credential: CredentialRecord
        var audit: AuditEntry
        /// The hash by which they were let in: a new password ends what the old one opened.
        var password: String?
    }

    /// Three days after the last use, seven after the beginning.
    static let idleSeconds = 3.0 * 86_400
    static let longestSeconds = 7.0 * 86_400
    static let mostSignIns = 10
    static let mostDevices = 20

    mutating func load(_ table: AccountTable) {
        version = table.version
        groups = table.groups
        people = Dictionary(uniqueKeysWithValues: table.people.map { ($0.username, $0) })
        credentials = Dictionary(uniqueKeysWithValues: table.credentials.map { ($0.hash, $0) })
        unwritten = unwritten.filter { waiting in
            people[waiting.credential.username].map { $0.password == waiting.password } ?? false
        }
        for unwritten in unwritten { credentials[unwritten.credential.hash] = unwritten.credential }
        prolonged = prolonged.filter { credentials[$0.key] != nil }
        for (hash, until) in prolonged { credentials[hash]?.expiresAt = until }
        for (username, moment) in table.unlocked where unlocked[username] != moment { gate.forget(username) }
        unlocked = table.unlocked
    }

    mutating func person(forHash hash: String, at now: Timestamp) -> Person? {
        guard let credential = credentials[hash], credential.kind != .device, let person = people[credential.username] else {
            return nil
        }
        guard let expires = credential.expiresAt else { return Person(person) }
        guard now < expires else { return nil }
        guard credential.kind == .signIn else { return Person(person) }
        let end = credential.createdAt.advanced(bySeconds: Self.longestSeconds)
        guard now < end else { return nil }
        let renewed = min(now.advanced(bySeconds: Self.idleSeconds), end)
        // Once an hour is enough: every request would be a write.
        if renewed.seconds(since: expires) >= 3600 {
            credentials[hash]?.expiresAt = renewed
            prolonged[hash] = renewed
        }
        return Person(person)
    }

    mutating func takeProlonged() -> [String: Timestamp] {
        defer { prolonged = [:] }
        return prolonged
    }

    /// What could not be written is not lost for the next time.
    mutating func giveBack(_ unwritten: [String: Timestamp]) { prolonged.merge(unwritten) { later, _ in later } }

    mutating func keep(_ credential: CredentialRecord, _ audit: AuditEntry) {
        unwritten.append(Unwritten(credential: credential, audit: audit, password: people[credential.username]?.password))
        credentials[credential.hash] = credential
    }

    mutating func written(_ hash: String) { unwritten.removeAll { $0.credential.hash == hash } }

    func credential(_ hash: String) -> CredentialRecord? { credentials[hash] }

    /// Those by which somebody is signed in at this moment.
    func signIns(of username: String, at now: Timestamp) -> [CredentialRecord] {
        of(username, .signIn).filter { credential in
            let end = credential.createdAt.advanced(bySeconds: Self.longestSeconds)
            return now < end && credential.expiresAt.map { now < $0 } ?? true
        }
    }

    func tokens(of username: String) -> [CredentialRecord] {
        of(username, .token).sorted { $0.name < $1.name }
    }

    /// Whether this person has signed in by a browser with one of these secrets before; the hash of that one.
    func device(of username: String, among secrets: [String], at now: Timestamp) -> String? {
        secrets.map(Secret.hash).first { hash in
            guard let known = credentials[hash], known.kind == .device, known.username == username else { return false }
            return known.expiresAt.map { now < $0 } ?? true
        }
    }

    /// Beyond the newest so many. `kept` is one of those whatever its time says: a clock that was set back makes the last one the oldest.
    func surplus(_ kind: CredentialRecord.Kind, of username: String, keeping count: Int, and kept: String? = nil) -> [String] {
        let others = of(username, kind).filter { $0.hash != kept }.sorted { ($0.createdAt, $0.hash) > ($1.createdAt, $1.hash) }
        return others.dropFirst(kept == nil ? count : count - 1).map(\.hash)
    }

    private func of(_ username: String, _ kind: CredentialRecord.Kind) -> [CredentialRecord] {
        credentials.values.filter { $0.kind == kind && $0.username == username }
    }
}
