"""The library that makes file calls go wrong, and the block of memory by which a test tells it what to do.

Debian's libfiu does not serve: its preloaded part knows no path, no count of calls, no half-written block and no death, and it
wraps neither `openat`, `rename`, `link`, `mkdir` nor `statvfs`, which the program uses.
"""

import errno
import mmap
import os
import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("iofault.c")

# Kinds of calls, and what can become of one; as in the source.
OPEN, MAKE, WRITE, SIZE, SYNC, NAME, SPACE, READ, SEND = (1 << bit for bit in range(9))
CHANGES = OPEN | MAKE | WRITE | SIZE | SYNC | NAME
NEEDS_SPACE = MAKE | WRITE | SIZE
EVERYTHING = CHANGES | SPACE | READ
NOTHING, ERROR, TORN, KILL, TORN_KILL = range(5)

# By the name that tests and their reports give it: what happens, the system's word for it, whether it stays, and what is counted.
WAYS = {
    "kill": (KILL, 0, False, CHANGES),
    "torn write and kill": (TORN_KILL, 0, False, WRITE),
    "torn write": (TORN, errno.EIO, False, WRITE),
    "no answer from the disk": (ERROR, errno.EIO, False, CHANGES),
    "no answer to a read": (ERROR, errno.EIO, False, READ),
    "no space once": (ERROR, errno.ENOSPC, False, NEEDS_SPACE),
    "no space from there on": (ERROR, errno.ENOSPC, True, NEEDS_SPACE),
}


def build(folder):
    library = pathlib.Path(folder) / "iofault.so"
    subprocess.run(
        ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", library, SOURCE, "-ldl", "-pthread"],
        check=True)
    return library


class Faults:
    """What the calls of one program below `data` meet. It holds while the program runs and after its end."""

    LAYOUT = struct.Struct("=QQIIIIIII164s")

    def __init__(self, library, folder, data, trace=None, children=False):
        self.path = pathlib.Path(folder) / "iofault.control"
        self.path.write_bytes(bytes(self.LAYOUT.size))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), self.LAYOUT.size)
        self.environment = {"LD_PRELOAD": str(library), "IOFAULT_CONTROL": str(self.path), "IOFAULT_DIR": os.path.realpath(data)}
        if trace:
            self.environment["IOFAULT_TRACE"] = str(trace)
        if children:
            self.environment["IOFAULT_CHILDREN"] = "1"
        self.count(CHANGES)

    def _read(self, place, letter):
        return struct.unpack_from("=" + letter, self.memory, place)[0]

    def _write(self, place, letter, value):
        struct.pack_into("=" + letter, self.memory, place, value)

    def count(self, kinds):
        self._write(24, "I", kinds)

    def arm(self, way, at, begun=False):
        """At the `at`-th call from the program's start, or from now."""
        act, number, stays, kinds = WAYS[way]
        self.count(kinds)
        for place, value in ((16, act), (20, number), (28, int(stays))):
            self._write(place, "I", value)
        self._write(8, "Q", at + (self.calls if begun else 0))

    def disarm(self):
        self._write(8, "Q", 0)

    def hang(self, kinds):
        """From now on calls of these kinds do not return; with 0 all of them do."""
        self._write(32, "I", kinds)

    @property
    def calls(self):
        return self._read(0, "Q")

    @property
    def waiting(self):
        return self._read(36, "I")

    @property
    def fired(self):
        return self._read(40, "I")

    @property
    def struck(self):
        """The first call that went wrong, in words."""
        return self._read(44, "164s").split(b"\0")[0].decode(errors="replace")
