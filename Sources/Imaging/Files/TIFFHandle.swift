import CTIFF

/// libtiff's hold on one file, for one thread.
///
/// Files are never mapped into memory: one that is cut off while it is read would end the process.
final class TIFFHandle {
    /// No strip or tile is larger, decoded or as it is stored.
    private static let largestBlock: tmsize_t = 1 << 30

    private let file: OpaquePointer
    private let complaint: UnsafeMutablePointer<tiff_complaint>
    private let path: String

    init(path: String, mode: String) throws(ImagingError) {
        let kept = UnsafeMutablePointer<tiff_complaint>.allocate(capacity: 1)
        kept.initialize(to: tiff_complaint())
        guard let opened = tiff_open(path, mode, Self.largestBlock, kept) else {
            let detail = Self.text(kept.pointee)
            kept.deallocate()
            throw .notATIFF(file: path, detail: detail)
        }
        (file, complaint, self.path) = (opened, kept, path)
    }

    deinit {
        TIFFClose(file)
        complaint.deallocate()
    }

    // MARK: Reading

    /// Goes to the frame whose tags begin at this offset.
    func go(to offset: Int) throws(ImagingError) {
        guard TIFFSetSubDirectory(file, UInt64(offset)) == 1 else { throw problem }
    }

    /// Fewer bytes than were asked for are a damaged file.
    func readStrip(_ index: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) {
        let count = TIFFReadEncodedStrip(file, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
        guard count == buffer.count else { throw problem }
    }

    func readTile(_ index: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) {
        let count = TIFFReadEncodedTile(file, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
        guard count == buffer.count else { throw problem }
    }

    /// What libtiff itself understood: it must agree with what was read here before memory is handed to it.
    func size() -> (width: Int, height: Int, bits: Int) {
        var (width, height, bits) = (UInt32(0), UInt32(0), UInt16(0))
        guard tiff_long(file, 256, &width) == 1, tiff_long(file, 257, &height) == 1, tiff_short(file, 258, &bits) == 1 else {
            return (0, 0, 0)
        }
        return (Int(width), Int(height), Int(bits))
    }

    // MARK: Writing

    func set(_ tag: Int, short value: Int) { _ = tiff_set_short(file, UInt32(tag), UInt16(value)) }
    func set(_ tag: Int, long value: Int) { _ = tiff_set_long(file, UInt32(tag), UInt32(value)) }
    func set(_ tag: Int, real value: Float) { _ = tiff_set_float(file, UInt32(tag), value) }

    func writeStrip(_ index: Int, _ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        TIFFWriteEncodedStrip(file, UInt32(index), bytes.baseAddress, tmsize_t(bytes.count)) == bytes.count
    }

    func finishFrame() -> Bool { TIFFWriteDirectory(file) == 1 }

    /// What is still in libtiff's memory goes to the disk.
    func flush() -> Bool { TIFFFlush(file) == 1 }

    var reason: String { Self.text(complaint.pointee) }

    private var problem: ImagingError { .notATIFF(file: path, detail: reason) }

    private static func text(_ complaint: tiff_complaint) -> String {
        let text = withUnsafeBytes(of: complaint.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return text.isEmpty ? "its pixels are damaged" : "the TIFF library says “\(text)”"
    }
}
