"""The disk of the data directory stops answering under a run: whoever wants it to end is heard, no page says that all is well, and nothing is lost.

Presses are measured on a quiet machine, one after the other; what takes long is carried out beside each other.
"""

import contextlib
import functools
import http.client
import itertools
import json
import os
import time

import pytest

from account import differences, wrong_turns
from page import Page
from preload import CHANGES, READ, SPACE, Faults
from program import SMALL, Scope, Server
from rounds import tell_at_once
from server import eventually
from watch import Watch, images, make

# What is in the machine's memory can still be read from it, as it can with a real disk: nothing is opened, written, synced or measured.
SILENT = CHANGES | SPACE
# Longer than any deadline for an answer of a disk.
SILENCE = 31 if os.environ.get("GRIDPILOT_SOAK") else 12
SPEED = 100
# TimeoutStopSec in docs/service: whoever takes longer is killed.
UNIT_WAITS = 20
# A press is measured so many times, each time of another run; the least is the server's, the rest is other work of the machine.
PRESSES = 3


class Stuck:
    """A run over a disk that is silent from now on, with a page open."""

    def __init__(self, library, folder, kinds, holes):
        folder.mkdir(exist_ok=True)
        self.holes = holes
        self.scope = Scope(folder, SPEED, SMALL)
        self.faults = Faults(library, folder, folder / "data", children=True)
        self.server = None
        try:
            self.server = Server(folder, self.scope.must_start(), SPEED, faults=self.faults).must_start()
            self.watch = Watch(make(self.server, "silent", recipe="short", holesPerSquare=holes))
            self.server.person("staff")
            self.page = Page(self.server, f"session/{self.watch.id}")
            assert self.watch.start(self.server).status == 202
            self.watch.carry_on(self.server, until=lambda state: images(state) >= 1, every=0.02)
            self.faults.hang(kinds)
            eventually(lambda: self.faults.waiting, "a call that hangs")
            self.begun, self.mark = time.monotonic(), len(self.scope.ledger())
        except BaseException:
            self.end()
            raise

    def end(self):
        self.faults.hang(0)
        for process in (self.server, self.scope):
            if process and process.process:
                process.kill()

    def press(self, act):
        """As a page presses it, with a key; how it was answered and after how long."""
        link, begun = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=SILENCE), time.monotonic()
        try:
            link.request("POST", f"{self.watch.api}/{act}", json.dumps({}), {
                "Content-Type": "application/json", "Cookie": self.server.person("staff").cookie, "Origin": self.server.url,
                "Idempotency-Key": f"{act}-1"})
            return link.getresponse().status, time.monotonic() - begun
        finally:
            link.close()

    def after(self, **wanted):
        """What the microscope was made to do since the disk is silent."""
        return [line for line in self.scope.ledger()[self.mark:] if all(line.get(key) == value for key, value in wanted.items())]

    def is_closed(self):
        """As the microscope says: a run that met the silence between two holes may have closed them before."""
        valves = [line["args"] for line in self.scope.ledger() if line["kind"] == "valves"]
        return valves[-1:] == [["closed"]]


@contextlib.contextmanager
def stuck(library, folder, kinds=SILENT, holes=40):
    run = Stuck(library, folder, kinds, holes)
    try:
        yield run
    finally:
        run.end()


def goes_on(run):
    """Nobody presses anything: what a run does that meets the silence alone."""
    told = lambda: [moment for moment, frame in list(run.page.frames) if moment > run.begun and frame.get("kind") == "reading"
                    and frame.get("type") == "trouble" and "does not answer" in json.dumps(frame["data"])]
    took = eventually(told, "a word about the disk", 20)[0] - run.begun
    found = [] if took < 10 else [f"pages were told of the silence after {took:.1f} s"]
    eventually(run.is_closed, "closed valves", 20)
    took, exposed = time.monotonic() - run.begun, len(run.after(kind="exposure", preset="R"))
    found += [] if took < 12 else [f"the valves were closed after {took:.1f} s"]
    # The one whose intent was written may be made.
    found += [] if exposed <= 1 else [f"{exposed} exposures were made over the silence"]
    mark = len(run.scope.ledger())
    time.sleep(max(0, SILENCE - took))
    acts = [line for line in run.scope.ledger()[mark:] if line["kind"] in ("exposure", "load", "valves")]
    found += [] if not acts else [f"while nothing could be written: {acts}"]
    run.faults.hang(0)
    return found + whole(run)


def is_stopped_and_begun_again(run):
    """Stop is pressed while nothing can be written. It is written when it can be, and Start goes on."""
    status, _ = run.press("stop")
    found = [] if status == 202 else [f"Stop was answered with {status}"]
    time.sleep(SILENCE)
    run.faults.hang(0)
    stopped = eventually(lambda: run.watch.state(run.server)["status"] == "stopped" and not run.watch.state(run.server)["readings"].get("trouble"), "stopped")
    assert stopped and images(run.watch.state(run.server)) < run.holes
    answer = run.watch.start(run.server)
    return [*found, *([] if answer.status == 202 else [f"Start was answered with {answer.status}"]), *whole(run)]


