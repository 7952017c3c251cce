"""Two installations with one directory of lock files and one microscope: whatever becomes of the file, one of them commands the microscope.

The second one's `locks` is a link to the first one's, as where both are on one share.
"""

import functools
import json
import signal
import time

import pytest

from account import differences, exposures, strangers, wrong_turns
from program import SMALL, Scope, Server
from rounds import tell_at_once
from server import eventually
from watch import ENDED, Watch, images, make

SPEED = 300
HOLES = 8
# What whoever looks at a claim says and asks; everything else is for the holder.
LOOKS = {"NoMessageBoxOnError", "GetVariable", "ReportTickTime", "SetPersistentVar", "Exit"}


class Pair:
    """Two servers on one microscope, and a session of each. The first one's run has an image."""

    def __init__(self, folder):
        folder.mkdir()
        self.scope = Scope(folder, SPEED, SMALL).must_start()
        self.servers = []
        try:
            for name in ("first", "second"):
                (folder / name / "data").mkdir(parents=True)
                if self.servers:
                    (folder / name / "data" / "locks").symlink_to(self.servers[0].data / "locks")
                self.servers.append(Server(folder / name, self.scope, SPEED).must_start())
            self.first, self.second = self.servers
            self.file = self.first.data / "locks" / "demo-scope.lock"
            self.own = Watch(make(self.first, "own", holesPerSquare=HOLES))
            self.others = Watch(make(self.second, "others", holesPerSquare=HOLES))
            assert self.own.start(self.first).status == 202
            self.own.carry_on(self.first, until=lambda state: images(state) >= 1)
        except BaseException:
            self.end()
            raise

    def end(self):
        for process in (*self.servers, self.scope):
            if process.process and process.is_alive():
                process.send(signal.SIGCONT)
                process.kill()

    def take_over(self):
        """As staff of the second server do it: the lock file, a look at whose the microscope is, and Force start."""
        staff = self.second.person("staff")
        assert self.others.start(self.second).status == 409
        assert staff.post("/api/microscopes/demo-scope/remove-lock", {"reason": "The other server hangs."}).status == 202
        assert self.others.start(self.second).status == 202
        state = self.others.carry_on(self.second)
        assert state["status"] == "failed" and failure(self.others, self.second) == "scopeLock.held", state["notices"]
        assert staff.post(f"{self.others.api}/force-start", {"reason": "The other server hangs."}).status == 202
        state = self.others.carry_on(self.second, until=lambda state: images(state) >= 1)
        assert state["status"] == "running", state["notices"]

    def complete(self, watch, server):
        """Runs a session to its end, by Start where it needs one; what is not as it should be then."""
        state = watch.carry_on(server)
        found = [] if state["status"] == "completed" else watch.finish(server)
        events = watch.events(server)
        return found + differences(self.scope.ledger(), events, watch.id) + wrong_turns(events, HOLES)


def failure(watch, server):
    """The code of the last run's failure."""
    return [event["data"]["code"] for event in watch.events(server) if event["type"] == "runFailed"][-1]


def a_frozen_holder_wakes(pair):
    """It lost the microscope while its process was stopped."""
    pair.first.send(signal.SIGSTOP)
    time.sleep(1)
    pair.take_over()
    woken = len(pair.scope.ledger())
    theirs = {line["client"] for line in pair.scope.ledger() if line["kind"] == "exposure" and line["name"].startswith(pair.others.id)}
    pair.first.send(signal.SIGCONT)
    state = pair.own.carry_on(pair.first)
    found = [] if state["status"] == "failed" and failure(pair.own, pair.first) == "scopeLock.lost" else [f"it is {state['status']}: {state['notices']}"]
    # The holder is pushed out by a look, and comes back once.
    eventually(lambda: pair.others.state(pair.second)["status"] in ENDED, "the second one's end")
    lines = pair.scope.ledger()[woken:]
    theirs |= {line["client"] for line in lines if line["kind"] == "exposure" and line["name"].startswith(pair.others.id)}
    acts = [line for line in lines if line.get("client") and line["client"] not in theirs and (
        line["kind"] in ("exposure", "valves", "load") or line["kind"] == "command" and line["name"] not in LOOKS)]
    found += [f"it sent {line}" for line in acts]
    found += [f"{name} was exposed" for name in exposures(lines, pair.own.id)]
    return found + pair.complete(pair.others, pair.second) + pair.complete(pair.own, pair.first)


