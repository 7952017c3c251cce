"""Clocks that are set and processes that are stopped: durations are real ones, and nothing is sent twice or too late."""

import functools
import os
import re
import signal
import time

import pytest

from account import differences, exposures
from page import Page
from program import SMALL, Scope, Server
from rounds import tell_at_once
from server import eventually
from watch import Watch, images, make

HOUR = 3600
JUMPS = (HOUR, -HOUR, 24 * HOUR, -24 * HOUR)
HOLES = 5
SPEED = 500
# Commands that move, expose, load or open something: the rows of SerialEMCommandRow that say so, as far as a run sends them.
ACTS = re.compile(
    "(Record|View|Search|Focus|Trial|Preview|Montage|AutoAlign|AlignTo|AutoFocus|Eucentricity|ChangeFocus|SetDefocus|Set(Mag|Beam|Image|Column|Low|Slit|Spot)"
    "|ResetImageShift|ImageShiftBy|MoveStage|StageShift|Tilt(To|By)|LoadCartridge|UnloadCartridge|GoTo|Screen|Normalize|DriftWait|ManageDewars|LongOp)")


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


def the_wall_clock_jumps(running, folder):
    folder.mkdir()
    clock = WallClock(folder)
    scope = Scope(folder, SPEED, SMALL).must_start()
    server = Server(folder, scope, SPEED, environment=clock.environment, before=clock.COMMAND)
    running += [server, scope]
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


def commands(lines):
    """Their names, without what the column does by itself."""
    return [line["name"] for line in lines if line["kind"] == "command" and line.get("client")]


def the_process_is_stopped(running, folder):
    folder.mkdir()
    scope = Scope(folder, SPEED, SMALL).must_start()
    server = Server(folder, scope, SPEED)
    running += [server, scope]
    server.must_start()
    watch = Watch(make(server, "stopped", holesPerSquare=HOLES))
    page = Page(server, f"session/{watch.id}")
    assert watch.start(server).status == 202
    woken = []
    # At moments of which nobody knows in which command they are.
    for number in range(1, 4):
        watch.carry_on(server, until=lambda state: images(state) >= number)
        server.send(signal.SIGSTOP)
        # What was sent before may still be carried out.
        time.sleep(1)
        woken.append(len(scope.ledger()))
        time.sleep(60 if os.environ.get("GRIDPILOT_SOAK") else 12)
        assert len(scope.ledger()) == woken[-1]
        server.send(signal.SIGCONT)
    expect_a_whole_run(server, scope, watch, page)
    sent = [commands(scope.ledger()[begin:]) for begin in woken]
    assert all(any(ACTS.match(name) for name in names) for names in sent), "It acted again after each stop."
    first = [names[0] for names in sent]
    print(f"first after a stop: {first}")
    assert not any(ACTS.match(name) for name in first), f"Sent before the link was known to be there: {first}"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Both beside each other: neither is falsified by what else a machine does."""
    running = []
    try:
        stories = {story.__name__: functools.partial(story, running) for story in (the_wall_clock_jumps, the_process_is_stopped)}
        yield tell_at_once(stories, tmp_path_factory.mktemp("clocks"))
    finally:
        for process in running:
            if process.process and process.is_alive():
                process.kill()


def test_a_wall_clock_that_jumps_by_an_hour_or_a_day_ends_no_wait_and_loses_no_event(told):
    told["the_wall_clock_jumps"].result()


def test_a_server_that_is_stopped_sends_nothing_meanwhile_asks_before_it_acts_and_goes_on_without_a_gap(told):
    told["the_process_is_stopped"].result()
