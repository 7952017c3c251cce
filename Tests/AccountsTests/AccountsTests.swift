import Blocking
import Dispatch
import RunModel
import Store
import Synchronization
import Testing

@testable import Accounts

@Suite struct AccountsTests {
    private let clock = TestMoment()
    private let store: RunStore
    private let accounts: Accounts

    init() async throws {
        store = try RunStore.inMemory()
        accounts = try Accounts(store: store, cost: .least, now: clock.now, uptime: clock.uptime)
        try await accounts.add(
            NewPerson(username: "operator", password: "right password", groups: ["structure"]), by: .test)
    }

    private func signIn(_ password: String = "right password", as username: String = "operator") async throws -> SignIn {
        try await accounts.signIn(username: username, password: password, address: "10.0.0.1")
    }

    @Test func `a sign-in gives a token that stands for the person`() async throws {
        let signIn = try await signIn()
        #expect(signIn.token.utf8.count == 64)
        #expect(accounts.person(forToken: signIn.token) == Person(username: "operator", groups: ["structure"]))
        #expect(accounts.person(forToken: "another") == nil)
    }

    @Test(arguments: ["server", "Server"]) func `nobody is called as the server calls itself in its records`(name: String)
        async throws
    {
        await #expect(throws: AccountError.reserved(name)) {
            try await accounts.add(NewPerson(username: name, password: "a good one, this"), by: .test)
        }
    }

    @Test(arguments: ["Operator", "OPERATOR", "operator"]) func `no two names differ in their capitals alone`(name: String)
        async throws
    {
        await #expect(throws: AccountError.taken("operator")) {
            try await accounts.add(NewPerson(username: name, password: "a good one, this"), by: .test)
        }
        // Nor where another process adds one that this one does not know of yet.
        let record = PersonRecord(
            username: name, password: "", staff: true, viewerOnly: false, groups: [], createdAt: clock.now())
        #expect(throws: StoreError.idTaken(name)) { try store.change(.add(record)) }
    }

    @Test func `a token is worth nothing as a cookie, nor a sign-in as a token`() async throws {
        let signIn = try await signIn().token
        let token = try await accounts.addToken(named: "script", for: "operator", by: .test)
        #expect(
            accounts.person(forToken: signIn, isCookie: true) != nil && accounts.person(forToken: token, isCookie: false) != nil)
        #expect(
            accounts.person(forToken: signIn, isCookie: false) == nil && accounts.person(forToken: token, isCookie: true) == nil)
    }

    @Test func `what cannot be a user's name is kept nowhere, and counts as one name`() async throws {
        // One letter with more marks than fit into anybody's name: each is another key, and takes long to be compared.
        for marks in 1...5 {
            let letter = "a" + String(repeating: "\u{301}", count: 1000 * marks) + String(repeating: "\u{323}", count: 1000)
            await #expect(throws: AccountError.wrong(triesLeft: 5 - marks)) { try await signIn(as: letter) }
        }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try await signIn(as: "no name") }
        _ = try await signIn()
    }

    @Test func `while the store does not answer a sign-in is refused in words, and nobody waits for a refresh`() async throws {
        let hang = DispatchSemaphore(value: 0)
        defer { hang.signal() }
        let (lane, began) = (accounts.queue, AsyncStream.makeStream(of: Void.self))
        let hanging = Task {
            try await lane.run(within: .milliseconds(500)) {
                began.continuation.finish()
                hang.wait()
            }
        }
        for await _ in began.stream {}
        await #expect(throws: AccountError.noAnswer) { try await hanging.value }
        // What did not begin is known not to be done.
        await #expect(throws: AccountError.notBegun) { try await signIn() }
        await #expect(throws: AccountError.notBegun) { try await accounts.refresh() }
    }

    @Test func `wrong passwords while the store takes nothing are written down when it does again`() async throws {
        let full = FullStore()
        let server = try Accounts(store: store.called(by: full), cost: .least, now: clock.now, uptime: clock.uptime)
        full.isFull.store(true, ordering: .relaxed)
        for address in ["10.0.0.1", "10.0.0.2"] {
            for _ in 1...3 {
                await #expect(throws: AccountError.self) {
                    try await server.signIn(username: "operator", password: "wrong password", address: address)
                }
            }
            clock.advance(61)
            await #expect(throws: AccountError.store(.full(path: "memory"))) { try await server.refresh() }
        }
        await #expect(throws: AccountError.self) {
            try await server.signIn(username: "operator", password: "wrong password", address: "10.0.0.1")
        }
        full.isFull.store(false, ordering: .relaxed)
        try await server.refresh()
        let rows = try store.audit().map(\.entry).filter { $0.act == "signIn" }
        #expect(rows.map(\.author.address) == ["10.0.0.2", "10.0.0.1"])
        #expect(rows.map { $0.detail["times"] } == [3, 4])
    }

    @Test func `wrong passwords that a full disk does not take at the end are in the log, whatever else it does not take`()
        async throws
    {
        let full = FullStore()
        let lines = Mutex<[String]>([])
        let server = try Accounts(
            store: store.called(by: full), cost: .least, now: clock.now, uptime: clock.uptime,
            log: { line in lines.withLock { $0.append(line) } })
        full.isFull.store(true, ordering: .relaxed)
        _ = try await server.signIn(username: "operator", password: "right password", address: "10.0.0.1")
        await #expect(throws: AccountError.self) {
            try await server.signIn(username: "operator", password: "wrong password", address: "10.0.0.2")
        }
        await #expect(throws: AccountError.self) { try await server.finish() }
        #expect(
            lines.withLock { $0.filter { $0.contains("wrong passwords") } }
                == ["1 wrong passwords for operator from 10.0.0.2 are only in this log."])
    }

    @Test func `neither passwords nor tokens are stored`() async throws {
        let signIn = try await signIn()
        let table = try store.accounts()
        #expect(table.people.first?.password.hasPrefix("$argon2id$") == true)
        #expect(table.credentials.first?.hash != signIn.token)
    }

    @Test func `the same password of two people is kept as two hashes`() async throws {
        try await accounts.add(NewPerson(username: "other", password: "right password"), by: .test)
        let hashes = try store.accounts().people.map(\.password)
        #expect(hashes.count == 2 && Set(hashes).count == 2)
        _ = try await signIn(as: "other")
    }

    @Test(arguments: ["admin", "root", "staff", "operator", "gridpilot"])
    func `a new store knows nobody, so no password that came with the program lets anybody in`(name: String) async throws {
        let new = try RunStore.inMemory()
        let accounts = try Accounts(store: new, cost: .least, now: clock.now, uptime: clock.uptime)
        #expect(try new.accounts().people.isEmpty)
        for password in ["", "password", name] {
            await #expect(throws: AccountError.self) {
                try await accounts.signIn(username: name, password: password, address: "10.0.0.1")
            }
        }
    }

    @Test func `a wrong password and an unknown name are told alike, with the tries left`() async throws {
        await #expect(throws: AccountError.wrong(triesLeft: 4)) { try await signIn("wrong password") }
        await #expect(throws: AccountError.wrong(triesLeft: 4)) { try await signIn("wrong password", as: "nobody") }
        await #expect(throws: AccountError.wrong(triesLeft: 3)) { try await signIn("wrong password") }
        #expect(AccountError.wrong(triesLeft: 3).explanation == "User name or password is wrong. 3 tries left, then 5 min wait.")
    }

    @Test func `after five wrong ones even the right password waits`() async throws {
        for _ in 0..<5 { await #expect(throws: AccountError.self) { try await signIn("wrong password") } }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try await signIn() }
        clock.advance(300)
        _ = try await signIn()
    }

    @Test func `many tries at once are no more than five`() async throws {
        let wrong = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do { _ = try await signIn("wrong password") } catch AccountError.wrong { return true } catch { return false }
                    return false
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wrong == 5)
    }

    @Test func `a sign-in ends after three days without use, and after seven whatever its use`() async throws {
        let (used, unused) = (try await signIn().token, try await signIn().token)
        for _ in 0..<3 {
            clock.advance(2 * 86_400)
            #expect(accounts.person(forToken: used) != nil)
            try await accounts.refresh()
        }
        #expect(accounts.person(forToken: unused) == nil)
        clock.advance(86_400)
        #expect(accounts.person(forToken: used) == nil)
    }

    @Test func `the sign-in that was just made is not the one too many, though the clock was set back`() async throws {
        for _ in 0..<AccountMemory.mostSignIns { _ = try await signIn() }
        let back = try Accounts(
            store: store, cost: .least, now: { [clock] in clock.now().advanced(bySeconds: -86_400) }, uptime: clock.uptime)
        let last = try await back.signIn(username: "operator", password: "right password", address: "10.0.0.1")
        #expect(back.person(forToken: last.token) != nil)
        #expect(try store.accounts().credentials.count { $0.kind == .signIn } == AccountMemory.mostSignIns)
    }

    @Test func `a prolonged sign-in outlives the process`() async throws {
        let token = try await signIn().token
        clock.advance(2 * 86_400)
        _ = accounts.person(forToken: token)
        try await accounts.refresh()
        clock.advance(2 * 86_400)
        let restarted = try Accounts(store: store, cost: .least, now: clock.now, uptime: clock.uptime)
        #expect(restarted.person(forToken: token) != nil)
    }

    @Test func `signing out ends this sign-in and no other`() async throws {
        let (first, second) = (try await signIn().token, try await signIn().token)
        try await accounts.signOut(token: first, from: "10.0.0.1")
        try await accounts.signOut(token: first, from: "10.0.0.1")
        #expect(accounts.person(forToken: first) == nil)
        #expect(accounts.person(forToken: second) != nil)
    }

    @Test func `a new password ends the old sign-ins and tokens`() async throws {
        let token = try await signIn().token
        let secret = try await accounts.addToken(named: "script", for: "operator", by: .test)
        try await accounts.setPassword("another password", of: "operator", by: .test)
        #expect(accounts.person(forToken: token) == nil)
        #expect(accounts.person(forToken: secret) == nil)
        await #expect(throws: AccountError.self) { try await signIn() }
        _ = try await signIn("another password")
    }

    @Test func `a removed person is out at once`() async throws {
        let token = try await signIn().token
        try await accounts.remove("operator", by: .test)
        #expect(accounts.person(forToken: token) == nil)
        #expect(accounts.people().isEmpty)
        await #expect(throws: AccountError.unknown("operator")) { try await accounts.remove("operator", by: .test) }
    }

    @Test func `what another process changed counts after the next refresh`() async throws {
        let token = try await signIn().token
        let other = try Accounts(store: store, cost: .least, now: clock.now, uptime: clock.uptime)
        try await other.remove("operator", by: .test)
        try await accounts.refresh()
        #expect(accounts.person(forToken: token) == nil)
    }

    @Test func `an API token does not expire and can be taken back`() async throws {
        let secret = try await accounts.addToken(named: "script", for: "operator", by: .test)
        clock.advance(1000 * 86_400)
        #expect(accounts.person(forToken: secret)?.username == "operator")
        #expect(accounts.tokens(of: "operator") == ["script"])
        await #expect(throws: AccountError.tokenTaken("script")) {
            try await accounts.addToken(named: "script", for: "operator", by: .test)
        }
        try await accounts.removeToken(named: "script", of: "operator", by: .test)
        #expect(accounts.person(forToken: secret) == nil)
    }

    @Test(arguments: ["", "seven77", String(repeating: "x", count: 201)])
    func `a password has 8 to 200 characters`(password: String) async {
        await #expect(throws: AccountError.passwordLength) {
            try await accounts.add(NewPerson(username: "new", password: password), by: .test)
        }
    }

    @Test(arguments: ["", ".", "..", ".hidden", "a b", "ä", "a/b", String(repeating: "n", count: 65)])
    func `names that cannot be names are refused, of people and of groups`(name: String) async {
        await #expect(throws: AccountError.self) {
            try await accounts.add(NewPerson(username: name, password: "long enough"), by: .test)
        }
        await #expect(throws: AccountError.self) {
            try await accounts.add(NewPerson(username: "new", password: "long enough", groups: [name]), by: .test)
        }
    }

    @Test func `a name is given once`() async {
        await #expect(throws: AccountError.taken("operator")) {
            try await accounts.add(NewPerson(username: "operator", password: "long enough"), by: .test)
        }
    }

    @Test func `what happened to accounts is in the audit, without what was typed wrongly`() async throws {
        await #expect(throws: AccountError.self) { try await signIn("x", as: "my password!") }
        await #expect(throws: AccountError.self) { try await signIn("x") }
        await #expect(throws: AccountError.self) { try await signIn("y") }
        _ = try await signIn()
        #expect(try store.audit().map(\.entry.act) == ["signIn", "addPerson"])
        clock.advance(60)
        try await accounts.refresh()
        let audit = try store.audit().map(\.entry)
        #expect(audit.map(\.act) == ["signIn", "signIn", "signIn", "addPerson"])
        #expect(audit.map(\.outcome) == [.refused(code: "account.wrong"), .refused(code: "account.wrong"), .taken, .taken])
        #expect(audit.map(\.author.person) == ["operator", "?", "operator", "test"])
        #expect(audit.map(\.author.address) == ["10.0.0.1", "10.0.0.1", "10.0.0.1", "command line"])
        #expect(audit[0].detail == ["times": 2] && audit[1].detail == ["times": 1])
    }
}

/// A moment that a test moves.
/// A store whose disk can be full.
final class FullStore: StoreCaller {
    let isFull = Atomic(false)

    func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        if kind.isChange, isFull.load(ordering: .relaxed) { throw .full(path: path) }
        return try work().get()
    }

    func hurry(for session: SessionID) {}
}

final class TestMoment: Sendable {
    private let milliseconds = Mutex<Int64>(1_795_377_600_000)
    var now: @Sendable () -> Timestamp { { Timestamp(milliseconds: self.milliseconds.withLock { $0 }) } }
    var uptime: @Sendable () -> Duration { { .milliseconds(self.milliseconds.withLock { $0 }) } }
    func advance(_ seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}
