"""Where SerialEMs differ: what they tell of the loader, which commands they have, and what becomes of their problems."""

import time

import pytest

from serialem_client import SEMerror
from simulator import KINDS


def test_a_slot_is_empty_while_its_grid_is_on_the_stage(serialem, program_kind):
    serialem.LoadCartridge(2)
    status = serialem.ReportSlotStatus(2)
    # The inventory of a JEOL loader names the station instead.
    assert status[1] == 3 if program_kind == "jeol" else status == 0
    serialem.UnloadCartridge()
    assert serialem.ReportSlotStatus(2)[:1] == ((102,) if program_kind == "jeol" else (1,))


def test_the_loaded_slot_is_told_where_serialem_can(serialem, program_kind):
    serialem.LoadCartridge(2)
    if program_kind == "tfs-4.1":
        with pytest.raises(SEMerror, match="No message from command error"):
            serialem.ReportLoadedSlot()
    else:
        assert serialem.ReportLoadedSlot()[0] == (1 if program_kind == "jeol" else 2)


@pytest.mark.parametrize("name, arguments, words", [
    ("ReportSlotStatus", (1,), "cassette inventory"), ("ReportLoadedSlot", (), "cartridge inventory"),
    ("LoadCartridge", (1,), "cassette inventory")])
def test_a_jeol_loader_says_nothing_before_its_inventory(simulate, name, arguments, words):
    client = simulate(kind="jeol").client()
    with pytest.raises(SEMerror, match=words):
        client.command(name, *arguments)
    with pytest.raises(SEMerror):
        client.LongOperation("IN", "0")
    client.LongOperation("IN")
    client.command(name, *arguments)


def test_without_utapi_a_thermo_fisher_column_cannot_tell(simulate, monkeypatch):
    monkeypatch.setitem(KINDS, "without", ["--no-utapi"])
    with pytest.raises(SEMerror, match="UTAPI loader service must be connected to for line:"):
        simulate(kind="without").client().ReportLoadedSlot()


def test_a_version_is_at_least_itself(serialem, program_kind):
    versions = ["40100", "40200", "40300"]
    assert [serialem.IsVersionAtLeast(version) for version in versions] == ([1, 0, 0] if program_kind == "tfs-4.1" else [1, 1, 1])


def test_a_persistent_variable_outlives_control_and_not_the_program(simulator):
    client = simulator.client()
    client.SetPersistentVar("slot", "3")
    client.SetVariable("other", "4")
    client.Exit(1)
    client = simulator.client()
    client.must_ask = False
    assert client.GetVariable("Slot") == 3
    with pytest.raises(SEMerror):
        client.GetVariable("other")
    simulator.end()
    simulator.start()
    with pytest.raises(SEMerror):
        simulator.client().GetVariable("slot")


def test_metadata_is_asked_for_by_its_buffer_first(imaging):
    imaging.View()
    assert imaging.ReportMetadataString("A", "TimeStamp").isdigit()
    with pytest.raises(SEMerror, match="Improper buffer letter TIMESTAMP in statement:"):
        imaging.ReportMetadataString("TimeStamp", "A")


def test_a_problem_waits_behind_a_box_until_a_client_asks_for_answers(simulate):
    """600 s of the microscope's time, which is a thousand times as fast here."""
    client = simulate(kind="boxes").client()
    begun = time.monotonic()
    with pytest.raises(SEMerror) as caught:
        client.SetSpotSize(99)
    assert str(caught.value) == "" and time.monotonic() - begun >= 0.6
    client.NoMessageBoxOnError(1)
    with pytest.raises(SEMerror, match="SetSpotSize"):
        client.SetSpotSize(99)
    # Control that ends takes it along.
    client.Exit(1)
    with pytest.raises(SEMerror) as caught:
        client.SetSpotSize(99)
    assert str(caught.value) == ""


def test_a_box_within_a_task_is_told_as_stop(simulate):
    fault = {"kind": "messageBox", "command": "View", "times": 2}
    client = simulate(faults=[fault]).client()
    with pytest.raises(SEMerror) as caught:
        client.View()
    assert "camera" not in str(caught.value)
    client.NoMessageBoxOnError(1)
    with pytest.raises(SEMerror, match="camera"):
        client.View()


def test_an_image_shift_by_the_stage_is_what_a_move_would_need(imaging):
    imaging.TiltTo(30.0)
    assert imaging.ImageShiftByStageDiff(1.0, 2.0) == 0
    assert imaging.ReportImageShift()[4:] == pytest.approx((1, 2), abs=1e-4)
    assert imaging.ReportSpecimenShift()[1] == pytest.approx(2 * 0.866, abs=1e-3)
