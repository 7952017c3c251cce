// What lies beside an image, by whatever program and of whatever length.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let read = MDoc(text)
    for section in read.sections { for field in section.fields { _ = section.numbers(field.key) } }
    // What a first writing smooths out stays smooth.
    let written = read.text
    let again = MDoc(written)
    precondition(again.sections.count <= read.sections.count, "no section is made up")
    precondition(MDoc(again.text) == again, "what is written says the same as what was read")
    return 0
}
