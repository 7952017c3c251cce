"""Exchanges that were captured between SerialEM's own module and its peer, as far as they depend on no state, byte for byte."""

import struct

import numpy
import pytest

from commands import COMMANDS
from raw import Raw
from serialem_client import slots
from wire import FAILED, GET_IMAGE, command_message, read_outcome

NOTHING = bytes.fromhex("18000000 00000000 ffffffff 00000000 01000000")
PUT = bytes.fromhex("2c000000 05000000 00000000 60000000 40000000 00180000 10000000 00000000 01000000 ffffffff 01000000")


@pytest.fixture
def raw(still_simulator):
    with Raw(still_simulator.address) as raw:
        yield raw.in_control().without_boxes()
        raw.exit()


def test_the_first_question_is_granted(simulator):
    with Raw(simulator.address) as raw:
        assert raw.ask(bytes.fromhex("08000000 03000000")) == bytes.fromhex("0c000000 00000000 01000000")


def test_control_that_is_on_is_not_granted_again(raw):
    assert raw.ask(bytes.fromhex("08000000 03000000")) == bytes.fromhex("0c000000 00000000 00000000")


def test_a_command_without_values_has_the_least_answer(raw):
    answer = raw.ask(bytes.fromhex("""
        48000000 01000000 1e010000 02000000 0d000000 000000000000000000000000
        0000000000000000 0000000000002940 0000000000000ac0 00 31322e3500 2d332e323500 00000000"""))
    # One long of anything stands where no value does.
    assert (len(answer), answer[:20]) == (24, NOTHING)


def test_rubbish_where_no_argument_is_changes_nothing(raw):
    answer = raw.ask(bytes.fromhex("18000000 01000000 25010000 00000000 01000000 00b63ef6"))
    assert len(read_outcome(answer).values) == 3


def test_a_slot_without_a_readable_name_is_reported_with_its_number(raw, program_kind):
    if program_kind == "jeol":
        pytest.skip("An inventory of JEOL's tells more of a slot, which test_loader holds.")
    answer = raw.ask(bytes.fromhex("""
        34000000 01000000 95010000 01000000 08000000 0000000000000000 0000000000000000 0000000000000840 00 3300 00 6811fff6"""))
    assert read_outcome(answer).values == [1, 3]
    assert answer[:44] == bytes.fromhex("""
        30000000 00000000 01000000 00000000 07000000 00000000 00000000 000000000000f03f 0000000000000840""")


def test_a_text_is_reported_behind_the_numbers(raw):
    raw.ask(command_message(COMMANDS["SetVariable"].code, slots(COMMANDS["SetVariable"], ("name", "grid3"))))
    answer = raw.ask(command_message(COMMANDS["GetVariable"].code, slots(COMMANDS["GetVariable"], ("name",))))
    assert answer[:38] == bytes.fromhex(
        "28000000 00000000 00000000 00000000 05000000 01000000 0000000000000000 677269643300")
    assert len(answer) == 0x28


def test_too_high_a_tilt_fails_with_the_line_of_the_command(raw):
    answer = raw.ask(command_message(COMMANDS["TiltTo"].code, slots(COMMANDS["TiltTo"], (200.0,))))
    assert read_outcome(answer).error == FAILED
    assert read_outcome(answer).values == [
        "\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\nAttempt to tilt too high in script, to 200.0 degrees, in line:\r\n\r\nTiltTo(200.)\r\n"
        + " ".join("*" * 18) + "\r\n"]


def test_exit_has_its_number(simulator):
    with Raw(simulator.address) as raw:
        answer = raw.in_control().ask(bytes.fromhex("""
            34000000 01000000 08000000 01000000 08000000
            0000000000000000 0000000000000000 000000000000f03f 00 312e00 00000000"""))
        assert (len(answer), answer[:20]) == (24, bytes.fromhex("18000000 00000000 ffffffff 0f04f6ff 01000000"))


def test_an_image_is_put_without_an_answer_after_it(raw):
    assert raw.ask(PUT) == bytes.fromhex("08000000 00000000")
    pixels = bytes(range(256)) * 24
    raw.socket.sendall(pixels)
    assert raw.ask(bytes.fromhex("10000000 04000000 10000000 00000000")) == bytes.fromhex(
        "20000000 00000000 00000000 60000000 60000000 40000000 00180000 01000000")
    assert raw.receive(6144) == pixels


def test_an_image_has_its_header(raw):
    image = numpy.arange(512 * 512, dtype=numpy.int16)
    raw.ask(bytes.fromhex("2c000000 05000000 01000000 00020000 00020000 00000800 00000000 00000000 01000000 ffffffff 01000000"))
    raw.socket.sendall(image.tobytes())
    assert raw.ask(struct.pack("<4i", 16, GET_IMAGE, 0, 0)) == bytes.fromhex(
        "20000000 00000000 01000000 00040000 00020000 00020000 00000800 01000000")
    assert raw.receive(image.nbytes) == image.tobytes()


def test_an_empty_buffer_is_an_image_of_no_bytes(raw):
    answer = raw.ask(struct.pack("<4i", 16, GET_IMAGE, 19, 0))
    assert (len(answer), answer[4:8], answer[24:28]) == (32, bytes(4), bytes(4))
