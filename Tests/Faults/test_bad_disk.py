"""One bad answer of the disk under a run, or a full one: the run waits and is asked about; a press takes it to its end."""

import pytest

from account import damages, differences, wrong_turns
from preload import Faults
from program import SMALL, Scope, Server
from rounds import carry_out
from watch import Watch, images, is_held, make

HOLES = 4
# Calls after the first image.
CALLS = (1, 2, 3, 5, 8, 13)


def run_over(library, folder, way, call):
    """A run that meets a fault once it has an image: what is not as it should be, then and after the disk is well again."""
    scope = Scope(folder, 2000, SMALL)
    faults = Faults(library, folder, folder / "data")
    server = None
    try:
        server = Server(folder, scope.must_start(), 2000, faults=faults).must_start()
        watch = Watch(make(server, "bad", holesPerSquare=HOLES))
        assert watch.start(server).status == 202
        watch.carry_on(server, until=lambda state: images(state) >= 1, every=0.01)
        faults.arm(way, call, begun=True)
        # While nothing can be written the run says so in a reading; the rest of the time it asks.
        state = watch.carry_on(server, 30, until=is_held)
        found = [] if faults.fired else ["no call went wrong"]
        if not is_held(state) and state["status"] != "completed":
            found.append(f"it was {state['status']}, with {[notice['sentence'] for notice in state['notices']]}")
        faults.disarm()
        state = watch.carry_on(server)
        if state["status"] != "completed":
            found.append(f"it became {state['status']}, with {[notice['sentence'] for notice in state['notices']]}")
        events = watch.events(server)
        found += differences(scope.ledger(), events, watch.id) + wrong_turns(events, HOLES) + damages(server.store)
        return [f"after {faults.struck}, {what}" for what in found]
    finally:
        for process in (server, scope):
            if process and process.process:
                process.kill()


@pytest.mark.parametrize("way", ("no answer from the disk", "no space from there on"))
def test_a_bad_answer_or_a_full_disk_pauses_the_run_at_most_and_it_is_whole_in_the_end(library, tmp_path, way):
    done, complaints = carry_out(CALLS, lambda call, place: run_over(library, place, way, call), tmp_path, workers=3)
    assert done == len(CALLS) and not complaints, "\n".join(complaints)
