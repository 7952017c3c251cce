"""A store as it is after years: one session that really ran, again and again under other names and numbers."""

import contextlib
import sqlite3

# Per table: columns that count events, and the ones whose texts name the session. What is not here belongs to no session.
NUMBERS = {
    "events": ("seq",), "event_topics": ("seq", "previous"), "checkpoints": ("seq",), "sessions": ("created",),
    "exposures": ("began", "settled", "worked"), "log_lines": ("n", "previous"),
}


def multiply(database, session, times):
    """Adds so many copies of the session; how many exposures there are then."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        step = db.execute("SELECT max(seq) FROM events").fetchone()[0]
        lines = db.execute("SELECT max(n) FROM log_lines").fetchone()[0]
        rows = {table: _of(db, table, session) for table in NUMBERS}
        last = db.execute("SELECT max(seq) FROM event_topics WHERE topic = 'facility'").fetchone()[0]
        for copy in range(1, times + 1):
            for table, (columns, found) in rows.items():
                shift = copy * (lines if table == "log_lines" else step)
                copies = [_copy(table, columns, row, session, copy, shift) for row in found]
                if table == "event_topics":
                    copies, last = _chained(copies, last)
                db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", copies)
            db.commit()
        # As many events as there are now were never folded into it.
        db.execute("DELETE FROM checkpoints WHERE topic = 'facility'")
        db.commit()
        return db.execute("SELECT count(*) FROM exposures").fetchone()[0]


def _of(db, table, session):
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    where = {
        "events": "session = :s", "sessions": "id = :s", "exposures": "session = :s", "log_lines": "session = :s",
        "event_topics": "seq IN (SELECT seq FROM events WHERE session = :s)", "checkpoints": "instr(topic, :s)"}[table]
    order = {"event_topics": "seq", "checkpoints": "topic"}.get(table, "1")
    return columns, db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY {order}", {"s": session}).fetchall()


def _copy(table, columns, row, session, copy, shift):
    def moved(column, value):
        if column in NUMBERS[table] and value:
            return value + shift
        if isinstance(value, str):
            value = value.replace(session, f"{session}.{copy}")
            return f"{value}_{copy}" if table == "sessions" and column in ("name", "directory") else value
        return value
    return tuple(moved(column, value) for column, value in zip(columns, row))


def _chained(topics, last):
    """Each event of the facility follows the one before, across sessions."""
    chained = []
    for topic, seq, previous in topics:
        if topic == "facility":
            previous, last = last, seq
        chained.append((topic, seq, previous))
    return chained, last
