import Glibc
import Synchronization

/// Asks another thread of this process for its stack, by a signal that nobody else uses. A last resort: it is asked of a thread that has
/// not answered for half a minute, whose waits it may cut short once.
enum ThreadStack {
    // What the handler touches exists before the signal is first sent: it may not wait for anything, nor take memory.
    private static let depth = 64
    private nonisolated(unsafe) static let frames = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: depth)
    private static let count = Atomic<Int32>(0)
    private nonisolated(unsafe) static let captured: UnsafeMutablePointer<sem_t> = {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
        return semaphore
    }()
    private typealias Walk = @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Int32
    /// The C library's own; its header is not among those that Swift brings.
    private static let walk = dlsym(nil, "backtrace").map { unsafeBitCast($0, to: Walk.self) }
    /// One that Dispatch does not block on its threads, nor on those that they start. It is sent only when its handler is in place.
    private static let signal = SIGPROF
    private static let isReady: Bool = {
        // The first walk loads a library: not in the handler.
        guard let walk, walk(frames, Int32(depth)) > 0 else { return false }
        count.store(0, ordering: .relaxed)
        _ = captured
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in ThreadStack.take() }
        action.sa_flags = SA_RESTART
        return sigaction(signal, &action, nil) == 0
    }()
    /// One question at a time.
    private static let turn = Mutex(())

    static func capture(of thread: pthread_t) -> [String] {
        turn.withLock { _ in
            guard isReady else { return [] }
            // A late answer to an earlier question is none to this one.
            while sem_trywait(captured) == 0 {}
            guard pthread_kill(thread, signal) == 0, waitForAnswer() else { return [] }
            let addresses = (0..<Int(count.load(ordering: .acquiring))).compactMap { frames[$0] }
            // Read anew each time: it is asked for once in a year, and takes as much memory as it has names.
            let own = own ?? 0
            let places = addresses.map { Int(bitPattern: $0) - own }
            let table = SymbolTable(file: "/proc/self/exe")?.names(at: places) ?? [:]
            let names = Dictionary(uniqueKeysWithValues: table.map { ($0.key + own, $0.value) })
            return addresses.map { words($0, names) }
        }
    }

    private static func waitForAnswer() -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += 1
        while sem_timedwait(captured, &end) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    /// On the thread that is asked.
    private static func take() {
        let before = errno
        count.store(walk?(frames, Int32(depth)) ?? 0, ordering: .releasing)
        sem_post(captured)
        errno = before
    }

    /// The C library's `Dl_info`; like the walk, it is not among what Swift brings.
    private struct Symbol {
        var file: UnsafePointer<CChar>?
        var base: UnsafeMutableRawPointer?
        var name: UnsafePointer<CChar>?
        var address: UnsafeMutableRawPointer?
    }
    private typealias Find = @convention(c) (UnsafeRawPointer, UnsafeMutableRawPointer) -> Int32
    private static let find = dlsym(nil, "dladdr").map { unsafeBitCast($0, to: Find.self) }

    /// The place in the file that it belongs to, and the name of the function where there is one.
    private static func words(_ address: UnsafeMutableRawPointer, _ names: [Int: String]) -> String {
        var symbol = Symbol()
        guard let find, find(address, &symbol) != 0, let file = symbol.file, let base = symbol.base else { return "\(address)" }
        let place = address - base
        let written = "\(String(cString: file).split(separator: "/").last ?? "")+0x\(String(place, radix: 16))"
        if let name = symbol.name { return "\(written) \(readable(name))" }
        guard let name = names[Int(bitPattern: address)] else { return written }
        return "\(written) \(readable(name))"
    }

    /// Where the program itself lies: the file that this very function is in.
    private static let own: Int? = {
        var symbol = Symbol()
        let here = unsafeBitCast({ _ in } as @convention(c) (Int32) -> Void, to: UnsafeRawPointer.self)
        return find.flatMap { $0(here, &symbol) } != 0 ? symbol.base.map { Int(bitPattern: $0) } : nil
    }()

    private typealias Demangle =
        @convention(c) (
            UnsafePointer<CChar>?, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?, UInt32
        ) -> UnsafeMutablePointer<CChar>?
    private static let demangle = dlsym(nil, "swift_demangle").map { unsafeBitCast($0, to: Demangle.self) }

    private static func readable(_ symbol: UnsafePointer<CChar>) -> String {
        guard let text = demangle?(symbol, strlen(symbol), nil, nil, 0) else { return String(cString: symbol) }
        defer { free(text) }
        return String(cString: text)
    }
}
