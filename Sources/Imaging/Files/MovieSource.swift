/// Frames in a file.
public protocol MovieSource: FrameSource {
    var path: String { get }
    /// Å; nil where the file does not tell.
    var pixelSize: Double? { get }
    /// How many frames the camera took; more than there are here where several were put together.
    var rawFrameCount: Int { get }
}

extension MovieSource {
    public var name: String { path }
    public var rawFrameCount: Int { frameCount }

    /// Whether the file has the frames that were asked for. Of single electrons the camera takes as many as it does, and no number tells.
    public func isComplete(of frames: Int) -> Bool { self is EERFile || rawFrameCount >= frames }
}
