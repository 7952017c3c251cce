"""The power goes at any moment: the store opens, is sound, and holds whatever had been told."""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys

import pytest

from account import damages
from power import Disk, records
from preload import SEND, Faults
from program import Server
from rounds import carry_out

STATES = 400
SOAK = 4000


def wrong_after(place, told):
    """What is corrupt, and which of the events that were told are gone."""
    if not place.exists():
        return [], sorted(told)
    try:
        with contextlib.closing(sqlite3.connect(place)) as db:
            corrupt = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            corrupt += [f"foreign key of {row[0]} {row[1]}" for row in db.execute("PRAGMA foreign_key_check")]
            has_events = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone()
            kept = {row[0] for row in db.execute("SELECT seq FROM events")} if has_events else set()
    except sqlite3.DatabaseError as problem:
        return [str(problem)], []
    return corrupt, sorted(told - kept)


def cuts(trace, database, count, chance):
    """So many moments of a record, most of them just after something was told; a disk for each."""
    kinds = [record.kind for record in records(trace)]
    told = [place for place, kind in enumerate(kinds) if kind == SEND]
    chosen = chance.choices(range(len(kinds)), k=count // 3) + chance.choices(told, k=count - count // 3)
    disk = Disk(database)
    for place, record in enumerate(records(trace)):
        disk.carry_out(record)
        for _ in range(chosen.count(place)):
            yield place, disk


def look(trace, database, folder, count, seed):
    """Over so many power cuts: what was corrupt, what was lost, and how many events had been told in the end."""
    chance, corrupt, lost, states, told = random.Random(seed), [], [], 0, 0
    for place, disk in cuts(trace, database, count, chance):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        disk.cut(folder, chance)
        damage, gone = wrong_after(folder / database.name, disk.told)
        corrupt += [f"after record {place}: {what}" for what in damage]
        lost += [f"after record {place}: told and gone are {gone[:5]}"] if gone else []
        states, told = states + 1, max(told, len(disk.told))
    return states, corrupt, lost, told


def test_a_power_cut_at_any_moment_of_a_session_leaves_a_sound_store_with_all_that_was_told(
        session_record, tmp_path, seed, is_soak):
    states, corrupt, lost, told = look(*session_record, tmp_path / "cut", SOAK if is_soak else STATES, seed)
    print(f"{states} states, {told} events told, seed {seed}")
    assert states >= 300 and told > 30
    assert not corrupt and not lost, "\n".join(corrupt + lost)


def test_a_power_cut_during_a_first_start_leaves_a_directory_that_starts(session_record, tmp_path, seed, is_soak):
    trace, database = session_record
    chance, disk, begun = random.Random(seed), Disk(database), []
    places = [place for place, record in enumerate(records(trace)) if os.path.dirname(record.path) == str(database.parent)]
    first = next(place for place, record in enumerate(records(trace)) if record.kind == SEND)
    chosen = chance.sample([place for place in places if place < first], 100 if is_soak else 24)
    for place, record in enumerate(records(trace)):
        disk.carry_out(record)
        if place in chosen:
            begun.append((place, tmp_path / f"at-{place}" / "data"))
            begun[-1][1].mkdir(parents=True)
            disk.cut(begun[-1][1], chance)

    def round(point, _):
        server = Server(point[1].parent)
        try:
            return damages(server.store) if server.start() else [f"it ended: {server.stderr()[-300:]}"]
        finally:
            server.kill()

    done, complaints = carry_out(begun, round, tmp_path)
    assert done == len(chosen) and not complaints, "\n".join(complaints)


def commit(library, folder, synchronous, schema, count=250):
    database = folder / "gridpilot.sqlite"
    faults = Faults(library, folder, folder, trace=folder / "trace")
    (folder / "schema.sql").write_text(schema)
    script = __file__.replace("test_power_cut", "commits")
    subprocess.run(
        [sys.executable, script, folder / "schema.sql", database, synchronous, str(count)], env=faults.environment, check=True)
    return folder / "trace", database


@pytest.fixture(scope="module")
def schema(session_record):
    """The tables as the program makes them."""
    with contextlib.closing(sqlite3.connect(session_record[1])) as db:
        return "\n".join(
            f"{sql};" for sql, in db.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'"))


def test_the_power_cut_model_keeps_what_a_fully_synced_commit_told(library, schema, tmp_path, seed):
    states, corrupt, lost, told = look(*commit(library, tmp_path, "FULL", schema), tmp_path / "cut", STATES, seed)
    assert told > 200 and states == STATES
    assert not corrupt and not lost, "\n".join(corrupt + lost)


def test_the_power_cut_model_shows_what_a_commit_without_a_sync_loses(library, schema, tmp_path, seed):
    states, corrupt, lost, _ = look(*commit(library, tmp_path, "NORMAL", schema), tmp_path / "cut", STATES, seed)
    print(f"{len(lost)} of {states} states lost what had been told")
    assert not corrupt, "\n".join(corrupt)
    assert len(lost) > states / 10
