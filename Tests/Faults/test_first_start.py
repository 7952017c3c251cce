"""A first start over a disk that fails at one call, or cut short there: the directory must serve the next start."""

import contextlib

import pytest

from account import damages
from preload import WAYS, Faults
from program import Server
from rounds import carry_out, some


def first_start(library, folder, way=None, at=0):
    """A server with a new directory, until it listens, ends or waits in vain; and what its calls met."""
    faults = Faults(library, folder, folder / "data")
    faults.arm(way or "kill", at)
    server = Server(folder, faults=faults)
    server.listened = server.start(patience=20)
    return server, faults


def sessions(server):
    return {item["id"]: item["status"] for item in server.person("operator").get("/api/sessions")["items"]}


def check_next_start(folder, told):
    """What is wrong with a plain start over what was left; `told`: the sessions that were shown before."""
    server = Server(folder)
    try:
        if not server.start():
            return [f"the next start ended: {server.stderr()[-300:]}"]
        shown = sessions(server)
        found = [] if sorted(shown.values()) == ["ready", "ready"] else [f"sessions are {shown}"]
        return found + [f"{id} was shown and is gone" for id in told if id not in shown] + damages(server.store)
    finally:
        server.kill()


@pytest.mark.parametrize("way", WAYS)
def test_a_first_start_that_fails_at_any_file_call_leaves_a_directory_that_starts(library, tmp_path, seed, is_soak, way):
    (tmp_path / "whole").mkdir()
    server, faults = first_start(library, tmp_path / "whole", way)
    server.kill()
    assert server.listened and faults.calls > 30, f"An undisturbed start makes file calls; seen were {faults.calls}."

    struck = []

    def round(at, place):
        server, faults = first_start(library, place, way, at)
        struck.extend([at] if faults.fired else [])
        told = {}
        with contextlib.suppress(OSError, AssertionError):  # It may refuse, or be dead: then nothing was promised.
            told = sessions(server) if server.listened else {}
        server.kill()
        return [f"after {faults.struck}, {found}" for found in check_next_start(place, told)]

    points = some(range(1, faults.calls + 1), seed, is_soak)
    done, complaints = carry_out(points, round, tmp_path)
    print(f"{way}: {done} of {faults.calls} points, {len(struck)} of them struck, seed {seed}")
    assert not complaints, "\n".join(complaints)
    assert done == len(points) and len(struck) >= 0.7 * done


def test_a_new_data_directory_is_written_by_nobody_but_its_owner_even_where_a_group_writes_sessions(tmp_path):
    """Whoever may write in the directory itself may put another store there, with accounts of their own."""
    configuration = tmp_path / "site.yaml"
    configuration.write_text("sessionFiles: groupWrite\n")
    server = Server(tmp_path)
    server.arguments[server.arguments.index("--data") + 1] = tmp_path / "srv" / "gridpilot" / "data"
    server.arguments += ["--config", configuration, "--new"]
    try:
        server.must_start()
        for folder, mode in (("srv", 0o750), ("srv/gridpilot", 0o750), ("srv/gridpilot/data", 0o710), ("srv/gridpilot/data/sessions", 0o770)):
            assert (tmp_path / folder).stat().st_mode & 0o777 == mode, folder
    finally:
        server.kill()
