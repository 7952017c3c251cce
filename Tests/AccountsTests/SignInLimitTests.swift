import RunModel
import Testing

@testable import Accounts

@Suite struct SignInLimitTests {
    private let key = SignInLimit.Key(username: "operator", address: "10.0.0.1")
    private let start = Timestamp(milliseconds: 0)

    @Test func `five tries, then five minutes`() throws {
        var limit = SignInLimit()
        #expect(try (0..<5).map { _ in try limit.begin(key, at: start) } == [4, 3, 2, 1, 0])
        #expect(throws: AccountError.tooManyTries(secondsLeft: 300)) { try limit.begin(key, at: start) }
        #expect(throws: AccountError.tooManyTries(secondsLeft: 1)) { try limit.begin(key, at: start.advanced(bySeconds: 299)) }
        #expect(try limit.begin(key, at: start.advanced(bySeconds: 300)) == 4)
    }

    @Test func `a refused try does not make the wait longer`() throws {
        var limit = SignInLimit()
        for _ in 0..<5 { _ = try limit.begin(key, at: start) }
        for second in 1..<300 {
            #expect(throws: AccountError.self) { try limit.begin(key, at: start.advanced(bySeconds: Double(second))) }
        }
        #expect(try limit.begin(key, at: start.advanced(bySeconds: 300)) == 4)
    }

    @Test func `names and addresses are counted apart`() throws {
        var limit = SignInLimit()
        for _ in 0..<5 { _ = try limit.begin(key, at: start) }
        #expect(try limit.begin(.init(username: "operator", address: "10.0.0.2"), at: start) == 4)
        #expect(try limit.begin(.init(username: "staff", address: "10.0.0.1"), at: start) == 4)
    }

    @Test func `a right password forgets the wrong ones, and no answer is no try`() throws {
        var limit = SignInLimit()
        for _ in 0..<4 { _ = try limit.begin(key, at: start) }
        limit.takeBack(key)
        #expect(try limit.begin(key, at: start) == 1)
        limit.succeeded(key)
        #expect(try limit.begin(key, at: start) == 4)
    }

    @Test func `a flood of names pushes out the oldest, not the newest`() throws {
        var limit = SignInLimit()
        for number in 0...SignInLimit.capacity {
            _ = try limit.begin(.init(username: "n\(number)", address: ""), at: Timestamp(milliseconds: Int64(number)))
        }
        let now = Timestamp(milliseconds: Int64(SignInLimit.capacity))
        #expect(try limit.begin(.init(username: "n0", address: ""), at: now) == 4)
        #expect(try limit.begin(.init(username: "n\(SignInLimit.capacity)", address: ""), at: now) == 3)
    }
}
