import CLibWebSockets

/// How the C library keeps what this process allocates.
///
/// By itself it gives each thread that waits for another a heap of its own, up to eight for each core, and whatever one image leaves in the
/// middle of a heap keeps the rest of that heap from going back to the system. Images are worked on by many threads in turn, so a server
/// that runs for days would hold the most that each of those heaps ever held. And a block that once came from the system and was freed
/// makes later ones of its size come from the heaps.
public enum ServerHeap {
    static let arenas: Int32 = 2
    /// Bytes. Whatever is larger is the system's own, and goes back to it with the last use: each picture, each frame of a movie.
    static let fromSystem: Int32 = 256 << 10
    /// Bytes that stay at the end of a heap for the next use.
    static let kept: Int32 = 1 << 20

    /// To be called before the process has a second thread: heaps that exist already would stay. Whether the library took all of it.
    @discardableResult
    public static func bound() -> Bool {
        [(M_ARENA_MAX, arenas), (M_MMAP_THRESHOLD, fromSystem), (M_TRIM_THRESHOLD, kept)].allSatisfy { mallopt($0, $1) == 1 }
    }

    /// Bytes that the process has allocated and not freed, without what the C library keeps for the next use: what grows here is really held.
    public static var used: Int {
        let state = mallinfo2()
        return state.uordblks + state.hblkhd
    }
}
