"""Strangers who open links and finish nothing take neither the server's last descriptor nor anybody's turn."""

import contextlib
import os
import resource
import socket
import subprocess

import pytest

from program import Server
from test_strangers import ask, ask_for, ticks

BODY = b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
# Makes every link that is to be let in fail as it does where the process has none left, for as long as a file is there.
NO_MORE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
static int refuses(void) {
    const char *file = getenv("NO_MORE");
    if (!file || access(file, F_OK) != 0) return 0;
    errno = EMFILE;
    return 1;
}
int accept(int fd, struct sockaddr *address, socklen_t *length) {
    int (*next)(int, struct sockaddr *, socklen_t *) = dlsym(RTLD_NEXT, "accept");
    return refuses() ? -1 : next(fd, address, length);
}
int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
    int (*next)(int, struct sockaddr *, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");
    return refuses() ? -1 : next(fd, address, length, flags);
}
"""


@pytest.fixture
def many_descriptors():
    """For the attacker."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] < 4096:
        pytest.skip("The test itself may not have as many links as it needs.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 4096), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def unfinished(server, address):
    link = socket.socket()
    link.bind((address, 0))
    link.settimeout(10)
    # Those that are too many are closed at once, or later.
    with contextlib.suppress(OSError):
        link.connect(("127.0.0.1", server.port))
        link.sendall(BODY % server.port)
    return link


def is_open(link):
    link.setblocking(False)
    try:
        return link.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_bodies_that_never_end_from_many_addresses_leave_the_server_what_it_needs(tmp_path, running, many_descriptors):
    server = Server(tmp_path, before=("prlimit", "--nofile=1024:1024"))
    running.append(server)
    server.must_start()
    person, links, most = server.person("viewer"), [], 0
    for round in range(60):
        links += [unfinished(server, f"127.0.0.{2 + number % 12}") for number in range(60)]
        most = max(most, descriptors(server))
        assert person.get("/api/me")["username"] == "viewer", round
        if round % 10 == 9:
            for link in [link for link in links if not is_open(link)]:
                links.remove(link)
                link.close()
    print(f"{len(links)} links held, {most} descriptors at most")
    assert server.is_alive() and 700 < most < 1000
    assert os.path.getsize(tmp_path / "serve.stderr") < 20_000, server.stderr()
    for link in links:
        link.close()
    assert person.get("/api/me")["username"] == "viewer"


def test_the_limit_is_raised_as_far_as_the_system_allows(tmp_path, running):
    server = Server(tmp_path, before=("prlimit", "--nofile=1024:4096"))
    running.append(server)
    server.must_start()
    limits = open(f"/proc/{server.process.pid}/limits").read()
    assert limits.split("Max open files")[1].split()[:2] == ["4096", "4096"]


def test_a_system_that_allows_too_little_is_named_before_anything_is_made(tmp_path, running):
    server = Server(tmp_path, before=("prlimit", "--nofile=300:300"))
    running.append(server)
    assert not server.start()
    assert server.process.wait(20) != 0
    assert "allows 300 open files and sockets" in server.stderr() and "LimitNOFILE" in server.stderr()
    assert not server.data.exists()


def test_links_that_the_system_does_not_hand_out_cost_a_line_and_no_busy_loop(tmp_path, running):
    (tmp_path / "no_more.c").write_text(NO_MORE)
    subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-o", tmp_path / "no_more.so", tmp_path / "no_more.c", "-ldl"], check=True)
    switch = tmp_path / "no_more"
    server = Server(tmp_path, environment={"LD_PRELOAD": str(tmp_path / "no_more.so"), "NO_MORE": str(switch)})
    running.append(server)
    server.must_start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as known:
        known.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert known.recv(65536).startswith(b"HTTP/1.1 200")
        before, said = ticks(server), os.path.getsize(tmp_path / "serve.stderr")
        switch.touch()
        with socket.create_connection(("127.0.0.1", server.port), timeout=2) as waiting:
            waiting.sendall(ask_for(b"/healthz"))
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            # Whoever is in already is answered meanwhile.
            known.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert known.recv(65536).startswith(b"HTTP/1.1 200")
            spent = ticks(server) - before
            switch.unlink()
            waiting.settimeout(20)
            assert waiting.recv(65536).startswith(b"HTTP/1.1 200")
    lines = (tmp_path / "serve.stderr").read_text()[said:].splitlines()
    assert len(lines) == 1 and "A new link could not be taken" in lines[0], lines[:3]
    assert spent < 100, spent
    assert ask(server, ask_for(b"/healthz")).startswith(b"HTTP/1.1 200")
