import RunModel

/// Whether the disks have room for what a session will write.
public struct RoomForecast: Hashable, Sendable {
    /// Bytes.
    public var needed: Int
    /// Of the disk with the least of it, above the session's reserve; nil where one could not be measured.
    public var spare: Int?
    public var problem: String?
}

extension Engine {
    /// `directory`: relative to the data directory, where the session's folder is or will be.
    public func room(
        for exposures: Int, _ settings: GridSettings, _ detector: DetectorDescription, in directory: String
    ) async -> RoomForecast {
        var room = RoomForecast(needed: DiskNeed.of(exposures, settings, detector))
        for path in [parts.files.path(directory), detector.framesDirectory].compactMap(\.self) {
            do throws(RunFileError) {
                let spare = try await parts.files.space(at: path).freeBytes - settings.diskReserve
                room.spare = min(room.spare ?? spare, spare)
            } catch {
                return RoomForecast(needed: room.needed, problem: error.sentence)
            }
        }
        return room
    }
}
