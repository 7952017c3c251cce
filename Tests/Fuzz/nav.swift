// A Navigator's table, by whatever program.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let file = NavigatorFile(Array(UnsafeBufferPointer(start: start, count: count))) else { return 0 }
    let origin = NavigatorPoint(x: 0, y: 0)
    for var item in file.items {
        _ = item.encloses(origin)
        item.shift(x: 1, y: -1)
    }
    // What a first writing smooths out stays smooth.
    let written = file.text(savedAs: #"C:\x.nav"#)
    guard let again = NavigatorFile(Array(written.utf8)) else { preconditionFailure("what is written is a Navigator file") }
    precondition(
        again.items.count == file.items.count && again.passedOver == 0, "every item that was read is written so that it is read")
    precondition(
        NavigatorFile(Array(again.text(savedAs: #"C:\x.nav"#).utf8)) == again, "what is written says the same as what was read")
    return 0
}
