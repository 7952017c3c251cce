import Hashing
import RunModel
import Store
import Synchronization
import Testing

@testable import Accounts

@Suite struct CommonPasswordsTests {
    private let clock = TestMoment()

    /// Of the ones that are used most, by every count of what was stolen; and what people make of them who must have a digit and a sign.
    @Test(arguments: [
        "password", "Password", "PASSWORD1", "p@ssw0rd", "P@ssw0rd123!", "passw0rd", "password2027", "1password",
        "passwordpassword",
        "12345678", "123456789", "1234567890", "87654321", "11111111", "00000000", "123123123", "12121212", "11223344",
        "88888888",
        "147258369", "789456123", "19850412", "12041985", "20271231", "qwertyui", "qwertz123", "qwerty123456", "1q2w3e4r",
        "1qaz2wsx",
        "q1w2e3r4", "zaq12wsx", "asdfghjkl", "asdf1234", "abcd1234", "abc12345", "abcdefgh", "aaaaaaaa", "abcabcabc", "iloveyou",
        "ILoveYou2", "1loveyou", "sunshine", "Sunshine!", "princess", "football1", "baseball", "superman", "trustno1", "letmein1",
        "Welcome1", "welcome123", "Summer2027!", "Winter27!", "changeme", "changeme123", "administrator", "admin123", "Admin@123",
        "test1234", "testtest", "hello123", "michael1", "jennifer", "dragon12", "monkey123", "starwars", "computer", "internet",
        "whatever", "corvette", "mercedes", "passwort", "Passwort1", "schatz12", "gridpilot", "GridPilot1", "serialem",
        "krios2027", "cryo-em!",
        "microscope", "facility1",
    ])
    func `what is tried first is refused, with a remedy`(password: String) throws {
        let problem = #expect(throws: AccountError.self) { try PasswordRule.check(password, of: "ada") }
        #expect(problem == .passwordCommon && problem?.remedy != nil, "\(password)")
    }

    @Test(arguments: ["marlow-k", "Marlow-K1", "marlow-k2027", "marlow-kmarlow-k"])
    func `one's own name is no password, and is one for somebody else`(password: String) throws {
        #expect(throws: AccountError.passwordCommon) { try PasswordRule.check(password, of: "Marlow-K") }
        if password.count < 16 { try PasswordRule.check(password, of: "ada") }
    }

    @Test(arguments: [
        "right password", "correct horse battery staple", "tall ships in may", "4k9d-wmqe-27hz-bnnp", "gr1dboxes on ice",
        "49182736450",
        "passwords are boring", "ein Regenschirm im Mai", "xkcdxqtz", "85041299", "grün ist der Kaktus", "日本語のパスワード",
        "browser-tests-password", "a long password", "another one", "long enough",
    ])
    func `what nobody would guess early is taken, whatever it is made of`(password: String) throws {
        try PasswordRule.check(password, of: "ada")
    }

    @Test func `a common password is refused wherever one is set, and who has one still signs in`() async throws {
        let store = try RunStore.inMemory()
        let accounts = try Accounts(store: store, cost: .least, now: clock.now, uptime: clock.uptime)
        await #expect(throws: AccountError.passwordCommon) {
            try await accounts.add(NewPerson(username: "ada", password: "welcome123"), by: .test)
        }
        try await accounts.add(NewPerson(username: "ada", password: "a good one, this"), by: .test)
        await #expect(throws: AccountError.passwordCommon) {
            try await accounts.setPassword("welcome123", of: "ada", by: .test)
        }
        // In a demo whoever starts it chooses.
        try await accounts.add(NewPerson(username: "staff", password: "welcome123"), by: .test, isDemo: true)
        let hash = try #require(PasswordHash.make("welcome123", .least))
        _ = try store.change(
            .setPassword(username: "ada", hash: hash),
            audit: AuditEntry(at: clock.now(), by: .test, "setPassword", on: "person/ada"))
        _ = try await accounts.signIn(username: "ada", password: "welcome123", address: "10.0.0.1")
    }

    /// Counted and not timed: a clock says nothing on a machine with other work.
    @Test(arguments: ["ada", "nobody", "no name at all", "", String(repeating: "n", count: 500)])
    func `each try costs one hash, of the same cost, whether there is such a user or not`(username: String) async throws {
        let asked = Mutex<[String]>([])
        let accounts = try Accounts(
            store: try RunStore.inMemory(), cost: .least, now: clock.now, uptime: clock.uptime,
            verify: { password, hash in
                asked.withLock { $0.append(hash) }
                return PasswordHash.verify(password, against: hash)
            })
        try await accounts.add(NewPerson(username: "ada", password: "a good one, this"), by: .test)
        for password in ["", "x", "a good guess", String(repeating: "x", count: 5000)] {
            let problem = await #expect(throws: AccountError.self) {
                try await accounts.signIn(username: username, password: password, address: "10.0.0.1")
            }
            #expect(problem?.sentence == "User name or password is wrong.")
        }
        let hashes = asked.withLock(\.self)
        #expect(hashes.count == 4)
        for hash in hashes {
            #expect(hash.hasPrefix("$argon2id$"))
            // Neither cheaper nor dearer than what this server makes.
            #expect(!PasswordHash.isWeaker(hash, than: .least))
        }
    }
}
