import Accounts
import JSONText
import RunModel
import Store
import Testing
import WebServer

@testable import RunAPI

@Suite struct PeopleRoutesTests {
    @Test func `staff add somebody, who signs in with what they may do`() async throws {
        let bench = try await Bench()
        let added = await bench.ask(
            "POST", "/api/people", as: .staff,
            body: ["username": "ada", "password": "long enough", "role": "member", "groups": ["demo"]])
        #expect(added.status == 201)
        let me = await bench.ask("POST", "/api/login", as: nil, body: ["username": "ada", "password": "long enough"])
        #expect(me.json["groups"] == ["demo"] && me.json["staff"] == false)
        let people = await bench.ask("GET", "/api/people", as: .staff).json["items"]
        #expect(people?.items?.compactMap { $0["username"]?.text } == ["ada", "member", "staff", "stranger", "viewer"])
        #expect(people?[0]?["role"] == "member" && people?[0]?["signIns"] == 1)
        #expect(people?[0]?["lastSignIn"]?.text == bench.now.description && people?[1]?["lastSignIn"] == .null)
        #expect(people?[1]?["tokens"]?[0]?["name"] == "script")
        #expect(try await bench.audit().map(\.act) == ["addPerson", "signIn"])
        #expect(try await bench.audit()[0].author.person == "staff")
    }

    @Test(
        arguments: [
            (["username": "member", "password": "long enough", "role": "member"], 409, "account.taken"),
            (["username": "ada", "password": "short", "role": "member"], 400, "account.passwordLength"),
            (["username": "ada", "password": "Welcome2027!", "role": "member"], 400, "account.passwordCommon"),
            (["username": "a b", "password": "long enough", "role": "member"], 400, "account.name"),
            (["username": "ada", "password": "long enough", "role": "boss"], 400, "request.fields"),
            (["username": "ada", "password": "long enough", "role": "member", "groups": "demo"], 400, "request.fields"),
            (["username": "ada", "role": "member"], 400, "request.fields"),
        ] as [(JSONValue, Int, String)])
    func `who cannot be added is refused with the reason`(body: JSONValue, status: Int, code: String) async throws {
        let bench = try await Bench()
        let answer = await bench.ask("POST", "/api/people", as: .staff, body: body)
        #expect(answer.status == status && answer.code == code)
    }

    @Test func `a password that anybody would guess is not set, and the old one stays`() async throws {
        let bench = try await Bench()
        let refused = await bench.ask("PUT", "/api/people/member/password", as: .staff, body: ["password": "member-2027"])
        #expect(refused.status == 400 && refused.code == "account.passwordCommon" && refused.json["remedy"]?.text != nil)
        let old: JSONValue = ["username": "member", "password": "password of member"]
        #expect(await bench.ask("POST", "/api/login", as: nil, body: old).status == 200)
    }

    @Test func `a role counts at once, and the last member of staff keeps it`() async throws {
        let bench = try await Bench()
        #expect(await bench.ask("PUT", "/api/people/stranger/role", as: .staff, body: ["role": "viewer"]).status == 204)
        #expect(await bench.ask("GET", "/api/me", as: .stranger).json["viewerOnly"] == true)
        for (method, path, body) in [
            ("PUT", "/api/people/staff/role", ["role": "member"] as JSONValue?), ("DELETE", "/api/people/staff", nil),
        ] {
            let refused = await bench.ask(method, path, as: .staff, body: body)
            #expect(refused.status == 409 && refused.code == "account.lastStaff")
        }
        #expect(try await bench.audit().map(\.outcome.word) == ["taken", "refused", "refused"])
    }

