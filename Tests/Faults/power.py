"""What a disk may hold after the power went: made from a record of every write, sync and name below a folder.

What was synced is there. Of the rest each sector may have reached the disk or not, whatever came before or after it. Names are given and taken
in the order in which the program did it, as file systems with a journal keep them, but nobody knows how far that got: a sync of a file brings the name
under which it was made, a sync of a folder all of its names.
"""

import dataclasses
import os
import pathlib
import re
import struct

from preload import MAKE, NAME, SEND, SIZE, SYNC, WRITE

SECTOR = 512
HEAD = struct.Struct("=5Q")
# As events are told, on the socket and by HTTP; what was cut between two sendings is left out.
TOLD = re.compile(rb'"seq":(\d+)[,}]')


@dataclasses.dataclass
class Record:
    kind: int
    number: int
    path: str
    place: int
    data: bytes


def records(trace):
    """A record that its program's end cut short is left out."""
    content, at = pathlib.Path(trace).read_bytes(), 0
    while at + HEAD.size <= len(content):
        kind, number, path_length, place, length = HEAD.unpack_from(content, at)
        begin = at + HEAD.size
        at = begin + path_length + length
        if at > len(content):
            return
        yield Record(kind, number, content[begin:begin + path_length].decode(), place, content[begin + path_length:at])


class File:
    def __init__(self):
        self.synced = bytearray()
        self.pending = []

    def sync(self):
        for change in self.pending:
            self.apply(self.synced, change)
        self.pending.clear()

    @staticmethod
    def apply(content, change):
        place, data = change
        if data is None:  # Another size.
            del content[place:]
            content.extend(bytes(place - len(content)))
            return
        content.extend(bytes(max(0, place + len(data) - len(content))))
        content[place:place + len(data)] = data

    def after_a_cut(self, random):
        """What may be read afterwards. How much of what was not synced arrived differs from cut to cut."""
        content, share = bytearray(self.synced), random.choice((0, 0.2, 0.5, 0.8, 1))
        for place, data in self.pending:
            if data is None:
                if random.random() < share:
                    self.apply(content, (place, None))
                continue
            begin = 0
            while begin < len(data):
                end = min(len(data), begin + SECTOR - (place + begin) % SECTOR)
                if random.random() < share:
                    self.apply(content, (place + begin, data[begin:end]))
                begin = end
        return content


class Disk:
    """The files beside a database while their record is gone through."""

    def __init__(self, database):
        self.folder = os.path.dirname(str(database))
        self.files = {}
        # Names that are sure to be there after a cut, and what changed since, in order: each a list of names with their files, or none.
        self.sure = {}
        self.changes = []
        self.told = set()

    def carry_out(self, record):
        name = record.path
        if record.kind == SEND:
            self.told.update(int(number) for number in TOLD.findall(record.data))
        elif record.kind == SYNC and name == self.folder:
            self._settle(len(self.changes))
        elif os.path.dirname(name) != self.folder:
            return
        elif record.kind == NAME:
            self._rename(name, record)
        elif record.kind == MAKE and not record.place & os.O_DIRECTORY:
            self._make(name, record.place & os.O_TRUNC)
        elif name in self.files and record.kind in (WRITE, SIZE):
            self.files[name].pending.append((record.place, record.data if record.kind == WRITE else None))
        elif name in self.files and record.kind == SYNC:
            self._sync(self.files[name])

    def _make(self, name, is_emptied):
        if name not in self.files:
            self._change((name, File()))
        elif is_emptied:
            self.files[name].pending.append((0, None))

    def _rename(self, name, record):
        """Taken away (0), given a second name (1) or another one (2)."""
        file = self.files.get(name)
        if file:
            other = [(record.data.decode(), file)] if record.place else []
            self._change(*([(name, None)] if record.place != 1 else []), *other)

    def _change(self, *pairs):
        self.changes.append(pairs)
        self._apply(self.files, pairs)

    @staticmethod
    def _apply(names, pairs):
        for name, file in pairs:
            names.pop(name, None) if file is None else names.update({name: file})

    def _sync(self, file):
        file.sync()
        first = next((at for at, pairs in enumerate(self.changes) if any(made is file for _, made in pairs)), None)
        if first is not None and not any(known is file for known in self.sure.values()):
            self._settle(first + 1)

    def _settle(self, count):
        for pairs in self.changes[:count]:
            self._apply(self.sure, pairs)
        del self.changes[:count]

    def cut(self, folder, random):
        """Writes into `folder` what may be there after the power went now."""
        names = dict(self.sure)
        for pairs in self.changes[:random.randint(0, len(self.changes))]:
            self._apply(names, pairs)
        for name, file in names.items():
            # What processes share is made anew from the log.
            if not name.endswith("-shm"):
                (pathlib.Path(folder) / os.path.basename(name)).write_bytes(file.after_a_cut(random))
