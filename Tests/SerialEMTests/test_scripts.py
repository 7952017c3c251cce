"""Openings and sequences as people's scripts have them, written anew from the table of commands: tomography with targets on maps, searching
and imaging of lamellae, single particles hole by hole."""

import mrcfile
import numpy
import pytest

from commands import SCRIPT_COMMANDS
from serialem_client import SEMerror
from test_story import form_of, lacks


class Script:
    """Calls like the client, and holds every answer to the table."""

    def __init__(self, client, kind):
        self.client = client
        self.kind = kind

    def __getattr__(self, name):
        def call(*arguments):
            if lacks(self.kind, name):
                with pytest.raises(SEMerror):
                    self.client.command(name, *arguments)
                pytest.skip(f"Such a script ends here on this SerialEM: it has no {name}.")
            result = self.client.command(name, *arguments)
            row = SCRIPT_COMMANDS.get(name)
            if row and row.forms:
                assert form_of(result) in row.forms, f"{name}{arguments} gave {result}"
            return result
        return call

    def bufferImage(self, buffer):
        return self.client.bufferImage(buffer)


def script_on(simulator):
    client = simulator.prepared_client()
    client.LoadCartridge(1)
    client.SetColumnOrGunValve(1)
    client.SetLowDoseMode(1)
    return Script(client, simulator.kind)


@pytest.fixture
def operated(simulate, program_kind):
    """A simulator with somebody who answers boxes with yes."""
    return simulate(kind=program_kind, more=["--boxes", "yes"])


@pytest.fixture
def sem(operated):
    return script_on(operated)


def test_the_opening_of_a_tomography_script_runs_through(sem):
    sem.SuppressReports()
    sem.ErrorsToLog()
    sem.NoMessageBoxOnError(1)
    sem.SaveLogOpenNew()
    sem.ResetClock()
    sem.SetNewFileType(0)
    sem.SetUserSetting("BuffersToRollOnAcquire", 5, 1)
    sem.SetUserSetting("DriftProtection", 1)
    assert sem.ReportProperty("DummyInstance") == 1
    assert sem.ReportProperty("ImageShiftLimit") == 15
    assert sem.ReportProperty("MaximumTiltAngle") == 70
    assert sem.ReportUserSetting("ImageShiftDelay") > 0
    assert sem.IsVariableDefined("firstRun") == 0
    sem.SetPersistentVar("firstRun", "1")
    assert sem.IsVariableDefined("firstRun") == 2
    folder = sem.UserSetDirectory("Choose the folder of the session")
    sem.SetDirectory(folder)
    navigator, root, ending, place = sem.ReportNavFile(1)
    assert navigator.startswith(place) and ending == ".nav"
    assert sem.ReportClock() >= 0
    assert sem.IsVersionAtLeast("40100", "20231220") == 1


def test_targets_are_picked_on_a_map_and_written_down(sem, operated):
    sem.GoToLowDoseArea("V")
    sem.SetImageShift(0, 0)
    sem.MoveStageTo(120.0, 80.0)
    sem.V()
    sem.OpenNewFile("lamella1_map.mrc")
    sem.S("A")
    first = int(sem.NewMap(0, "lamella1_tgts.txt"))
    sem.CloseFile()
    sem.SetItemAcquire(first)
    sem.ChangeItemLabel(first, "001")
    to_stage = numpy.array(sem.StageToSpecimenMatrix(0)).reshape(2, 2)
    camera = numpy.array(sem.CameraToSpecimenMatrix(0)).reshape(2, 2)
    for number in range(2, 5):
        offset = to_stage @ camera @ numpy.array([40.0 * number, -25.0])
        index = int(sem.AddStagePosAsNavPoint(120.0 + offset[0], 80.0 + offset[1], 0.0, int(first)))
        sem.ChangeItemLabel(index, f"{number:03d}")
        sem.ChangeItemNote(index, f"lamella1_tgt_{number:03d}.mrc")
        sem.ChangeItemColor(index, 3)
    sem.SaveNavigator()
    text = operated.file("session.nav").read_text()
    assert text.startswith("AdocVersion = 2.00\n") and text.count("[Item = ") == 4
    assert sem.NavIndexWithNote("lamella1_tgt_003.mrc") == 3
    assert sem.ReportNumNavAcquire() == (1, 0)
    number, x, y, _, kind = sem.ReportNavItem()
    assert (number, kind) == (4, 0) and sem.GetVariable("navLabel") == 4
    before = [sem.ReportOtherItem(index) for index in range(1, 5)]
    sem.CloseNavigator()
    sem.OpenNavigator()
    sem.ReadNavFile("session.nav")
    assert numpy.allclose(before, [sem.ReportOtherItem(index) for index in range(1, 5)], atol=1e-5)


