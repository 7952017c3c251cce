import Glibc

/// Wrong passwords of one address, whatever the names: twenty at once, then one every six seconds. This is asked before anything is
/// hashed, so that a flood from one place costs nothing but its answers.
struct AddressLimit: Sendable {
    static let atOnce = 20.0
    static let interval = Duration.seconds(6)
    static let capacity = 10_000

    private struct Account {
        var left: Double
        var renewed: Duration
    }
    private var accounts: [String: Account] = [:]

    /// Counts a try before it is known to be wrong.
    mutating func begin(_ address: String, at now: Duration) throws(AccountError) {
        let network = Self.network(of: address)
        if accounts[network] == nil, accounts.count >= Self.capacity { makeRoom() }
        var account = accounts[network] ?? Account(left: Self.atOnce, renewed: now)
        account.left = min(Self.atOnce, account.left + (now - account.renewed) / Self.interval)
        account.renewed = now
        defer { accounts[network] = account }
        guard account.left >= 1 else { throw .tooManyFromAddress(secondsLeft: (Self.interval * (1 - account.left)).wholeSeconds) }
        account.left -= 1
    }

    /// It was right, or came to no answer.
    mutating func takeBack(_ address: String) {
        let network = Self.network(of: address)
        guard let account = accounts[network] else { return }
        accounts[network]?.left = min(Self.atOnce, account.left + 1)
    }

    private mutating func makeRoom() {
        let oldest = accounts.sorted { $0.value.renewed < $1.value.renewed }.prefix(Self.capacity / 10)
        for (network, _) in oldest { accounts[network] = nil }
    }

    /// A machine with IPv6 has as many addresses as it likes; what it does not choose is their first half.
    static func network(of address: String) -> String {
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        return withUnsafeBytes(of: bytes) { bytes in "v6-" + bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: "-")
        }
    }
}