def the_file_is_removed(pair):
    """By hand, from outside. It is there again before anybody else can take it for free for long."""
    holder = json.loads(pair.file.read_text())
    pair.file.unlink()
    eventually(pair.file.exists, "the lock file", 5)
    found = [] if json.loads(pair.file.read_text()) == holder else [f"it names another: {pair.file.read_text()}"]
    answer = pair.others.start(pair.second)
    found += [] if answer.status == 409 and answer.json["code"] == "scopeLock.held" else [f"the other's Start: {answer.body}"]
    lines = pair.first.person("staff").get(f"{pair.own.api}/logs/imaging?after=0&limit=1000")["items"]
    found += [] if any("has been written again" in str(line) for line in lines) else ["the log says nothing of it"]
    return found + pair.complete(pair.own, pair.first)


def the_file_names_another(pair):
    """A holder on another machine, of whom nobody here can say that it is gone."""
    other = {**json.loads(pair.file.read_text()), "host": "elsewhere", "session": "other", "person": "grace"}
    other["epoch"] += 1
    draft = pair.file.with_suffix(".draft")
    draft.write_text(json.dumps(other))
    draft.rename(pair.file)
    time.sleep(2.5)
    mark = len(pair.scope.ledger())
    state = pair.own.carry_on(pair.first)
    found = [] if state["status"] == "failed" and failure(pair.own, pair.first) == "scopeLock.lost" else [f"it is {state['status']}: {state['notices']}"]
    found += [f"it went on with {line}" for line in pair.scope.ledger()[mark:]
              if line["kind"] in ("exposure", "load") or line["kind"] == "command" and line["name"] not in LOOKS]
    found += [] if json.loads(pair.file.read_text()) == other else ["the other's file was changed"]
    for watch, server in ((pair.own, pair.first), (pair.others, pair.second)):
        answer = watch.start(server)
        found += [] if answer.status == 409 and "grace" in answer.json["sentence"] else [f"Start: {answer.body}"]
    assert pair.first.person("staff").post("/api/microscopes/demo-scope/remove-lock", {"reason": "There is no such machine."}).status == 202
    return found + pair.complete(pair.own, pair.first)


def another_takes_the_file_of_a_living_run(pair):
    """Staff of the second server remove the file under a run, and start there: one of the two commands, and both complete in the end."""
    assert pair.second.person("staff").post("/api/microscopes/demo-scope/remove-lock", {"reason": "A mistake."}).status == 202
    pair.others.start(pair.second)
    # Both say how they ended, whichever way it went.
    states = [pair.own.carry_on(pair.first), pair.others.carry_on(pair.second)]
    found = [f"a run is {state['status']}" for state in states if state["status"] not in ("completed", "failed")]
    return found + pair.complete(pair.own, pair.first) + pair.complete(pair.others, pair.second) + strangers(pair.scope.ledger())


STORIES = (a_frozen_holder_wakes, the_file_is_removed, the_file_names_another, another_takes_the_file_of_a_living_run)


def tell(story, folder):
    pair = Pair(folder)
    try:
        return story(pair)
    finally:
        pair.end()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return tell_at_once({story.__name__: functools.partial(tell, story) for story in STORIES}, tmp_path_factory.mktemp("pairs"))


def test_a_holder_that_was_frozen_and_lost_the_microscope_sends_nothing_that_acts_when_it_wakes(told):
    assert told["a_frozen_holder_wakes"].result() == []


def test_a_lock_file_that_is_removed_under_a_run_is_put_back_and_keeps_others_out(told):
    assert told["the_file_is_removed"].result() == []


def test_a_lock_file_that_names_another_ends_the_run_before_its_next_command(told):
    assert told["the_file_names_another"].result() == []


def test_two_servers_over_one_removed_lock_file_never_command_at_once(told):
    assert told["another_takes_the_file_of_a_living_run"].result() == []
