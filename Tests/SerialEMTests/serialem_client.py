"""SerialEM's Python module in the essentials, written from the protocol's description: the same reads and writes, the same rules.

One `SerialEM` stands for one process that imported the module: `connection.MoveStageTo(12.5, -3.25)`.
"""

import socket
import struct
import time

import numpy

from commands import COMMANDS
from wire import (DONE, EXITED, EXITED_NORMALLY, FAILED, GET_CHUNK, GET_IMAGE, CHUNK_HANDSHAKE, MOST_VALUES, OK_TO_RUN,
                  PUT_CHUNK, PUT_IMAGE, command_message, message, read_outcome, slot)

BUFFER_STEP = 1024
# The module waits for ever; a test does not.
PATIENCE = 30
TYPES = {0: numpy.uint8, 1: numpy.int16, 2: numpy.float32, 6: numpy.uint16, 16: numpy.uint8}
MODES = {"uint8": 0, "int16": 1, "float32": 2, "uint16": 6}


class SEMmoduleError(Exception):
    """The link or the program behind it; the number is the message's return value, or -8 for a link that broke."""

    def __init__(self, text, number=None):
        super().__init__(text)
        self.number = number


class SEMerror(Exception):
    """A command failed, in SerialEM's words."""


class SEMexited(Exception):
    """External control is over."""


class Hung(AssertionError):
    """Nothing came, for so long that the real module would wait for ever."""


