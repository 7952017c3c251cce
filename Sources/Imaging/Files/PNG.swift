import CPNG

/// Pictures to PNG and back, through libpng's simple calls.
public enum PNG {
    /// Pictures of more pixels are refused: reading one must not fill the memory.
    static let largest = 20_000 * 20_000

    public static func encode(_ picture: Picture) throws(ImagingError) -> [UInt8] {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.width = png_uint_32(picture.width)
        image.height = png_uint_32(picture.height)
        image.format = png_uint_32(format(ofChannels: picture.channels))
        // Noise hardly shrinks; the slow settings cost ten times as long for a twentieth of the size.
        image.flags = png_uint_32(PNG_IMAGE_FLAG_FAST)
        defer { png_image_free(&image) }
        let raw = picture.bytes.count + picture.height
        var size = raw + raw / 8 + raw / 64 + 4096
        var bytes = [UInt8](repeating: 0, count: size)
        let stride = png_int_32(picture.width * picture.channels)
        guard png_image_write_to_memory(&image, &bytes, &size, 0, picture.bytes, stride, nil) != 0 else {
            throw .cannotWrite(file: "the picture", reason: message(image))
        }
        return Array(bytes.prefix(size))
    }

    /// Writes under a hidden name first: a page never loads half a picture.
    public static func write(_ picture: Picture, to path: String) throws(ImagingError) {
        let bytes = try encode(picture)
        let file = try PixelFile(besideTarget: path)
        do {
            try file.write(bytes, at: 0, target: path)
            try file.move(to: path)
        } catch {
            file.remove()
            throw error
        }
    }

    public static func read(path: String) throws(ImagingError) -> Picture {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        return try decode(file.read(at: 0, count: size), file: path)
    }

    /// `file` names the picture in what is thrown.
    public static func decode(_ bytes: [UInt8], file: String) throws(ImagingError) -> Picture {
        guard !bytes.isEmpty else { throw .notAPNG(file: file, detail: "it is empty") }
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        // libpng keeps the pointer until the pixels are read, so both calls share one scope.
        let pixels: [UInt8]? = bytes.withUnsafeBytes { source -> [UInt8]? in
            guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else { return nil }
            guard Int(image.width) * Int(image.height) <= largest else { return nil }
            image.format = png_uint_32(readFormat(of: Int(image.format)))
            let stride = Int(image.width) * channelCount(ofFormat: Int(image.format))
            var pixels = [UInt8](repeating: 0, count: stride * Int(image.height))
            return png_image_finish_read(&image, nil, &pixels, png_int_32(stride), nil) != 0 ? pixels : nil
        }
        guard let pixels else { throw .notAPNG(file: file, detail: message(image)) }
        let channels = channelCount(ofFormat: Int(image.format))
        return Picture(width: Int(image.width), height: Int(image.height), channels: channels, bytes: pixels)
    }

    private static func format(ofChannels channels: Int) -> Int {
        switch channels {
        case 1: 0
        case 3: Int(PNG_FORMAT_FLAG_COLOR)
        default: Int(PNG_FORMAT_FLAG_COLOR) | Int(PNG_FORMAT_FLAG_ALPHA)
        }
    }

    /// Eight bits a channel whatever the file has; grey with transparency becomes colour with transparency.
    private static func readFormat(of stored: Int) -> Int {
        let alpha = stored & Int(PNG_FORMAT_FLAG_ALPHA)
        return alpha != 0 ? format(ofChannels: 4) : stored & Int(PNG_FORMAT_FLAG_COLOR)
    }

    private static func channelCount(ofFormat format: Int) -> Int {
        format & Int(PNG_FORMAT_FLAG_ALPHA) != 0 ? 4 : format & Int(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1
    }

    private static func message(_ image: png_image) -> String {
        let text = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return text.isEmpty ? "it has too many pixels" : text
    }
}
