"""`gridpilot audit`, and what is done on the command line."""

import getpass
import json
import sqlite3
import subprocess

from server import binary
from sessions import new_session


def gridpilot(server, *arguments, typed=None, code=0):
    data = ["--data", str(server.folder / "data")]
    done = subprocess.run([binary(), *arguments, *data], input=typed, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def shown(server, *arguments):
    return [json.loads(line) for line in gridpilot(server, "audit", "show", "--json", *arguments).splitlines()]


def test_what_is_done_on_the_command_line_is_under_the_systems_name(server):
    gridpilot(server, "user", "add", "ada", "--group", "demo", "--password-stdin", typed="a long password\n")
    gridpilot(server, "user", "role", "ada", "viewer")
    token = gridpilot(server, "user", "token", "add", "ada", "script").strip()
    gridpilot(server, "user", "unlock", "ada")
    gridpilot(server, "user", "remove", "ada")
    records = shown(server, "--person", getpass.getuser())
    assert [record["act"] for record in records] == ["addPerson", "setRole", "addToken", "unlock", "removePerson"]
    for record in records:
        assert record["role"] == "terminal" and record["address"].startswith("command line") and record["subject"] == "person/ada"
    assert token not in json.dumps(records) and "a long password" not in json.dumps(records)


def test_records_are_shown_by_session_act_and_day_a_line_each(server):
    session = new_session(server)
    server.person("operator").post(f"{session.api}/stop")
    lines = gridpilot(server, "audit", "show", "--session", session.id).splitlines()
    assert [line.split("\t")[5] for line in lines] == ["createSession", "stop"]
    assert lines[1].split("\t")[2:5] == ["operator", "member", "127.0.0.1"]
    assert lines[1].split("\t")[6:8] == [f"session/{session.id}", "refused: session.notRunning"]
    assert len(gridpilot(server, "audit", "show", "--act", "signIn", "--limit", "1").splitlines()) == 1
    assert gridpilot(server, "audit", "show", "--since", "2999-01-01") == ""
    gridpilot(server, "audit", "show", "--since", "yesterday", code=64)
    gridpilot(server, "audit", "verify", "--head", "5", code=64)


def test_a_log_is_verified_while_the_server_runs_and_a_change_is_named(server):
    whole, head = gridpilot(server, "audit", "verify").splitlines()
    assert whole.startswith("The audit log is whole, with ")
    gridpilot(server, "group", "add", "imaging")
    assert gridpilot(server, "audit", "verify", "--head", head).startswith("The audit log is whole")
    assert "Record " in gridpilot(server, "audit", "verify", "--head", f"{head.split(':')[0]}:{'0' * 64}", code=1)
    database = sqlite3.connect(server.folder / "data" / "gridpilot.sqlite")
    with database:
        database.execute("DROP TRIGGER audit_kept")
        database.execute("DELETE FROM audit WHERE n = 2")
    database.close()
    assert "Record 2 is missing." in gridpilot(server, "audit", "verify", code=1)


def test_the_end_of_the_log_is_in_the_servers_own_log(server):
    said = server.stderr()
    assert "The audit log is empty." in said or "The audit log ends with record " in said


def test_a_restored_backup_says_so_and_a_kept_head_shows_what_is_gone(server):
    gridpilot(server, "backup", "--to", str(server.folder / "backup.sqlite"))
    copied = shown(server, "--limit", "1")[0]
    assert copied["act"] == "backup" and copied["detail"]["backup"].endswith("backup.sqlite")
    gridpilot(server, "group", "add", "imaging")
    head = gridpilot(server, "audit", "verify").splitlines()[1]
    server.end()
    gridpilot(server, "restore", str(server.folder / "backup.sqlite"))
    last = shown(server, "--limit", "1")[0]
    assert last["act"] == "restore" and last["detail"]["backup"].endswith("backup.sqlite")
    # What the log ended with that this one takes the place of.
    assert last["detail"]["replaced"] in head
    assert gridpilot(server, "audit", "verify").startswith("The audit log is whole")
    assert "this store was restored from an older backup" in gridpilot(server, "audit", "verify", "--head", head, code=1)
    for group in ["later", "latest", "last"]:
        gridpilot(server, "group", "add", group)
    assert "another one than when its hash was kept" in gridpilot(server, "audit", "verify", "--head", head, code=1)


def test_a_run_that_ends_with_the_server_is_told_with_its_reason(server):
    session = new_session(server, holesPerSquare=50)
    session.start()
    session.wait_for("exposureBegan")
    server.end()
    stop = shown(server, "--session", session.id, "--act", "stop")[-1]
    assert stop["person"] == "server" and stop["detail"]["reason"] == "The server was told to end."
