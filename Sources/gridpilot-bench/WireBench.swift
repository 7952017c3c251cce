import ArgumentParser
import Foundation
import Microscope
import RunModel
import SerialEMSimulator
import Simulator

/// SerialEM's link on the loopback beside a bare ping-pong of the same bytes, in one run.
struct WireBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire", abstract: "SerialEM's socket: small commands, images, memory.")
    @Option(help: "Small commands.") var commands = 2000
    @Option(help: "Images of 4096 x 4096 floats.") var images = 10

    func run() async throws {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        let listener = try SocketListener(SerialEMAddress(host: "127.0.0.1", port: 0))
        let program = SimulatedSerialEM(
            column: SimulatedColumn(seed: 11, linesKept: 200), camera: RenderingCamera(size: 1024, renderer: InlineRenderer()),
            directory: folder,
            clock: ContinuousClock(), now: Moments.now, speed: QuickScope.speed)
        let server = SerialEMServer(program: program, clock: ContinuousClock())
        let serving = Task { await server.run(listener.connections()) }
        let stream = try await SocketDialer().dial(listener.address, within: 5)
        let connection = SerialEMConnection(stream, clock: ContinuousClock())
        _ = try await connection.askToRun()
        try await measureCommands(connection)
        try await measureMemory(connection)
        try await measureImages(connection)
        try await measureCancelling(connection)
        listener.close()
        await serving.value
    }

    /// From the cancellation of a command that takes for ever to its end here.
    private func measureCancelling(_ connection: SerialEMConnection) async throws {
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            signal.yield()
            try await connection.call(.delay, [.real(1e12)])
        }
        for await _ in started { break }
        let clock = ContinuousClock()
        let begun = clock.now
        task.cancel()
        _ = await task.result
        Report.line("A command that is cancelled ends after", begun.duration(to: clock.now).milliseconds, "ms", promised: 100)
    }

    /// In turns, so that both meet the same machine.
    private func measureCommands(_ connection: SerialEMConnection) async throws {
        let bare = try BarePingPong(bytes: 24, back: 64)
        var (ours, theirs) = (Spread(), Spread())
        let clock = ContinuousClock()
        for turn in 0..<commands + 100 {
            let begun = clock.now
            try bare.play()
            let middle = clock.now
            try await connection.call(.reportStageXYZ)
            // The first hundred warm up caches and threads.
            guard turn >= 100 else { continue }
            theirs.add(begun.duration(to: middle).milliseconds)
            ours.add(middle.duration(to: clock.now).milliseconds)
        }
        Report.line("Bare ping-pong of the same bytes, median", theirs.median, "ms")
        Report.line("ReportStageXYZ, median", ours.median, "ms")
        Report.line("More than the bare one, median", ours.median - theirs.median, "ms", promised: 0.2)
        Report.line("ReportStageXYZ, 99th percentile", ours.percentile(0.99), "ms")
    }

    private func measureMemory(_ connection: SerialEMConnection) async throws {
        // A command's deadline keeps a few hundred bytes until it has passed, also where the answer came long before.
        let deadlines = Duration.seconds(SerialEMCommand.reportStageXYZ.row.deadline + 2)
        func settled() async throws -> Int {
            try await Task.sleep(for: deadlines)
            return Memory.resident()?.now ?? 0
        }
        // The first thousands fill the allocator's own shelves.
        for _ in 0..<5000 { try await connection.call(.reportStageXYZ) }
        let before = try await settled()
        for _ in 0..<1000 { try await connection.call(.reportStageXYZ) }
        Report.line("Memory that 1,000 commands more keep", Double(try await settled() - before), "kB", promised: 0)
    }

    private func measureImages(_ connection: SerialEMConnection) async throws {
        let side = 4096
        var bytes = [UInt8](repeating: 0, count: side * side * 4)
        for index in stride(from: 2, to: bytes.count, by: 4) { bytes[index] = UInt8(truncatingIfNeeded: index >> 8) }
        try await connection.put(SerialEMImage(pixel: .float32, width: side, height: side, bytes: bytes), in: .t, like: .a)
        var (get, put) = (Spread(), Spread())
        let clock = ContinuousClock()
        for _ in 0..<images {
            let begun = clock.now
            let image = try await connection.image(in: .t)
            get.add(begun.duration(to: clock.now).milliseconds)
            guard let image, image.bytes == bytes else { throw ValidationError("The image came back changed.") }
            let middle = clock.now
            try await connection.put(image, in: .t, like: .a)
            try await connection.call(.echo, [.text("there")])
            put.add(middle.duration(to: clock.now).milliseconds)
        }
        Report.line("A buffer of 4096 x 4096 floats, read, median", get.median, "ms", promised: 150)
        Report.line("The same written, median", put.median, "ms")
    }
}

/// Two blocking threads and a socket: what the machine can do at its best.
private final class BarePingPong {
    private let near: Int32
    private let back: Int
    private var out: [UInt8]
    private var into: [UInt8]

    init(bytes: Int, back: Int) throws {
        self.back = back
        out = [UInt8](repeating: 1, count: bytes)
        into = [UInt8](repeating: 0, count: back)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        near = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let near = near
        let isConnected = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listener, place, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, place, &size) == 0
                    && connect(near, place, size) == 0
            }
        }
        let far = accept(listener, nil, nil)
        guard isConnected, far >= 0 else { throw ValidationError("No socket on the loopback.") }
        close(listener)
        var yes: Int32 = 1
        for end in [near, far] { setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4) }
        Thread.detachNewThread {
            var question = [UInt8](repeating: 0, count: bytes)
            let answer = [UInt8](repeating: 2, count: back)
            while recv(far, &question, bytes, Int32(MSG_WAITALL)) == bytes { _ = send(far, answer, back, Int32(MSG_NOSIGNAL)) }
            close(far)
        }
    }

    deinit { close(near) }

    func play() throws {
        guard send(near, out, out.count, 0) == out.count, recv(near, &into, back, Int32(MSG_WAITALL)) == back else {
            throw ValidationError("The bare socket was lost.")
        }
    }
}
