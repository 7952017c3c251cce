import RunModel
import Synchronization

/// Which cartridge was loaded last, for a SerialEM that can neither tell nor keep it. Lives as long as this program, over all its runs.
public final class LoaderMemory: Sendable {
    private let value = Mutex<LoadedSlot?>(nil)

    public init() {}

    var loaded: LoadedSlot? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// A slot whose cartridge went to the stage, and for whom.
struct LoadedSlot: Hashable, Sendable {
    let slot: Int
    let session: SessionID?
}
