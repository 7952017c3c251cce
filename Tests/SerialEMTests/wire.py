"""The bytes of SerialEM's external control, as its documentation describes them; nothing here is read from the program under test."""

import ctypes
import struct
from dataclasses import dataclass

REGULAR_COMMAND, CHUNK_HANDSHAKE, OK_TO_RUN, GET_IMAGE, PUT_IMAGE = range(1, 6)
DONE, FAILED, EXITED_NORMALLY, EXITED, STOPPED = 0, 1, -123456, -654321, -234561
MOST_VALUES = 6
GET_CHUNK, PUT_CHUNK = 33_620_000, 336_200_000

atof = ctypes.CDLL(None).atof
atof.restype = ctypes.c_double


def message(function, *longs, array=b""):
    """A whole request: its length, the function, its longs, its array."""
    return struct.pack(f"<{2 + len(longs)}i", 8 + 4 * len(longs) + len(array), function, *longs) + array


def array_longs(slots, string_bytes):
    return (12 * slots + string_bytes + 5) // 4


def command_message(code, slots, rest=b"\x68\xff\x11\x00\xf6"):
    """`slots` are (number, bytes). The padding ends in rubbish on purpose: the real module's does."""
    if not slots:
        return message(REGULAR_COMMAND, code, 0, 1, array=b"\0" + rest[:3])
    slots = [(0.0, b""), *slots]
    texts = b"".join(text + b"\0" for _, text in slots)
    longs = array_longs(len(slots), len(texts))
    array = bytes(4 * len(slots)) + struct.pack(f"<{len(slots)}d", *(number for number, _ in slots)) + texts
    padding = 4 * longs - len(array)
    return message(REGULAR_COMMAND, code, len(slots) - 1, longs, array=array + (b"\0" + rest)[:padding])


def slot(key, value):
    """One argument as the module fills it: the number and its text both travel."""
    if key in "Ii":
        return float(value), str(value).encode()
    if key in "Dd":
        return float(value), ("%f" % value).rstrip("0").encode()
    text = value if isinstance(value, bytes) else value.encode()
    return atof(text), text


@dataclass
class Outcome:
    """The answer to a command. `values` are floats and strings; `used` is how many of its bytes mean something."""
    error: int
    values: list
    used: int


def read_outcome(answer):
    """Reads a whole answer to a command whose return value is 0, and holds it to every rule of its form."""
    length, value, highest, error, longs = struct.unpack_from("<5i", answer)
    assert length == len(answer) == 20 + 4 * longs and value == 0, answer[:20]
    count = highest + 1
    assert count >= 0
    flags = struct.unpack_from(f"<{count}i", answer, 20)
    numbers = struct.unpack_from(f"<{count}d", answer, 20 + 4 * count)
    position, values = 20 + 12 * count, []
    for flag, number in zip(flags, numbers):
        if flag:
            end = answer.index(0, position)
            values.append(answer[position:end].decode("utf-8", "replace"))
            position = end + 1
        else:
            values.append(number)
    expected = array_longs(count, position - 20 - 12 * count) if count else 1
    assert longs == expected, f"{longs} longs where {expected} belong"
    return Outcome(error, values, position)
