/// How the events of a frame are coded: a run of empty pixels, then where in its pixel the electron hit (Guo 2020).
///
/// Codes follow one another from the lowest bit of each byte upwards: the run, then the place across, then the place down. A run of all ones
/// says only that there are as many empty pixels more.
struct EERCodes: Sendable, Equatable {
    static let compressions = 65000...65002

    /// Bits of a run.
    let run: Int
    /// Bits of the place within a pixel, across and down.
    let across: Int
    let down: Int
    /// Whether a run of all ones is followed by a place, which then means nothing: so in the first files.
    let wastesPlaces: Bool

    var bits: Int { run + across + down }
    private static let most = 24

    /// What the numbers of bits are depends on the compression; 65002 tells them itself. Nil where they cannot be.
    init?(compression: Int, run: Int? = nil, across: Int? = nil, down: Int? = nil) {
        let bits =
            switch compression {
            case 65000: (8, 2, 2)
            case 65001: (7, 2, 2)
            case 65002: (run ?? 7, across ?? 2, down ?? 2)
            default: (0, 0, 0)
            }
        guard (2...16).contains(bits.0), (0...4).contains(bits.1), (0...4).contains(bits.2), bits.0 + bits.1 + bits.2 <= Self.most
        else { return nil }
        (self.run, self.across, self.down) = bits
        wastesPlaces = compression == 65000
    }

    enum Damage: Error { case endsEarly, leadsBeyond }

    /// How far a frame's codes have been read: the next code's first bit, and the pixel that its run begins with.
    struct Cursor {
        var bit = 0
        var pixel = 0
    }

    /// Calls `electron` with the pixel and the place of every event before the pixel `limit`. `codes`: with eight bytes behind them that may be read.
    ///
    /// A frame is whole only where its runs end with its last pixel.
    @inline(__always)
    func decode(
        _ codes: UnsafeRawPointer, bytes: Int, from cursor: inout Cursor, before limit: Int, of pixels: Int,
        _ electron: (_ pixel: Int, _ place: UInt64) -> Void
    ) throws(Damage) {
        let (runMask, placeMask) = (UInt64(1) << UInt64(run) - 1, UInt64(1) << UInt64(across + down) - 1)
        let (whole, emptyStep, runBits) = (bits, wastesPlaces ? bits : run, UInt64(run))
        let last = bytes * 8 - run
        var (bit, pixel) = (cursor.bit, cursor.pixel)
        while pixel < limit {
            guard bit <= last else { throw .endsEarly }
            // No bit lies beyond the codes, no pixel further than a run beyond the limit: nothing here overflows.
            let word = codes.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self) &>> UInt64(truncatingIfNeeded: bit & 7)
            let empty = word & runMask
            let next = pixel &+ Int(truncatingIfNeeded: empty)
            if empty == runMask {
                bit = bit &+ emptyStep
                pixel = next
                continue
            }
            // Its electron belongs to the next band, or is the frame's end.
            if next >= limit {
                if limit == pixels { pixel = next }
                break
            }
            electron(next, word &>> runBits & placeMask)
            pixel = next &+ 1
            bit = bit &+ whole
        }
        if limit == pixels, pixel != pixels { throw .leadsBeyond }
        cursor = Cursor(bit: bit, pixel: pixel)
    }

    /// Of a place: which half of the pixel it lies in. Places count from the middle, so the highest bit is set in the lower half.
    @inline(__always)
    func half(_ place: UInt64) -> (x: Int, y: Int) {
        (Int(place >> UInt64(across - 1) & 1 ^ 1), Int(place >> UInt64(across + down - 1) & 1 ^ 1))
    }
}
