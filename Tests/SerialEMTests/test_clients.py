"""Who may command: one connection at a time, the newest, and nobody twice."""

import threading

import pytest

from commands import COMMANDS
from raw import Raw
from serialem_client import SEMmoduleError, slots
from simulator import eventually
from wire import OK_TO_RUN, command_message, message, read_outcome


def commanders(simulator):
    """The client of every command, in the ledger's order."""
    return [line["client"] for line in simulator.ledger("command")]


def test_a_newer_client_pushes_the_first_out_and_is_told_that_control_is_on(simulator):
    first, second = simulator.client(), simulator.client()
    first.Echo("first")
    with pytest.raises(SEMmoduleError, match="busy"):
        second.Echo("second")
    second.must_ask = False
    assert len(second.ReportStageXYZ()) == 3


def test_the_first_loses_one_command_at_most_and_pushes_the_second_out(simulator):
    first, second = simulator.client(), simulator.client()
    first.Echo("first")
    second.must_ask = False
    second.Echo("second")
    try:
        first.Echo("lost or sent again")
    except SEMmoduleError as error:
        assert error.number == -8
    first.Echo("back")
    assert [line["args"][0] for line in simulator.ledger("command")][-1] == "back"
    assert len(simulator.ledger("connect")) == 3


def test_a_client_that_was_pushed_out_finds_its_connection_closed(simulator):
    with Raw(simulator.address) as first:
        first.in_control()
        with Raw(simulator.address) as second:
            second.ask(message(OK_TO_RUN))
            assert first.answer() == b""


def test_a_second_client_waits_until_the_command_of_the_first_is_done(simulator):
    first, second = simulator.client(), simulator.client()
    first.Echo("first")
    loading = threading.Thread(target=lambda: outcome.append(first.LoadCartridge(2)))
    outcome = []
    loading.start()
    eventually(lambda: [line for line in simulator.ledger() if line.get("name") == "LoadCartridge"] or outcome, "The load")
    second.must_ask = False
    assert second.ReportLoadedSlot()[0] == 2
    loading.join()
    assert outcome == [(0, 0)]


def test_clients_that_fight_never_command_after_they_were_pushed_out(simulator):
    """Three at once, each connecting again and again: the numbers of those who command only rise."""
    def fight(client):
        client.must_ask = False
        for _ in range(30):
            try:
                client.MoveStage(0.1, 0.1)
            except SEMmoduleError as error:
                refusals.append(error.number)

    refusals = []
    threads = [threading.Thread(target=fight, args=[simulator.client()]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = commanders(simulator)
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 1
    assert set(refusals) <= {-8}
    assert {line["client"] for line in simulator.ledger("connect")} >= set(numbers)


def test_a_client_that_vanishes_within_a_command_ends_control_after_it(simulator):
    with Raw(simulator.address) as raw:
        raw.in_control()
        raw.socket.sendall(command_message(COMMANDS["LoadCartridge"].code, slots(COMMANDS["LoadCartridge"], (3,))))
    eventually(lambda: simulator.ledger("load") and simulator.ledger("disconnect"), "The end of the load")
    with Raw(simulator.address) as raw:
        raw.in_control()
    assert [line["args"] for line in simulator.ledger("command")] == [["3"]]
    client = simulator.client()
    # Whether the end of the connection before was seen by then is chance.
    client.must_ask = False
    assert client.ReportLoadedSlot()[0] == 3


def test_a_client_that_vanishes_between_commands_ends_control(simulator):
    first = simulator.client()
    first.AllowFileOverwrite(1)
    first.close()
    eventually(lambda: simulator.ledger("disconnect"), "The line of its end")
    second = simulator.client()
    second.Echo("granted")
    assert commanders(simulator) == [1, 2]


def test_the_last_of_those_who_wait_is_served(simulator):
    simulator.client().Echo("first")
    with Raw(simulator.address), Raw(simulator.address) as last:
        assert last.ask(message(OK_TO_RUN))[8:] == bytes(4)
        assert len(read_outcome(last.ask(command_message(COMMANDS["ReportStageXYZ"].code, []))).values) == 3
