"""What anybody can send to the built program costs it no more than its bytes, in the processor's time and in memory."""

import contextlib
import socket
import time

import pytest

from program import Server

# Marks over and under one letter, in the wrong order: to compare two of these takes the square of their number.
LETTER = b"a" + "\u0301".encode() * 3700 + "\u0323".encode() * 3700
PLAIN = b"x" * len(LETTER)


def named(text):
    return b'{"' + text + b'":1}'


WAYS = {
    "a name in a body": lambda text: b"POST /api/logout HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                     b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(named(text)), named(text)),
    "a name in the query": lambda text: b"GET /healthz?%s=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % text,
    "a path": lambda text: b"GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % text,
    "a header": lambda text: b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://%s\r\nConnection: close\r\n\r\n" % text,
    "a first line": lambda text: b"BREW /healthz HTTP/%s\r\n\r\n" % text,
}


def ask(server, raw):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.sendall(raw)
        answer = b""
        with contextlib.suppress(ConnectionResetError):  # It closes before it has read all of what it refuses.
            while piece := link.recv(65536):
                answer += piece
        return answer


def ticks(server):
    """Hundredths of a second that the processor has worked for it."""
    fields = open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def cost(server, raw, times=60):
    before = ticks(server)
    for _ in range(times):
        ask(server, raw)
    return ticks(server) - before


@pytest.mark.parametrize("way", WAYS)
def test_a_letter_of_thousands_of_marks_costs_little_more_than_as_many_plain_letters(tmp_path, running, way):
    server = Server(tmp_path)
    running.append(server)
    server.must_start()
    plain, marked = (cost(server, WAYS[way](text)) for text in (PLAIN, LETTER))
    print(f"{way}: {plain} and {marked} hundredths of a second")
    # Compared, it takes a quarter of a second each time.
    assert marked <= 3 * plain + 60, (plain, marked)
    assert ask(server, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def memory(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("The system does not say how much memory the server has.")


def settled(server):
    """What it comes to once it has taken in what was sent."""
    last, alike = memory(server), 0
    while alike < 5:
        time.sleep(0.2)
        now = memory(server)
        alike = alike + 1 if abs(now - last) < 0.5 else 0
        last = now
    return last


def test_hundreds_of_bodies_that_never_end_take_no_more_than_all_may(tmp_path, running):
    """240 MB from two people who are signed in, and as many links of strangers as an address may have."""
    server = Server(tmp_path)
    running.append(server)
    server.must_start()
    good = server.person("viewer")
    before, links = memory(server), []

    def begin(head, size, address):
        # An address that has too many links loses those that it waits for itself.
        link = socket.create_connection(("127.0.0.1", server.port), timeout=60, source_address=(address, 0))
        links.append(link)
        with contextlib.suppress(OSError):  # It was given up meanwhile.
            link.sendall(f"POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n{head}\r\n".encode())
            link.sendall(b"x" * (size - 1000))

    for name, address in (("operator", "127.0.0.2"), ("staff", "127.0.0.3")):
        cookie = server.person(name).cookie
        for _ in range(120):
            begin(f"Cookie: {cookie}\r\nOrigin: http://127.0.0.1:{server.port}\r\n", 1_000_000, address)
    for _ in range(250):
        begin("", 16_000, "127.0.0.4")
    assert good.get("/api/me")["username"] == "viewer"
    grown = settled(server) - before
    print(f"{grown:.0f} MB more")
    assert grown < 100
    for link in links:
        link.close()
    assert good.get("/api/me")["username"] == "viewer"


def test_a_path_of_thousands_of_parts_costs_no_more_than_its_bytes(tmp_path, running):
    server = Server(tmp_path)
    running.append(server)
    server.must_start()
    deep = b"GET /static/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % (b"a/" * 7500)
    plain, marked = cost(server, ask_for(b"/static/app.js"), 20), cost(server, deep, 20)
    print(f"{plain} and {marked} hundredths of a second")
    # Looked at part by part, each took six seconds.
    assert marked < 20 + 5 * plain
    assert b" 200 OK" in ask(server, ask_for(b"/static/app.js"))


def ask_for(path):
    return b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" % path
