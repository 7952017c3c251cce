"""A real server in a process of its own, with the demo's microscopes, and people who talk to it without a page."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "browser-tests-password"
PEOPLE = ("staff", "operator", "viewer")
# Building and a busy machine may make everything slow; nothing waits this long when all is well.
PATIENCE = 60


def binary():
    """The server that is tested: GRIDPILOT_BINARY, else the release build."""
    path = os.environ.get("GRIDPILOT_BINARY") or REPOSITORY / ".build" / "release" / "gridpilot"
    assert os.access(path, os.X_OK), f"There is no server at {path}. Run: swift build -c release --product gridpilot"
    return path


def eventually(question, what, patience=PATIENCE):
    """The first answer that is not empty, asked again and again until the deadline."""
    deadline = time.monotonic() + patience
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} did not come within {patience} s."
        time.sleep(0.05)


class Server:
    def __init__(self, folder, speed=60, faults=(), serialem=None, arguments=()):
        self.folder = pathlib.Path(folder)
        self.faults = faults
        # Where the first microscope's SerialEM would be. Nobody asks it anything before a run.
        self.serialem = serialem
        self.arguments = list(arguments)
        self.speed = speed
        self.port = 0
        self.process = None
        self.people = {}
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Starts it, or starts it again on the same port and data."""
        self.words = open(self.folder / "stderr", "ab")
        self.process = subprocess.Popen(
            [binary(), "serve", "--demo", "--data", self.folder / "data", "--listen", f"127.0.0.1:{self.port}",
             "--speed", str(self.speed), *(["--serialem", self.serialem] if self.serialem else []), *self.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.words, text=True,
            env={"GRIDPILOT_WEB": str(REPOSITORY / "web"), **os.environ, "GRIDPILOT_DEMO_PASSWORD": PASSWORD,
                 "GRIDPILOT_DEMO_FAULTS": self.written_faults()})
        line = self.process.stdout.readline()
        found = re.match(r"GridPilot is listening on http://[^:]+:(\d+)/", line)
        assert found, f"The server said {line!r} and then: {self.stderr()}"
        self.port = int(found[1])
        self.people = {}

    def written_faults(self):
        path = self.folder / "faults.json"
        path.write_text(json.dumps(list(self.faults)))
        return str(path)

    def person(self, username):
        """Somebody who is signed in; the same one for the same name."""
        if username not in self.people:
            self.people[username] = Person(self, username)
        return self.people[username]

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Ends it as a crash would."""
        self.send(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.close()

    def end(self):
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(PATIENCE)
        self.close()

    def close(self):
        self.process.stdout.close()
        self.words.close()

    def stderr(self):
        return (self.folder / "stderr").read_text(errors="replace")[-4000:]


class Person:
    """Talks to the API as `username`."""

    def __init__(self, server, username):
        self.server = server
        self.cookie = None
        answer = self.ask("POST", "/api/login", {"username": username, "password": PASSWORD})
        assert answer.status == 200, answer.body

    def ask(self, method, path, body=None):
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            if self.cookie:
                headers["Cookie"] = self.cookie
                headers["Origin"] = f"http://127.0.0.1:{self.server.port}"
            link.request(method, path, None if body is None else json.dumps(body), headers)
            return Answer(link.getresponse(), self)
        finally:
            link.close()

    def get(self, path):
        answer = self.ask("GET", path)
        assert answer.status == 200, f"{path}: {answer.body}"
        return answer.json

    def post(self, path, body=None):
        return self.ask("POST", path, {} if body is None else body)


class Answer:
    def __init__(self, response, person):
        self.status = response.status
        self.body = response.read().decode()
        given = response.getheader("Set-Cookie")
        if given:
            person.cookie = given.split(";")[0]

    @property
    def json(self):
        return json.loads(self.body)
