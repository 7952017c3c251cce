import CSodium

/// Argon2id through libsodium. Each call takes its full cost, so it belongs on a thread that may block.
enum PasswordHash {
    static func make(_ password: String, _ cost: HashCost) throws(AccountError) -> String {
        guard sodium_init() >= 0 else { throw .hashing }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let utf8 = password.utf8.map { CChar(bitPattern: $0) }
        guard crypto_pwhash_str(&text, utf8, UInt64(utf8.count), cost.operations, cost.memory) == 0 else { throw .hashing }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes as long for a wrong password as for a right one.
    static func verify(_ password: String, against hash: String) -> Bool {
        guard sodium_init() >= 0 else { return false }
        let utf8 = password.utf8.map { CChar(bitPattern: $0) }
        return crypto_pwhash_str_verify(hash, utf8, UInt64(utf8.count)) == 0
    }

    static func isWeaker(_ hash: String, than cost: HashCost) -> Bool {
        crypto_pwhash_str_needs_rehash(hash, cost.operations, cost.memory) != 0
    }
}

/// What one guess costs.
public struct HashCost: Hashable, Sendable {
    var operations: UInt64
    var memory: Int

    /// 64 MiB and two passes, libsodium's measure for people who wait for the answer.
    public static let interactive = HashCost(
        operations: UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE), memory: Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))
    /// For tests: cheap, and as cheap to guess.
    public static let least = HashCost(operations: UInt64(crypto_pwhash_OPSLIMIT_MIN), memory: Int(crypto_pwhash_MEMLIMIT_MIN))
}

/// The secrets of sign-ins and API tokens: 256 random bits, of which the store keeps a hash.
enum Secret {
    static func make() throws(AccountError) -> String {
        guard sodium_init() >= 0 else { throw .hashing }
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        return Digest.hex(bytes)
    }

    /// Random secrets need no slow hash: there is nothing to guess.
    static func hash(_ secret: String) -> String { Digest.of(Array(secret.utf8)) }
}

/// BLAKE2b through libsodium: 256 bits, by which bytes are told apart without being kept. Not for passwords, which can be guessed.
public enum Digest {
    /// In hexadecimal digits.
    public static func of(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, digest.count, bytes, UInt64(bytes.count), nil, 0)
        return hex(digest)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
