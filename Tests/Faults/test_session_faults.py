"""A session over a disk that fails at one call, or whose server dies there. Afterwards a plain start goes on where it was."""

import shutil

import pytest

from account import damages, differences, exposures, lost
from power import records
from preload import SEND, WAYS, Faults
from program import Scope, Server
from rounds import carry_out, some
from server import PATIENCE
from watch import Watch, make

SPEED = 20000
# A run that met a fault may wait for somebody; nobody comes in these rounds.
WAITS = 12
# For the rounds of each way; what has begun is ended.
SECONDS = 20


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, is_soak):
    """A data directory with a session that has not begun, and the session's id."""
    folder = tmp_path_factory.mktemp("prepared")
    scope = Scope(folder, SPEED).must_start()
    server = Server(folder, scope).must_start()
    try:
        id = make(server, "short", recipe="short", holesPerSquare=2 if is_soak else 1)
    finally:
        server.end()
        scope.kill()
    return server.data, id


def run_and_fail(server, watch, patience):
    """A run with whatever comes: the server may die, refuse or end at any moment. How the session stood in the end, where that was told."""
    try:
        if not server.start(patience=20):
            return None
        watch.start(server)
        return watch.carry_on(server, patience, until=lambda state: bool(state.get("prompt")))["status"]
    except (OSError, AssertionError, ValueError):
        return None  # No answer, or a refusal: nothing was told, so nothing was promised.
    finally:
        server.kill()


def finish(server, watch):
    """A plain start, and Start where there is something left: what is not as it should be."""
    if not server.start():
        return [f"the next start ended: {server.stderr()[-300:]}"]
    return damages(server.store) + lost(watch.told, watch.events(server)) + watch.finish(server)


def round_of(library, prepared, way, at, folder, trace=None, look=lambda server: None, patience=WAITS):
    """One session with one fault: what its calls met, how it stood then, and what was found in the end. `look`: at the server there."""
    data, id = prepared
    shutil.copytree(data, folder / "data")
    scope = Scope(folder, SPEED).must_start()
    try:
        faults = Faults(library, folder, folder / "data", trace)
        faults.arm(way, at)
        watch = Watch(id)
        status = run_and_fail(Server(folder, scope, SPEED, faults=faults), watch, patience)
        plain = Server(folder, scope, SPEED)
        try:
            found = finish(plain, watch)
            if plain.is_alive():
                found += differences(scope.ledger(), watch.events(plain), id)
                look(plain)
        finally:
            plain.kill()
        taken = exposures(scope.ledger(), id)
        return faults, status, found + ([] if taken else ["no exposure was made"])
    finally:
        scope.kill()


@pytest.fixture(scope="module")
def kinds_of_calls(library, prepared, tmp_path_factory):
    """What the calls of an undisturbed run are, and that nothing is found amiss after one."""
    folder = tmp_path_factory.mktemp("whole")
    _, status, found = round_of(library, prepared, "kill", 0, folder, trace=folder / "trace", patience=2 * PATIENCE)
    assert status == "completed" and not found, (status, found)
    return [record.kind for record in records(folder / "trace") if record.kind != SEND]


@pytest.mark.parametrize("way", WAYS)
def test_a_session_that_meets_a_fault_at_any_file_call_loses_and_doubles_nothing(
        library, prepared, kinds_of_calls, tmp_path, seed, is_soak, way):
    def round(at, place):
        faults, _, found = round_of(library, prepared, way, at, place)
        return [f"after {faults.struck}, {complaint}" for complaint in found]

    calls = sum(bool(kind & WAYS[way][-1]) for kind in kinds_of_calls)
    points = some(range(1, calls + 1), seed, is_soak)
    done, complaints = carry_out(points, round, tmp_path, None if is_soak else SECONDS)
    print(f"{way}: {done} of {calls} points, seed {seed}")
    assert not complaints, "\n".join(complaints)
