import Glibc

// An EER movie by whatever camera: its directories, what it says of itself, and the codes of its events.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    decode(bytes)
    var name = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { return 0 }
    unlink(name)
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count else { return 0 }
    for upsampling in [1, 2] { read("/proc/self/fd/\(descriptor)", upsampling) }
    return 0
}

private func read(_ path: String, _ upsampling: Int) {
    let settings = EERSettings(upsampling: upsampling, grouping: .frames(2))
    guard let movie = try? TIFFFile.movie(path: path, eer: settings) as? EERFile else { return }
    precondition(movie.pixelSize.map { $0 > 0 && $0.isFinite } ?? true, "a pixel size is a size")
    precondition(movie.groups.first?.lowerBound == 0 && movie.groups.last?.upperBound == movie.rawFrameCount, "no frame is lost")
    guard movie.width * movie.height < 1 << 20 else { return }
    let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: movie.width * movie.height)
    defer { pixels.deallocate() }
    for index in 0..<min(movie.frameCount, 3) { try? movie.read(index, into: pixels) }
}

/// The bytes as codes, of whatever numbers of bits they begin with.
private func decode(_ bytes: [UInt8]) {
    guard bytes.count > 4 else { return }
    let own = EERCodes(compression: 65002, run: Int(bytes[0] & 31), across: Int(bytes[1] & 7), down: Int(bytes[2] & 7))
    let padded = bytes.dropFirst(3) + [UInt8](repeating: 0, count: 8)
    for codes in [EERCodes(compression: 65000), EERCodes(compression: 65001), own] {
        guard let codes else { continue }
        let pixels = 1 + Int(bytes[3]) * 64
        var seen = -1
        Array(padded).withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            var cursor = EERCodes.Cursor()
            // One band after another, until there is damage.
            try? [pixels / 3, pixels / 2, pixels].forEach { limit in
                try codes.decode(start, bytes: bytes.count - 3, from: &cursor, before: limit, of: pixels) { pixel, _ in
                    precondition(pixel > seen && pixel < limit, "electrons come in order, within the band")
                    seen = pixel
                }
            }
        }
    }
}
