import Imaging
import Microscope

extension SimulatedSerialEM {
    static let bufferAnswers: [SerialEMCommand: Answer] = [
        .copy: copy, .imageProperties: imageProperties, .reportMetadataString: reportMetadataString,
    ]
    static let bufferActions: [SerialEMCommand: Action] = [
        .cropCenterToSize: cropCenterToSize, .reportMeanCounts: reportMeanCounts, .readOtherFile: readOtherFile,
    ]

    private func copy(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (source, target) = (try buffer(call, 0), try bufferIndex(call, 1))
        change { $0.buffers[target] = source }
        return .nothing
    }

    private func imageProperties(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        let details = buffer.details
        return .numbers(
            Double(buffer.image.width), Double(buffer.image.height), Double(details.binning), details.exposure,
            details.pixelSize / 10,
            Double(details.set?.rawValue ?? -1))
    }

    private func reportMeanCounts(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (buffer, kind) = (try buffer(call, 0), call.integer(1))
        let statistics = try await work { buffer.image.statistics }
        switch kind {
        case 2:
            return .numbers(
                statistics.mean, statistics.standardDeviation, Double(statistics.minimum), Double(statistics.maximum))
        case 1:
            let binning = Double(buffer.details.binning)
            guard buffer.details.exposure > 0 else { throw .sentence("The exposure time of the image is not known, in line:") }
            return .numbers(statistics.mean / (binning * binning * buffer.details.exposure))
        default: return .numbers(statistics.mean)
        }
    }

    private func reportMetadataString(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (buffer, key) = (try buffer(call, 0), call.text(1))
        let image = key == "MinMaxMean" ? buffer.image : nil
        guard let field = buffer.details.fields(of: image).first(where: { $0.key == key }) else {
            throw .sentence("There is no metadata item \(key.prefix(60)) for the image, in line:")
        }
        return [.text(field.value)]
    }

    private func cropCenterToSize(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (source, width, height) = (try buffer(call, 0), call.integer(1), call.integer(2))
        let size = (source.image.width, source.image.height)
        guard width > 0, height > 0, width <= size.0, height <= size.1 else {
            throw .sentence("The image is already smaller than \(width) by \(height), in line:")
        }
        var cropped = source
        cropped.pieces = []
        cropped.saved = nil
        cropped.colours = nil
        cropped.image = try await work {
            source.image.cropped(x: (size.0 - width) / 2, y: (size.1 - height) / 2, width: width, height: height)
        }
        let new = cropped
        change { $0.buffers.roll(in: new) }
        return .nothing
    }

    private func readOtherFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (section, place) = (call.integer(0), try bufferIndex(call, 1))
        let buffer = try await readImage(try path(call.lastText), section)
        change { $0.buffers[place] = buffer }
        return .nothing
    }

    /// A section of an image file of any program's, with what its header tells.
    func readImage(_ path: WindowsPath, _ section: Int) async throws(SerialEMProblem) -> ImageBuffer {
        let host = disk.host(path)
        let read = try await work { () throws(SerialEMProblem) -> (image: Image, pixel: SerialEMPixel, pixelSize: Double) in
            do throws(ImagingError) {
                let file = try MRCFile(path: host)
                return (
                    try file.frame(section), SerialEMPixel(rawValue: Int32(file.header.mode.rawValue)) ?? .float32,
                    file.pixelSize ?? 0
                )
            } catch { throw SerialEMProblem(error) }
        }
        var details = ImageDetails()
        details.pixelSize = read.pixelSize
        var buffer = ImageBuffer(image: read.image, pixel: read.pixel, details: details)
        buffer.saved = SavedImage(file: path, section: section)
        return buffer
    }
}

/// Images over the wire.
extension SimulatedSerialEM {
    public func image(in buffer: Int32, isFFT: Bool) async -> SerialEMImage? {
        guard !isFFT, let buffer = read(\.buffers)[Int(buffer)] else { return nil }
        if let colours = buffer.colours { return colours }
        return await camera.renderer.run { SerialEMImage(buffer.image, as: buffer.pixel) }
    }

    public func put(_ image: SerialEMImage, as header: SerialEMPut) async {
        let upright = await camera.renderer.run { image.image }
        change { state in
            var details = state.buffers[Int(header.base)]?.details ?? ImageDetails()
            if (2...64).contains(header.moreBinning) {
                details.binning = min(details.binning * Int(header.moreBinning), 1024)
                details.pixelSize *= Double(header.moreBinning)
            }
            let isColoured = image.pixel == .rgb
            var buffer = ImageBuffer(image: upright, pixel: isColoured ? .uint8 : image.pixel, details: details)
            buffer.colours = isColoured ? image : nil
            state.buffers[Int(header.buffer)] = buffer
        }
    }
}