def test_a_target_comes_to_the_middle_by_the_matrices_of_the_camera(sem):
    """What targets are picked with: pixels of an image, turned into specimen coordinates, become image shift."""
    sem.GoToLowDoseArea("S")
    sem.Search()
    sem.Copy("A", "M")
    camera = numpy.array(sem.CameraToSpecimenMatrix(0)).reshape(2, 2)
    shift = camera @ numpy.array([30.0, -20.0])
    sem.ImageShiftByMicrons(*shift)
    sem.Search()
    sem.AlignTo("M", 1)
    x, y, *_, nm_x, nm_y = sem.ReportAlignShift()
    assert abs(x - 30) < 2 and abs(y + 20) < 2, "the content went left and down, and is brought back right and up"
    assert numpy.allclose(numpy.array([nm_x, nm_y]) / 1000, shift, atol=0.2)
    sem.ImageShiftByPixels(-30, 20)
    assert numpy.allclose(sem.ReportSpecimenShift(), 0, atol=1e-6)


def test_a_tilt_series_runs_over_several_targets(sem, operated):
    """Side by side: at each tilt every target gets its image shift, a picture to follow it by, and its exposure."""
    sem.SetTargetDefocus(-3.0)
    sem.SetEucentricFocus()
    sem.G(-1)
    sem.GoToLowDoseArea("R")
    sem.SetFrameTime("R", 0.1)
    sem.SetExposure("R", 0.6)
    sem.SetDoseFracParams("R", 1, 1, 0)
    sem.SetFolderForFrames("X:\\frames")
    for name in ["ts_001.mrc", "ts_002.mrc"]:
        sem.OpenNewFile(name)
    start_x, start_y, *_ = sem.ReportImageShift()
    for tilt in [0, 3, -3]:
        sem.TiltTo(tilt)
        sem.ResetClock()
        for target, units in enumerate([(0.0, 0.0), (1.5, -0.5)], 1):
            sem.SetImageShift(start_x, start_y)
            sem.ImageShiftByUnits(*units)
            sem.SaveFocus()
            sem.ChangeFocus(-0.05)
            sem.SetFrameBaseName(0, 1, 0, f"ts_{target:03d}_{tilt}")
            sem.R()
            sem.S("A", target)
            assert sem.ReportMeanCounts("A") > 0
            sem.RestoreFocus()
            sem.SetBeamShift(*sem.ReportBeamShift())
        assert sem.ReportClock() > 0
    sem.SwitchToFile(1)
    sem.CloseFile()
    sem.CloseFile()
    with mrcfile.open(operated.file("ts_001.mrc")) as file:
        assert file.data.shape[0] == 3 and file.header.ispg == 0
    assert len(list(operated.images.rglob("ts_002_-3.mrc"))) == 1
    sem.OpenOldFile("ts_002.mrc")
    sem.ReadFile(2, "Q")
    assert sem.ReportFileZsize() == 3


def test_the_opening_of_a_lamella_script_runs_through(sem):
    sem.SuppressReports()
    sem.ProgramTimeStamps()
    sem.SetNextLogOutputStyle(1, 4)
    sem.Echo("A session of lamellae")
    sem.EchoBreakLines("over\ntwo lines")
    sem.SetStatusLine(1, "Searching")
    sem.SetProperty("UseIlluminatedAreaForC2", 0)
    if sem.YesNoBox("Go on?"):
        name = sem.EnterString("grid", "What is the grid called?")
    assert sem.EnterDefaultedNumber(3, 1, "How many?") == 3
    sem.UserSetDirectory("Where?")
    assert sem.ReportLDDefocusOffset("V") <= 0
    assert len(sem.ReportBeamTilt()) == 2 and len(sem.ReportCrossoverPercentC2()) == 2
    camera = sem.CameraProperties(1)
    assert camera[0] > 0 and name == "simulated"
    sem.SetCameraArea("V", "F")
    sem.SetK2ReadMode("V", 1)
    sem.RestoreLowDoseParams()
    sem.RestoreCameraSet()
    sem.ClearStatusLine(0)
    sem.SaveSettings()


def test_a_failure_in_a_try_is_caught_and_the_script_goes_on(sem):
    sem.StartTry(1)
    with pytest.raises(SEMerror, match="no image in buffer T"):
        sem.ImageProperties("T")
    sem.EndTry()
    sem.SetStatusLine(2, "went on")


