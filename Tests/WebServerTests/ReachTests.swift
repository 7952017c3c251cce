import Testing

@testable import WebServer

@Suite struct ReachTests {
    private static let application = TestApplication { request in
        let text = "\(request.remoteAddress) \(request.isSecure) \(request.isLoopback) [\(request.prefix)] \(request.path)"
        return HTTPResponse(body: .bytes(Array(text.utf8)))
    }

    private func reply(
        _ headers: [String: String], at target: String = "/a", _ change: (inout WebServer.Configuration) -> Void
    ) async throws -> RawResponse {
        var answer: RawResponse?
        try await withServer(Self.application, change) { port, _ in
            let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
            answer = try await ask(port, raw: "GET \(target) HTTP/1.1\r\n\(lines)\r\n")
        }
        return try #require(answer)
    }

    @Test func `what a trusted proxy says counts, and the address that no proxy is`() async throws {
        let headers = [
            "Host": "em.example.org", "X-Forwarded-For": "6.6.6.6, 203.0.113.5, 127.0.0.9", "X-Forwarded-Proto": "https",
            "X-Forwarded-Prefix": "/gridpilot",
        ]
        let answer = try await reply(headers, at: "/gridpilot/a") { $0.trustedProxies = AddressRange.loopback }
        #expect(answer.text == "203.0.113.5 true false [/gridpilot] /a")
        #expect(answer.headers["strict-transport-security"] != nil)
    }

    @Test func `what anybody else says about the way is not believed, and makes nobody local`() async throws {
        let headers = ["Host": "127.0.0.1", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"]
        let answer = try await reply(headers) { $0.trustedProxies = [] }
        #expect(answer.text == "127.0.0.1 false false [] /a")
        #expect(answer.headers["strict-transport-security"] == nil)
    }

    @Test(arguments: [["Via": "1.1 proxy"], ["Forwarded": "for=1.2.3.4"], ["X-Forwarded-For": "1.2.3.4"]])
    func `what was passed on is not from this machine`(headers: [String: String]) async throws {
        let answer = try await reply(headers.merging(["Host": "localhost"]) { first, _ in first }) { _ in }
        #expect(answer.text.split(separator: " ")[2] == "false")
        #expect(try await reply(["Host": "localhost"]) { _ in }.text.split(separator: " ")[2] == "true")
    }

    @Test(arguments: [
        ("127.0.0.1:8080", 200), ("[::1]:8080", 200), ("10.1.2.3", 200), ("localhost:1", 200), ("scope", 200), ("SCOPE:80", 200),
        ("scope.", 200), ("evil.example", 421), ("scope.evil.example", 421), ("127.0.0.1.evil.example", 421),
        ("127.a.evil.example", 421), ("127.evil.a.example", 421),
    ])
    func `without a public address a host is an address or this machine`(host: String, status: Int) async throws {
        let answer = try await reply(["Host": host]) { $0.hostNames = ["scope"] }
        #expect(answer.status == status)
        #expect(status == 200 || answer.text.contains("request.otherHost"))
    }

    @Test(arguments: [
        ("em.example.org", 200), ("em.example.org:443", 200), ("localhost", 200), ("127.0.0.1:8080", 200), ("10.1.2.3", 421),
        ("scope", 421), ("em.example.org.evil", 421),
    ])
    func `with a public address that is the only name`(host: String, status: Int) async throws {
        let answer = try await reply(["Host": host]) {
            $0.hostNames = ["scope"]
            $0.publicURL = PublicURL("https://em.example.org/gp/")
        }
        #expect(answer.status == status)
        if host.hasPrefix("em.") && status == 200 { #expect(answer.text.contains("true false [/gp] /a")) }
    }

    @Test(arguments: ["X-Forwarded-For", "X-Forwarded-Host", "Via", "X-Real-IP"])
    func `a proxy that nobody has named gives this server no other name`(header: String) async throws {
        let answer = try await reply(["Host": "evil.example", header: "scope"]) {
            $0.hostNames = ["scope"]
            ($0.trustedProxies, $0.isProxySupposed) = (AddressRange.loopback, true)
        }
        #expect(answer.status == 421)
    }

    @Test func `a proxy that nobody has named says by which way people come, and not who they are`() async throws {
        let headers = [
            "Host": "scope", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/gp",
        ]
        let answer = try await reply(headers, at: "/gp/a") {
            $0.hostNames = ["scope"]
            ($0.trustedProxies, $0.isProxySupposed) = (AddressRange.loopback, true)
        }
        #expect(answer.text == "127.0.0.1 true false [/gp] /a")
    }

    @Test
    func
        `a proxy that nobody has named and that ends TLS passes on the name that people typed, and commands only from pages by TLS`()
        async throws
    {
        let supposed: (inout WebServer.Configuration) -> Void = {
            $0.hostNames = ["scope"]
            ($0.trustedProxies, $0.isProxySupposed) = (AddressRange.loopback, true)
        }
        let headers = ["Host": "em.example.org", "X-Forwarded-Proto": "https"]
        #expect(try await reply(headers, supposed).status == 200)
        let plain = headers.merging(["X-Forwarded-Proto": "http"]) { $1 }
        #expect(try await reply(plain, supposed).status == 421)
        // What a page of a name that is made to point here can send at most.
        #expect(!Origin.matches("http://em.example.org", host: "em.example.org", isSecure: true))
    }

    @Test(arguments: ["203.0.113.5:4711", "203.0.113.5", "[2001:db8::1]:4711", "[2001:db8::1]", "2001:db8::1"])
    func `the port that a proxy writes behind an address is no part of it`(text: String) async throws {
        let answer = try await reply(["Host": "127.0.0.1", "X-Forwarded-For": "6.6.6.6, \(text)"]) {
            $0.trustedProxies = AddressRange.loopback
        }
        #expect(answer.text.split(separator: " ")[0] == (text.contains("db8") ? "2001:db8::1" : "203.0.113.5"))
    }

    @Test func `where people come by a proxy, a request from this machine may be anybody's`() async throws {
        let answers = [
            try await reply(["Host": "localhost"]) { $0.publicURL = PublicURL("https://em.example.org") },
            try await reply(["Host": "localhost"]) { $0.trustedProxies = AddressRange.loopback },
            try await reply(["Host": "localhost"]) { ($0.trustedProxies, $0.isProxySupposed) = (AddressRange.loopback, true) },
        ]
        #expect(answers.map { $0.text.split(separator: " ")[2] } == ["false", "false", "true"])
    }

    @Test func `links are counted for what a machine does not choose of its address`() {
        let networks = ["2001:db8:0:1::5", "2001:db8:0:1:ffff::", "2001:db8:0:2::5", "10.0.0.5", "10.0.0.6"]
            .map(PeerAddress.network)
        #expect(networks[0] == networks[1] && Set(networks).count == 4)
    }

    @Test(arguments: [
        "", "em.example.org", "ftp://em", "https://", "https://a/<b>", "https://a//b", "https://a/../b", "https://u@a",
    ])
    func `what is no public address is refused`(text: String) {
        #expect(PublicURL(text) == nil)
    }

    @Test func `ranges hold the addresses that begin like them`() throws {
        let range = try #require(AddressRange("10.1.128.0/17"))
        #expect(range.contains("10.1.200.1") && !range.contains("10.1.1.1") && !range.contains("::1"))
        #expect(try #require(AddressRange("fd00::/8")).contains("fd12::1"))
        #expect(AddressRange("10.0.0.0/33") == nil && AddressRange("proxy") == nil && AddressRange("") == nil)
    }
}
