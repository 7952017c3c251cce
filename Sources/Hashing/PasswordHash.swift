import CSodium

/// Argon2id through libsodium. Each call takes its full cost, so it belongs on a thread that may block.
public enum PasswordHash {
    /// Nil when there is not enough memory for its cost.
    public static func make(_ password: String, _ cost: HashCost) -> String? {
        guard sodium_init() >= 0 else { return nil }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let utf8 = password.utf8.map { CChar(bitPattern: $0) }
        guard crypto_pwhash_str(&text, utf8, UInt64(utf8.count), cost.operations, cost.memory) == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes as long for a wrong password as for a right one.
    public static func verify(_ password: String, against hash: String) -> Bool {
        guard sodium_init() >= 0 else { return false }
        let utf8 = password.utf8.map { CChar(bitPattern: $0) }
        return crypto_pwhash_str_verify(hash, utf8, UInt64(utf8.count)) == 0
    }

    public static func isWeaker(_ hash: String, than cost: HashCost) -> Bool {
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
