/// Frames that can be asked for one at a time, so that a long movie never has to be in memory whole.
///
/// Each of the two ways of reading is made from the other: a source has to have one of them.
public protocol FrameSource: Sendable {
    var width: Int { get }
    var height: Int { get }
    var frameCount: Int { get }
    /// Bits of one pixel as it is stored, which says what keeping a movie in memory costs.
    var storedBits: Int { get }
    /// For sentences: the file, where there is one.
    var name: String { get }
    func frame(_ index: Int) throws(ImagingError) -> Image
    /// Into memory of `width * height` pixels that is used again; may be called by several threads at once.
    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError)
    /// Whether a few rows cost a few rows' time.
    var readsRows: Bool { get }
    /// Some rows alone; only where `readsRows`.
    func read(_ index: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError)
}

extension FrameSource {
    public var storedBits: Int { 32 }
    public var name: String { "The movie" }
    public var readsRows: Bool { false }

    public func read(_ index: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        preconditionFailure("a source that reads no rows is asked for whole frames")
    }

    public func frame(_ index: Int) throws(ImagingError) -> Image {
        var problem: ImagingError?
        let pixels = [Float](unsafeUninitializedCapacity: width * height) { target, filled in
            let whole = UnsafeMutableBufferPointer(rebasing: target[0..<width * height])
            do throws(ImagingError) { try read(index, into: whole) } catch { problem = error }
            filled = problem == nil ? width * height : 0
        }
        if let problem { throw problem }
        return Image(width: width, height: height, pixels: pixels)
    }

    public func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        target.copy(try frame(index))
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// The image's pixels, of which there must be as many.
    func copy(_ image: Image) {
        precondition(count == image.pixels.count, "a frame has the movie's size")
        image.pixels.withUnsafeBufferPointer { baseAddress!.update(from: $0.baseAddress!, count: count) }
    }
}

/// Frames in memory, for images that never were a file.
public struct FrameList: FrameSource {
    private let images: [Image]

    /// At least one image, all of one size.
    public init(_ images: [Image]) {
        precondition(!images.isEmpty && images.allSatisfy { $0.width == images[0].width && $0.height == images[0].height })
        self.images = images
    }

    public var width: Int { images[0].width }
    public var height: Int { images[0].height }
    public var frameCount: Int { images.count }

    public func frame(_ index: Int) throws(ImagingError) -> Image {
        guard images.indices.contains(index) else {
            throw .noSuchFrame(file: "the movie", frame: index, count: images.count)
        }
        return images[index]
    }
}
