"""What is meant to be exposed is on the disk, synced, before the microscope is told to expose."""

import contextlib
import json
import random
import re
import sqlite3
import struct

import pytest

from power import Disk, records
from preload import SEND, SYNC

# A command as SerialEM gets it: its whole length, 1 for a command, which one. Record is 75.
RECORD = struct.Struct("<iii")
EXPOSES = (1, 75)


class Unlucky(random.Random):
    """Of a power cut: nothing that was not synced has reached the disk."""

    def choice(self, options):
        return options[0]

    def randint(self, least, most):
        return least


def exposes(record):
    return (record.kind == SEND and len(record.data) >= RECORD.size
            and (head := RECORD.unpack_from(record.data))[0] == len(record.data) and head[1:] == EXPOSES)


def intents(place):
    """Names of the exposures that the store in a folder says are begun."""
    if not place.exists():
        return []
    with contextlib.closing(sqlite3.connect(place)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return []
        begun = db.execute("SELECT data FROM events WHERE type = 'exposureBegan' ORDER BY seq")
        return [json.loads(data)["micrograph"]["movie"] for data, in begun]


def at_each_exposure(record, folder, is_lost=lambda number: False):
    """The intents on the disk at each command to expose, as a power cut there would leave them. `is_lost`: a sync that does nothing."""
    trace, database = record
    disk, chance, found, syncs = Disk(database), Unlucky(), [], 0
    for entry in records(trace):
        if exposes(entry):
            place = folder / str(len(found))
            place.mkdir()
            disk.cut(place, chance)
            found.append(intents(place / database.name))
        if entry.kind == SYNC:
            syncs += 1
            if is_lost(syncs):
                continue
        disk.carry_out(entry)
    return found


def wal_syncs_before(record):
    """The number of the last sync of the store's log before each command to expose."""
    last, syncs, found = 0, 0, []
    for entry in records(record[0]):
        if entry.kind == SYNC:
            syncs += 1
            last = syncs if re.search(r"\.sqlite-wal$", entry.path) else last
        elif exposes(entry):
            found.append(last)
    return found


def test_the_intent_of_an_exposure_is_synced_before_the_microscope_is_told_to_expose(session_record, tmp_path):
    found = at_each_exposure(session_record, tmp_path)
    assert len(found) == 3, "A session with three exposures was recorded."
    # One more each time: this exposure's own, after those before it.
    assert [len(names) for names in found] == [1, 2, 3], found
    assert len(set(found[-1])) == 3 and all(set(before) <= set(after) for before, after in zip(found, found[1:]))


@pytest.mark.parametrize("number", range(3))
def test_without_that_one_sync_the_intent_would_be_gone(session_record, tmp_path, number):
    """What the test above sees, shown by taking it away."""
    lost = wal_syncs_before(session_record)[number]
    found = at_each_exposure(session_record, tmp_path, is_lost=lambda sync: sync == lost)
    assert len(found[number]) < number + 1, found
