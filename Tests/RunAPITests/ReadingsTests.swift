import JSONText
import RunModel
import Testing

@testable import RunAPI

@Suite struct ReadingsTests {
    private func disks(_ told: [(path: String, freeBytes: Int, device: Int?)]) throws -> [Int?] {
        var readings = Readings()
        let moment = Timestamp(milliseconds: 0)
        for (number, disk) in told.enumerated() {
            let reading = DiskReading(
                path: disk.path, totalBytes: 100, freeBytes: disk.freeBytes, reserveBytes: 1, bytesPerHour: 0, level: .fine,
                neededBytes: 0, trend: [], device: disk.device)
            _ = try readings.take(.disk(SessionID(unchecked: "s\(number)"), reading), at: moment)
        }
        let frame = try JSONText.parse(readings.facilityDisks(at: moment).text)
        return (frame["data"]?["disks"]?.items ?? []).map { $0["freeBytes"]?.int }
    }

    @Test func `two sessions on one disk are told as one, also while it fills between two looks`() throws {
        #expect(try disks([("/data/a", 50, 8), ("/data/b", 49, 8)]).count == 1)
    }

    @Test func `two disks are told as two, in the order of their sessions`() throws {
        #expect(try disks([("/data/a", 50, 8), ("/other/b", 49, 9), ("/data/c", 50, 8)]) == [50, 49])
    }

    @Test func `two exports of one disk, which the system numbers apart, are told as one when they agree`() throws {
        #expect(try disks([("/data/a", 50, 8), ("/data/b", 50, 9)]) == [50])
    }
}
