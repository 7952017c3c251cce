import Microscope

/// A simulated SerialEM behind its socket: one client at a time, the newest wins, and external control a state of its own.
///
/// Everything happens in one line of events, as in the program that it stands for: while a command is carried out nobody is let in.
public struct SerialEMServer: Sendable {
    private let program: any SerialEMProgram
    private let clock: any Clock<Duration>
    private let faults: [SerialEMFault]

    public init(program: any SerialEMProgram, clock: any Clock<Duration>, faults: [SerialEMFault] = []) {
        self.program = program
        self.clock = clock
        self.faults = faults
    }

    /// Serves one connection after the other until there are no more, or its task is cancelled. What was begun is carried to its end.
    public func run(_ connections: AsyncStream<any ByteStream>) async {
        let (events, post) = AsyncStream.makeStream(of: SerialEMClientConnection.Event.self)
        let (work, start) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await stream in connections { post.yield(.arrived(stream)) }
                post.finish()
            }
            group.addTask {
                await withDiscardingTaskGroup { readers in
                    for await read in work { readers.addTask { await read() } }
                }
            }
            var control = SerialEMExternalControl(
                program: program, clock: clock, faults: SerialEMFaultList(faults), events: events, post: { post.yield($0) },
                start: { start.yield($0) })
            await control.serve()
            start.finish()
            group.cancelAll()
        }
    }
}
