import Microscope

/// What answers behind the wire: a SerialEM as its external control sees it, without sockets and bytes.
///
/// `SerialEMServer` calls it for one client at a time and never twice at once; a command that was begun is carried to its end whatever
/// becomes of its client.
public protocol SerialEMProgram: Sendable {
    /// A client has connected. Returns its number; numbers rise from 1.
    func clientCame() -> Int
    /// Its connection is gone. Called as soon as that is seen, also while a command of it is carried out.
    func clientWent(_ client: Int)
    /// One command, to its end.
    func run(_ code: Int32, _ arguments: [SerialEMArgument], client: Int) async -> SerialEMOutcome
    /// nil for an empty buffer.
    func image(in buffer: Int32, isFFT: Bool) async -> SerialEMImage?
    func put(_ image: SerialEMImage, as header: SerialEMPut) async
    /// External control is over: what lasts only as long as it is undone.
    func controlEnded()
}
