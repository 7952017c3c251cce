// An MRC header and what lies between it and the pixels, by whatever program.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    // Most inputs would end at a header that is too short.
    if bytes.count < MRCHeader.size { bytes += [UInt8](repeating: 0, count: MRCHeader.size - bytes.count) }
    guard let header = try? MRCHeader(bytes: Array(bytes.prefix(MRCHeader.size)), file: "x") else { return 0 }
    precondition(header.fileBytes >= MRCHeader.size, "no size overflows")
    precondition(header.pixelSize.map { $0 > 0 && $0.isFinite } ?? true, "a pixel size is a size")
    let extended = bytes.dropFirst(MRCHeader.size).prefix(header.extendedBytes)
    let sections = MRCExtendedHeader.sections(Array(extended), header: header)
    precondition(sections.count <= header.sections, "no section is made up")
    precondition(sections.allSatisfy { $0.pixelSize.map { $0 > 0 && $0.isFinite } ?? true }, "a pixel size is a size")
    return 0
}
