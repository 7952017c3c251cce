"""What docs/serialem.md prints of check-serialem is what the program says."""

import json
import re

from simulator import REPOSITORY
from test_program import check, run, running_holder

CONFIGURATION = """
microscopes:
  - id: scope-1
    vendor: TFS
    voltage: 300
    slots: 12
    link: serialem
    serialem:
      address: {address}
      folders:
        - {{here: {here}, there: 'X:\\sessions'}}
      levels:
        atlas: {{lowDose: false, imagingState: atlas}}
detectors:
  - {{id: camera-1, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5}}
"""


def printed(start):
    """The run that is printed below a command line which begins so."""
    text = (REPOSITORY / "docs" / "serialem.md").read_text()
    return re.search(r"```\n\$ gridpilot " + re.escape(start) + r".*?\n(.*?)```", text, re.DOTALL)[1]


def said(result, names):
    """All that it said, with the documentation's names in the place of this run's."""
    text = result.stderr + result.stdout
    for here, name in names.items():
        text = text.replace(str(here), name)
    return text


def test_the_run_where_all_is_well(simulate, tmp_path):
    simulator = simulate()
    address, here = "%s:%d" % simulator.address, simulator.images / "X" / "sessions"
    here.mkdir(parents=True)
    client = simulator.client()
    client.LoadCartridge(1)
    client.SetColumnOrGunValve(1)
    client.SetLowDoseMode(1)
    client.SetDoseFracParams("R", 1, 1)
    client.SetFolderForFrames("X:\\sessions")
    client.SetFrameBaseName(1, 1, 0, "test")
    client.Record()
    client.close_after_exit()
    (tmp_path / "gridpilot.yaml").write_text(CONFIGURATION.format(address=address, here=here))
    result = run("check-serialem", "--config", str(tmp_path / "gridpilot.yaml"))
    assert said(result, {address: "127.0.0.1:48901", here: "/srv/gridpilot/sessions"}) == printed("check-serialem --config")


def test_the_run_on_an_older_serialem(simulate):
    simulator = simulate(kind="tfs-4.1", more=["--navigator", "shut"])
    result = check(*simulator.address)
    names = {"%s:%d" % simulator.address: "127.0.0.1:48902", simulator.images: "/srv/gridpilot"}
    assert said(result, names) == printed("check-serialem 127.0.0.1")


def test_each_detectors_folder_of_frames_has_its_line(simulate, tmp_path):
    simulator = simulate()
    address, here = "%s:%d" % simulator.address, simulator.images / "X" / "sessions"
    detectors = ""
    for number in (1, 2):
        frames = simulator.images / "Y" / str(number)
        frames.mkdir(parents=True)
        detectors += (f"  - {{id: frames-{number}, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5,\n"
                      f"     framesDirectory: {frames}, framesFolder: 'Y:\\{number}'}}\n")
    here.mkdir(parents=True)
    (tmp_path / "gridpilot.yaml").write_text(CONFIGURATION.format(address=address, here=here) + detectors)
    result = run("check-serialem", "--config", str(tmp_path / "gridpilot.yaml"))
    for folder in ("X:\\sessions", "Y:\\1", "Y:\\2"):
        assert re.search(rf"^ok +folder {re.escape(folder)}: ", result.stdout, re.MULTILINE), result.stdout + result.stderr


def test_a_session_on_another_microscope_keeps_no_check_out_that_knows_its_own(simulate, tmp_path):
    simulator = simulate()
    address, here = "%s:%d" % simulator.address, simulator.images / "X" / "sessions"
    here.mkdir(parents=True)
    (tmp_path / "gridpilot.yaml").write_text(CONFIGURATION.format(address=address, here=here))
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "scope-2.lock").write_text(json.dumps(running_holder()))
    known = ("--config", str(tmp_path / "gridpilot.yaml"), "--data", str(tmp_path))
    assert run("check-serialem", *known).returncode == 0
    # With an address of its own nobody knows whose it is, and the configuration tells of levels alone.
    refused = check(*simulator.address, *known)
    assert refused.returncode == 1 and "which may be the microscope at this address" in refused.stderr
