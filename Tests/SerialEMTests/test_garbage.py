"""Messages that no client sends: each has the number that SerialEM gives it, and the program lives on in little memory."""

import struct

import pytest

from commands import COMMANDS
from raw import Raw
from simulator import eventually
from wire import GET_IMAGE, OK_TO_RUN, PUT_IMAGE, REGULAR_COMMAND, command_message, message, read_outcome

ECHO = COMMANDS["Echo"].code
STAGE = command_message(COMMANDS["ReportStageXYZ"].code, [])
# What the program may grow by while it is mistreated.
MOST_GROWTH = 64 << 20


def longs(*numbers):
    return struct.pack(f"<{len(numbers)}i", *numbers)


def works(simulator):
    """A client that comes now is served."""
    with Raw(simulator.address) as raw:
        return len(read_outcome(raw.ask(STAGE)).values) == 3


@pytest.mark.parametrize("length", [0, 4, 7, -1, -2147483648])
def test_a_length_below_the_least_is_too_short(still_simulator, length):
    with Raw(still_simulator.address) as raw:
        assert raw.number(longs(length)) == -4
    assert works(still_simulator)


@pytest.mark.parametrize("length", [0x7fffffff, 1 << 30])
def test_a_length_beyond_all_is_too_long(still_simulator, length):
    with Raw(still_simulator.address) as raw:
        # Memory that is not there is an honest answer too.
        assert raw.number(longs(length)) in (-5, -2)
    assert works(still_simulator)


@pytest.mark.parametrize("function", [0, 6, 77, -1, 0x7fffffff])
def test_an_unknown_function_has_its_number(still_simulator, function):
    with Raw(still_simulator.address) as raw:
        assert raw.number(message(function)) == -1
    assert works(still_simulator)


@pytest.mark.parametrize("request_, number", [
    (message(GET_IMAGE), -4), (message(GET_IMAGE, 0), -4), (message(PUT_IMAGE, 0, 8, 8), -4), (message(REGULAR_COMMAND), -4),
    (message(OK_TO_RUN, 0), -5), (message(GET_IMAGE, 0, 0, 0), -5), (message(PUT_IMAGE, *[1] * 10), -5),
    (message(REGULAR_COMMAND, ECHO, 0, 1), -6), (message(REGULAR_COMMAND, ECHO, 0, 1, 0, 0), -6),
    (message(REGULAR_COMMAND, ECHO, 0, -1, 0), -6), (message(REGULAR_COMMAND, ECHO, 0, 0x7fffffff, 0), -6),
])
def test_a_message_of_the_wrong_size_has_its_number(still_simulator, request_, number):
    with Raw(still_simulator.address) as raw:
        assert raw.number(request_) == number
    assert works(still_simulator)


@pytest.mark.parametrize("last", [2, 19, 20, 1000, 0x7fffffff])
def test_more_arguments_than_the_array_holds_are_refused(still_simulator, last):
    with Raw(still_simulator.address) as raw:
        assert raw.number(message(REGULAR_COMMAND, ECHO, last, 8, array=bytes(32))) < 0
    assert works(still_simulator)


def test_a_text_without_its_end_is_refused(still_simulator):
    array = bytes(24) + b"x" * 8
    with Raw(still_simulator.address) as raw:
        assert raw.number(message(REGULAR_COMMAND, ECHO, 1, 8, array=array)) < 0
    assert works(still_simulator)


def test_a_command_of_serialem_that_is_not_known_here_names_itself(still_simulator):
    with Raw(still_simulator.address) as raw:
        raw.without_boxes()
        outcome = read_outcome(raw.ask(command_message(391, [])))
        assert outcome.error == 1
        assert "CookSpecimen is not among the commands that this simulated SerialEM knows" in outcome.values[0]


@pytest.mark.parametrize("code", [-1, -2147483648, 841, 100_000, 0x7fffffff])
def test_a_code_that_is_not_known_fails_without_a_text(still_simulator, code):
    with Raw(still_simulator.address) as raw:
        raw.without_boxes()
        outcome = read_outcome(raw.ask(command_message(code, [])))
        assert (outcome.error, outcome.values) == (1, [])
        assert len(read_outcome(raw.ask(STAGE)).values) == 3


@pytest.mark.parametrize("text", [
    b"caf\xe9 \xb5m", b"\xff\xfe\xfd", b"\xf0\x9f\x94\xac", "日本語".encode(), b"\xed\xa0\x80", b"\x01\x1f\x7f", b"x" * 5000, b"",
    b"\r\n\r\n", b"{\"}\\"])
def test_any_bytes_may_be_a_text(still_simulator, text):
    with Raw(still_simulator.address) as raw:
        outcome = read_outcome(raw.ask(command_message(ECHO, [(0.0, text)])))
        assert (outcome.error, outcome.values) == (0, [])
    still_simulator.ledger()


