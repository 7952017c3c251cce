/// How frame files are called and where they go.
struct FrameNaming: Sendable {
    struct Base: Hashable, Sendable {
        var text = ""
        var isUsedInNames = false
        var isUsedInFolders = false
    }

    var folder: WindowsPath?
    var base = Base()
    private var kept: Base?

    /// `lasts`: beyond the end of external control.
    mutating func use(_ new: Base, lasts: Bool) {
        if lasts { kept = nil } else if kept == nil { kept = base }
        base = new
    }

    mutating func restore() {
        base = kept ?? base
        kept = nil
    }
}

struct SavedFrames: Hashable, Sendable {
    let path: WindowsPath
    let count: Int
}
