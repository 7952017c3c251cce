"""A part of the server hangs: the log says which and in what, the service manager hears nothing of life, and no child can speak for the server."""

import os
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from page import Page
from program import Server
from server import eventually
from watch import Watch, make

# How long a part may be silent here, in seconds, and how often the service manager wants to hear.
LIMIT, WATCH = 2, 2
# When the engine hangs that a page looks at, and for how long: room for three heartbeats.
STALL_AFTER, STALL = 6, 10


class ServiceManager:
    """The end of systemd: what it was told, and when."""

    def __init__(self, folder, is_abstract):
        self.name = f"@{folder}/notify" if is_abstract else f"{folder}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if is_abstract else self.name)
        self.told = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.told += [(time.monotonic(), line) for line in text.split("\n")]

    @property
    def environment(self):
        return {"NOTIFY_SOCKET": self.name, "WATCHDOG_USEC": str(WATCH * 1_000_000)}

    def moments(self, line, since=0):
        return [moment for moment, told in list(self.told) if told == line and moment >= since]


def started(folder, running, manager, *stall):
    server = Server(folder, environment=manager.environment)
    server.arguments += ["--debug-stall-limit", LIMIT, *stall]
    running.append(server)
    return server.must_start()


def readiness(server):
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


@pytest.mark.parametrize("is_abstract", (False, True))
def test_the_service_manager_hears_of_the_start_of_life_and_of_the_end(tmp_path, running, is_abstract):
    manager = ServiceManager(tmp_path, is_abstract)
    server = started(tmp_path, running, manager)
    eventually(lambda: manager.moments("READY=1"), "READY=1")
    eventually(lambda: len(manager.moments("WATCHDOG=1")) >= 4, "four signs of life")
    assert readiness(server)[0] == 200
    assert server.end() == 0
    assert manager.moments("STOPPING=1")
    moments = manager.moments("WATCHDOG=1")
    assert max(b - a for a, b in zip(moments, moments[1:])) < WATCH, "None came later than the service manager waits."
    assert not any("WATCHDOG=trigger" in line for _, line in manager.told)


def test_nothing_of_the_service_manager_is_left_in_the_environment_that_children_get(tmp_path, running):
    """`/proc/PID/environ` shows what the server was given; a child shows what it gives."""
    manager = ServiceManager(tmp_path, False)
    server = started(tmp_path, running, manager)
    watch = Watch(make(server, "children"))
    assert watch.start(server).status == 202
    found = []

    def look():
        for task in os.listdir(f"/proc/{server.process.pid}/task"):
            try:
                children = open(f"/proc/{server.process.pid}/task/{task}/children").read().split()
                for child in children:
                    found.append(open(f"/proc/{child}/environ").read())
            except OSError:
                continue  # It has ended meanwhile.
        watch.hear(server)
        return any(found)

    eventually(look, "a child of the server")
    watch.carry_on(server)
    whole = [text for text in found if text]
    assert whole and not any(name in text for text in whole for name in ("NOTIFY_SOCKET", "WATCHDOG_"))


def test_a_run_leaves_no_child_behind_neither_living_nor_dead(tmp_path, running):
    server = Server(tmp_path)
    running.append(server)
    server.must_start()
    watch = Watch(make(server, "children", grids=2))
    assert watch.start(server).status == 202
    seen, left = set(), []

    def children():
        for task in os.listdir(f"/proc/{server.process.pid}/task"):
            try:
                yield from open(f"/proc/{server.process.pid}/task/{task}/children").read().split()
            except OSError:
                continue  # The thread has ended meanwhile.

    def look(state):
        seen.update(children())
        return False

    assert watch.carry_on(server, until=look, every=0.01)["status"] == "completed"
    assert seen, "No child of the server was seen."

    def is_alone():
        left[:] = [f"{child}: {state(child)}" for child in children()]
        return not left

    eventually(is_alone, "the end of the last child")


def state(process):
    """What the system says of it: Z is one that has ended and that nobody has asked after."""
    try:
        return open(f"/proc/{process}/stat").read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


@pytest.mark.parametrize("part, name", (("engine", "The engine"), ("network", "The network thread")))
def test_a_part_that_hangs_is_named_in_the_log_with_its_stack_and_the_service_manager_is_asked_to_act(tmp_path, running, part, name):
    manager = ServiceManager(tmp_path, False)
    server = started(tmp_path, running, manager, "--debug-stall", f"{part}:1:{3 * LIMIT}")
    asked = eventually(lambda: manager.moments("WATCHDOG=trigger"), "the word that something hangs")[0]
    begun = server.stderr()
    assert f"{name} has not answered for {LIMIT} s. The last it began: a stall that --debug-stall asked for." in begun
    assert f"{name} is in:" in begun and "+0x" in begun
    if part == "engine":
        status, answer = readiness(server)
        assert status == 503 and '"engine":"stalled"' in answer.replace(" ", ""), answer
    eventually(lambda: f"{name} answers again, after" in server.stderr(), "the end of the stall in the log")
    eventually(lambda: manager.moments("WATCHDOG=1", since=asked), "a sign of life after the stall")
    ends = [moment for moment, line in manager.told if line.startswith("STATUS=") and "answers again" in line]
    assert [m for m in manager.moments("WATCHDOG=1") if asked - LIMIT / 2 < m < ends[0]] == []
    assert readiness(server)[0] == 200
    assert server.stderr().count("has not answered for") == 1


def test_when_all_threads_that_answer_requests_hang_the_log_says_so_and_the_server_is_not_ended_for_it(tmp_path, running):
    manager = ServiceManager(tmp_path, False)
    server = started(tmp_path, running, manager, "--debug-stall", f"requests:1:{3 * LIMIT}")
    name = "The part that answers requests"
    eventually(lambda: f"{name} answers again, after" in server.stderr(), "the end of the stall in the log")
    assert f"{name} has not answered for {LIMIT} s." in server.stderr()
    assert not any("WATCHDOG=trigger" in line for _, line in manager.told)
    moments = manager.moments("WATCHDOG=1")
    assert max(b - a for a, b in zip(moments, moments[1:])) < WATCH, "A run goes on without its pages."
    assert readiness(server)[0] == 200


def test_while_the_engine_hangs_no_page_hears_that_all_is_well(tmp_path, running):
    """A page turns grey after 5 s without a heartbeat; one that came from a hung engine would keep it green."""
    manager = ServiceManager(tmp_path, False)
    server = started(tmp_path, running, manager, "--debug-stall", f"engine:{STALL_AFTER}:{STALL}")
    page = Page(server, "facility")
    eventually(lambda: page.heard("heartbeat"), "a heartbeat before the stall")
    asked = eventually(lambda: manager.moments("WATCHDOG=trigger"), "the word that something hangs")[0]
    eventually(lambda: "The engine answers again" in server.stderr(), "the end of the stall in the log")
    # The watchdog looks several times a second, so most of the stall is still to come when it speaks.
    assert page.heartbeats(asked, asked + STALL - 2 * LIMIT) == []
    eventually(lambda: page.heartbeats(asked + STALL - LIMIT, time.monotonic()), "a heartbeat after the stall")
    assert page.end is None, page.end
    page.close()


def test_a_server_that_nobody_watches_says_it_in_the_log_only(tmp_path, running):
    server = Server(tmp_path)
    server.arguments += ["--debug-stall-limit", LIMIT, "--debug-stall", f"engine:0:{2 * LIMIT}"]
    running.append(server)
    server.must_start()
    eventually(lambda: "The engine answers again" in server.stderr(), "the end of the stall in the log")
    assert server.is_alive()
