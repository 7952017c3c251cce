"""What somebody loses with a role or a group, their open pages lose within a second: over real sockets, by whichever way it was taken."""

import json
import subprocess
import time

import pytest

from page import Page
from program import SMALL, Scope, Server
from server import PASSWORD, binary, eventually
from watch import Watch, images, make

ROUNDS = 4
# Slow enough that the run has news all the time and outlives these tests: some 600 holes, two a second.
SPEED, HOLES, SQUARES = 100, 200, 3


def by_the_api(server, what, value):
    staff = server.person("staff")
    method, path, body = {
        "role": ("PUT", "/api/people/ada/role", {"role": value}),
        "join": ("PUT", f"/api/people/ada/groups/{value}", None),
        "leave": ("DELETE", f"/api/people/ada/groups/{value}", None),
    }[what]
    answer = staff.ask(method, path, body)
    assert answer.status == 204, answer.body


def by_the_command(server, what, value):
    """Another process, of which the server hears by its store alone."""
    words = {"role": ["role", "ada", value], "join": ["group", "ada", "add", value], "leave": ["group", "ada", "remove", value]}[what]
    done = subprocess.run([binary(), "user", *words, "--data", server.data], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def losses(page, topics):
    """When the page was told that it has lost each of these, by topic."""
    return {frame["topic"]: moment for moment, frame in list(page.frames)
            if frame.get("kind") == "problem" and frame.get("topic") in topics}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A server with a run that has news all the time, and somebody who has no part in it."""
    folder = tmp_path_factory.mktemp("roles")
    scope = Scope(folder, SPEED, SMALL).must_start()
    server = Server(folder, scope, SPEED)
    try:
        server.must_start()
        added = server.person("staff").post("/api/people", {"username": "ada", "password": PASSWORD, "role": "member", "groups": []})
        assert added.status == 201, added.body
        watch = Watch(make(server, "watched", squaresPerGrid=SQUARES, holesPerSquare=HOLES))
        assert watch.start(server).status == 202
        watch.carry_on(server, until=lambda state: images(state) >= 1)
        yield server, watch
    finally:
        for process in (server, scope):
            if process.process:
                process.kill()


@pytest.mark.parametrize("change", (by_the_api, by_the_command))
@pytest.mark.parametrize("given, taken", ((("role", "viewer"), ("role", "member")), (("join", "demo"), ("leave", "demo"))))
def test_an_open_page_loses_the_topics_of_a_role_or_a_group_within_a_second(run, change, given, taken):
    server, watch = run
    topics = {f"session/{watch.id}", f"session/{watch.id}/log/imaging"}
    waits = []
    for _ in range(ROUNDS):
        change(server, *given)
        eventually(lambda: server.person("ada").ask("GET", watch.api).status == 200, "the right to watch")
        page = Page(server, f"session/{watch.id}", "ada")
        page.link.send(json.dumps({"op": "subscribe", "topic": f"session/{watch.id}/log/imaging"}))
        eventually(lambda: {frame["topic"] for frame in page.heard("snapshot")} >= topics or page.end, "both snapshots")
        eventually(lambda: page.heard("event"), "an event of the run")
        change(server, *taken)
        done = time.monotonic()
        lost = eventually(lambda: set(losses(page, topics)) == topics and losses(page, topics), "the loss of both topics")
        waits.append(max(lost.values()) - done)
        # The run goes on, and the page stays: it hears that the server lives, and of the run nothing any more.
        eventually(lambda: page.heartbeats(done + 1, time.monotonic() + 100), "a heartbeat")
        late = [frame for moment, frame in list(page.frames) if moment > lost.get(frame.get("topic"), moment)]
        assert not late and page.end is None, late
        page.close()
        assert watch.state(server)["status"] == "running"
    print(f"{change.__name__}, {taken}: {', '.join(f'{wait * 1000:.0f}' for wait in waits)} ms after it was done")
    assert max(waits) <= 1, waits
