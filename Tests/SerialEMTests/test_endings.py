"""How commands end other than well, and how control ends."""

import pytest

from commands import COMMANDS
from serialem_client import SEMerror, SEMexited, SEMmoduleError
from wire import slot

# What cannot be done on a column that nobody prepared.
FAILING = [
    ("TiltTo", 200.0), ("ChangeFocus", 0.0), ("ChangeFocus", 1001.0), ("SetDefocus", 5001.0), ("SetTargetDefocus", 51.0),
    ("SetMag", 1.0), ("SetSpotSize", 99), ("Save",), ("AddToAutodoc", "Key", "value"), ("WriteAutodoc",), ("Montage",),
    ("ReportCurrentFilename",), ("ReportFileZsize",), ("CloseFile", "A"), ("SetMontageParams", 1), ("RestoreBeamTilt",),
    ("GoToLowDoseArea", "R"), ("LoadCartridge", 99), ("ReportProperty", "NoSuchProperty"), ("ReportUserSetting", "NoSuchSetting"),
    ("SetDirectory", "X:\\there\\is\\none"), ("ReadOtherFile", 0, "P", "none.mrc"), ("ReportLastFrameFile",),
    ("SetFolderForFrames", "not\\a\\full\\path"), ("GetVariable", "nothing"), ("Call", "NoSuchScript"),
]


@pytest.mark.parametrize("name, arguments", [(name, arguments) for name, *arguments in FAILING])
def test_a_failure_says_the_line_of_the_command_and_the_session_goes_on(still_serialem, name, arguments):
    with pytest.raises(SEMerror) as caught:
        still_serialem.command(name, *arguments)
    texts = [slot(key, value)[1].decode() for key, value in zip(COMMANDS[name].keys, arguments)]
    text = str(caught.value)
    assert text.startswith("\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\n")
    assert text.endswith(f"\r\n\r\n{name}({', '.join(texts)})\r\n{' '.join('*' * 18)}\r\n")
    assert len(still_serialem.ReportStageXYZ()) == 3


def test_a_beam_tilt_is_not_saved_twice(serialem):
    serialem.SaveBeamTilt()
    with pytest.raises(SEMerror):
        serialem.SaveBeamTilt()


def test_a_file_is_overwritten_only_when_that_was_allowed(imaging):
    imaging.OpenNewFile("one.mrc")
    imaging.View()
    imaging.Save()
    imaging.CloseFile()
    with pytest.raises(SEMerror):
        imaging.OpenNewFile("one.mrc")
    imaging.AllowFileOverwrite(1)
    imaging.OpenNewFile("one.mrc")


def test_what_was_allowed_ends_with_control(imaging):
    imaging.OpenNewFile("one.mrc")
    imaging.View()
    imaging.Save()
    imaging.CloseFile()
    imaging.AllowFileOverwrite(1)
    imaging.Exit(1)
    with pytest.raises(SEMerror):
        imaging.OpenNewFile("one.mrc")


def test_an_image_of_another_size_is_not_saved_into_a_file(imaging):
    imaging.OpenNewFile("one.mrc")
    imaging.View()
    imaging.Save()
    imaging.CropCenterToSize("A", 64, 64)
    with pytest.raises(SEMerror):
        imaging.Save()


def test_an_image_shift_beyond_the_limit_is_a_value_and_not_done(serialem):
    serialem.SetImageShift(0.0, 0.0)
    assert serialem.ImageShiftByMicrons(500.0, 0.0) == 1
    assert serialem.ReportImageShift()[:2] == pytest.approx((0, 0))


def test_an_imaging_state_that_is_not_there_is_a_value(still_serialem):
    assert still_serialem.GoToImagingState("no such state") != 0


def test_a_command_beyond_the_list_fails_without_a_text(serialem):
    serialem.Echo("first")
    with pytest.raises(SEMerror, match="No message from command error"):
        serialem.code(100_000)
    assert len(serialem.ReportStageXYZ()) == 3


def test_after_exit_with_1_the_next_command_starts_control(serialem):
    serialem.Echo("first")
    assert serialem.Exit(1) is None
    assert len(serialem.ReportStageXYZ()) == 3


def test_exit_without_1_is_an_exception_and_the_next_command_asks(serialem):
    serialem.Echo("first")
    with pytest.raises(SEMexited):
        serialem.Exit()
    assert serialem.must_ask
    assert len(serialem.ReportStageXYZ()) == 3


def test_exit_with_0_is_an_exception_too(serialem):
    serialem.Echo("first")
    with pytest.raises(SEMexited):
        serialem.Exit(0)


def test_the_connection_outlives_an_exit(simulator):
    client = simulator.client()
    for _ in range(3):
        client.Echo("again")
        client.Exit(1)
    assert len(simulator.ledger("connect")) == 1


def test_an_image_as_the_first_call_leaves_commands_busy_for_ever(simulator):
    serialem = simulator.client()
    with pytest.raises(SEMmoduleError):
        serialem.bufferImage("T")
    for _ in range(3):
        with pytest.raises(SEMmoduleError, match="busy"):
            serialem.Echo("never")
