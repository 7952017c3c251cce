import Hashing
import RunModel
import Store

// Signing in: asked at the gate, then hashed on the blocking thread, then granted.
extension Accounts {
    /// Five wrong passwords for a name from one address, then five minutes' wait; a browser that is known for this person (`devices`)
    /// has tries of its own. `replacing` are the tokens that the browser still holds: a new sign-in there ends them.
    public func signIn(
        username: String, password: String, address: String, devices: [String] = [], replacing: [String] = []
    ) async throws(AccountError) -> SignIn {
        // Whatever is typed there is no key before it can be a name; what cannot be one is nobody's, and counts as one name.
        let username = NameRule.allows(username) ? username : Self.nobodysName
        let (moment, uptime) = (now(), uptime())
        let (attempt, left) = try memory.withLock { memory throws(AccountError) in
            let device = memory.device(of: username, among: devices, at: moment)
            let attempt = SignInAttempt(username: username, address: address, device: device)
            return (attempt, try memory.gate.enter(attempt, strangersAtOnce: strangersAtOnce, at: uptime))
        }
        do throws(AccountError) {
            let signIn = try await queue.run { () throws(AccountError) in
                let person = try self.check(username, password, from: address, left: left, at: moment)
                return try self.grant(person, attempt, devices: devices, replacing: replacing, at: moment)
            }
            memory.withLock { $0.gate.leave(attempt, .right) }
            return signIn
        } catch {
            let isWrong = if case .wrong = error { true } else { false }
            memory.withLock { memory in
                memory.gate.leave(attempt, isWrong ? .wrong : .noAnswer)
                guard isWrong else { return }
                // Somebody may have typed the password into the wrong field: only names that exist are written down.
                memory.failures.add(memory.people[username] == nil ? Self.nobodysName : username, from: address, at: uptime)
            }
            throw error
        }
    }

    /// Lets somebody try again at once who has mistyped the password too often. A running server hears it within a second.
    public func unlock(_ username: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            let audit = AuditEntry(at: moment, by: author, "unlock", on: "person/\(username)")
            guard try self.write(.unlock(username: username, at: moment), audit) else { throw .unknown(username) }
        }
    }

    private func check(
        _ username: String, _ password: String, from address: String, left: Int, at moment: Timestamp
    ) throws(AccountError) -> Person {
        try reload()
        let record = memory.withLock { $0.people[username] }
        let isRight = verify(PasswordRule.trimmed(password), record?.password ?? nobody)
        guard let record, isRight else { throw .wrong(triesLeft: left) }
        if PasswordHash.isWeaker(record.password, than: cost) { try strengthen(record, password, from: address, at: moment) }
        return Person(record)
    }

    private func grant(
        _ person: Person, _ attempt: SignInAttempt, devices: [String], replacing: [String], at moment: Timestamp
    ) throws(AccountError) -> SignIn {
        let token = try Self.secret()
        let credential = CredentialRecord(
            hash: Secret.hash(token), username: person.username, kind: .signIn, name: attempt.address, createdAt: moment,
            expiresAt: moment.advanced(bySeconds: AccountMemory.idleSeconds))
        let audit = AuditEntry(
            at: moment, by: AuditAuthor(person, at: attempt.address), "signIn", on: "person/\(person.username)")
        do throws(StoreError) { try store.change(.grant(credential), audit: audit) } catch {
            guard error.leavesSignIn else { throw .store(error) }
            log("\(person.username) signs in, which is not yet written down. \(error.sentence)")
            memory.withLock { $0.keep(credential, audit) }
        }
        try reload()
        let known = try remember(person, attempt, devices, at: moment)
        try endOlder(of: person, than: credential.hash, replacing, at: moment)
        return SignIn(
            token: token, person: person, expiresAt: moment.advanced(bySeconds: AccountMemory.longestSeconds), devices: known)
    }

    /// The browser is known for this person from now on. A disk that is full makes it a stranger the next time, and no more.
    private func remember(
        _ person: Person, _ attempt: SignInAttempt, _ devices: [String], at moment: Timestamp
    ) throws(AccountError) -> [String] {
        guard !attempt.isKnown else { return devices }
        let secret = try Self.secret()
        let device = CredentialRecord(
            hash: Secret.hash(secret), username: person.username, kind: .device, name: attempt.address, createdAt: moment,
            expiresAt: moment.advanced(bySeconds: Self.deviceSeconds))
        do throws(StoreError) { try store.change(.grant(device)) } catch {
            guard error.leavesSignIn else { throw .store(error) }
            return devices
        }
        // Those of others who sign in at this browser, as long as they fit into a cookie.
        return [secret] + devices.prefix(Self.devicesPerBrowser - 1)
    }

    /// The sign-in that this browser had, what is beyond ten of this person, and what has expired.
    private func endOlder(
        of person: Person, than newest: String, _ replacing: [String], at moment: Timestamp
    ) throws(AccountError) {
        try reload()
        let replaced = replacing.map(Secret.hash)
        let ended = memory.withLock { memory in
            replaced.filter { memory.credential($0)?.kind == .signIn }
                + memory.surplus(.signIn, of: person.username, keeping: AccountMemory.mostSignIns, and: newest)
                + memory.surplus(.device, of: person.username, keeping: AccountMemory.mostDevices)
        }
        memory.withLock { memory in for hash in ended { memory.written(hash) } }
        do throws(StoreError) {
            try store.change(.dropExpired(now: moment))
            for hash in ended { try store.change(.revoke(hash: hash)) }
        } catch {
            // They end by themselves, later.
            guard error.leavesSignIn else { throw .store(error) }
        }
        try reload()
    }

    private func strengthen(
        _ record: PersonRecord, _ password: String, from address: String, at moment: Timestamp
    ) throws(AccountError) {
        let hash = try hashed(password)
        do throws(StoreError) {
            try store.change(
                .rehash(username: record.username, hash: hash),
                audit: AuditEntry(
                    at: moment, by: AuditAuthor(Person(record), at: address), "rehashPassword", on: "person/\(record.username)"))
        } catch {
            // The next sign-in makes it stronger.
            guard error.leavesSignIn else { throw .store(error) }
        }
    }

    /// That no account can have.
    static var nobodysName: String { "?" }
    /// Half a year: somebody who comes back after a summer's break is still known.
    private static var deviceSeconds: Double { 180 * 86_400 }
    public static var devicesPerBrowser: Int { 6 }
}

extension StoreError {
    /// Whether somebody may sign in although the store takes nothing: just then people must be able to come and look.
    fileprivate var leavesSignIn: Bool {
        switch self {
        case .full, .readOnly: true
        default: false
        }
    }
}
