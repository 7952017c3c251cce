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
    var limit = SignInLimit()

    /// Fourteen days after the last use.
    static let signInSeconds = 14.0 * 86_400

    mutating func load(_ table: AccountTable) {
        version = table.version
        groups = table.groups
        people = Dictionary(uniqueKeysWithValues: table.people.map { ($0.username, $0) })
        credentials = Dictionary(uniqueKeysWithValues: table.credentials.map { ($0.hash, $0) })
        prolonged = prolonged.filter { credentials[$0.key] != nil }
        for (hash, until) in prolonged { credentials[hash]?.expiresAt = until }
    }

    mutating func person(forHash hash: String, at now: Timestamp) -> Person? {
        guard let credential = credentials[hash], let person = people[credential.username] else { return nil }
        guard let expires = credential.expiresAt else { return Person(person) }
        guard now < expires else { return nil }
        let renewed = now.advanced(bySeconds: Self.signInSeconds)
        // Once an hour is enough: every request would be a write.
        if credential.kind == .signIn, renewed.seconds(since: expires) >= 3600 {
            credentials[hash]?.expiresAt = renewed
            prolonged[hash] = renewed
        }
        return Person(person)
    }

    mutating func takeProlonged() -> [String: Timestamp] {
        defer { prolonged = [:] }
        return prolonged
    }

    func credential(_ hash: String) -> CredentialRecord? { credentials[hash] }

    func tokens(of username: String) -> [CredentialRecord] {
        credentials.values.filter { $0.kind == .token && $0.username == username }.sorted { $0.name < $1.name }
    }
}
