import CLibWebSockets
import Glibc
import Synchronization

/// The library's context, with the memory that must outlive it. Whoever makes one must `end()` it on the network
/// thread: the library's callbacks run during the end, and nothing of it may be freed before.
final class Listener {
    let context: OpaquePointer
    let port: Int
    /// Where frames and chunks are put together: its beginning is the padding that the library writes into.
    let scratch: UnsafeMutablePointer<UInt8>
    static let scratchRoom = 32 << 10

    private let memory: CMemory
    private let server: Unmanaged<WebServer>

    /// The library keeps counters of its own that are not made for contexts that begin or end at the same time.
    private static let beginningOrEnding = Mutex(())

    init(_ configuration: WebServer.Configuration, server: WebServer) throws(WebServerProblem) {
        try Self.check(configuration)
        LibraryLog.direct(to: configuration.log)
        // The library's signal handling must not end the program when a peer is gone.
        signal(SIGPIPE, SIG_IGN)
        let memory = CMemory()
        let user = Unmanaged.passRetained(server)
        var info = Self.settings(configuration, memory)
        info.user = user.toOpaque()
        guard let context = Self.beginningOrEnding.withLock({ _ in Handle(pointer: lws_create_context(&info)) }).pointer else {
            user.release()
            throw .cannotListen(
                host: configuration.host, port: configuration.port,
                reason: configuration.certificate == nil
                    ? "The network library did not start." : "The certificate and its key cannot be used.")
        }
        (self.context, self.memory, self.server) = (context, memory, user)
        port = Int(lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")))
        scratch = .allocate(capacity: Frame.padding + Self.scratchRoom)
        scratch.initialize(repeating: 0, count: Frame.padding + Self.scratchRoom)
    }

    /// Ends the context; the callbacks that close what is open run inside this call.
    func end() {
        let handle = Handle(pointer: context)
        Self.beginningOrEnding.withLock { _ in lws_context_destroy(handle.pointer) }
        scratch.deallocate()
        memory.free()
        server.release()
    }

    private struct Handle: @unchecked Sendable {
        // Crosses only into a lock's body and back, on one thread.
        let pointer: OpaquePointer?
    }

    private static func check(_ configuration: WebServer.Configuration) throws(WebServerProblem) {
        if configuration.debugEcho && !configuration.isLoopback { throw .echoNeedsLoopback(host: configuration.host) }
        for file in [configuration.certificate?.certificateFile, configuration.certificate?.keyFile].compactMap({ $0 })
        where access(file, R_OK) != 0 {
            throw .cannotRead(file: file)
        }
        if let reason = PortProbe.refusal(host: configuration.address, port: configuration.port) {
            throw .cannotListen(host: configuration.host, port: configuration.port, reason: reason)
        }
    }

    private static func settings(_ configuration: WebServer.Configuration, _ memory: CMemory) -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.port = Int32(configuration.port)
        info.iface = ["0.0.0.0", "::"].contains(configuration.address) ? nil : memory.string(configuration.address)
        info.protocols = memory.protocols(configuration)
        info.options = options(configuration)
        info.max_http_header_data2 = UInt32(configuration.limits.headers)
        // A request keeps its head until it is answered, so each link may need one, and so does each that is still on its way out.
        info.max_http_header_pool2 = UInt32(configuration.limits.connections * 2 + 64)
        info.keepalive_timeout = Int32(configuration.limits.keepAliveSeconds)
        info.timeout_secs = UInt32(configuration.limits.stallSeconds)
        info.timeout_secs_ah_idle = UInt32(configuration.limits.headSeconds)
        info.pt_serv_buf_size = UInt32(scratchRoom)
        info.retry_and_idle_policy = memory.keepAlive(configuration.limits)
        if let certificate = configuration.certificate {
            info.ssl_cert_filepath = memory.string(certificate.certificateFile)
            info.ssl_private_key_filepath = memory.string(certificate.keyFile)
            // A large answer breaks off over HTTP/2 in this version of the library.
            info.alpn = memory.string("http/1.1")
        }
        return info
    }

    private static func options(_ configuration: WebServer.Configuration) -> UInt64 {
        var options = UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8) | UInt64(LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME)
        // What is no HTTP, or has a method that the library does not know, comes to us as it is and gets an answer of ours.
        options |= UInt64(LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG)
        options |= UInt64(LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS) | UInt64(LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND)
        if configuration.certificate != nil { options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) }
        if !configuration.address.contains(":") { options |= UInt64(LWS_SERVER_OPTION_DISABLE_IPV6) }
        return options
    }
}

/// C memory that the library looks at for as long as its context lives.
final class CMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    func string(_ text: String) -> UnsafePointer<CChar>? {
        guard let copy = strdup(text) else { return nil }
        blocks.append(copy)
        return UnsafePointer(copy)
    }

    func array<T>(_ items: [T]) -> UnsafeMutablePointer<T> {
        let start = UnsafeMutablePointer<T>.allocate(capacity: items.count)
        start.initialize(from: items, count: items.count)
        blocks.append(start)
        return start
    }

    /// The first is HTTP, and the echo that knows no subprotocol; the last, all zero, ends the list.
    func protocols(_ configuration: WebServer.Configuration) -> UnsafePointer<lws_protocols> {
        let names = ["http"] + Set(configuration.webSockets.values).sorted()
        let protocols = names.map { name in
            var entry = lws_protocols()
            entry.name = string(name)
            entry.callback = serviceCallback
            // Left out, it would be about as much as is read at once, and what goes beyond it is copied and kept.
            entry.tx_packet_size = Listener.scratchRoom
            // A frame shows its announced length only once so much of it is here; the smallest that a control frame fits into.
            entry.rx_buffer_size = name == "http" && configuration.debugEcho ? Listener.scratchRoom : 128
            return entry
        }
        return UnsafePointer(array(protocols + [lws_protocols()]))
    }

    func keepAlive(_ limits: WebServer.Limits) -> UnsafePointer<lws_retry_bo_t> {
        var policy = lws_retry_bo_t()
        policy.secs_since_valid_ping = UInt16(limits.pingSeconds)
        policy.secs_since_valid_hangup = UInt16(limits.hangUpSeconds)
        return UnsafePointer(array([policy]))
    }

    func free() {
        for block in blocks { Glibc.free(block) }
        blocks = []
    }
}

/// The library logs for the whole process, without saying for whom.
enum LibraryLog {
    private static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

    static func direct(to log: @escaping @Sendable (String) -> Void) {
        sink.withLock { $0 = log }
        lws_set_log_level(LLL_ERR | LLL_WARN) { _, line in
            guard let line else { return }
            let text = String(cString: line)
            LibraryLog.pass(text.last == "\n" ? String(text.dropLast()) : text)
        }
    }

    private static func pass(_ line: String) {
        let log = sink.withLock { $0 }
        guard let problem = RefusedAccept(line: line) else {
            log?(line)
            return
        }
        if let line = refusedAccepts.withLock({ $0.add().map(problem.words) }) { log?(line) }
        problem.rest()
    }

    private static let refusedAccepts = Mutex(MinuteTally())
}