class SerialEM:
    # A connection that closes this soon after a message was sent may not have seen it. A test whose point is the second
    # sending sets more: its machine may be busy.
    resend_seconds = 0.2

    def __init__(self, host, port):
        self.address = (host, port)
        self.socket = None
        self.must_ask = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, name):
        if name not in COMMANDS:
            raise AttributeError(name)
        return lambda *arguments: self.command(name, *arguments)

    def close(self):
        """What the end of the process does."""
        if self.socket:
            self.socket.close()
            self.socket = None

    def close_after_exit(self):
        self.must_ask = False
        self.Exit(1)
        self.close()

    # Commands

    def command(self, name, *arguments):
        return self.code(COMMANDS[name].code, *slots(COMMANDS[name], arguments))

    def code(self, code, *slots):
        """Without the module's check of arguments."""
        request = command_message(code, slots)
        if self.must_ask:
            self.ask_to_run()
        outcome = read_outcome(self.exchange(request))
        if len(outcome.values) > MOST_VALUES:
            raise SEMmoduleError("Too many reported values")
        if outcome.error == DONE:
            return unpacked(outcome.values)
        if outcome.error == EXITED:
            return None
        if outcome.error == EXITED_NORMALLY:
            self.must_ask = True
            raise SEMexited("Normal exit")
        if outcome.error == FAILED:
            raise SEMerror(outcome.values[0] if outcome.values else "No message from command error")
        raise SEMerror("")

    def ask_to_run(self):
        if not struct.unpack_from("<i", self.exchange(message(OK_TO_RUN), exactly=12), 8)[0]:
            raise SEMmoduleError("SerialEM is busy and not ready to run a script")
        self.must_ask = False

    # Images

    def bufferImage(self, buffer):
        """`A` to `T`, or `AF` for its FFT. Row 0 is the top."""
        answer = self.exchange(message(GET_IMAGE, ord(buffer[0]) - ord("A"), int(buffer[1:] == "F")), exactly=32)
        mode, row_bytes, width, height, total, chunks = struct.unpack_from("<6i", answer, 8)
        if total == 0:
            raise SEMmoduleError(f"There is no image in buffer {buffer}")
        assert row_bytes * height == total and chunks == -(-total // GET_CHUNK), answer
        pixels = self.receive_image(total, chunks)
        colours = 3 if mode == 16 else 1
        assert row_bytes == width * colours * numpy.dtype(TYPES[mode]).itemsize, "rows of another length would be sheared"
        return numpy.frombuffer(pixels, TYPES[mode]).reshape((height, width, 3) if colours == 3 else (height, width))

    def receive_image(self, total, chunks):
        pixels, size = bytearray(total), -(-total // chunks)
        for start in range(0, total, size):
            if start:
                self.send(message(CHUNK_HANDSHAKE))
            view = memoryview(pixels)[start:start + size]
            while view:
                count = self.receive(view)
                if not count:
                    self.give_up("The connection was closed within an image")
                view = view[count:]
        return pixels

    def PutImageInBuffer(self, image, buffer, width, height, base="A", binning=1, capture=-1):
        """The sizes are given, as the module wants them; the image goes as its bytes are."""
        pixels = numpy.ascontiguousarray(image)
        mode = 16 if pixels.ndim == 3 else MODES[pixels.dtype.name]
        self.exchange(message(PUT_IMAGE, mode, width, height, pixels.nbytes, ord(buffer) - ord("A"), ord(base) - ord("A"),
                              binning, capture, -(-pixels.nbytes // PUT_CHUNK)), exactly=8)
        self.send(pixels.data)

    # The link

    def exchange(self, request, exactly=None):
        """Sends one request, with one write, and receives its whole answer. Sent again, once, where the link closes at once."""
        answer = self.try_exchange(request) or self.try_exchange(request, again=True)
        value = struct.unpack_from("<i", answer, 4)[0]
        if value < 0 or (exactly and len(answer) != exactly):
            self.close()
            raise SEMmoduleError(f"SerialEM answered with {value}, {len(answer)} bytes", value if value < 0 else -1)
        if value > 0:
            raise SEMmoduleError(f"SerialEM answered with {value}", value)
        return answer

    def try_exchange(self, request, again=False):
        """None where the link was closed so soon that the request is to be sent once more."""
        if self.socket is None:
            self.connect()
        self.send(request)
        sent = time.monotonic()
        answer = self.receive_answer()
        if answer is not None:
            return answer
        self.close()
        if again or time.monotonic() - sent > self.resend_seconds:
            raise SEMmoduleError("The connection was closed", -8)
        return None

    def connect(self):
        try:
            self.socket = socket.create_connection(self.address, PATIENCE)
            # Without it, every request behind an image waits 40 ms for an acknowledgement.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise SEMmoduleError(f"There is no connection: {error}", -8) from error

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            self.give_up(f"send error {error.errno}")

    def receive_answer(self):
        """Each receive takes what there is, up to the buffer's size; what lies behind the answer is thrown away, as by the module."""
        buffer, have = bytearray(BUFFER_STEP), 0
        while have < 4 or have < (length := struct.unpack_from("<i", buffer)[0]):
            if have >= 4 and length > len(buffer):
                buffer.extend(bytes(-(-length // BUFFER_STEP) * BUFFER_STEP - len(buffer)))
            count = self.receive(memoryview(buffer)[have:])
            if not count:
                return None
            have += count
        return bytes(buffer[:length])

    def receive(self, view):
        """How many bytes came; 0 for a connection that is closed or broken."""
        try:
            return self.socket.recv_into(view)
        except TimeoutError:
            raise Hung(f"Nothing came for {PATIENCE} s, with {len(view)} bytes to come at most") from None
        except OSError:
            return 0

    def give_up(self, text):
        self.close()
        raise SEMmoduleError(text, -8)


def slots(command, arguments):
    """As the module checks and packs them; TypeError, and nothing sent, where they do not fit."""
    needed = sum(key.isupper() for key in command.keys)
    if not needed <= len(arguments) <= len(command.keys):
        raise TypeError(f"{command.name} takes {needed} to {len(command.keys)} arguments, not {len(arguments)}")
    found = []
    for key, value in zip(command.keys, arguments):
        wanted = {"I": int, "D": (int, float), "S": (str, bytes)}[key.upper()]
        if not isinstance(value, wanted):
            raise TypeError(f"{command.name} takes no {type(value).__name__} here")
        # These numbers mean "not given" and end the list, whatever follows.
        if key in "Ii" and value == -2000000000 or key in "Dd" and value < -9e7:
            break
        found.append(slot(key, value))
    return found


def unpacked(values):
    return None if not values else values[0] if len(values) == 1 else tuple(values)
