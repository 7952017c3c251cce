import Simulator

/// What autofocus aims at and what it last read.
struct FocusState: Sendable {
    enum Failure: Int, Sendable {
        case failed = -1
    }

    /// µm, negative under focus.
    var target = -1.0
    var measured = 0.0
    var failure: Failure?
    /// What the lens stood at when the display was set to 0, µm.
    var zero = 0.0
    var eucentric = 0.0
    var saved: Double?
    /// µm that autofocus adds while it looks.
    var offset = 0.0
    /// µm by which the next autofocus may change the focus; any where nil.
    var changeLimits: ClosedRange<Double>?
    /// Of the specimen in the last autofocus, nm/s.
    var drift: SpecimenPoint?
}
