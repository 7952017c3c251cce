"""The exposure ledger: what the microscope really did, line by line, whoever asked and whatever became of them."""

import re
import signal

import pytest

KINDS = {"connect", "disconnect", "command", "exposure", "load", "valves"}


@pytest.fixture
def told(simulator):
    """The ledger of a short session."""
    client = simulator.prepared_client()
    client.LoadCartridge(2)
    client.SetColumnOrGunValve(1)
    client.SetLowDoseMode(1)
    client.GoToLowDoseArea("View")
    client.MoveStageTo(12.5, -3.25)
    client.View()
    client.SetFolderForFrames("X:\\frames")
    client.SetFrameBaseName(1, 1, 0, "exposure-1")
    client.SetDoseFracParams("R", 1, 1, 0)
    client.SetImageShift(0.1, 0.2)
    client.Record()
    return simulator.ledger()


def of_kind(lines, kind):
    return [line for line in lines if line["kind"] == kind]


def test_every_line_says_when_what_and_whose(told):
    for line in told:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", line["t"]), line
        assert line["kind"] in KINDS | {"saved"}
        assert isinstance(line["client"], int)


def test_the_times_never_fall(told):
    times = [line["t"] for line in told]
    assert times == sorted(times)


def test_a_command_has_its_name_and_its_arguments_as_they_came(told):
    preparing = {"NoMessageBoxOnError", "LongOperation"}
    commands = [(line["name"], [str(argument) for argument in line["args"]]) for line in of_kind(told, "command")
                if line["name"] not in preparing]
    assert commands == [
        ("LoadCartridge", ["2"]), ("SetColumnOrGunValve", ["1"]), ("SetLowDoseMode", ["1"]), ("GoToLowDoseArea", ["View"]),
        ("MoveStageTo", ["12.5", "-3.25"]), ("View", []), ("SetFolderForFrames", ["X:\\frames"]),
        ("SetFrameBaseName", ["1", "1", "0", "exposure-1"]), ("SetDoseFracParams", ["R", "1", "1", "0"]),
        ("SetImageShift", ["0.1", "0.2"]), ("Record", [])]


def test_a_load_has_its_grid(told):
    load, = of_kind(told, "load")
    assert load["grid"] == 2


def test_valves_have_their_line(told):
    assert len(of_kind(told, "valves")) >= 1


def test_an_exposure_has_its_area_its_place_and_its_grid(told):
    view, record = of_kind(told, "exposure")
    assert (view["preset"], record["preset"]) == ("V", "R")
    for line in (view, record):
        assert line["stage"][:2] == pytest.approx([12.5, -3.25], abs=1)
        assert len(line["stage"]) == 3
        assert len(line["imageShift"]) == 2
        assert line["grid"] == 2
    assert record["imageShift"] != view["imageShift"]


def test_an_exposure_with_frames_names_their_file(told):
    assert "exposure-1" in of_kind(told, "exposure")[-1]["file"]


def test_a_line_is_there_before_its_answer(simulator, imaging):
    for number in range(20):
        imaging.Echo(f"line {number}")
        assert simulator.ledger("command")[-1]["args"] == [f"line {number}"]
    imaging.View()
    assert len(simulator.ledger("exposure")) == 1


def test_a_connection_has_its_lines_and_its_number(simulator):
    for number in (1, 2, 3):
        client = simulator.client()
        client.Echo("here")
        client.Exit(1)
        client.close()
    numbers = [line["client"] for line in simulator.ledger("connect")]
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_goes_on_with_the_grid_and_the_numbers(simulator, number):
    simulator.prepared_client().LoadCartridge(2)
    simulator.end(number)
    simulator.start()
    status = simulator.prepared_client().ReportSlotStatus(2)
    # Empty while its grid is on the stage, or station 3 of an inventory.
    assert status == 0 if simulator.kind != "jeol" else status[1] == 3
    assert [line["client"] for line in simulator.ledger("connect")] == [1, 2]


def test_a_restart_leaves_every_line_that_was_written(simulator):
    simulator.client().Echo("before")
    before = simulator.ledger_file.read_bytes()
    simulator.end(signal.SIGKILL)
    simulator.start()
    simulator.client().Echo("after")
    assert simulator.ledger_file.read_bytes().startswith(before)
