"""A movie is on the disk before anybody is told that it is saved."""

import contextlib
import json
import os
import re
import sqlite3

from power import records
from preload import NAME, SEND, SYNC

SAVED = re.compile(rb'"type":"exposureSaved","data":\{[^{}]*"micrograph":"([^"]+)"')


def movies(database):
    """The place of each movie that a session meant to take, by its micrograph."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        begun = [json.loads(data)["micrograph"] for data, in db.execute("SELECT data FROM events WHERE type = 'exposureBegan'")]
    folder = next(database.parent.glob("sessions/demo/*_recorded"))
    return {micrograph["id"]: str(folder / micrograph["movie"]) for micrograph in begun}


def test_a_movie_is_on_the_disk_with_its_name_before_its_exposure_is_told_to_be_saved(session_record):
    trace, database = session_record
    places, synced, told, late = movies(database), set(), set(), set()
    for record in records(trace):
        if record.kind == SYNC:
            synced.add(record.path)
        elif record.kind == NAME and record.place:
            synced -= {record.data.decode(), os.path.dirname(record.data.decode())}
        elif record.kind == SEND:
            saved = {places[id.decode()] for id in SAVED.findall(record.data)} - told
            told |= saved
            late |= {path for path in saved if path not in synced or os.path.dirname(path) not in synced}
    assert len(told) == 3
    assert not late, f"Told before they were synced: {sorted(late)}"
