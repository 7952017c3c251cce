import RunModel

/// What can be wrong with a picture or its file.
public enum ImagingError: Explained, Equatable {
    case cannotRead(file: String, reason: String)
    case cannotWrite(file: String, reason: String)
    case truncated(file: String, expectedBytes: Int, foundBytes: Int)
    case notAnMRC(file: String, detail: String)
    case unsupportedMode(file: String, mode: Int)
    case noSuchFrame(file: String, frame: Int, count: Int)
    case notAPNG(file: String, detail: String)
    case notATIFF(file: String, detail: String)
    case notADM(file: String, detail: String)
    /// A whole TIFF file, of pixels or a compression that are not read here.
    case unsupportedTIFF(file: String, detail: String)
    /// `kind`: with its article.
    case otherKind(file: String, kind: String)
    case notAnEER(file: String, detail: String)
    case notDefects(file: String, detail: String)
    /// A movie of another camera, or of another of its modes.
    case notTheDetectors(file: String, size: String, detector: String, detectorSize: String)
    /// A movie of less than the detector's area, which was not binned.
    case partOfDetector(file: String, size: String, detector: String, detectorSize: String)
    /// Every pixel is the same, or none is a number.
    case holdsNoPicture(file: String, detail: String)
    case gainDiffers(gain: String, size: String, movie: String, movieSize: String)
    case sizesDiffer(what: String, expected: String, found: String)
    case tooFewFrames(count: Int)

    public var code: String {
        switch self {
        case .cannotRead: "image.cannotRead"
        case .cannotWrite: "image.cannotWrite"
        case .truncated: "image.truncated"
        case .notAnMRC: "image.notAnMRC"
        case .unsupportedMode: "image.unsupportedMode"
        case .noSuchFrame: "image.noSuchFrame"
        case .notAPNG: "image.notAPNG"
        case .notATIFF: "image.notATIFF"
        case .notADM: "image.notADM"
        case .unsupportedTIFF: "image.unsupportedTIFF"
        case .otherKind: "image.otherKind"
        case .notAnEER: "image.notAnEER"
        case .notDefects: "image.notDefects"
        case .notTheDetectors: "image.notTheDetectors"
        case .partOfDetector: "image.partOfDetector"
        case .holdsNoPicture: "image.holdsNoPicture"
        case .gainDiffers: "image.gainDiffers"
        case .sizesDiffer: "image.sizesDiffer"
        case .tooFewFrames: "image.tooFewFrames"
        }
    }

    public var sentence: String {
        switch self {
        case .cannotRead(let file, let reason): "\(file) cannot be read: \(reason)."
        case .cannotWrite(let file, let reason): "\(file) cannot be written: \(reason)."
        case .truncated(let file, let expected, let found):
            "\(file) is shorter than its header says: \(found) bytes of \(expected)."
        case .notAnMRC(let file, let detail): "\(file) is not an MRC image: \(detail)."
        case .unsupportedMode(let file, let mode): "\(file) holds pixels of MRC mode \(mode), which is not read here."
        case .noSuchFrame(let file, let frame, let count): "\(file) has \(count) frames; frame \(frame + 1) was asked for."
        case .notAPNG(let file, let detail): "\(file) is not a readable PNG picture: \(detail)."
        case .notATIFF(let file, let detail): "\(file) is not a readable TIFF movie: \(detail)."
        case .notADM(let file, let detail): "\(file) is not a readable DigitalMicrograph file: \(detail)."
        case .unsupportedTIFF(let file, let detail): "\(file) is a TIFF file that is not read here: \(detail)."
        case .otherKind(let file, let kind): "\(file) is \(kind), which is not read here."
        case .notDefects(let file, let detail): "\(file) is not a readable file of a camera's defects: \(detail)."
        case .notTheDetectors(let file, let size, let detector, let detectorSize):
            "\(file) has \(size) pixels, the detector \(detector) \(detectorSize)."
        case .partOfDetector(let file, let size, let detector, let detectorSize):
            "\(file) is a part of the camera's area: \(size) pixels, not binned, where the detector \(detector) has \(detectorSize)."
        case .notAnEER(let file, let detail): "\(file) is not a readable EER movie: \(detail)."
        case .holdsNoPicture(let file, let detail): "\(file) holds no picture: \(detail)."
        case .gainDiffers(let gain, let size, let movie, let movieSize):
            "The gain reference \(gain) has \(size) pixels, the movie \(movie) \(movieSize)."
        case .sizesDiffer(let what, let expected, let found): "\(what) is \(found) pixels where \(expected) are needed."
        case .tooFewFrames(let count): "A movie of \(count) frames has nothing to align."
        }
    }

    public var remedy: String? {
        switch self {
        case .cannotRead: "Check that the file exists, that its disk is mounted and that its owner lets it be read."
        case .cannotWrite: "Check that the folder exists and may be written, and that its disk has room."
        case .truncated: "Wait until the camera has finished writing it, or copy it again."
        case .notAnMRC: "Name a file in MRC format, or export the image again."
        case .unsupportedMode: "Save it as bytes, 16-bit integers or floating-point numbers (modes 0, 1, 2, 6, 12 or 101)."
        case .noSuchFrame: nil
        case .notAPNG: "Save the picture as PNG again."
        case .notATIFF: "Wait until the camera has finished writing it, or save it as 8- or 16-bit TIFF or as MRC."
        case .notADM: "Save it from DigitalMicrograph again, or as MRC or TIFF."
        case .unsupportedTIFF: "Save it as 8- or 16-bit TIFF, uncompressed or by LZW, deflate or zstd, or as MRC."
        case .otherKind: "Let the camera save MRC, TIFF or EER movies, or unpack or convert it to one of them."
        case .notDefects: "Name the file that SerialEM saved, defects….txt beside its frames."
        case .notTheDetectors: "Choose the detector that took it, or correct its width and height in the configuration."
        case .partOfDetector:
            "Record the camera's whole area, or describe a detector of the part's size with a gain reference of its own."
        case .notAnEER: "Wait until the camera has finished writing it, or copy it again."
        case .holdsNoPicture: "Check that the beam was on, that the camera's shutter opened and that the file was copied whole."
        case .gainDiffers: "Name the reference of this camera and binning, or turn it by a quarter."
        case .sizesDiffer: "Use images of one camera and one binning."
        case .tooFewFrames: "Process it as a single image, without alignment."
        }
    }
}
