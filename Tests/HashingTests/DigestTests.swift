import Testing

@testable import Hashing

/// Against values that other programs print.
@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `SHA-256 is what sha256sum says`(text: String, digest: String) {
        #expect(Digest.sha256(Array(text.utf8)) == digest)
    }

    @Test func `BLAKE2b is what b2sum with 256 bits says`() {
        #expect(Digest.of(Array("abc".utf8)) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
    }

    @Test func `a password is known again by its hash, and no other is`() throws {
        let hash = try #require(PasswordHash.make("right password", .least))
        #expect(PasswordHash.verify("right password", against: hash))
        #expect(!PasswordHash.verify("wrong password", against: hash))
        #expect(PasswordHash.isWeaker(hash, than: .interactive) && !PasswordHash.isWeaker(hash, than: .least))
    }

    @Test func `no two secrets are the same`() throws {
        let secrets = try (0..<100).map { _ in try #require(Secret.make()) }
        #expect(Set(secrets).count == 100 && secrets.allSatisfy { $0.utf8.count == 64 })
    }
}
