/// Frames in a file.
public protocol MovieSource: FrameSource {
    var path: String { get }
    /// Å; nil where the file does not tell.
    var pixelSize: Double? { get }
}

extension MovieSource {
    public var name: String { path }
}
