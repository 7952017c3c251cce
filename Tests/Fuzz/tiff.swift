import Glibc

// A TIFF movie by whatever program: its directories, what is refused, and libtiff's reading of what is not.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let walk = try? TIFFWalk(file: "x", size: count) { offset, count throws(ImagingError) in
        precondition(offset >= 0 && count >= 0 && offset + count <= bytes.count, "nothing is read beyond the end")
        return Array(bytes[offset..<offset + count])
    }
    guard let directories = try? walk?.directories() else { return 0 }
    precondition(directories.count <= count, "no frame is made up")
    guard directories.allSatisfy({ $0.refusal(fileBytes: count) == nil && $0.decodedBytes < 1 << 20 }) else { return 0 }
    read(bytes)
    return 0
}

/// Through libtiff, from a file that has no name any more.
private func read(_ bytes: [UInt8]) {
    var name = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { return }
    unlink(name)
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count else { return }
    guard let file = try? TIFFFile(path: "/proc/self/fd/\(descriptor)") else { return }
    let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: file.width * file.height)
    defer { pixels.deallocate() }
    for index in 0..<min(file.frameCount, 3) { try? file.read(index, into: pixels) }
}
