"""Files of pages and movies whose reads fail or hang: whoever asks is told so, and never gets a part of one for the whole."""

import http.client
import os
import shutil
import time

import pytest

from preload import READ, Faults
from program import SMALL, Scope, Server
from server import REPOSITORY, eventually
from watch import Watch, make

PAGES = ("/", "/static/app.js", "/static/state.js")


def fetch(server, path):
    """Status and bytes; none where the answer ended before its announced length."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        link.request("GET", path, headers={"Cookie": server.person("operator").cookie})
        answer = link.getresponse()
        return answer.status, answer.read()
    except (http.client.IncompleteRead, ConnectionError):
        return None, b""
    finally:
        link.close()


def expect_refusals_only(server, faults, path, whole):
    """Each of the reads fails once, as long as there are more."""
    struck = 0
    for call in range(1, 50):
        faults.arm("no answer to a read", call, begun=True)
        before = faults.fired
        status, content = fetch(server, path)
        faults.disarm()
        if faults.fired == before:
            break
        struck += 1
        assert status is None or status >= 500 or (status, content) == (200, whole), f"{path}: {status} with {len(content)} bytes of {len(whole)}"
        assert fetch(server, path) == (200, whole), "The next one gets it."
    return struck


@pytest.fixture
def pages(library, tmp_path, running):
    """A server whose pages' files are known to go wrong, and those."""
    web = tmp_path / "web"
    shutil.copytree(os.environ.get("GRIDPILOT_WEB", REPOSITORY / "web"), web)
    faults = Faults(library, tmp_path, web)
    server = Server(tmp_path, faults=faults, environment={"GRIDPILOT_WEB": str(web)})
    running.append(server)
    return server.must_start(), faults


def test_a_page_whose_file_cannot_be_read_is_refused_and_never_cut_short(pages):
    server, faults = pages
    whole = {path: fetch(server, path) for path in PAGES}
    assert all(status == 200 for status, _ in whole.values())
    assert sum(expect_refusals_only(server, faults, path, whole[path][1]) for path in PAGES) >= len(PAGES)


def test_pages_whose_disk_hangs_are_refused_in_words_and_come_when_it_answers(pages):
    server, faults = pages
    whole = fetch(server, "/")
    faults.hang(READ)
    begun = time.monotonic()
    status, body = fetch(server, "/")
    assert status == 503 and b"disk.noAnswer" in body and time.monotonic() - begun < 10, (status, body[:200], time.monotonic() - begun)
    begun = time.monotonic()
    assert fetch(server, "/healthz")[0] == 200 and server.person("operator").ask("GET", "/api/sessions").status in (200, 503)
    assert time.monotonic() - begun < 1, "What is asked next is answered at once."
    faults.hang(0)
    eventually(lambda: fetch(server, "/") == whole, "the page")


def test_a_movie_that_cannot_be_read_is_refused_and_never_cut_short(library, tmp_path, running):
    scope = Scope(tmp_path, 20000, SMALL).must_start()
    faults = Faults(library, tmp_path, tmp_path / "data" / "sessions")
    server = Server(tmp_path, scope, 20000, faults=faults)
    running += [scope, server]
    server.must_start()
    watch = Watch(make(server, "movie", recipe="short", holesPerSquare=1))
    assert watch.start(server).status == 202
    assert watch.carry_on(server)["status"] == "completed"
    micrograph = next(event["data"]["micrograph"] for event in watch.events(server) if event["type"] == "exposureSaved")
    path = f"/api/targets/{micrograph}/raw.mrc?kind=movie"
    status, whole = fetch(server, path)
    assert status == 200 and len(whole) > SMALL * SMALL
    assert expect_refusals_only(server, faults, path, whole) >= 2
