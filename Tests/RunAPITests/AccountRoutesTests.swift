import JSONText
import Testing
import WebServer

@testable import RunAPI

@Suite struct AccountRoutesTests {
    private func signIn(_ bench: Bench, _ name: String, _ password: String, isSecure: Bool = false) async -> Answer {
        let body: JSONValue = ["username": .string(name), "password": .string(password)]
        return Answer(
            await bench.api.respond(
                to: HTTPRequest(
                    method: "POST", path: "/api/login", headers: ["content-type": "application/json"],
                    body: JSONText.bytes(of: body),
                    isSecure: isSecure)))
    }

    @Test func `signing in sets a cookie that scripts of a page cannot read`() async throws {
        let bench = try await Bench()
        let answer = await signIn(bench, "member", "password of member")
        #expect(answer.status == 200)
        #expect(
            answer.json == ["username": "member", "staff": false, "viewerOnly": false, "groups": ["demo"], "timeZone": "UTC"])
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.hasPrefix("gridpilot="))
        #expect(cookie.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict"))
    }

    @Test func `under TLS the cookie never travels without it`() async throws {
        let bench = try await Bench()
        #expect(
            await signIn(bench, "member", "password of member", isSecure: true).headers["set-cookie"]?.hasSuffix("; Secure")
                == true)
    }

    @Test func `the cookie says who one is until one signs out`() async throws {
        let bench = try await Bench()
        let signIn = await signIn(bench, "staff", "password of staff")
        let cookie = try #require(signIn.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
        func ask(_ method: String, _ path: String) async -> Answer {
            Answer(
                await bench.api.respond(
                    to: HTTPRequest(
                        method: method, path: path, headers: ["cookie": cookie, "host": "scope", "origin": "http://scope"])))
        }
        #expect(await ask("GET", "/api/me").json["staff"] == true)
        let out = await ask("POST", "/api/logout")
        #expect(out.status == 204)
        #expect(out.headers["set-cookie"]?.hasPrefix("gridpilot=; Path=/; Max-Age=0") == true)
        #expect(await ask("GET", "/api/me").status == 401)
    }

    @Test func `wrong passwords are counted, told, and end in a wait`() async throws {
        let bench = try await Bench()
        for left in stride(from: 4, through: 0, by: -1) {
            let answer = await signIn(bench, "member", "guess \(left)")
            #expect(answer.status == 401)
            if left > 1 { #expect(answer.json["remedy"] == .string("\(left) tries left, then 5 min wait.")) }
        }
        let locked = await signIn(bench, "member", "password of member")
        #expect(locked.status == 429)
        #expect(locked.headers["retry-after"] == "300")
        #expect(locked.json["title"] == "Too Many Requests")
        bench.pass(seconds: 301)
        #expect(await signIn(bench, "member", "password of member").status == 200)
    }

    @Test func `a sign-in without its fields names them`() async throws {
        let bench = try await Bench()
        let answer = await bench.ask("POST", "/api/login", as: nil, body: ["user": "x"])
        #expect(answer.status == 400)
        #expect(answer.json["problems"]?.items?.compactMap { $0["field"]?.text } == ["username", "password", "user"])
    }
}
