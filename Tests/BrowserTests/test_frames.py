"""Whole sessions over SerialEM's socket, with cameras that save other files than MRC."""

import pytest
from playwright.sync_api import expect

from run_page import notice
from scope import Scope
from sessions import new_session


@pytest.fixture
def scope(tmp_path):
    scopes = []

    def start(frames):
        scopes.append(Scope(tmp_path / frames, frames))
        return scopes[-1]

    yield start
    for one in scopes:
        one.end()


@pytest.mark.parametrize("frames, ending", [("tiff", ".tif"), ("eer", ".eer")])
def test_a_session_takes_what_the_camera_saves_and_the_page_shows_what_its_files_say(serve, visit, scope, shot, frames, ending):
    microscope = scope(frames)
    server = serve(speed=2000, arguments=["--serialem", microscope.address])
    session = new_session(server, name=f"camera_{frames}", exposuresPerHole=1)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    page = visit(server, session.run_page)
    session.start()
    expect(notice(page, "Session complete.")).to_be_visible(timeout=240_000)
    saved = session.wait_for("exposureSaved")["data"]
    assert saved["movie"].endswith(ending)
    measured = session.wait_for("micrographProcessed", "processingFailed", patience=240)["data"]
    stated = measured["measurement"]["stated"]
    assert stated["sources"][0] == "SerialEM's mdoc"
    assert abs(stated["pixelSize"] - 1.5) < 0.01
    page.goto(session.report())
    card = page.get_by_role("article").filter(has_text=ending)
    expect(card).to_contain_text("Written by SerialEM's mdoc: 1.500 Å a pixel")
    expect(card).to_contain_text("Astigmatism")
    expect(card).to_contain_text(f"{stated['dose']:.1f} e/Å²")
    expect(card).to_contain_text("300 kV")
    shot(page, f"frames-{frames}", full_page=True)