def test_a_grid_is_mapped_and_its_squares_are_found_again(sem, operated):
    sem.SetLowDoseMode(0)
    sem.SetMagIndex(5)
    sem.OpenNewMontage(2, 2, "grid.mrc")
    sem.M()
    index = int(sem.NewMap(0, "grid.mrc"))
    sem.CloseFile()
    sem.SetLowDoseMode(1)
    size_x, size_y, binning, _, pixel, *_ = sem.ImageProperties("B")
    group = int(sem.GetUniqueNavID())
    for fraction in [0.25, 0.5, 0.75]:
        point = int(sem.AddImagePosAsNavPoint("B", size_x * fraction, size_y * 0.5, 0.0, group))
        sem.SetItemAcquire(point)
        assert sem.NavIndexItemDrawnOn(point) == index
    assert sem.ReportGroupStatus()[1:] == (group, 3, 3)
    assert sem.GetNavGroupStageCoords(group, "xs", "ys", "zs") == 3
    assert len(sem.GetVariable("xs").split("\n")) == 3
    sem.LoadOtherMap(index, "O")
    assert sem.ImageProperties("O")[:2] == (size_x, size_y)
    sem.SetSelectedNavItem(3)
    sem.MoveToNavItem()
    sem.RealignToNavItem(0)
    sem.UpdateItemZ()
    sem.ReduceImage("O", 2)
    sem.AddBufToStackWindow("A", 0, 0, 0, 0, "reduced")
    assert sem.ImageProperties("A")[4] == pytest.approx(2 * pixel)
    stage = sem.ReportOtherItem(3)[1:3]
    pixels = sem.StagePosToBufImagePos("O", 0, *stage)
    assert pixels == pytest.approx((size_x * 0.5, size_y * 0.5), abs=1)
    sem.DeleteNavigatorItem(-1)
    assert sem.ReportNumTableItems() == 3


def test_holes_are_imaged_one_after_the_other(sem):
    """As macros for single particles do: alignment to a template, focus, drift, exposures by image shift."""
    sem.GoToLowDoseArea("V")
    sem.V()
    sem.CropCenterToSize("A", 256, 256)
    sem.Copy("A", "T")
    sem.ResetImageShift()
    sem.V()
    sem.AlignTo("T")
    sem.ClearAlignment()
    sem.SetTargetDefocus(-1.2)
    sem.IncTargetDefocus(-0.1)
    assert sem.ReportTargetDefocus() == pytest.approx(-1.3)
    sem.G()
    assert len(sem.ReportFocusDrift()) == 2
    sem.FocusChangeLimits(-20, 20)
    sem.SetExposure("R", 0.5)
    for dx, dy in [(0, 0), (1, 0), (0, 1)]:
        sem.ImageShiftByStageDiff(float(dx), float(dy))
        sem.AdjustBeamTiltforIS()
        sem.R()
        sem.SaveToOtherFile("A", "MRC", "NONE", f"hole_{dx}{dy}.mrc")
    sem.CenterBeamFromImage()
    sem.FixComaByCTF()
    assert sem.CtfFind("A", -0.5, -8.0)[0] < 5
    sem.SkipAcquiringNavItem()
    sem.SetBeamBlank(1)
    sem.AppendToArray("done", "hole_00")
    sem.AppendToArray("done", "hole_10")
    assert sem.GetVariable("done") == "hole_00\nhole_10"


def test_nothing_else_is_asked_of_the_navigator_while_it_is_shut(simulate):
    sem = script_on(simulate(more=["--navigator", "shut"]))
    assert sem.ReportIfNavOpen() == 0
    with pytest.raises(SEMerror, match="Navigator must be open"):
        sem.ReportNavItem()
    sem.OpenNavigator("mine.nav")
    assert sem.ReportIfNavOpen() == 2


def test_nobody_answers_boxes_unless_the_simulator_was_told(simulate):
    for answer, expected in [("yes", 1), ("no", 0)]:
        assert simulate(more=["--boxes", answer]).client().YesNoBox("Go on?") == expected
    with pytest.raises(SEMerror, match="Nobody is there"):
        simulate().client().YesNoBox("Go on?")


def test_no_text_shows_a_folder_of_the_simulator_s_own_computer(sem, operated):
    with pytest.raises(SEMerror) as caught:
        sem.ReadOtherFile(0, "T", "no such image.mrc")
    assert str(operated.images) not in str(caught.value) and "C:\\SerialEM\\no such" in str(caught.value)


def test_what_is_no_number_is_refused(sem):
    with pytest.raises(SEMerror, match="is not a number"):
        sem.MoveStageTo(float("nan"), 0.0)


def test_what_scripts_did_is_in_the_ledger_under_the_names_they_used(sem, operated):
    sem.V()
    sem.SetPersistentVar("a", "b")
    assert [line["name"] for line in operated.ledger("command")][-2:] == ["V", "SetPersistentVar"]
    assert operated.ledger("exposure")[-1]["preset"] == "V"
