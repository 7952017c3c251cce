"""One bad answer of the disk under a run, or a full one: the run waits and is asked about; a press takes it to its end."""

import pytest

from account import damages, differences
from preload import Faults
from program import Scope, Server
from watch import Watch, make


@pytest.fixture
def begun(library, tmp_path, running):
    scope = Scope(tmp_path, 2000).must_start()
    faults = Faults(library, tmp_path, tmp_path / "data")
    server = Server(tmp_path, scope, 2000, faults=faults)
    running += [scope, server]
    server.must_start()
    watch = Watch(make(server, "bad", holesPerSquare=4))
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: sum(grid["images"] for grid in state["grids"]) >= 1, every=0.01)
    return server, scope, watch, faults


def expect_a_wait_and_a_whole_run(server, scope, watch, faults):
    """While nothing can be written the run says so in a reading; the rest of the time it asks."""
    state = watch.carry_on(server, 30, until=lambda state: state.get("prompt") or state["readings"].get("trouble"))
    assert faults.fired
    held = state["status"] == "paused" or state["readings"].get("trouble")
    assert held or state["status"] == "completed", (faults.struck, state["status"], [n["sentence"] for n in state["notices"]])
    faults.disarm()
    state = watch.carry_on(server)
    assert state["status"] == "completed", [notice["sentence"] for notice in state["notices"]]
    assert differences(scope.ledger(), watch.events(server), watch.id) == []
    assert damages(server.store) == []


@pytest.mark.parametrize("call", (1, 2, 3, 5, 8, 13))
def test_one_bad_answer_of_the_disk_pauses_the_run_at_most(begun, call):
    begun[-1].arm("no answer from the disk", call, begun=True)
    expect_a_wait_and_a_whole_run(*begun)


@pytest.mark.parametrize("call", (1, 2, 3, 5, 8, 13))
def test_a_disk_that_is_full_from_one_moment_on_pauses_the_run_until_there_is_room(begun, call):
    begun[-1].arm("no space from there on", call, begun=True)
    expect_a_wait_and_a_whole_run(*begun)
