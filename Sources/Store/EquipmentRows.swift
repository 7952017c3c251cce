import GRDB
import JSONText
import RunModel

/// A microscope or detector that is kept in the store, as it was written down.
public struct EquipmentRecord: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable { case microscope, detector }
    public var kind: Kind
    public var id: String
    /// The entry of a configuration, YAML.
    public var yaml: String

    public init(kind: Kind, id: String, yaml: String) {
        self.kind = kind
        self.id = id
        self.yaml = yaml
    }
}

extension RunStore {
    /// Microscopes first, each kind by its id.
    public func equipment() throws(StoreError) -> [EquipmentRecord] {
        try reading { db in
            try db.rows("SELECT kind, id, yaml FROM equipment ORDER BY kind DESC, id", []).compactMap { row in
                EquipmentRecord.Kind(rawValue: row[0]).map { EquipmentRecord(kind: $0, id: row[1], yaml: row[2]) }
            }
        }
    }

    /// Takes the place of what had the same id. All of them or none.
    public func keep(_ records: [EquipmentRecord], by author: AuditAuthor, at moment: Timestamp) throws(StoreError) {
        try writing { db in
            for record in records {
                try db.run(
                    "INSERT OR REPLACE INTO equipment (kind, id, yaml) VALUES (?, ?, ?)",
                    [record.kind.rawValue, record.id, record.yaml])
                try AuditRows.insert(
                    AuditEntry(
                        at: moment, by: author, "keepEquipment", on: "equipment/\(record.id)",
                        detail: ["kind": .string(record.kind.rawValue)]), db)
            }
        }
    }

    /// A microscope goes with its detectors, which are named beside it. False when there is none of this id.
    public func removeEquipment(_ ids: [String], by author: AuditAuthor, at moment: Timestamp) throws(StoreError) -> Bool {
        try writing { db in
            var removed = 0
            for id in ids {
                try db.run("DELETE FROM equipment WHERE id = ?", [id])
                guard db.changesCount > 0 else { continue }
                removed += db.changesCount
                try AuditRows.insert(AuditEntry(at: moment, by: author, "removeEquipment", on: "equipment/\(id)"), db)
            }
            return removed > 0
        }
    }
}
