import Glibc

/// How many movies a machine works on at once.
public enum WorkerCount {
    /// Bytes that one worker takes on a movie of 4096 x 4096 x 30, with room for the rest of the machine.
    private static let memoryEach = 3 << 30

    /// Each worker uses two cores; the run and its pages come first, by the workers' low priority.
    public static func fitting(cores: Int, memory: Int) -> Int { max(1, min(cores / 2, memory / memoryEach)) }

    /// How many fit this machine.
    public static var here: Int {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        return fitting(
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)), memory: pages.multipliedReportingOverflow(by: pageSize).partialValue)
    }
}
