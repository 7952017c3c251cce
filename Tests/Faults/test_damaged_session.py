"""One session whose record is damaged: the server starts, says which, and everything else goes on."""

import sqlite3

import pytest

from program import Scope, Server
from watch import Watch, make


@pytest.mark.parametrize("kind", ("squaresFound", "exposureBegan"))
def test_a_session_with_an_event_that_cannot_be_read_keeps_no_other_from_running(tmp_path, running, kind):
    scope = Scope(tmp_path, 2000).must_start()
    server = Server(tmp_path, scope, 2000)
    running += [scope, server]
    server.must_start()
    damaged = Watch(make(server, "damaged"))
    assert damaged.start(server).status == 202
    damaged.carry_on(server, until=lambda state: state.get("exposure"))
    server.kill()
    with sqlite3.connect(server.store) as store:
        number, = store.execute("SELECT max(seq) FROM events WHERE session = ? AND type = ?", (damaged.id, kind)).fetchone()
        assert number, f"There is no event of the type {kind}."
        store.execute("UPDATE events SET data = ? WHERE seq = ?", ("{", number))
    server.must_start()
    assert damaged.id in server.stderr()
    other = Watch(make(server, "other"))
    answer = other.start(server)
    assert answer.status == 202, answer.body
    assert other.carry_on(server)["status"] == "completed"
