"""The folder of a session goes away under its run: the run waits with one question and touches nothing else."""

import shutil

import pytest

from account import differences, exposures
from program import Scope, Server
from watch import Watch, make

HOLES = 4


def lead_nowhere(folder):
    folder.symlink_to("/proc/version/nowhere")


def leave_nothing(folder):
    pass


def put_another(folder):
    """As when a share is unmounted and its mount point shows."""
    folder.mkdir()


def strangers(folder):
    """What the server put where the session's folder was."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]


def clear(folder):
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


@pytest.mark.parametrize("go", (lead_nowhere, leave_nothing, put_another))
def test_a_session_whose_folder_goes_away_pauses_with_one_question_and_is_whole_when_it_is_back(tmp_path, running, go):
    scope = Scope(tmp_path, 200).must_start()
    server = Server(tmp_path, scope, 200)
    running += [scope, server]
    server.must_start()
    watch = Watch(make(server, "night", grids=2, holesPerSquare=HOLES))
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: sum(grid["images"] for grid in state["grids"]) >= 1)
    folder = next(server.data.glob("sessions/demo/*_night"))
    away = tmp_path / "away"
    folder.rename(away)
    go(folder)
    state = watch.carry_on(server, 40, until=lambda state: bool(state.get("prompt")))
    assert state["status"] == "paused" and state.get("prompt"), (state["status"], [n["sentence"] for n in state["notices"]])
    asked = [event for event in watch.events(server) if event["type"] == "promptRaised"]
    assert len(asked) == 1, asked
    assert [grid["status"] for grid in state["grids"]].count("failed") == 0
    before = len(exposures(scope.ledger(), watch.id))
    assert strangers(folder) == [], "Nothing is written to what is there instead."
    clear(folder)
    away.rename(folder)
    state = watch.carry_on(server)
    assert state["status"] == "completed", [notice["sentence"] for notice in state["notices"]]
    assert sum(grid["images"] for grid in state["grids"]) == 2 * HOLES >= before
    assert differences(scope.ledger(), watch.events(server), watch.id) == []
