import Synchronization

/// Which cartridge was loaded last, for a SerialEM that can neither tell nor keep it. Lives as long as this program, over all its runs.
public final class LoaderMemory: Sendable {
    private let value = Mutex<Int?>(nil)

    public init() {}

    var slot: Int? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
