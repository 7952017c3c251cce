"""The folder of a session goes away under its run: the run waits with one question and touches nothing else."""

import shutil
import time

from account import differences, exposures, wrong_turns
from program import SMALL, Scope, Server
from rounds import carry_out
from watch import Watch, images, make

HOLES = 4
SPEED = 400
# Seconds in which a run that went on would expose and write.
WAIT = 3


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


def run_without_its_folder(place, go):
    """What is not as it should be of a run whose folder goes away for a while."""
    scope = Scope(place, SPEED, SMALL)
    server = None
    try:
        server = Server(place, scope.must_start(), SPEED).must_start()
        return list(expect_a_wait(server, scope, place / "away", go))
    finally:
        for process in (server, scope):
            if process and process.process:
                process.kill()


def expect_a_wait(server, scope, away, go):
    watch = Watch(make(server, "night", grids=2, holesPerSquare=HOLES))
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: images(state) >= 1)
    folder = next(server.data.glob("sessions/demo/*_night"))
    folder.rename(away)
    go(folder)
    gone = len(exposures(scope.ledger(), watch.id))
    state = watch.carry_on(server, 40, until=lambda state: bool(state.get("prompt")))
    if state["status"] != "paused" or not state.get("prompt"):
        yield f"it was {state['status']}, with {[notice['sentence'] for notice in state['notices']]}"
    before, mark = exposures(scope.ledger(), watch.id), len(scope.ledger())
    if len(before) > gone + 1:
        yield f"{len(before) - gone} exposures were begun after the folder had gone"
    time.sleep(WAIT)
    taken = [line for line in scope.ledger()[mark:] if line["kind"] in ("exposure", "load")]
    if taken:
        yield f"while it asked: {taken}"
    yield from (f"there is {name} where the folder was" for name in strangers(folder))
    if go is leave_nothing and folder.exists():
        yield "the folder was made again"
    state = watch.state(server)
    yield from (f"{grid['grid']['id']} has failed" for grid in state["grids"] if grid["status"] == "failed")
    asked = [event["data"] for event in watch.events(server) if event["type"] == "promptRaised"]
    if len(asked) != 1 or not state.get("prompt"):
        yield f"it asked {asked}"
    clear(folder)
    away.rename(folder)
    state = watch.carry_on(server)
    if state["status"] != "completed" or images(state) != 2 * HOLES:
        yield f"it became {state['status']} with {images(state)} images and {[notice['sentence'] for notice in state['notices']]}"
    events = watch.events(server)
    yield from differences(scope.ledger(), events, watch.id) + wrong_turns(events, 2 * HOLES)


def test_a_session_whose_folder_goes_away_pauses_with_one_question_and_is_whole_when_it_is_back(tmp_path):
    done, complaints = carry_out((lead_nowhere, leave_nothing, put_another), lambda go, place: run_without_its_folder(place, go), tmp_path)
    assert done == 3 and not complaints, "\n".join(complaints)
