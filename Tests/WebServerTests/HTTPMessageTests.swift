import Testing

@testable import WebServer

@Suite struct HTTPMessageTests {
    @Test(
        arguments: [
            ("a=1; gridpilot=tok=en; b=2", "tok=en"), ("gridpilot=x", "x"), ("xgridpilot=x", nil), ("gridpilot", nil), ("", nil),
        ] as [(String, String?)])
    func `a cookie is found by its whole name`(header: String, value: String?) {
        #expect(HTTPRequest(path: "/", headers: ["cookie": header]).cookie("gridpilot") == value)
    }

    @Test(arguments: [
        ("http://scope:8080", "scope:8080", true), ("http://SCOPE:8080", "scope:8080", true),
        ("https://scope", "scope:443", false), ("https://scope", "scope", false),
        ("http://scope:80", "scope", true), ("http://scope:8080", "scope", false), ("http://scope.evil", "scope", false),
        ("null", "scope", false), ("", "", false), ("file://", "", false), ("http://scope/", "scope", false),
    ])
    func `an origin belongs here when it names this host`(origin: String, host: String, isHere: Bool) {
        #expect(Origin.matches(origin, host: host, isSecure: false) == isHere)
        #expect(HTTPRequest(path: "/", headers: ["origin": origin, "host": host]).isSameOrigin == isHere)
    }

    @Test func `under TLS only a page that came over TLS is one of ours`() {
        #expect(Origin.matches("https://scope", host: "scope:443", isSecure: true))
        #expect(!Origin.matches("http://scope", host: "scope", isSecure: true))
    }

    @Test func `a request without an origin says nothing about it`() {
        #expect(HTTPRequest(path: "/").isSameOrigin == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.1.2.3", true), ("::1", true), ("10.0.0.1", false), ("127.evil", false), ("", false),
    ])
    func `loopback is told from others`(address: String, isLoopback: Bool) {
        #expect(PeerAddress.isLoopback(address) == isLoopback)
    }

    @Test func `an IPv4 peer of an IPv6 socket is named plainly`() {
        #expect(PeerAddress.plain("::ffff:10.0.0.1") == "10.0.0.1")
        #expect(PeerAddress.plain("fe80::1") == "fe80::1")
    }
}
