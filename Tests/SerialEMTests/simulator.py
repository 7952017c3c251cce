"""The simulated SerialEM in a process of its own, and what it writes down about itself."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from serialem_client import PATIENCE, SerialEM

# SerialEMs that differ where real ones do.
KINDS = {
    "tfs-4.3": [],
    "tfs-4.1": ["--version", "4.1", "--no-utapi"],
    "jeol": ["--vendor", "JEOL"],
    "boxes": ["--problem-boxes"],
}

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The program that is tested: GRIDPILOT_BINARY, else the release build."""
    path = os.environ.get("GRIDPILOT_BINARY") or REPOSITORY / ".build" / "release" / "gridpilot"
    assert os.access(path, os.X_OK), f"There is no program at {path}. Run: swift build -c release --product gridpilot"
    return path


class Simulator:
    def __init__(self, folder, seed=1, speed=1000, faults=None, kind="tfs-4.3", more=()):
        self.folder = pathlib.Path(folder)
        self.kind = kind
        self.images = self.folder / "images"
        self.images.mkdir()
        self.ledger_file = self.folder / "ledger.jsonl"
        self.options = ["--seed", str(seed), "--speed", str(speed), *KINDS[kind], *more]
        if faults is not None:
            (self.folder / "faults.json").write_text(json.dumps(faults))
            self.options += ["--faults", self.folder / "faults.json"]
        self.clients = []
        self.start()

    def start(self):
        """Starts it, or starts it again on the same folder and ledger."""
        self.words = open(self.folder / "stderr", "ab")
        self.process = subprocess.Popen(
            [binary(), "simulate-serialem", "--listen", "127.0.0.1:0", "--directory", self.images, "--ledger", self.ledger_file,
             *self.options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.words, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Simulated SerialEM is listening on ([0-9.]+):(\d+)\n", line)
        assert found, f"It said {line!r} and then: {self.stderr()}"
        self.address = found[1], int(found[2])

    def client(self):
        """A process with the module in it; it ends with the test."""
        self.clients.append(SerialEM(*self.address))
        return self.clients[-1]

    def prepared_client(self):
        """One that has done what this kind asks of a client first."""
        client = self.client()
        if self.kind == "boxes":
            client.NoMessageBoxOnError(1)
        if self.kind == "jeol":
            client.LongOperation("IN")
        return client

    def end(self, number=signal.SIGTERM):
        """How it exited."""
        for client in self.clients:
            client.close()
        self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.words.close()

    def stderr(self):
        return (self.folder / "stderr").read_text(errors="replace")[-4000:]

    def is_alive(self):
        return self.process.poll() is None

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def ledger(self, kind=None):
        """Its whole lines, as dictionaries."""
        text = self.ledger_file.read_text() if self.ledger_file.exists() else ""
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if kind in (None, line["kind"])]

    def file(self, name):
        """The newest file of that name, wherever below the folder it was put."""
        found = sorted(self.images.rglob(name), key=lambda path: path.stat().st_mtime_ns)
        assert found, f"There is no {name} among {sorted(path.name for path in self.images.rglob('*'))}"
        return found[-1]


def eventually(question, what):
    """The first answer that is not empty, asked again and again until the deadline."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s."
        time.sleep(0.01)
    return answer
