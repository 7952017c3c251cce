"""The built program in processes of its own: a server, and the microscope that outlives it."""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from server import PASSWORD, PATIENCE, REPOSITORY, Person, binary

RECIPES = pathlib.Path(__file__).with_name("recipes")
# Half of the demo camera's, along each side: squares and holes are found in a quarter of the time, which rounds by the dozen spend on little else.
SMALL = 512
# The demo's first microscope behind the simulated SerialEM, with the camera that this one has.
EQUIPMENT = """
microscopes:
  - id: demo-scope
    vendor: TFS
    voltage: 300
    link: serialem
    serialem: {{address: 127.0.0.1:{port}, levels: {{atlas: {{lowDose: false, imagingState: atlas}}}}}}
detectors:
  - {{id: demo-camera, microscope: demo-scope, width: {pixels}, height: {pixels}, pixelSize: 1.5}}
"""


class Process:
    """`faults`: what its file calls meet. `before`: a command that starts it, as faketime does."""

    def __init__(self, folder, arguments, greeting, faults=None, environment=None, before=()):
        self.folder = pathlib.Path(folder)
        self.arguments = arguments
        self.greeting = greeting
        self.faults = faults
        self.environment = environment or {}
        self.before = before
        self.process = None
        self.port = 0

    def start(self, patience=PATIENCE):
        """Whether it came so far as to listen."""
        preload = self.faults.environment if self.faults else {}
        with open(self.folder / f"{self.arguments[0]}.stderr", "ab") as words:
            self.process = subprocess.Popen(
                [*self.before, binary(), *map(str, self.arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words,
                env={"GRIDPILOT_WEB": str(REPOSITORY / "web"), **os.environ, "GRIDPILOT_DEMO_PASSWORD": PASSWORD, **self.environment,
                     **preload}, start_new_session=bool(self.before))
        found = re.search(self.greeting, self._first_line(patience))
        if found:
            self.port = int(found[1])
        return found is not None

    def must_start(self):
        assert self.start(), f"It did not listen, and said: {self.stderr()}"
        return self

    def _first_line(self, patience):
        line, deadline = b"", time.monotonic() + patience
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                break
            byte = os.read(self.process.stdout.fileno(), 1)
            if not byte:
                break
            line += byte
        return line.decode()

    def is_alive(self):
        return self.process.poll() is None

    def send(self, number):
        """To the program alone, not to its children; with a command before it to both."""
        os.killpg(self.process.pid, number) if self.before else self.process.send_signal(number)

    def kill(self):
        """Ends it as a crash would."""
        if self.is_alive():
            self.send(signal.SIGKILL)
        self._close()

    def end(self):
        """Ends it in order; how it exited."""
        if self.is_alive():
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
        return self._close()

    def _close(self):
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        return self.process.returncode

    def stderr(self):
        return (self.folder / f"{self.arguments[0]}.stderr").read_text(errors="replace")[-2000:]


class Scope(Process):
    """A simulated SerialEM whose ledger says what the microscope really did."""

    def __init__(self, folder, speed, pixels=1024):
        self.pixels = pixels
        self.ledger_file = pathlib.Path(folder) / "ledger.jsonl"
        super().__init__(
            folder, ["simulate-serialem", "--listen", "127.0.0.1:0", "--directory", pathlib.Path(folder) / "scope", "--ledger",
                     self.ledger_file, "--speed", speed, "--camera", pixels], r"listening on [0-9.]+:(\d+)")

    def ledger(self):
        """Its whole lines."""
        text = self.ledger_file.read_text()
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Server(Process):
    """With a scope it also knows the recipe `short`."""

    def __init__(self, folder, scope=None, speed=5000, **options):
        self.data = pathlib.Path(folder) / "data"
        configuration = pathlib.Path(folder) / "configuration.yaml"
        equipment = EQUIPMENT.format(port=scope.port, pixels=scope.pixels) if scope else ""
        configuration.write_text(f"recipes: {RECIPES}\n{equipment}")
        behind = ["--config", configuration] if scope else []
        super().__init__(
            folder, ["serve", "--demo", "--data", self.data, "--listen", "127.0.0.1:0", "--speed", speed, "--log-level", "warning",
                     *behind], r"listening on http://[^:]+:(\d+)/", **options)
        self.people = {}

    def start(self, patience=PATIENCE):
        self.people = {}
        return super().start(patience)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self):
        return self.data / "gridpilot.sqlite"

    def person(self, username):
        """Somebody who is signed in; the same one for the same name."""
        if username not in self.people:
            self.people[username] = Person(self, username)
        return self.people[username]
