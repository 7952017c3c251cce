import Testing

@testable import Accounts

@Suite struct SignInLimitTests {
    private let key = SignInLimit.Key(username: "operator", address: "10.0.0.1")
    private let start = Duration.zero

    private func fail(_ limit: inout SignInLimit, _ times: Int) throws -> [Int] {
        try (0..<times).map { _ in
            defer { limit.end(key, .wrong) }
            return try limit.begin(key, at: start)
        }
    }

    @Test func `five tries, then five minutes`() throws {
        var limit = SignInLimit()
        #expect(try fail(&limit, 5) == [4, 3, 2, 1, 0])
        #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try limit.begin(key, at: start) }
        #expect(throws: AccountError.tooManyTries(secondsLeft: 1)) { try limit.begin(key, at: start + .seconds(299)) }
        #expect(try limit.begin(key, at: start + .seconds(300)) == 4)
    }

    @Test func `a refused try does not make the wait longer`() throws {
        var limit = SignInLimit()
        _ = try fail(&limit, 5)
        for second in 1..<300 {
            #expect(throws: AccountError.self) { try limit.begin(key, at: start + .seconds(second)) }
        }
        #expect(try limit.begin(key, at: start + .seconds(300)) == 4)
    }

    @Test func `names and addresses are counted apart`() throws {
        var limit = SignInLimit()
        _ = try fail(&limit, 5)
        #expect(try limit.begin(.init(username: "operator", address: "10.0.0.2"), at: start) == 4)
        #expect(try limit.begin(.init(username: "staff", address: "10.0.0.1"), at: start) == 4)
    }

    @Test func `a right password forgets the wrong ones, and no answer is no try`() throws {
        var limit = SignInLimit()
        _ = try fail(&limit, 3)
        #expect(try limit.begin(key, at: start) == 1)
        limit.end(key, .noAnswer)
        #expect(try limit.begin(key, at: start) == 1)
        limit.end(key, .right)
        #expect(try limit.begin(key, at: start) == 4)
    }

    @Test func `many at once are five, of which none counts as wrong before it is`() throws {
        var limit = SignInLimit()
        for _ in 0..<5 { _ = try limit.begin(key, at: start) }
        #expect(throws: AccountError.tooManyAtOnce) { try limit.begin(key, at: start) }
        for _ in 0..<4 { limit.end(key, .right) }
        #expect(try limit.begin(key, at: start) == 3)
        limit.end(key, .wrong)
        limit.end(key, .wrong)
        #expect(try fail(&limit, 3) == [2, 1, 0])
        #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try limit.begin(key, at: start) }
    }

    @Test func `a flood of names pushes out the oldest, not the newest`() throws {
        var limit = SignInLimit()
        for number in 0...SignInLimit.capacity {
            _ = try limit.begin(.init(username: "n\(number)", address: ""), at: .milliseconds(number))
        }
        let now = Duration.milliseconds(SignInLimit.capacity)
        #expect(try limit.begin(.init(username: "n0", address: ""), at: now) == 4)
        #expect(try limit.begin(.init(username: "n\(SignInLimit.capacity)", address: ""), at: now) == 3)
    }

    @Test func `whoever's wait is over is forgotten, whether they come back or not`() throws {
        var limit = SignInLimit()
        for number in 0..<1000 { _ = try limit.begin(.init(username: "n\(number)", address: ""), at: start) }
        _ = try limit.begin(key, at: start + .seconds(299))
        #expect(limit.count == 1001)
        _ = try limit.begin(key, at: start + .seconds(300))
        #expect(limit.count == 1)
    }

    @Test func `one address has twenty wrong ones at once and then one every six seconds, whatever the names`() throws {
        var limit = AddressLimit()
        for _ in 0..<20 { try limit.begin("10.0.0.1", at: start) }
        #expect(throws: AccountError.tooManyFromAddress(secondsLeft: 6)) { try limit.begin("10.0.0.1", at: start) }
        try limit.begin("10.0.0.2", at: start)
        try limit.begin("10.0.0.1", at: start + .seconds(6))
        #expect(throws: AccountError.self) { try limit.begin("10.0.0.1", at: start + .seconds(6)) }
        limit.takeBack("10.0.0.1")
        try limit.begin("10.0.0.1", at: start + .seconds(6))
    }

    @Test func `a machine's many addresses of version six are one`() throws {
        var limit = AddressLimit()
        for number in 0..<20 { try limit.begin("2001:db8:0:1::\(number)", at: start) }
        #expect(throws: AccountError.self) { try limit.begin("2001:db8:0:1:ffff::1", at: start) }
        try limit.begin("2001:db8:0:2::1", at: start)
    }

    @Test func `refused sign-ins are counted for a minute, one row for each name and address`() {
        var failures = SignInFailures()
        for _ in 0..<3 { failures.add("operator", from: "10.0.0.1", at: start) }
        failures.add("?", from: "10.0.0.2", at: start + .seconds(30))
        #expect(failures.takeDue(at: start + .seconds(59), all: false).isEmpty)
        let first = failures.takeDue(at: start + .seconds(60), all: false)
        #expect(first.map(\.count) == [3] && first.map(\.key.username) == ["operator"])
        #expect(failures.takeDue(at: start + .seconds(60), all: true).map(\.count) == [1])
    }

    @Test func `a flood of addresses makes no flood of rows`() {
        var failures = SignInFailures()
        for number in 0..<10_000 { failures.add("?", from: "10.\(number / 256).0.\(number % 256)", at: start) }
        let rows = failures.takeDue(at: start, all: true)
        #expect(rows.count == 21 && rows.reduce(0) { $0 + $1.count } == 10_000)
    }

    @Test func `rows that are given back while others came make no more rows`() {
        var failures = SignInFailures()
        for number in 0..<50 {
            let taken = failures.takeDue(at: start, all: true)
            for place in 0..<20 { failures.add("user\(number)", from: "10.0.\(number).\(place)", at: start) }
            failures.giveBack(taken)
        }
        let rows = failures.takeDue(at: start, all: true)
        #expect(rows.count <= SignInFailures.capacity + 1 && rows.reduce(0) { $0 + $1.count } == 1000)
    }
}