@pytest.mark.parametrize("name", [
    "MoveStageTo", "TiltTo", "SetDefocus", "ChangeFocus", "SetMag", "SetSpotSize", "LoadCartridge", "SetImageShift",
    "ReportSlotStatus", "RefrigerantLevel", "CameraProperties", "SetPercentC2", "ReportApertureSize", "EarlyReturnNextShot",
    "SetMontageParams", "SetExposure", "SetBinning", "SetDoseFracParams", "CropCenterToSize", "ReportExposure"])
def test_numbers_that_mean_nothing_end_no_program(still_simulator, name):
    with Raw(still_simulator.address) as raw:
        raw.without_boxes()
        for number in (float("nan"), float("inf"), -float("inf"), 1e308, -1e300, 5e-324, -1.0, 2.0**31, 2.0**63):
            # Its text is no number either, for those commands that look there.
            slots = [(number, b"R" if key in "Ss" else b"nan") for key in COMMANDS[name].keys]
            raw.ask(command_message(COMMANDS[name].code, slots))
            assert len(read_outcome(raw.ask(STAGE)).values) == 3


@pytest.mark.parametrize("header", [
    (3, 8, 8, 64, 0, 0, 1, -1, 1), (0, -8, -8, 64, 0, 0, 1, -1, 1), (0, 0, 0, 0, 0, 0, 1, -1, 1), (0, 8, 8, 63, 0, 0, 1, -1, 1),
    (0, 8, 8, -64, 0, 0, 1, -1, 1), (0, 8, 8, 64, 20, 0, 1, -1, 1), (0, 8, 8, 64, -1, 0, 1, -1, 1),
    (2, 65536, 65536, 0x7fffffff, 0, 0, 1, -1, 7), (0, 0x7fffffff, 0x7fffffff, 1, 0, 0, 1, -1, 1),
])
def test_an_image_that_cannot_be_is_not_taken(still_simulator, header):
    with Raw(still_simulator.address) as raw:
        assert raw.number(message(PUT_IMAGE, *header)) < 0
    assert works(still_simulator)


@pytest.mark.parametrize("buffer, is_fft", [(20, 0), (-1, 0), (0x7fffffff, 0), (8, 1), (19, 1)])
def test_a_buffer_that_is_not_there_is_empty_or_refused(still_simulator, buffer, is_fft):
    with Raw(still_simulator.address) as raw:
        answer = raw.ask(message(GET_IMAGE, buffer, is_fft))
        assert struct.unpack_from("<i", answer, 4)[0] < 0 or answer[24:28] == bytes(4)
    assert works(still_simulator)


def test_a_message_may_come_a_byte_at_a_time(still_simulator):
    with Raw(still_simulator.address) as raw:
        for request in (message(OK_TO_RUN), STAGE, command_message(ECHO, [(0.0, b"slowly")])):
            for byte in request:
                raw.socket.sendall(bytes([byte]))
            answer = raw.answer()
            assert struct.unpack_from("<i", answer, 4)[0] == 0


@pytest.mark.parametrize("count", [1, 3, 4, 7, 8, 20, 23])
def test_a_client_that_leaves_within_a_message_is_forgotten(still_simulator, count):
    with Raw(still_simulator.address) as raw:
        raw.socket.sendall(STAGE[:count])
    assert works(still_simulator)


def test_a_client_that_leaves_within_an_image_is_forgotten(still_simulator):
    with Raw(still_simulator.address) as raw:
        assert raw.number(message(PUT_IMAGE, 0, 100, 100, 10_000, 19, 0, 1, -1, 1)) == 0
        raw.socket.sendall(bytes(5000))
    assert works(still_simulator)


def test_a_client_that_does_not_read_is_forgotten(still_simulator):
    with Raw(still_simulator.address) as raw:
        raw.number(message(PUT_IMAGE, 0, 4096, 4096, 1 << 24, 19, 0, 1, -1, 1))
        raw.socket.sendall(bytes(1 << 24))
        raw.socket.sendall(message(GET_IMAGE, 19, 0))
    assert works(still_simulator)


def test_a_client_that_stops_within_a_message_keeps_nobody_out(still_simulator):
    with Raw(still_simulator.address) as raw:
        raw.socket.sendall(STAGE[:10])
        assert works(still_simulator)


def test_a_crowd_that_says_nothing_keeps_no_places(simulator):
    before = simulator.descriptors()
    crowd = [Raw(simulator.address) for _ in range(10)]
    assert works(simulator)
    eventually(lambda: simulator.descriptors() < before + 5, "The end of the connections that were pushed out")
    for raw in crowd:
        raw.socket.close()


def test_mistreatment_takes_no_memory(simulator):
    assert works(simulator)
    before = simulator.resident_bytes()
    for number in range(200):
        with Raw(simulator.address) as raw:
            raw.say_and_leave([
                longs(0x7fffffff) + bytes(1000), longs(1 << 20) + bytes(100_000), message(REGULAR_COMMAND, ECHO, 19, 0x7fffffff),
                message(PUT_IMAGE, 0, 32768, 32768, 1 << 30, 0, 0, 1, -1, 4), message(99), bytes(range(1, 200)),
            ][number % 6])
    assert works(simulator)
    assert simulator.resident_bytes() - before < MOST_GROWTH
