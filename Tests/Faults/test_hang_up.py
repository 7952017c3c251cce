"""A terminal that is closed ends the server as SIGTERM does, unless it was started to outlive it."""

import signal

from program import Server


def test_a_terminal_that_is_closed_ends_the_server_in_order(tmp_path, running):
    server = Server(tmp_path, before=("env", "--default-signal=HUP"))
    running.append(server)
    server.must_start()
    assert (server.data / "server.lock").read_text().strip()
    # By the shell, and by the kernel.
    server.send(signal.SIGHUP)
    server.send(signal.SIGHUP)
    assert server.process.wait(20) == 0
    assert (server.data / "server.lock").read_text() == ""


def test_a_server_that_was_started_with_nohup_outlives_the_terminal(tmp_path, running):
    server = Server(tmp_path, before=("nohup",))
    running.append(server)
    server.must_start()
    server.send(signal.SIGHUP)
    assert server.person("viewer").get("/api/me")["username"] == "viewer"
    assert server.end() == 0
