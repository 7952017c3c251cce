"""Programs of the site that crash, hang, flood and leave others behind: the run goes on, nothing grows, and of them nothing stays."""

import json
import os
import signal
import time

from account import differences
from program import SMALL, Scope, Server
from server import eventually
from watch import Watch, images, make

MEGABYTE = 1 << 20
FLOOD = 512
# One after the other, each time that it is called. What it starts keeps its mark, by which it is found wherever it went.
PROGRAM = f"""#!/bin/sh
number=$(flock "$GRIDPILOT_TEST_CALLS" sh -c 'n=$(cat "$0"); echo $((n + 1)) >"$0"; echo "$n"' "$GRIDPILOT_TEST_CALLS")
case $((number % 6)) in
0) kill -KILL $$ ;;
1) exec head -c {FLOOD * MEGABYTE} /dev/zero ;;
2) exec head -c {FLOOD * MEGABYTE} /dev/zero >&2 ;;
3) sleep 1000 ;;
4) sleep 1000 & sleep 1000 & exit 1 ;;
5) kill -ABRT $$ ;;
esac
"""
WAYS = 6
HOLES = 8


def below(process):
    """Each process below another."""
    try:
        tasks = os.listdir(f"/proc/{process}/task")
    except OSError:
        return
    for task in tasks:
        try:
            children = open(f"/proc/{process}/task/{task}/children").read().split()
        except OSError:
            continue  # The thread has ended meanwhile.
        for child in children:
            yield int(child)
            yield from below(child)


def facts(process):
    """What the system says of a process, by name; nothing of one that is gone."""
    try:
        return dict(line.split(":\t", 1) for line in open(f"/proc/{process}/status").read().splitlines() if ":\t" in line)
    except OSError:
        return {}


def most_memory(process):
    """The most that it ever had, in MB; a dead one has none."""
    return int(facts(process).get("VmHWM", "0 kB").split()[0]) / 1024


def marked(mark):
    """Living processes with the mark, whoever their parent is by now."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark.encode() in open(f"/proc/{process}/environ", "rb").read():
                yield int(process)
        except OSError:
            continue  # It has ended meanwhile.


def test_children_that_crash_hang_and_flood_cost_their_movie_and_leave_nothing_behind(tmp_path, running):
    calls, mark = tmp_path / "calls", f"GRIDPILOT_TEST_CALLS={tmp_path / 'calls'}"
    calls.write_text("0\n")
    program = tmp_path / "motion"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    scope = Scope(tmp_path, 20000, SMALL).must_start()
    running.append(scope)
    server = Server(tmp_path, scope, 20000, environment={"GRIDPILOT_TEST_CALLS": str(calls)})
    with open(tmp_path / "configuration.yaml", "a") as file:
        file.write(f"processing: {{workers: 2, motion: {{program: relion, deadline: 3, command: [{program}, '{{input}}', --o, '{{out}}/']}}}}\n")
    running.append(server)
    server.must_start()
    watch = Watch(make(server, "children", recipe="short", holesPerSquare=HOLES))
    own, workers, killed = server.process.pid, {}, []
    before = most_memory(own)
    assert watch.start(server).status == 202

    def look(state):
        for process in below(own):
            said = facts(process)
            # Those of the site are the site's own affair.
            if said.get("PPid") == str(own) and said.get("Name") == "gridpilot":
                workers[process] = max(workers.get(process, 0), most_memory(process))
                if len(workers) > 2 and not killed:
                    os.kill(process, signal.SIGKILL)
                    killed.append(process)
        return False

    begun = time.monotonic()
    state = watch.carry_on(server, until=look, every=0.005)
    assert (state["status"], images(state)) == ("completed", HOLES), state["notices"]
    took = time.monotonic() - begun

    def is_worked_on():
        look(None)
        watch.hear(server)
        done = [event for event in watch.told.values() if event["type"] in ("processingFailed", "micrographProcessed")]
        return len({event["data"]["micrograph"] for event in done}) == HOLES

    eventually(is_worked_on, "the end of every movie's work", 120)
    failed = [event["data"] for event in watch.told.values() if event["type"] == "processingFailed"]
    sentences = " ".join(json.dumps(data) for data in failed)
    assert all(words in sentences for words in ("said more than 16 MiB", "had not finished after 3 s", "ended by signal 9", "signal 6")), sentences
    assert int(calls.read_text()) >= WAYS and killed and workers

    # Neither living nor dead: not below the server, and not where the system puts those whose parent has gone.
    eventually(lambda: not list(below(own)), "the end of the last child")
    eventually(lambda: set(marked(mark)) <= {own}, "the end of what the site's program had left behind")

    grown, largest = most_memory(own) - before, max(workers.values())
    told = len(sentences) + len(json.dumps(server.person("operator").get(f"{watch.api}/logs/processing?after=0&limit=1000")))
    print(f"{took:.1f} s; the server grew by {grown:.0f} MB at the most, a worker had {largest:.0f} MB of floods of {FLOOD} MB; {told} characters of log")
    assert grown < 100 and largest < 200
    assert told < 100_000 and len(server.stderr()) < 2000
    assert differences(scope.ledger(), watch.events(server), watch.id) == []
