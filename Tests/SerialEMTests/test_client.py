"""The client itself, against peers that do as they are told: what it finds in the program is worth no more than it."""

import socket
import threading

import pytest

from commands import COMMANDS
from serialem_client import SEMerror, SEMexited, SEMmoduleError, SerialEM, slots
from wire import atof, command_message

GRANTED = "0c000000 00000000 01000000"
NOTHING = "18000000 00000000 ffffffff 00000000 01000000 00000000"


def sent(name, *arguments):
    return command_message(COMMANDS[name].code, slots(COMMANDS[name], arguments), rest=bytes(8))


@pytest.fixture
def peer():
    """Listens, and gives each connection in turn the answers of one list; None closes it, a message unread or not."""
    listener = socket.create_server(("127.0.0.1", 0))
    received, threads = [], []

    def play(*connections):
        def run():
            for answers in connections:
                connection, _ = listener.accept()
                with connection:
                    for answer in answers:
                        received.append(connection.recv(65536))
                        if answer is not None:
                            connection.sendall(bytes.fromhex(answer))

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        client = SerialEM(*listener.getsockname())
        client.resend_seconds = 10
        return client, received

    yield play
    listener.close()
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize("name, arguments, expected", [
    ("MoveStageTo", (12.5, -3.25), """
        48000000 01000000 1e010000 02000000 0d000000 000000000000000000000000
        0000000000000000 0000000000002940 0000000000000ac0 00 31322e3500 2d332e323500 00000000"""),
    ("ReportSlotStatus", (3,), """
        34000000 01000000 95010000 01000000 08000000 0000000000000000 0000000000000000 0000000000000840 00 3300 0000000000"""),
    ("ReportStageXYZ", (), "18000000 01000000 25010000 00000000 01000000 00000000"),
    ("Exit", (1,), """
        34000000 01000000 08000000 01000000 08000000 0000000000000000 0000000000000000 000000000000f03f 00 312e00 00000000"""),
])
def test_a_request_is_packed_as_the_module_packs_it(name, arguments, expected):
    assert sent(name, *arguments) == bytes.fromhex(expected)


@pytest.mark.parametrize("value, text", [
    (1.0, b"1."), (200, b"200."), (0.1234567891, b"0.123457"), (-1e-7, b"-0."), (-3.25, b"-3.25")])
def test_a_double_keeps_its_point(value, text):
    assert slots(COMMANDS["ChangeFocus"], (value,)) == [(value, text)]


def test_a_text_brings_the_number_that_it_begins_with():
    assert slots(COMMANDS["Echo"], ("12.5 um",)) == [(12.5, b"12.5 um")]
    assert atof(b"words") == 0


def test_a_number_that_means_left_out_ends_the_list():
    assert slots(COMMANDS["MoveStageTo"], (-9.1e7, 1.0)) == []
    assert slots(COMMANDS["SetDoseFracParams"], ("R", 1, -2000000000, 1)) == [(0.0, b"R"), (1.0, b"1")]


@pytest.mark.parametrize("arguments", [(), (1.0,), (1.0, "2"), (1.0, 2.0, 3.0, 4.0)])
def test_arguments_that_do_not_fit_are_never_sent(arguments):
    with pytest.raises(TypeError):
        slots(COMMANDS["MoveStageTo"], arguments)


def test_a_message_is_sent_again_once_when_the_link_closes_at_once(peer):
    client, received = peer([GRANTED, None], [NOTHING])
    client.View()
    assert received[1:] == [sent("View")[:21] + received[1][21:]] * 2


def test_a_message_is_not_sent_a_third_time(peer):
    client, received = peer([GRANTED, None], [None])
    with pytest.raises(SEMmoduleError) as caught:
        client.View()
    assert caught.value.number == -8
    assert len(received) == 3


def test_a_message_is_not_sent_again_when_the_link_closes_late(peer):
    client, received = peer([GRANTED, None])
    client.resend_seconds = 0
    with pytest.raises(SEMmoduleError) as caught:
        client.View()
    assert caught.value.number == -8
    assert len(received) == 2


def test_a_refusal_closes_the_link_and_the_next_command_does_not_ask_again(peer):
    client, received = peer([GRANTED, "08000000 f7ffffff"], [NOTHING])
    with pytest.raises(SEMmoduleError) as caught:
        client.View()
    assert caught.value.number == -9
    client.View()
    assert len(received) == 3


def test_a_busy_program_is_asked_again(peer):
    client, received = peer(["0c000000 00000000 00000000", GRANTED, NOTHING])
    with pytest.raises(SEMmoduleError, match="busy"):
        client.View()
    client.View()
    assert len(received) == 3


def test_an_exit_by_exception_is_followed_by_a_question(peer):
    client, received = peer([GRANTED, "18000000 00000000 ffffffff c01dfeff 01000000 00000000", GRANTED, NOTHING])
    with pytest.raises(SEMexited):
        client.Exit()
    client.View()
    assert received[0] == received[2]


def test_a_failure_without_a_text_has_one_all_the_same(peer):
    client, _ = peer([GRANTED, "18000000 00000000 ffffffff 01000000 01000000 00000000"])
    with pytest.raises(SEMerror, match="No message from command error"):
        client.View()


def test_seven_values_are_too_many(peer):
    array = bytes(28) + bytes(56)
    longs = (84 + 5) // 4
    client, _ = peer([GRANTED, (b"\x6c\0\0\0" + bytes(4) + b"\6\0\0\0" + bytes(4) + longs.to_bytes(4, "little")
                                + array + bytes(4 * longs - 84)).hex()])
    with pytest.raises(SEMmoduleError, match="Too many"):
        client.ReportStageXYZ()
