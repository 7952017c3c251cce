import Microscope

/// The apertures by SerialEM's numbers: 0 C1, 1 C2, 2 objective, 3 C3, 4 selected area.
struct ApertureStates: Sendable {
    /// µm; 0 is out.
    private(set) var sizes = [0: 2000, 1: 70, 2: 100, 3: 2000, 4: 0]
    private var removed: [Int: Int] = [:]

    private static let holes = [0: [2000], 1: [30, 50, 70, 100, 150], 2: [40, 70, 100], 3: [2000], 4: [10, 40, 100]]

    func has(_ number: Int) -> Bool { sizes[number] != nil }
    func allows(_ size: Int, _ number: Int) -> Bool { size == 0 || Self.holes[number]?.contains(size) ?? false }

    mutating func set(_ number: Int, size: Int) { sizes[number] = size }
    mutating func remove(_ number: Int) {
        if let size = sizes[number], size > 0 { removed[number] = size }
        sizes[number] = 0
    }
    /// False where none was removed.
    mutating func putBack(_ number: Int) -> Bool {
        guard let size = removed.removeValue(forKey: number) else { return false }
        sizes[number] = size
        return true
    }
}

extension SimulatedSerialEM {
    static let apertureAnswers: [SerialEMCommand: Answer] = [.reportApertureSize: reportApertureSize]
    static let apertureActions: [SerialEMCommand: Action] = [
        .setApertureSize: setApertureSize, .removeAperture: removeAperture, .reInsertAperture: reInsertAperture,
    ]
    /// Seconds that a motor takes.
    private static let motion = 5.0

    private func reportApertureSize(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.apertures).sizes[try aperture(call)] ?? 0)]
    }

    private func setApertureSize(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (number, size) = (try aperture(call), call.integer(1))
        guard read(\.apertures).allows(size, number) else {
            throw .sentence("Aperture \(number) has no hole of \(size) microns, in line:")
        }
        try await wait(Self.motion)
        change { $0.apertures.set(number, size: size) }
        return .nothing
    }

    private func removeAperture(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let number = try aperture(call)
        try await wait(Self.motion)
        change { $0.apertures.remove(number) }
        return .nothing
    }

    private func reInsertAperture(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let number = try aperture(call)
        guard change({ $0.apertures.putBack(number) }) else {
            throw .sentence("Aperture \(number) was not removed before, in line:")
        }
        try await wait(Self.motion)
        return .nothing
    }

    private func aperture(_ call: SerialEMCall) throws(SerialEMProblem) -> Int {
        let number = call.integer(0)
        guard read(\.apertures).has(number) else { throw .sentence("There is no aperture \(number), in line:") }
        return number
    }
}