    @Test func `a new password, a removal and an unlocking take effect`() async throws {
        let bench = try await Bench()
        #expect(
            await bench.ask("PUT", "/api/people/member/password", as: .staff, body: ["password": "another one"]).status == 204)
        #expect(await bench.ask("GET", "/api/me", as: .member).status == 401)
        for _ in 1...5 { _ = await bench.ask("POST", "/api/login", as: nil, body: ["username": "member", "password": "wrong"]) }
        let right: JSONValue = ["username": "member", "password": "another one"]
        #expect(await bench.ask("POST", "/api/login", as: nil, body: right).status == 429)
        #expect(await bench.ask("POST", "/api/people/member/unlock", as: .staff).status == 204)
        #expect(await bench.ask("POST", "/api/login", as: nil, body: right).status == 200)
        #expect(await bench.ask("DELETE", "/api/people/member", as: .staff).status == 204)
        #expect(await bench.ask("DELETE", "/api/people/member", as: .staff).status == 404)
        #expect(try await bench.audit().map(\.act).filter { $0 != "signIn" } == ["setPassword", "unlock", "removePerson"])
    }

    @Test func `a token is told once, works, and ends`() async throws {
        let bench = try await Bench()
        let made = await bench.ask("POST", "/api/people/member/tokens", as: .staff, body: ["name": "export"])
        let token = try #require(made.json["token"]?.text)
        #expect(made.status == 201)
        #expect(bench.accounts.person(forToken: token)?.username == "member")
        #expect(!(await bench.ask("GET", "/api/people", as: .staff).text.contains(token)))
        #expect(await bench.ask("POST", "/api/people/member/tokens", as: .staff, body: ["name": "export"]).status == 409)
        #expect(await bench.ask("DELETE", "/api/people/member/tokens/export", as: .staff).status == 204)
        #expect(bench.accounts.person(forToken: token) == nil)
        #expect(await bench.ask("DELETE", "/api/people/member/tokens/export", as: .staff).status == 404)
    }

    @Test func `groups are added, joined, left and removed`() async throws {
        let bench = try await Bench()
        func groups() async -> [String] {
            (await bench.ask("GET", "/api/groups", as: .staff).json["items"]?.items ?? []).compactMap { $0["name"]?.text }
        }
        #expect(await groups() == ["demo", "others"])
        #expect(await bench.ask("POST", "/api/groups", as: .staff, body: ["name": "imaging"]).status == 201)
        #expect(await bench.ask("POST", "/api/groups", as: .staff, body: ["name": "imaging"]).code == "account.groupTaken")
        #expect(await bench.ask("PUT", "/api/people/member/groups/imaging", as: .staff).status == 204)
        #expect(await bench.ask("PUT", "/api/people/member/groups/imagng", as: .staff).code == "account.noGroup")
        let ada: JSONValue = ["username": "ada", "password": "a long password", "role": "member", "groups": ["imagng"]]
        let refused = await bench.ask("POST", "/api/people", as: .staff, body: ada)
        #expect(refused.status == 400 && refused.json["problems"]?.items?.compactMap { $0["field"]?.text } == ["groups"])
        #expect(await bench.ask("GET", "/api/me").json["groups"] == ["demo", "imaging"])
        #expect(await bench.ask("DELETE", "/api/groups/imaging", as: .staff).code == "account.groupHasMembers")
        #expect(await bench.ask("DELETE", "/api/people/member/groups/imaging", as: .staff).status == 204)
        #expect(await bench.ask("DELETE", "/api/people/member/groups/imaging", as: .staff).code == "account.notInGroup")
        #expect(await bench.ask("DELETE", "/api/groups/imaging", as: .staff).status == 204)
        #expect(await groups() == ["demo", "others"])
    }

    @Test func `no answer with a secret is kept under a key`() async throws {
        let bench = try await Bench()
        let headers = ["idempotency-key": "k"]
        let made = await bench.ask("POST", "/api/people/member/tokens", as: .staff, body: ["name": "one"], headers: headers)
        #expect(made.status == 201)
        #expect(try bench.store.idempotent(person: "staff", key: "k", now: bench.now) == nil)
    }
}
