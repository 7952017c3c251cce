"""A connection that keeps no rule by itself: for messages that no client should send, and answers byte for byte."""

import socket
import struct

from commands import COMMANDS
from serialem_client import PATIENCE, slots
from wire import OK_TO_RUN, command_message, message


class Raw:
    def __init__(self, address):
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def in_control(self):
        """Asks to run, as a client does first."""
        assert self.ask(message(OK_TO_RUN)) == struct.pack("<3i", 12, 0, 1)
        return self

    def without_boxes(self):
        """Has problems told as answers, which a SerialEM with boxes gives otherwise once somebody has clicked."""
        self.ask(command_message(COMMANDS["NoMessageBoxOnError"].code, slots(COMMANDS["NoMessageBoxOnError"], (1,))))
        return self

    def exit(self):
        """Leaves control, so that the next connection is granted it at once."""
        self.ask(command_message(COMMANDS["Exit"].code, slots(COMMANDS["Exit"], (1,))))

    def say_and_leave(self, data):
        """Sends what it has and no more, and waits until the program has done with it."""
        try:
            self.socket.sendall(data)
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(65536):
                pass
        except OSError:
            # Closed with bytes of ours unread, before we had said all.
            pass

    def ask(self, data):
        self.socket.sendall(data)
        return self.answer()

    def number(self, data):
        """The return value of the answer, behind which nothing follows when it is negative."""
        answer = self.ask(data)
        value = struct.unpack_from("<i", answer, 4)[0]
        assert value >= 0 or len(answer) == 8, answer
        return value

    def answer(self):
        """One whole answer, length word and all; b"" where the connection was closed instead."""
        try:
            length = self.receive(4)
            return length + self.receive(struct.unpack("<i", length)[0] - 4) if length else b""
        except ConnectionError:
            return b""

    def receive(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                assert not data, f"The answer ends after {len(data)} bytes of {count}."
                return b""
            data += part
        return data
