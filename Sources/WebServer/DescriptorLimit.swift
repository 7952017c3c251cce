import Glibc

/// How many files and sockets the system lets this process have open at once.
///
/// Debian and systemd allow 1,024 unless they are asked for more, and as many links would leave none for the store, the disks and the threads'
/// own library, which ends the process when it cannot open what it needs.
public struct DescriptorLimit: Equatable, Sendable {
    /// What is asked for at most: the network library keeps a list with a place for each.
    public static let most = 65_536
    /// For all that is no link: the store, files that are read and written, workers and their pipes.
    public static let reserved = 256
    /// Links for a few people with a few pages each.
    public static let leastLinks = 64

    /// That holds now.
    public var soft: Int
    /// Up to which the process may raise it by itself.
    public var hard: Int

    public init(soft: Int, hard: Int) { (self.soft, self.hard) = (soft, hard) }

    /// Of this process.
    public static var current: DescriptorLimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return DescriptorLimit(soft: count(limit.rlim_cur), hard: count(limit.rlim_max))
    }

    /// What the soft limit is raised to. Never lowered.
    public var raised: DescriptorLimit { DescriptorLimit(soft: max(soft, min(hard, Self.most)), hard: hard) }

    /// Raises the limit of this process, and returns what holds then. Before the server begins: the library looks once.
    public static func raise() -> DescriptorLimit {
        let wanted = current.raised
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = max(limit.rlim_cur, rlim_t(wanted.soft))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return current
    }

    /// How many links may be open; nil where what is left is not worth a start.
    public var links: Int? {
        let left = soft - Self.reserved
        return left >= Self.leastLinks ? left : nil
    }

    private static func count(_ limit: rlim_t) -> Int { limit > rlim_t(Int.max) ? .max : Int(limit) }
}
