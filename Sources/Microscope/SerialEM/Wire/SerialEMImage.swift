import Imaging

/// An image as it travels: the top row first.
public struct SerialEMImage: Hashable, Sendable {
    public let pixel: SerialEMPixel
    public let width: Int
    public let height: Int
    /// Exactly `width * height` pixels.
    public let bytes: [UInt8]

    public init(pixel: SerialEMPixel, width: Int, height: Int, bytes: [UInt8]) {
        precondition(bytes.count == width * height * pixel.bytes, "the pixels fit the size")
        self.pixel = pixel
        self.width = width
        self.height = height
        self.bytes = bytes
    }

    public var header: SerialEMImageHeader {
        SerialEMImageHeader(
            mode: pixel.rawValue, rowBytes: Int32(width * pixel.bytes), width: Int32(width), height: Int32(height),
            bytes: Int32(bytes.count), parts: SerialEMImageHeader.parts(of: bytes.count))
    }

    /// Turned over, since image files and `Image` hold the bottom row first. Numbers that do not fit are held at the limit.
    public init(_ image: Image, as pixel: SerialEMPixel) {
        let row = image.width * pixel.bytes
        let bytes = [UInt8](unsafeUninitializedCapacity: row * image.height) { target, filled in
            let target = UnsafeMutableRawBufferPointer(target)
            image.pixels.withUnsafeBufferPointer { source in
                for y in 0..<image.height {
                    let from = UnsafeBufferPointer(
                        rebasing: source[(image.height - 1 - y) * image.width..<(image.height - y) * image.width])
                    Self.store(from, as: pixel, into: UnsafeMutableRawBufferPointer(rebasing: target[y * row..<(y + 1) * row]))
                }
            }
            filled = row * image.height
        }
        self.init(pixel: pixel, width: image.width, height: image.height, bytes: bytes)
    }

    /// Colour becomes its mean.
    public var image: Image {
        let row = width * pixel.bytes
        let pixels = [Float](unsafeUninitializedCapacity: width * height) { target, filled in
            bytes.withUnsafeBytes { source in
                for y in 0..<height {
                    let to = UnsafeMutableBufferPointer(rebasing: target[(height - 1 - y) * width..<(height - y) * width])
                    Self.load(UnsafeRawBufferPointer(rebasing: source[y * row..<(y + 1) * row]), pixel, into: to)
                }
            }
            filled = width * height
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    private static func store(
        _ row: UnsafeBufferPointer<Float>, as pixel: SerialEMPixel, into target: UnsafeMutableRawBufferPointer
    ) {
        func held(_ value: Float, _ low: Float, _ high: Float) -> Float { value.isNaN ? 0 : min(max(value.rounded(), low), high) }
        switch pixel {
        case .float32: target.copyMemory(from: UnsafeRawBufferPointer(row))
        case .uint8: for x in row.indices { target[x] = UInt8(held(row[x], 0, 255)) }
        case .rgb: for x in row.indices { for channel in 0..<3 { target[3 * x + channel] = UInt8(held(row[x], 0, 255)) } }
        case .int16:
            for x in row.indices {
                target.storeBytes(of: Int16(held(row[x], -32768, 32767)).littleEndian, toByteOffset: 2 * x, as: Int16.self)
            }
        case .uint16:
            for x in row.indices {
                target.storeBytes(of: UInt16(held(row[x], 0, 65535)).littleEndian, toByteOffset: 2 * x, as: UInt16.self)
            }
        }
    }

    private static func load(
        _ row: UnsafeRawBufferPointer, _ pixel: SerialEMPixel, into target: UnsafeMutableBufferPointer<Float>
    ) {
        switch pixel {
        case .float32: UnsafeMutableRawBufferPointer(target).copyMemory(from: row)
        case .uint8: for x in target.indices { target[x] = Float(row[x]) }
        case .rgb: for x in target.indices { target[x] = (Float(row[3 * x]) + Float(row[3 * x + 1]) + Float(row[3 * x + 2])) / 3 }
        case .int16: for x in target.indices { target[x] = Float(row.loadUnaligned(fromByteOffset: 2 * x, as: Int16.self)) }
        case .uint16: for x in target.indices { target[x] = Float(row.loadUnaligned(fromByteOffset: 2 * x, as: UInt16.self)) }
        }
    }
}
