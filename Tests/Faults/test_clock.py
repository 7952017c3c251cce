"""Clocks that are set and processes that are stopped: durations are real ones, and nothing is sent twice or too late."""

import signal
import time

import pytest

from account import differences, exposures
from page import Page
from program import Scope, Server
from server import eventually
from watch import Watch, make

HOUR = 3600
JUMPS = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR)
HOLES = 5


class WallClock:
    """The clock on a server's wall; the one that measures durations stays as it is."""

    # faketime prepares what its library shares. The library by itself would move the environment, behind which Swift looks for the
    # arguments. The time comes from the file, so it can change under the run.
    COMMAND = ("faketime", "-f", "+0", "env", "-u", "FAKETIME")

    def __init__(self, folder):
        self.file = folder / "clock"
        self.set(0)
        self.environment = {
            "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, seconds):
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.rename(self.file)


@pytest.fixture
def scope(tmp_path, running):
    running.append(Scope(tmp_path, 500))
    return running[-1].must_start()


def images(state):
    return sum(grid["images"] for grid in state["grids"])


def expect_a_whole_run(server, scope, watch, page):
    state = watch.carry_on(server)
    assert (state["status"], images(state)) == ("completed", HOLES), [notice["sentence"] for notice in state["notices"]]
    events = watch.events(server)
    assert differences(scope.ledger(), events, watch.id) == []
    assert len(exposures(scope.ledger(), watch.id)) == HOLES
    eventually(lambda: page.heard("event")[-1]["seq"] == events[-1]["seq"], "the last event on the page")
    assert page.gaps() == []
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)


def connections(scope, since):
    return [line for line in scope.ledger()[since:] if line["kind"] == "connect"]


def test_a_wall_clock_that_jumps_by_an_hour_or_a_day_ends_no_wait_and_loses_no_event(tmp_path, running, scope):
    clock = WallClock(tmp_path)
    server = Server(tmp_path, scope, 500, environment=clock.environment, before=clock.COMMAND)
    running.append(server)
    server.must_start()
    watch = Watch(make(server, "jumping", holesPerSquare=HOLES))
    page = Page(server, f"session/{watch.id}")
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: images(state) >= 1)
    begun = len(scope.ledger())
    for number, jump in enumerate(JUMPS):
        clock.set(jump)
        state = watch.carry_on(server, until=lambda state: images(state) >= 2 + number)
        assert not state.get("prompt") and state["notices"] == [], f"after a jump of {jump} s: {state['notices']}"
    moments = [event["at"] for event in watch.events(server)]
    assert moments != sorted(moments), "The clock that the server reads went backwards."
    expect_a_whole_run(server, scope, watch, page)
    assert connections(scope, begun) == [], "No deadline cut the link to the microscope."


def test_a_server_that_is_stopped_sends_nothing_meanwhile_and_goes_on_without_a_gap(tmp_path, running, scope, is_soak):
    server = Server(tmp_path, scope, 500)
    running.append(server)
    server.must_start()
    watch = Watch(make(server, "stopped", holesPerSquare=HOLES))
    page = Page(server, f"session/{watch.id}")
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: images(state) >= 1)
    server.send(signal.SIGSTOP)
    # What was sent before may still be carried out.
    time.sleep(1)
    before = len(scope.ledger())
    time.sleep(60 if is_soak else 12)
    assert len(scope.ledger()) == before
    server.send(signal.SIGCONT)
    expect_a_whole_run(server, scope, watch, page)
