"""What comes from outside goes into SQL as an argument: text is put into a statement in the places below alone, and each was looked at."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# By file: the lines that put something into a statement. Columns and conditions are the store's own words, `?` stands for a value.
LOOKED_AT = {
    "AuditCheck.swift": {'let sql = "SELECT \\(AuditChain.columns) FROM audit WHERE n > ? ORDER BY n LIMIT ?"'},
    "AuditRows.swift": {
        'let places = asked.isEmpty ? "" : "WHERE \\(asked.map(\\.0).joined(separator: " AND "))"',
        'let sql = "SELECT \\(AuditChain.columns) FROM audit \\(places) ORDER BY n \\(order.0) LIMIT ?"',
    },
    "AuditSchema.swift": {
        "OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY n DESC LIMIT 1), '\\(AuditChain.beginning)')",
        'try db.execute(sql: "ALTER TABLE audit RENAME TO audit_before; \\(table)")',
    },
    "DoseRows.swift": {
        "SELECT micrograph FROM exposures WHERE outcome = 'saved' AND worked IS NULL AND session NOT IN (\\(places))",
        'try db.rows("SELECT micrograph FROM exposures WHERE session = ? AND \\(condition) ORDER BY began", [session.rawValue])',
    },
    "LogRows.swift": {
        'sql += " AND level IN (\\(words.map { _ in "?" }.joined(separator: ", ")))"',
        'sql = "SELECT * FROM (\\(sql) ORDER BY n DESC LIMIT ?) ORDER BY n"',
    },
    "Schema.swift": {"PRAGMA application_id = \\(applicationID);"},
    "SessionQueries.swift": {
        'let all = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")',
        'add("\\(column) IN (\\(values.map { _ in "?" }.joined(separator: ", ")))", values.sorted())',
        'let sql = "SELECT id FROM sessions WHERE status IN (\\(words.map { _ in "?" }.joined(separator: ", "))) ORDER BY created"',
        'let sql = "SELECT id, status, grids, grids_completed, images, started, ended, archived FROM sessions \\(rest)"',
        'return try reading { [arguments] in try Self.summaries("\\(all) ORDER BY created DESC LIMIT ?", arguments, $0) }',
    },
    "StoreFile.swift": {
        'let pages = try String.fetchAll(db, sql: "PRAGMA \\(bytes == .max ? "integrity_check" : "quick_check")(1)")'
    },
}

WORD = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|REPLACE|PRAGMA|ALTER|CREATE|DROP|ATTACH|VACUUM|FROM|WHERE|AND|OR|IN|LIKE|ORDER BY|LIMIT|VALUES|SET)\b"
    r"|[=<>] *'?\\\(")


def is_mixed(line):
    """A statement's words beside something put in; what is glued together with + counts as well."""
    code = line.split("//")[0]
    if not WORD.search(code):
        return False
    return "\\(" in code or bool(re.search(r'"\s*\+\s*[^"\s]|[^"\s]\s*\+\s*"', code))


def mixed(text):
    return {line.strip() for line in text.splitlines() if is_mixed(line)}


class SQLTests(unittest.TestCase):
    def test_nothing_is_put_into_a_statement_but_what_was_looked_at(self):
        found = {path.name: mixed(path.read_text()) for path in sorted((ROOT / "Sources/Store").glob("**/*.swift"))}
        self.assertEqual({name: lines for name, lines in found.items() if lines}, LOOKED_AT)

    def test_no_other_part_of_the_program_speaks_to_the_database(self):
        files = [path for path in (ROOT / "Sources").glob("**/*.swift") if re.search(r"\bimport (GRDB|GRDBSQLite|SQLite3)\b", path.read_text())]
        self.assertGreater(len(files), 10)
        self.assertEqual({path.relative_to(ROOT / "Sources").parts[0] for path in files}, {"Store"})

    def test_a_name_that_is_put_into_a_statement_is_found(self):
        for line in (
            'add("name = \'\\(name)\'", [])', 'db.rows("SELECT id FROM sessions WHERE name = \'\\(name)\'")', 'sql += " AND name = \'" + name + "\'"',
            'let sql = name + " IN (SELECT id FROM grids)"', "    DELETE FROM audit WHERE person = '\\(person)'",
        ):
            self.assertTrue(is_mixed(line), line)
        for line in ('db.rows("SELECT id FROM sessions WHERE name = ?", [name])', 'throw problem("Record \\(number) is missing.")'):
            self.assertFalse(is_mixed(line), line)


if __name__ == "__main__":
    unittest.main()
