import CSodium

/// 256 bits by which bytes are told apart without being kept, in hexadecimal digits. Not for passwords, which can be guessed.
public enum Digest {
    /// BLAKE2b: for what only this program compares.
    public static func of(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, digest.count, bytes, UInt64(bytes.count), nil, 0)
        return hex(digest)
    }

    /// SHA-256: for what others compute again with tools of their own.
    public static func sha256(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return hex(digest)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// The secrets of sign-ins and API tokens: 256 random bits, of which the store keeps a hash.
public enum Secret {
    /// Nil where the machine gives no random numbers.
    public static func make() -> String? {
        guard sodium_init() >= 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&bytes, bytes.count)
        return Digest.hex(bytes)
    }

    /// Random secrets need no slow hash: there is nothing to guess.
    public static func hash(_ secret: String) -> String { Digest.of(Array(secret.utf8)) }
}
