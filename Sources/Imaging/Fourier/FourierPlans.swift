import CFFTW
import Synchronization

/// One-dimensional FFTW plans by length and kind, made once.
///
/// FFTW's planner must be entered by one thread at a time; carrying a plan out may happen on many.
/// Two-dimensional transforms are joined from these in `FourierTransform`: on large images rows and blocks of
/// columns are three times as fast as FFTW's own estimated two-dimensional plan, and need no long measuring.
enum FourierPlans {
    enum Kind: Hashable { case realForward, realInverse, complexForward, complexInverse }

    private struct Key: Hashable {
        let kind: Kind
        let length: Int
    }

    /// A plan is never changed or destroyed after it was made, and FFTW's new-array execution is thread-safe.
    struct Plan: @unchecked Sendable {
        let pointer: fftwf_plan
    }

    private static let plans = Mutex<[Key: Plan]>([:])

    static func plan(_ kind: Kind, length: Int) -> Plan {
        plans.withLock { known in
            let key = Key(kind: kind, length: length)
            if let plan = known[key] { return plan }
            let plan = make(kind, length: Int32(length))
            known[key] = plan
            return plan
        }
    }

    private static func make(_ kind: Kind, length: Int32) -> Plan {
        let real = FourierBuffer<Float>(count: Int(length) + 2)
        let complex = FourierBuffer<fftwf_complex>(count: Int(length) + 1)
        let pointer =
            switch kind {
            case .realForward: fftwf_plan_dft_r2c_1d(length, real.pointer, complex.pointer, FFTW_ESTIMATE)
            case .realInverse: fftwf_plan_dft_c2r_1d(length, complex.pointer, real.pointer, FFTW_ESTIMATE)
            case .complexForward: fftwf_plan_dft_1d(length, complex.pointer, complex.pointer, FFTW_FORWARD, FFTW_ESTIMATE)
            case .complexInverse: fftwf_plan_dft_1d(length, complex.pointer, complex.pointer, FFTW_BACKWARD, FFTW_ESTIMATE)
            }
        // FFTW returns no plan only for lengths below one, which `Image` refuses.
        return Plan(pointer: pointer!)
    }
}

/// Memory aligned as FFTW's vector code wants it; every plan is made and carried out on such buffers.
final class FourierBuffer<Element> {
    let pointer: UnsafeMutablePointer<Element>
    let count: Int

    init(count: Int) {
        guard let raw = fftwf_malloc(count * MemoryLayout<Element>.stride) else { fatalError("out of memory") }
        pointer = raw.bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    deinit { fftwf_free(pointer) }
}
