import RunModel

/// What one store keeps in memory: enough for every run of a facility and for the pages that people look at.
final class StateCache: Sendable {
    let sessions = LRUCache<SessionID, SessionState>(limit: 32)
    let grids = LRUCache<GridID, GridState>(limit: 64)
    let facility = LRUCache<Facility, FacilityState>(limit: 1)
}

/// The key of the only facility.
struct Facility: Hashable, Sendable {}
