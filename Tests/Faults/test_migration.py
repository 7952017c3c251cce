"""A store of an older version whose server is killed, or whose disk fails, while the store is brought up to date: the next start opens it, whole."""

import contextlib
import pathlib
import shutil
import sqlite3

import pytest

from account import damages
from preload import WAYS, Faults
from program import Server
from rounds import carry_out, some
from server import REPOSITORY

# Of the calls of a start over each of them, a few of which fall into its migrations.
SHARE = 0.015
STORES = sorted((REPOSITORY / "Tests" / "StoreTests" / "Resources").glob("schema-*.sqlite"))


def rows(store, query):
    # Nothing is to be made beside the stores that are kept, not even by looking at them.
    how = "mode=ro&immutable=1" if store in STORES else "mode=ro"
    with contextlib.closing(sqlite3.connect(f"file:{store}?{how}", uri=True)) as db:
        return db.execute(query).fetchall()


def events(store):
    return rows(store, "SELECT seq, session, type, data FROM events ORDER BY seq")


def migrations(store):
    return sorted(name for name, in rows(store, "SELECT identifier FROM grdb_migrations"))


def start(folder, old, **options):
    """A server over a copy of an older store, until it listens, ends or waits in vain."""
    server = Server(folder, **options)
    # Nobody signs in, and nobody's password has to be made.
    server.arguments.remove("--demo")
    if old:
        server.data.mkdir()
        shutil.copy(old, server.store)
        with contextlib.closing(sqlite3.connect(server.store)) as db, db:
            # A microscope in three words, which nothing but the store's own tests could use.
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'equipment'").fetchone():
                db.execute("DELETE FROM equipment")
    server.listened = server.start(patience=20)
    return server


def look(folder, old):
    """What is wrong with a plain start over what was left."""
    server = start(folder, None)
    try:
        if not server.listened:
            return [f"the next start ended: {server.stderr()[-300:]}"]
        before, after = events(old), events(server.store)
        found = [] if after[:len(before)] == before else ["events are gone, or others"]
        found += [] if migrations(server.store) == migrations(STORES[-1]) else [f"its migrations are {migrations(server.store)}"]
        return found + damages(server.store)
    finally:
        server.kill()


@pytest.mark.parametrize("old", STORES[:-1], ids=lambda path: path.stem)
def test_a_migration_that_is_cut_short_at_any_file_call_is_carried_through_by_the_next_start(library, tmp_path, seed, is_soak, old):
    (tmp_path / "whole").mkdir()
    calls = {}
    for way in WAYS:
        place = tmp_path / "whole" / way
        place.mkdir()
        faults = Faults(library, place, place / "data")
        faults.arm(way, 0)
        server = start(place, old, faults=faults)
        calls[way] = faults.calls
        server.kill()
        assert server.listened and migrations(server.store) == migrations(STORES[-1]), server.stderr()
    struck = []

    def round(point, place):
        way, at = point
        faults = Faults(library, place, place / "data")
        faults.arm(way, at)
        start(place, old, faults=faults).kill()
        struck.extend([point] if faults.fired else [])
        return [f"after {faults.struck}, {found}" for found in look(place, old)]

    points = some([(way, at) for way in WAYS for at in range(1, calls[way] + 1)], seed, is_soak, SHARE)
    done, complaints = carry_out(points, round, tmp_path)
    print(f"{pathlib.Path(old).stem}: {done} of {sum(calls.values())} points, {len(struck)} of them struck, seed {seed}")
    assert not complaints, "\n".join(complaints)
    assert done == len(points) and len(struck) >= 0.9 * done