def whole(run):
    """What is not as it should be of a run that goes on now."""
    state = run.watch.carry_on(run.server, 120)
    events = run.watch.events(run.server)
    found = [] if state["status"] == "completed" else [f"it became {state['status']}, with {[notice['sentence'] for notice in state['notices']]}"]
    found += differences(run.scope.ledger(), events, run.watch.id) + wrong_turns(events, run.holes)
    return found + run.page.gaps()


def is_told_to_end(run):
    """SIGTERM, as at the machine's shutdown. The disk may stay silent for ever."""
    begun = time.monotonic()
    run.server.process.terminate()
    run.server.process.wait(30)
    took = time.monotonic() - begun
    eventually(lambda: run.after(kind="disconnect"), "the end of the connection", 2)
    return [] if took < UNIT_WAITS else [f"the end took {took:.1f} s"]


def answers_in_words(run):
    """Open pages keep their heartbeat, which is the engine's, and hear of the disk; whoever asks for what only the disk knows is told so."""
    person, begun, found = run.server.person("staff"), time.monotonic(), []

    def ask(path, patience, *expected):
        asked = time.monotonic()
        answer = person.ask("GET", path)
        took = time.monotonic() - asked
        if took > patience or answer.status not in expected:
            found.append(f"{path} was answered with {answer.status} after {took:.1f} s")
        if answer.status == 503 and path != "/readyz" and (answer.json["code"] != "disk.noAnswer" or not answer.json["remedy"]):
            found.append(f"{path} was answered with {answer.body}")
        return answer.status

    # What the store's memory still holds is answered from there at once. Whoever asks first for what only the disk knows waits as long as a slow disk
    # may need; who comes later is told at once.
    reads = (run.watch.api, f"{run.watch.api}/events?after=0&limit=10", "/api/sessions")
    for path in itertools.islice(itertools.cycle(reads), 30):
        if ask(path, 40, 200, 503) == 503:
            break
    for path in reads:
        ask(path, 2, 503)
    ask("/readyz", 4, 503)
    ask("/healthz", 2, 200)
    # Here the pages' own files are on the same disk, of which nothing more is asked.
    for path in ("/", "/static/app.js"):
        ask(path, 2, 200, 503)
    seconds = time.monotonic() - begun
    heard = len(run.page.heartbeats(begun, time.monotonic()))
    if run.page.end or heard < seconds / 2 - 2:
        found.append(f"the page heard {heard} heartbeats in {seconds:.0f} s: {run.page.end}")
    if not any(frame.get("type") == "trouble" and frame["data"] for frame in run.page.heard("reading")):
        found.append("the page heard nothing of the disk")
    return found


# Each with what is silent and how many exposures its session asks for.
STORIES = {
    goes_on: (SILENT, 6), is_stopped_and_begun_again: (SILENT, 12), is_told_to_end: (SILENT, 12), answers_in_words: (SILENT | READ, 12)}


@pytest.fixture(scope="module")
def stories(library, tmp_path_factory):
    """What became of each, by its name; all are told at once."""
    def tell(story, how, folder):
        with stuck(library, folder, *how) as run:
            return story(run)

    return tell_at_once(
        {story.__name__: functools.partial(tell, story, how) for story, how in STORIES.items()}, tmp_path_factory.mktemp("stories"))


@pytest.mark.parametrize("kinds", (SILENT, SILENT | READ), ids=("only reads are answered", "nothing is answered"))
def test_a_stop_is_heard_within_200_ms_while_the_disk_is_silent_and_the_valves_are_closed(library, tmp_path, kinds):
    took = []
    for number in range(PRESSES):
        with stuck(library, tmp_path / str(number), kinds) as run:
            status, seconds = run.press("stop")
            assert status == 202, f"{status} after {seconds:.3f} s"
            took.append(seconds)
            eventually(run.is_closed, "closed valves", SILENCE)
            assert len(run.after(kind="exposure", preset="R")) <= 1, "The one under way may be finished, no other is begun."
        # One that is quick enough is proof enough.
        if seconds < 0.2:
            break
    print(f"Stop was heard after {', '.join(f'{seconds * 1000:.0f}' for seconds in took)} ms")
    assert min(took) < 0.2, took


@pytest.mark.parametrize("kinds", (SILENT, SILENT | READ), ids=("only reads are answered", "nothing is answered"))
def test_a_force_kill_takes_less_than_2_s_while_the_disk_is_silent(library, tmp_path, kinds):
    with stuck(library, tmp_path, kinds) as run:
        status, seconds = run.press("force-kill")
        assert status == 202 and seconds < 2, f"{status} after {seconds:.3f} s"
        eventually(lambda: run.after(kind="disconnect"), "the end of the connection", 2)


def test_pages_are_answered_in_words_while_not_even_reads_are_answered(stories):
    assert stories["answers_in_words"].result() == []


def test_a_run_closes_the_valves_says_so_within_10_s_and_goes_on_by_itself_when_the_disk_answers_again(stories):
    assert stories["goes_on"].result() == []


def test_a_run_that_is_stopped_while_the_disk_is_silent_is_stopped_and_goes_on_at_the_next_start(stories):
    assert stories["is_stopped_and_begun_again"].result() == []


def test_a_server_that_is_told_to_end_ends_while_the_disk_is_silent(stories):
    assert stories["is_told_to_end"].result() == []
