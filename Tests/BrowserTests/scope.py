"""A simulated SerialEM in a process of its own, for servers whose first microscope is behind it."""

import re
import subprocess

from server import PATIENCE, binary


class Scope:
    def __init__(self, folder, frames, speed=2000):
        self.folder = folder
        self.process = subprocess.Popen(
            [binary(), "simulate-serialem", "--listen", "127.0.0.1:0", "--directory", folder, "--frames", frames, "--speed", str(speed)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"listening on ([0-9.]+:\d+)", line)
        assert found, f"The simulated SerialEM said {line!r}"
        self.address = found[1]

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.stdout.close()
