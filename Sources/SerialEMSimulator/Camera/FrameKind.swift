import Imaging
import Microscope
import Simulator

/// What a camera saves frames in.
public enum FrameKind: String, Sendable, CaseIterable {
    case mrc, tiff, eer

    var ending: String { self == .tiff ? "tif" : rawValue }
}

/// A movie on the disk.
struct WrittenMovie: Sendable {
    let bytes: Int
    /// As the camera counts them: of single electrons there are many more than were asked for.
    let frames: Int
    let sum: Image
}

/// Writes the frames of one movie.
final class FrameWriter {
    private enum Writer {
        case mrc(MRCWriter)
        case tiff(TIFFWriter)
        case eer(EERWriter)
    }

    private let writer: Writer
    private(set) var frames = 0
    private static let title = "SerialEM: frames of a simulated camera  r/f 0"

    init(_ kind: FrameKind, _ order: PictureOrder, _ request: ExposureRequest) throws(ImagingError) {
        let (path, width, height) = (request.file, order.width, order.height)
        switch kind {
        case .mrc:
            writer = .mrc(
                try MRCWriter(
                    path: path, width: width, height: height, mode: .int16, pixelSize: order.pixelSize, labels: [Self.title]))
        case .tiff:
            writer = .tiff(try TIFFWriter(path: path, width: width, height: height, pixels: .int16, pixelSize: order.pixelSize))
        case .eer:
            writer = .eer(
                EERWriter(path: path, width: width, height: height, pixelSize: order.pixelSize, seed: order.view.seed))
        }
    }

    func append(_ frame: Image) throws(ImagingError) {
        switch writer {
        case .mrc(let writer): try writer.append(frame)
        case .tiff(let writer): try writer.append(frame)
        case .eer(let writer):
            writer.append(frame)
            frames = writer.frames
            return
        }
        frames += 1
    }

    func finish() throws(ImagingError) {
        switch writer {
        case .mrc(let writer): try writer.finish()
        case .tiff(let writer): try writer.finish()
        case .eer(let writer): try writer.finish()
        }
    }
}
