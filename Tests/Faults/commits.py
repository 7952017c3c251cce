"""Commits events one by one and tells each over a socket once it is committed: commits.py SCHEMA DATABASE SYNCHRONOUS COUNT."""

import pathlib
import socket
import sqlite3
import sys

schema, database, synchronous, count = sys.argv[1:]
db = sqlite3.connect(database, isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute(f"PRAGMA synchronous = {synchronous}")
# Often enough that power is lost in the middle of one.
db.execute("PRAGMA wal_autocheckpoint = 60")
db.executescript(pathlib.Path(schema).read_text())
teller, hearer = socket.socketpair()
for seq in range(1, int(count) + 1):
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO events (at, session, type, data) VALUES (?, 'one', 'exposureSaved', ?)", (seq, "data " * (seq % 200)))
    db.execute("INSERT INTO event_topics VALUES ('session/one', ?, ?)", (seq, seq - 1))
    db.execute("COMMIT")
    teller.send(b'{"kind":"event","seq":%d,"type":"exposureSaved"}' % seq)
    hearer.recv(4096)
