"""What goes wrong on the way, on demand, and how it looks from the module's side."""

import pytest

from commands import COMMANDS
from raw import Raw
from serialem_client import PATIENCE, SEMerror
from wire import STOPPED, command_message, read_outcome

STAGE = command_message(COMMANDS["ReportStageXYZ"].code, [])


def commands(simulator, name):
    return [line for line in simulator.ledger("command") if line["name"] == name]


def test_a_link_that_closes_before_a_command_has_it_sent_again_and_done_once(simulate):
    simulator = simulate(faults=[{"kind": "hangUp", "command": "MoveStage", "moment": "before"}])
    client = simulator.client()
    client.resend_seconds = PATIENCE
    client.MoveStage(10.0, 0.0)
    assert len(commands(simulator, "MoveStage")) == 1
    assert len(simulator.ledger("connect")) == 2


def test_a_link_that_closes_before_an_answer_has_the_command_done_twice(simulate):
    """The module cannot know better, as long as the command took less than 200 ms."""
    simulator = simulate(faults=[{"kind": "hangUp", "command": "MoveStage", "moment": "after"}])
    client = simulator.client()
    client.resend_seconds = PATIENCE
    client.MoveStageTo(0.0, 0.0)
    client.MoveStage(10.0, 0.0)
    assert len(commands(simulator, "MoveStage")) == 2
    assert client.ReportStageXYZ()[0] == pytest.approx(20, abs=1)


def test_stop_during_a_command_ends_control(simulate):
    simulator = simulate(faults=[{"kind": "operatorStop", "command": "View", "moment": "after"}])
    with Raw(simulator.address) as raw:
        raw.in_control()
        assert read_outcome(raw.ask(command_message(COMMANDS["View"].code, []))).error == STOPPED
        raw.in_control()


def test_after_stop_the_next_command_starts_control(simulate):
    client = simulate(faults=[{"kind": "operatorStop", "command": "View", "moment": "after"}]).client()
    client.Echo("first")
    with pytest.raises(SEMerror):
        client.View()
    assert len(client.ReportStageXYZ()) == 3


def test_stop_between_commands_is_told_by_the_next_one_and_once(simulate):
    simulator = simulate(faults=[{"kind": "operatorStop", "command": "ReportStageXYZ", "moment": "before"}])
    with Raw(simulator.address) as raw:
        raw.in_control()
        assert raw.number(STAGE) == -10
        assert raw.number(STAGE) == 0


def test_a_program_that_is_busy_does_not_grant_control_until_it_is_idle(simulate):
    """It waits for itself, 5 s each time, and so does this test."""
    with Raw(simulate(faults=[{"kind": "busy", "seconds": 5.5}]).address) as raw:
        assert raw.number(STAGE) == -9
        raw.in_control()


def test_an_answer_that_comes_a_byte_at_a_time_is_an_answer(simulate):
    client = simulate(faults=[{"kind": "slowAnswer", "command": "ReportStageXYZ", "seconds": 0.5}]).client()
    assert len(client.ReportStageXYZ()) == 3


def test_an_answer_may_be_late(simulate):
    client = simulate(faults=[{"kind": "lateAnswer", "command": "ReportStageXYZ", "seconds": 0.5}]).client()
    assert len(client.ReportStageXYZ()) == 3


def test_a_full_disk_fails_a_save_and_nothing_else(simulate):
    client = simulate(faults=[{"kind": "diskFull", "command": "Save"}]).client()
    client.LoadCartridge(1)
    client.SetColumnOrGunValve(1)
    client.OpenNewFile("one.mrc")
    client.View()
    with pytest.raises(SEMerror):
        client.Save()
    client.Save()


def test_a_jam_is_a_value_of_the_load(simulate):
    client = simulate(faults=[{"kind": "loaderJam", "slot": 1, "times": 1}]).client()
    assert client.LoadCartridge(1)[0] != 0
    assert client.LoadCartridge(1) == (0, 0)
