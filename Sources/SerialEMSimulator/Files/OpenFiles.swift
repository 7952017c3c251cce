import Imaging
import Simulator

/// An image file that the program holds open.
struct OpenFile: Sendable {
    let path: WindowsPath
    let host: String
    /// Comes into being with the first section, whose size it takes.
    var stack: MRCStack?
    var document: MDoc
    var isMontage = false

    var sections: Int { stack?.header.sections ?? 0 }
    var documentFile: String { host + ".mdoc" }

    init(path: WindowsPath, host: String, isMontage: Bool = false) {
        self.path = path
        self.host = host
        self.isMontage = isMontage
        document = MDoc()
    }

    /// Appends a section and what is known of it; touches the disk.
    mutating func append(_ buffer: ImageBuffer, place: (x: Int, y: Int)? = nil) throws(ImagingError) {
        let (image, details) = (buffer.image, buffer.details)
        var stack =
            self.stack
            ?? MRCStack(
                path: host, width: image.width, height: image.height, mode: buffer.fileMode,
                pixelSize: details.pixelSize > 0 ? details.pixelSize : nil,
                labels: ["SerialEM: Acquired on a simulated microscope"])
        try stack.append(image)
        if details.isCutShort { RenderingCamera.cutShort(host) }
        if self.stack == nil { describe(image, details, buffer.fileMode) }
        let first = place.map { [MDocField("PieceCoordinates", "\($0.x) \($0.y) 0")] } ?? []
        document.sections.append(
            MDoc.Section(kind: "ZValue", name: "\(stack.header.sections - 1)", fields: first + details.fields(of: image)))
        self.stack = stack
    }

    /// What holds for the whole file. Readers pass over the two titles by counting them.
    private mutating func describe(_ image: Image, _ details: ImageDetails, _ mode: MRCMode) {
        document.titles = [
            "SerialEM: Acquired on a simulated microscope", Self.axisTitle(details),
        ]
        let montage = isMontage ? [MDocField("Montage", "1")] : []
        document.globals =
            [
                MDocField("PixelSpacing", details.pixelSize.decimals(4)), MDocField("Voltage", details.voltage.short(1)),
                MDocField("ImageFile", path.name), MDocField("ImageSize", "\(image.width) \(image.height)"),
            ] + montage + [MDocField("DataMode", "\(mode.rawValue)")] + document.globals
    }

    private static func axisTitle(_ details: ImageDetails) -> String {
        let angle = (-(details.magnification?.rotation ?? 0)).decimals(1)
        return "    Tilt axis angle = \(angle), binning = \(details.binning)  spot = \(details.spot)  camera = 0"
    }
}

struct OpenFiles: Sendable {
    static let most = 20

    var directory: WindowsPath?
    var mayOverwrite = false
    var files: [OpenFile] = []
    /// Of the present one.
    var index = 0

    init() {
        // The text is a path, as its tests hold.
        directory = try? WindowsPath(ProgramDisk.home, in: nil)
    }

    var present: OpenFile? {
        get { files.indices.contains(index) ? files[index] : nil }
        set { if let newValue, files.indices.contains(index) { files[index] = newValue } }
    }

    /// One that was open under the same name is left as it is on the disk.
    mutating func open(_ file: OpenFile) {
        files.removeAll { $0.path == file.path }
        files.append(file)
        index = files.count - 1
    }

    mutating func closePresent() {
        guard files.indices.contains(index) else { return }
        files.remove(at: index)
        index = max(0, files.count - 1)
    }
}
