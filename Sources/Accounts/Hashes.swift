import Hashing

extension Accounts {
    /// Takes the full cost of a guess.
    func hashed(_ password: String) throws(AccountError) -> String {
        guard let hash = PasswordHash.make(password, cost) else { throw .hashing }
        return hash
    }

    static func secret() throws(AccountError) -> String {
        guard let secret = Secret.make() else { throw .hashing }
        return secret
    }
}
