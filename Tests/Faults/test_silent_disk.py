"""The disk of the data directory stops answering under a run: whoever wants it to end is heard, and no page says that all is well."""

import http.client
import json
import os
import time

import pytest

from account import differences
from page import Page
from preload import CHANGES, SPACE, Faults
from program import Scope, Server
from server import eventually
from watch import Watch, make

# What is in the machine's memory can still be read from it, as it can with a real disk: nothing is opened, written, synced or measured.
SILENT = CHANGES | SPACE
# Longer than any deadline for an answer of a disk.
SILENCE = 31 if os.environ.get("GRIDPILOT_SOAK") else 12


@pytest.fixture
def stuck(library, tmp_path, running):
    """A run over a disk that is silent from now on, with a page open."""
    scope = Scope(tmp_path, 60).must_start()
    faults = Faults(library, tmp_path, tmp_path / "data", children=True)
    server = Server(tmp_path, scope, 60, faults=faults)
    running += [scope, server]
    server.must_start()
    watch = Watch(make(server, "silent", holesPerSquare=30))
    server.person("staff")
    page = Page(server, f"session/{watch.id}")
    assert watch.start(server).status == 202
    watch.carry_on(server, until=lambda state: sum(grid["images"] for grid in state["grids"]) >= 1)
    faults.hang(SILENT)
    eventually(lambda: faults.waiting, "a call that hangs")
    yield server, scope, watch, page, faults
    faults.hang(0)


def press(server, watch, act, key):
    """As a page presses it, with a key; how it was answered and after how long."""
    link, begun = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SILENCE), time.monotonic()
    try:
        link.request("POST", f"{watch.api}/{act}", json.dumps({}), {
            "Content-Type": "application/json", "Cookie": server.person("staff").cookie, "Origin": server.url, "Idempotency-Key": key})
        return link.getresponse().status, time.monotonic() - begun
    finally:
        link.close()


def after(scope, count, **wanted):
    return [line for line in scope.ledger()[count:] if all(line.get(key) == value for key, value in wanted.items())]


def test_a_stop_is_heard_within_200_ms_while_the_disk_is_silent_and_the_valves_are_closed(stuck):
    server, scope, watch, _, _ = stuck
    before = len(scope.ledger())
    status, seconds = press(server, watch, "stop", "stop-1")
    assert status == 202 and seconds < 0.2, f"{status} after {seconds:.3f} s"
    eventually(lambda: [line for line in after(scope, before, kind="valves") if line["args"] == ["closed"]], "closed valves", SILENCE)
    assert len(after(scope, before, kind="exposure", preset="R")) <= 1, "The one under way may be finished, no other is begun."


def test_a_force_kill_takes_less_than_2_s_while_the_disk_is_silent(stuck):
    server, scope, watch, _, _ = stuck
    before = len(scope.ledger())
    status, seconds = press(server, watch, "force-kill", "kill-1")
    assert status == 202 and seconds < 2, f"{status} after {seconds:.3f} s"
    eventually(lambda: after(scope, before, kind="disconnect"), "the end of the connection", 2)


def test_pages_are_told_within_10_s_that_the_disk_is_silent(stuck):
    _, _, _, page, _ = stuck
    begun = time.monotonic()
    moments = lambda: [begun, *(moment for moment, frame in list(page.frames) if frame.get("kind") == "heartbeat" and moment > begun)]
    says_so = lambda: any("disk" in json.dumps(frame) for moment, frame in list(page.frames)
                          if moment > begun and frame.get("kind") in ("event", "problem", "reading", "heartbeat"))
    is_stale = lambda: time.monotonic() - moments()[-1] > 5
    eventually(lambda: says_so() or is_stale(), "a word about the disk, or a silence that makes the page stale", 15)


def test_a_run_goes_on_by_itself_or_by_a_press_when_the_disk_answers_again_and_nothing_is_lost(stuck):
    server, scope, watch, page, faults = stuck
    time.sleep(SILENCE)
    faults.hang(0)
    press(server, watch, "stop", "stop-2")
    state = watch.carry_on(server, 60)
    events = watch.events(server)
    assert state["status"] in ("stopped", "completed", "interrupted", "failed")
    assert differences(scope.ledger(), events, watch.id, is_over=False) == []
    assert page.gaps() == []


def test_a_server_that_is_told_to_end_ends_while_the_disk_is_silent(stuck):
    server, scope, _, _, _ = stuck
    before = len(scope.ledger())
    server.process.terminate()
    server.process.wait(30)
    eventually(lambda: after(scope, before, kind="disconnect"), "the end of the connection", 2)
