"""The two commands themselves, as people and scripts use them."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from commands import COMMANDS
from raw import Raw
from serialem_client import slots
from simulator import PATIENCE, binary, eventually
from wire import command_message


def run(*arguments):
    return subprocess.run([binary(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)


def check(host, port, *options):
    return run("check-serialem", host, str(port), *options)


def check_of(simulator, *options):
    return check(*simulator.address, *(["--vendor", "JEOL"] if simulator.kind == "jeol" else []), *options)


def test_a_check_has_a_line_for_all_that_a_session_asks(simulator):
    client = simulator.prepared_client()
    client.MoveStageTo(12.5, -3.25)
    client.close_after_exit()
    result = check_of(simulator)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    subjects = [re.fullmatch(r"(?:ok|problem|not asked) +(.+?): .*\.", line)[1] for line in lines]
    assert subjects == [
        "version", "messages", "claim", "stage", "column", "stage grid", "cassette", "low dose", "Search", "View", "Focus", "Record",
        "image shift", "condenser aperture", "objective aperture", "Navigator", "image metadata", "frame names", "frame folder",
        "frames", "frame format", "folder C:\\GridPilot"]
    assert "12.5" in result.stdout
    assert "pushed out" in result.stderr


def test_a_check_is_told_as_json_too(simulator):
    result = check_of(simulator, "--json")
    told = json.loads(result.stdout)
    assert told["isFine"] and told["address"].endswith(str(simulator.address[1]))
    assert all(line["state"] in ("ok", "notAsked") and line["sentence"] for line in told["lines"])


def test_a_check_shows_a_greeting_in_the_log(simulator):
    assert check_of(simulator).returncode == 0
    assert any(line["name"] == "Echo" and line["args"] for line in simulator.ledger("command"))


def test_a_check_moves_nothing(simulator):
    check_of(simulator)
    assert {line["kind"] for line in simulator.ledger()} == {"connect", "command", "disconnect"}
    asking = ("Report", "Is", "Are", "Echo", "Exit", "Camera", "GetVariable", "Does", "Imaging")
    others = {line["name"] for line in simulator.ledger("command") if not line["name"].startswith(asking)}
    # A small folder in the shared one, and a variable that nothing reads.
    assert others <= {"NoMessageBoxOnError", "MakeDirectory", "SetPersistentVar"}


def running_holder():
    """A session that this process holds, as a lock file has it."""
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    start = int(pathlib.Path(f"/proc/{os.getpid()}/stat").read_text().rsplit(")", 1)[1].split()[19])
    return {"session": "s1", "sessionName": "night", "group": "demo", "person": "ada", "host": socket.gethostname(),
            "pid": os.getpid(), "bootID": boot, "processStart": start, "startedAt": "2026-11-22T20:00:00.000Z", "epoch": 1}


def test_a_check_spares_a_session_that_is_running(simulator, tmp_path):
    holder = running_holder()
    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "scope-1.lock").write_text(json.dumps(holder))
    refused = check_of(simulator, "--data", str(tmp_path))
    assert refused.returncode == 1 and "ada is running session" in refused.stderr and "--force" in refused.stderr
    told = json.loads(check_of(simulator, "--data", str(tmp_path), "--json").stdout)
    assert told["isFine"] is False and told["lines"][0]["subject"] == "session" and "ada" in told["lines"][0]["sentence"]
    assert simulator.ledger() == []
    assert check_of(simulator, "--data", str(tmp_path), "--force").returncode == 0
    # One whose process has gone keeps nobody out.
    (locks / "scope-1.lock").write_text(json.dumps(holder | {"processStart": holder["processStart"] + 1}))
    assert check_of(simulator, "--data", str(tmp_path)).returncode == 0


def test_a_check_of_a_listener_that_never_answers_ends():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = check(*silent.getsockname())
    assert result.returncode == 1
    assert result.stderr.strip().endswith(".")


def test_a_check_of_a_program_that_stops_answering_has_every_line(simulate):
    simulator = simulate(faults=[{"kind": "hangUp", "command": "ReportLowDose"}])
    result = check_of(simulator)
    found = re.findall(r"^(ok|problem|not asked) +(.+?): ", result.stdout, re.MULTILINE)
    states = {subject: state for state, subject in found}
    assert result.returncode == 1
    assert states["cassette"] == "ok" and states["low dose"] == "problem"
    assert states["Record"] == states["folders"] == "not asked"


@pytest.mark.parametrize("data", ["no such folder", "."])
def test_a_check_refuses_where_nobody_can_look_for_a_session(simulator, tmp_path, data):
    refused = check_of(simulator, "--data", str(tmp_path / data))
    assert refused.returncode == 1 and "cannot be read" in refused.stderr and "--force" in refused.stderr
    assert simulator.ledger() == []
    assert check_of(simulator, "--data", str(tmp_path / data), "--force").returncode == 0


def test_a_check_of_nobody_is_not_fine_as_json_either():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        result = check(*deaf.getsockname(), "--json")
    told = json.loads(result.stdout)
    assert result.returncode == 1 and told["isFine"] is False
    assert [(line["subject"], line["state"]) for line in told["lines"]] == [("connection", "problem")]
    assert told["lines"][0]["remedy"]


def test_a_check_of_nobody_ends_with_a_sentence_and_a_remedy():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        result = check(*deaf.getsockname())
    assert result.returncode == 1
    assert result.stdout == ""
    assert 1 <= len(result.stderr.strip().splitlines()) <= 3
    assert result.stderr.strip().endswith(".")


@pytest.mark.parametrize("arguments", [[], ["127.0.0.1"], ["127.0.0.1", "no-port"], ["127.0.0.1", "0"], ["127.0.0.1", "70000"]])
def test_a_check_without_an_address_says_how_it_is_used(arguments):
    assert run("check-serialem", *arguments).returncode == 64


@pytest.mark.parametrize("arguments", [
    ["--listen", "127.0.0.1:no-port"], ["--speed", "0"], ["--speed", "fast"], ["--seed", "-1"], ["--seed", "x"], ["--no-such-option"],
    ["--version", "5.0"], ["--navigator", "ajar"], ["--boxes", "maybe"]])
def test_wrong_options_are_said_to_be_wrong(arguments):
    assert run("simulate-serialem", *arguments).returncode == 64


def test_faults_that_cannot_be_read_end_with_a_sentence(tmp_path):
    faults = tmp_path / "faults.json"
    faults.write_text('[{"kind": "noSuchKind"}]')
    result = run("simulate-serialem", "--listen", "127.0.0.1:0", "--directory", tmp_path, "--faults", faults)
    assert result.returncode in (1, 64)
    assert "faults.json" in result.stderr


@pytest.mark.parametrize("fault", [
    {"kind": "hangUp", "comand": "Record"}, {"kind": "loaderJam", "slot": 1, "slots": 2}, {"kind": "diskFull", "slot": 1}])
def test_a_fault_with_a_key_that_nobody_reads_is_refused_by_name(tmp_path, fault):
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([fault]))
    result = run("simulate-serialem", "--listen", "127.0.0.1:0", "--directory", tmp_path, "--faults", faults)
    assert result.returncode in (1, 64)
    odd = {"hangUp": "comand", "loaderJam": "slots", "diskFull": "slot"}[fault["kind"]]
    assert f"has the key {odd}, which it does not know" in result.stderr


def test_an_address_that_is_taken_ends_with_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("simulate-serialem", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--directory", tmp_path)
    assert result.returncode == 1
    assert result.stderr.strip()


@pytest.mark.parametrize("command", ["simulate-serialem", "check-serialem"])
def test_each_has_its_help(command):
    result = run(command, "--help")
    assert result.returncode == 0
    assert command in result.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_well_when_it_is_asked_to(simulator, number):
    simulator.client().Echo("first")
    assert simulator.end(number) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_as_soon_as_it_says_that_it_is_there(simulate, number):
    for _ in range(10):
        assert simulate().end(number) == 0


def test_it_ends_in_the_middle_of_a_load(simulate):
    simulator = simulate(speed=1)
    with Raw(simulator.address) as raw:
        raw.in_control()
        raw.socket.sendall(command_message(COMMANDS["LoadCartridge"].code, slots(COMMANDS["LoadCartridge"], (1,))))
        eventually(lambda: simulator.ledger("command"), "The line of the load")
        assert simulator.end() == 0
