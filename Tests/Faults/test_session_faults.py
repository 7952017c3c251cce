"""A session over a disk that fails at one call, or whose server dies there. Afterwards a plain start goes on where it was."""

import collections
import contextlib
import shutil
import subprocess

import pytest

from account import damages, differences, lost, wrong_turns
from power import records
from preload import READ, SEND, WAYS, Faults
from program import SMALL, Scope, Server
from rounds import carry_out, some
from server import PATIENCE
from watch import Watch, is_held, make

SPEED = 20000
# A run that met a fault may wait for somebody; nobody comes in these rounds.
WAITS = 12
# For the rounds of each way; what has begun is ended.
SECONDS = 15
# Of each way, also on a machine with other work.
LEAST = 8


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, is_soak):
    """A data directory with a session that has not begun, the session's id and how many exposures it asks for."""
    folder = tmp_path_factory.mktemp("prepared")
    scope = Scope(folder, SPEED, SMALL).must_start()
    server = Server(folder, scope).must_start()
    try:
        count = 2 if is_soak else 1
        id = make(server, "short", recipe="short", holesPerSquare=count)
    finally:
        server.end()
        scope.kill()
    return server.data, id, count


def run_and_fail(server, watch, patience, until):
    """A run with whatever comes: the server may die, refuse or end at any moment. How that went, or how the session stood at last."""
    try:
        if not server.start(patience=20):
            return "no server"
        if watch.start(server).status != 202:
            return "no run"
        state = watch.carry_on(server, patience, until=until)
        return "held" if is_held(state) else state["status"]
    except (OSError, AssertionError, ValueError):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(1)
        return "refused" if server.is_alive() else "dead"  # Nothing was told, so nothing was promised.
    finally:
        server.kill()


def finish(server, watch):
    """A plain start, and Start where there is something left: what is not as it should be."""
    if not server.start():
        return [f"the next start ended: {server.stderr()[-300:]}"]
    return damages(server.store) + lost(watch.told, watch.events(server)) + watch.finish(server)


def round_of(library, prepared, way, at, folder, trace=None, look=lambda server: None, patience=WAITS):
    """One session with one fault: what its calls met, how it stood then, and what was found in the end. `look`: at the server there."""
    data, id, count = prepared
    shutil.copytree(data, folder / "data")
    scope = Scope(folder, SPEED, SMALL).must_start()
    try:
        # What works on movies is a process of its own, and does little but read.
        faults = Faults(library, folder, folder / "data", trace, children=WAYS[way][-1] == READ)
        faults.arm(way, at)
        watch = Watch(id)
        # A disk that stays full is waited for until somebody makes room.
        is_enough = is_held if WAYS[way][2] else lambda state: bool(state.get("prompt"))
        status = run_and_fail(Server(folder, scope, SPEED, faults=faults), watch, patience, is_enough)
        plain = Server(folder, scope, SPEED)
        try:
            found = finish(plain, watch)
            if plain.is_alive():
                events = watch.events(plain)
                found += differences(scope.ledger(), events, id) + wrong_turns(events, count)
                look(plain)
        finally:
            plain.kill()
        return faults, status, found
    finally:
        scope.kill()


@pytest.fixture(scope="module")
def calls_of(library, prepared, tmp_path_factory):
    """How many calls of an undisturbed run a way counts, and that nothing is found amiss after one."""
    def run(way):
        folder = tmp_path_factory.mktemp("whole")
        faults, status, found = round_of(library, prepared, way, 0, folder, trace=folder / "trace", patience=2 * PATIENCE)
        assert status == "completed" and not found, (status, found)
        return faults.calls, [record.kind for record in records(folder / "trace") if record.kind != SEND]

    _, changes = run("kill")
    reads, _ = run("no answer to a read")
    return lambda way: reads if WAYS[way][-1] == READ else sum(bool(kind & WAYS[way][-1]) for kind in changes)


def ends(way, struck):
    """How a run may stand after a call that went wrong: what only fails ends no run, though it may not be over when nobody looks any longer."""
    if way.endswith("kill"):
        return ("dead", "no server")
    # A file of a target's own costs that target, which the next Start takes again; here there is only one.
    return ("completed", "held", "running", "no server", "no run", "refused", *(["failed"] if struck.split()[-1].startswith("/sessions/") else []))


@pytest.mark.parametrize("way", WAYS)
def test_a_session_that_meets_a_fault_at_any_file_call_loses_and_doubles_nothing(
        library, prepared, calls_of, tmp_path, seed, is_soak, way):
    struck, stood = [], collections.Counter()

    def round(at, place):
        faults, status, found = round_of(library, prepared, way, at, place)
        struck.extend([at] if faults.fired else [])
        stood[status] += 1
        if faults.fired and status not in ends(way, faults.struck):
            found.append(f"it was {status}")
        return [f"after {faults.struck}, {complaint}" for complaint in found]

    calls = calls_of(way)
    points = some(range(1, calls + 1), seed, is_soak)
    done, complaints = carry_out(points, round, tmp_path, None if is_soak else SECONDS)
    print(f"{way}: {done} of {calls} points, {len(struck)} of them struck, {dict(stood)}, seed {seed}")
    assert not complaints, "\n".join(complaints)
    assert done >= min(len(points), LEAST) and len(struck) >= 0.9 * done
