"""Passwords and tokens that are known to the test, looked for in everything that others may read: logs, answers, files, other processes."""

import http.client
import json
import os
import stat
import subprocess
import urllib.error
import urllib.request

import pytest

from program import SMALL, Scope, Server
from server import PASSWORD, binary, eventually
from watch import Watch, make

METRICS = "planted-metrics-token-5f1d"
MISTYPED = "planted-mistyped-password-77a2"
FORGED = "planted-forged-token-91c4"
# A program of the site, which writes down what it is given and does no work.
PROGRAM = """#!/bin/sh
{ echo "$@"; env; } >>"$GRIDPILOT_TEST_SEEN"
exit 1
"""


def ask(server, method, path, body=None, **headers):
    """Head and body of an answer, in one piece."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = link.getresponse()
        return f"{answer.status} {answer.getheaders()} {answer.read().decode(errors='replace')}"
    finally:
        link.close()


def refusals(server, token, cookie):
    """What is answered to whoever brings a secret to where it is not wanted, or a wrong one."""
    login = lambda **form: ask(server, "POST", "/api/login", json.dumps(form), Content_Type="application/json")
    bearer = lambda word: {"Authorization": f"Bearer {word}"}
    yield login(username="operator", password=MISTYPED)
    yield login(username="nobody", password=MISTYPED)
    yield ask(server, "POST", "/api/login", '{"username": "operator", "password": "' + MISTYPED, Content_Type="application/json")
    yield login(username="operator", password=[MISTYPED])
    for path in ("/api/sessions", "/api/nothing", "/metrics", "/api/people", "/nothing.html"):
        for word in (FORGED, token, METRICS):
            yield ask(server, "GET", path, **bearer(word)) if word != token or path != "/api/sessions" else "200"
        yield ask(server, "GET", path, Cookie=f"gridpilot={FORGED}")
    yield ask(server, "GET", f"/api/nothing?token={FORGED}", **bearer(token))
    yield ask(server, "DELETE", "/api/sessions", **bearer(token))
    yield ask(server, "POST", "/api/sessions", "{", Cookie=cookie, Origin=server.url, Content_Type="application/json")
    yield ask(server, "POST", "/api/sessions", "{}", Cookie=cookie, Origin="http://elsewhere", Content_Type="application/json")


def children(process):
    """Each process below another, with its arguments and its environment."""
    for task in os.listdir(f"/proc/{process}/task"):
        try:
            below = open(f"/proc/{process}/task/{task}/children").read().split()
        except OSError:
            continue  # The thread has ended meanwhile.
        for child in below:
            try:
                yield open(f"/proc/{child}/cmdline").read() + open(f"/proc/{child}/environ").read()
                yield from children(child)
            except OSError:
                continue  # It has ended meanwhile.


@pytest.fixture
def site(tmp_path, running):
    """A server that says all it can, with a token for its metrics and a program of the site for movies."""
    (tmp_path / "metrics-token").write_text(METRICS + "\n")
    program = tmp_path / "motion"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    scope = Scope(tmp_path, 20000, SMALL).must_start()
    running.append(scope)
    server = Server(tmp_path, scope, 20000, environment={"GRIDPILOT_TEST_SEEN": str(tmp_path / "seen")})
    with open(tmp_path / "configuration.yaml", "a") as file:
        file.write(f"metrics_token_file: {tmp_path}/metrics-token\n"
                   f"processing: {{motion: {{program: relion, command: [{program}, '{{input}}', --o, '{{out}}/']}}}}\n")
    server.arguments[server.arguments.index("--log-level") + 1] = "trace"
    running.append(server)
    return server.must_start()


def test_no_secret_is_in_a_log_an_answer_a_file_or_another_process(site, tmp_path):
    server = site
    made = subprocess.run([binary(), "user", "token", "add", "operator", "night", "--data", server.data], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    token = made.stdout.split()[-1]
    cookie = server.person("operator").cookie
    secrets = {"the password": PASSWORD, "the metrics token": METRICS, "a mistyped password": MISTYPED, "a forged token": FORGED,
               "an API token": token, "a sign-in": cookie.split("=", 1)[1]}
    assert len(token) >= 32 and len(set(secrets.values())) == len(secrets)
    # They are taken where they belong.
    for path, word in (("/api/sessions", token), ("/metrics", METRICS)):
        asked = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {word}"})
        assert urllib.request.urlopen(asked, timeout=30).status == 200
    answered = list(refusals(server, token, cookie))
    assert sum(answer[:1] == "4" for answer in answered) > 15, answered

    watch, seen = Watch(make(server, "secret", recipe="short", holesPerSquare=2)), []
    assert watch.start(server).status == 202

    def look(_):
        seen.extend(children(server.process.pid))
        return False

    assert watch.carry_on(server, until=look, every=0.005)["status"] == "completed"
    given = eventually(lambda: (tmp_path / "seen").exists() and (tmp_path / "seen").read_text(), "the site's program")
    assert seen and "input.star" in given
    everything = {"an answer": "\n".join(answered), "a child": "\n".join(seen), "the site's program": given,
                  "the server's arguments": open(f"/proc/{server.process.pid}/cmdline").read(), "the log": (tmp_path / "serve.stderr").read_text(),
                  "the session's log": json.dumps(server.person("operator").get(f"{watch.api}/logs/imaging?after=0&limit=1000")),
                  "the audit log": subprocess.run([binary(), "audit", "show", "--data", server.data], capture_output=True, text=True).stdout}
    assert server.end() == 0
    # What the disk holds, the store in all its pages, except the file that is there to keep the demo's password for its owner.
    kept = server.data / "demo-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    everything |= {str(path.relative_to(server.data)): path.read_bytes().decode("latin-1")
                   for path in server.data.rglob("*") if path.is_file() and path != kept}
    assert any(name.endswith(".sqlite") for name in everything) and "operator" in everything["the audit log"]
    found = [f"{what} is in {where}" for where, text in everything.items() for what, secret in secrets.items() if secret in text]
    assert not found, found
