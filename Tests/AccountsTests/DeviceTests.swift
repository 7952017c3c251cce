import RunModel
import Store
import Testing

@testable import Accounts

@Suite struct DeviceTests {
    private let clock = TestMoment()
    private let store: RunStore
    private let accounts: Accounts

    init() async throws {
        store = try RunStore.inMemory()
        accounts = try Accounts(store: store, cost: .least, waiting: 8, now: clock.now, uptime: clock.uptime)
        for name in ["operator", "staff"] {
            try await accounts.add(NewPerson(username: name, password: "right password"), by: .test)
        }
    }

    private func signIn(
        _ password: String = "right password", as username: String = "operator", from address: String = "10.0.0.1",
        devices: [String] = [], replacing: [String] = []
    ) async throws -> SignIn {
        try await accounts.signIn(
            username: username, password: password, address: address, devices: devices, replacing: replacing)
    }

    @Test func `wrong passwords by others lock nobody out of a browser that was signed in before`() async throws {
        let before = try await signIn()
        for _ in 0..<5 { await #expect(throws: AccountError.self) { try await signIn("wrong password") } }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try await signIn() }
        // Who is signed in goes on meanwhile.
        #expect(accounts.person(forToken: before.token)?.username == "operator")
        #expect(try await signIn(devices: before.devices).devices == before.devices)
    }

    @Test func `a browser that is known for one person is a stranger to all others`() async throws {
        let devices = try await signIn().devices
        for _ in 0..<5 { await #expect(throws: AccountError.self) { try await signIn("wrong password", as: "staff") } }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try await signIn(as: "staff", devices: devices) }
    }

    @Test func `in a known browser there are five tries too`() async throws {
        let devices = try await signIn().devices
        for left in (0..<5).reversed() {
            await #expect(throws: AccountError.wrong(triesLeft: left)) { try await signIn("wrong password", devices: devices) }
        }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try await signIn(devices: devices) }
    }

    @Test func `a browser's secret lets nobody in`() async throws {
        let devices = try await signIn().devices
        #expect(devices.count == 1)
        for secret in devices { #expect(accounts.person(forToken: secret) == nil) }
        await #expect(throws: AccountError.self) { try await signIn("wrong password", devices: devices) }
        let stored = try store.accounts().credentials.map(\.hash)
        #expect(!stored.contains(devices[0]))
    }

    @Test func `people who share a browser are all known in it`() async throws {
        let first = try await signIn().devices
        let both = try await signIn(as: "staff", devices: first).devices
        #expect(both.count == 2 && both.contains(first[0]))
        for name in ["operator", "staff"] { #expect(try await signIn(as: name, devices: both).devices == both) }
    }

    @Test func `one address that tries many names is refused before anything is hashed`() async throws {
        var errors: [AccountError] = []
        for number in 0..<21 {
            do throws(AccountError) {
                _ = try await accounts.signIn(username: "n\(number)", password: "x", address: "10.0.0.9")
            } catch {
                errors.append(error)
            }
        }
        #expect(errors.last == .tooManyFromAddress(secondsLeft: 6))
        _ = try await signIn(from: "10.0.0.1")
    }

    @Test func `strangers fill only their part of the queue`() async throws {
        var gate = SignInGate()
        let known = SignInAttempt(username: "operator", address: "10.0.0.1", device: "d")
        for number in 0..<3 {
            let stranger = SignInAttempt(username: "n\(number)", address: "10.0.\(number).1", device: nil)
            _ = try gate.enter(stranger, strangersAtOnce: 3, at: .zero)
        }
        let another = SignInAttempt(username: "operator", address: "10.1.0.1", device: nil)
        #expect(throws: AccountError.tooManyAtOnce) { try gate.enter(another, strangersAtOnce: 3, at: .zero) }
        #expect(try gate.enter(known, strangersAtOnce: 3, at: .zero) == 4)
        gate.leave(SignInAttempt(username: "n0", address: "10.0.0.1", device: nil), .wrong)
        #expect(try gate.enter(another, strangersAtOnce: 3, at: .zero) == 4)
    }

    @Test func `unlocking lets somebody try again, from another process too`() async throws {
        for _ in 0..<5 { await #expect(throws: AccountError.self) { try await signIn("wrong password") } }
        await #expect(throws: AccountError.self) { try await signIn() }
        let terminal = try Accounts(store: store, cost: .least, now: clock.now)
        try await terminal.unlock("operator", by: .test)
        try await accounts.refresh()
        _ = try await signIn()
        await #expect(throws: AccountError.unknown("nobody")) { try await terminal.unlock("nobody", by: .test) }
        #expect(try store.audit().contains { $0.entry.act == "unlock" && $0.entry.subject == "person/operator" })
    }

    @Test func `setting the clock back prolongs no wait`() async throws {
        for _ in 0..<5 { await #expect(throws: AccountError.self) { try await signIn("wrong password") } }
        let back = try Accounts(
            store: store, cost: .least, now: { [clock] in clock.now().advanced(bySeconds: -86_400) }, uptime: clock.uptime)
        for _ in 0..<5 {
            await #expect(throws: AccountError.self) {
                try await back.signIn(username: "operator", password: "wrong password", address: "10.0.0.1")
            }
        }
        await #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) {
            try await back.signIn(username: "operator", password: "right password", address: "10.0.0.1")
        }
    }

    @Test func `a new sign-in in a browser ends the one that it had`() async throws {
        let (first, other) = (try await signIn().token, try await signIn().token)
        let second = try await signIn(replacing: [first, "no token"]).token
        #expect(accounts.person(forToken: first) == nil)
        #expect(accounts.person(forToken: second) != nil && accounts.person(forToken: other) != nil)
    }

    @Test func `of one person's sign-ins the oldest beyond ten ends`() async throws {
        var tokens: [String] = []
        for _ in 0..<12 {
            clock.advance(1)
            tokens.append(try await signIn().token)
        }
        #expect(tokens.map { accounts.person(forToken: $0) != nil } == [false, false] + Array(repeating: true, count: 10))
        #expect(try store.accounts().credentials.count { $0.kind == .signIn } == 10)
    }
}
