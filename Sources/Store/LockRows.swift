import GRDB
import JSONText
import RunModel

/// Who holds which microscope, and under which number.
enum LockRows {
    static func epoch(of microscope: MicroscopeID, _ db: Database) throws -> Int {
        Int(try db.number("SELECT epoch FROM locks WHERE microscope = ?", [microscope.rawValue]))
    }

    static func raise(_ microscope: MicroscopeID, _ db: Database) throws -> Int {
        try db.run(
            "INSERT INTO locks (microscope, epoch) VALUES (?, 1) ON CONFLICT (microscope) DO UPDATE SET epoch = epoch + 1",
            [microscope.rawValue])
        return try epoch(of: microscope, db)
    }

    static func holder(of microscope: MicroscopeID, _ db: Database) throws -> LockHolder? {
        try db.text("SELECT holder FROM locks WHERE microscope = ?", [microscope.rawValue])
            .map { try JSONText.decode(LockHolder.self, from: $0) }
    }

    static func holders(_ db: Database) throws -> [MicroscopeID: LockHolder] {
        let rows = try db.rows("SELECT microscope, holder FROM locks WHERE holder IS NOT NULL", [])
        return try rows.reduce(into: [:]) { holders, row in
            let text: String = row[1]
            holders[MicroscopeID(unchecked: row[0])] = try JSONText.decode(LockHolder.self, from: text)
        }
    }

    static func check(_ fence: Fence, _ db: Database) throws {
        let stored = try epoch(of: fence.microscope, db)
        guard stored == fence.epoch else { throw StoreError.fenced(fence.microscope, writer: fence.epoch, stored: stored) }
    }

    static func take(_ news: LockTaken, _ db: Database) throws {
        try check(Fence(microscope: news.microscope, epoch: news.holder.epoch), db)
        try db.run(
            "UPDATE locks SET holder = ? WHERE microscope = ?", [try JSONText.encode(news.holder), news.microscope.rawValue])
    }

    /// Late news of an old holder never frees the lock of the one who came after. One whose last taking was not written has a newer number than the
    /// row tells.
    static func free(_ news: LockFreed, _ db: Database) throws {
        if let holder = try holder(of: news.microscope, db), holder.epoch > news.epoch {
            throw StoreError.fenced(news.microscope, writer: news.epoch, stored: holder.epoch)
        }
        try db.run("UPDATE locks SET holder = NULL WHERE microscope = ?", [news.microscope.rawValue])
    }
}
