"""What the run asks when the cassette or the images are not what they should be."""

import re

from playwright.sync_api import expect

from run_page import button, notice, pill
from sessions import new_session
from visit import PHONE, never_reloaded


def question(page, title):
    return page.get_by_role("alert").filter(has=page.get_by_role("heading", name=title))


def test_a_changed_cassette_is_shown_with_what_has_changed_and_loaded_when_somebody_says_so(serve, visit):
    # The first reading comes with the first load, which takes two minutes of the microscope's time.
    server = serve(faults=[{"kind": "cartridgeTaken", "slot": 7, "at": 60}])
    session = new_session(server, grids=2)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    page = visit(server, session.run_page)
    with never_reloaded(page):
        session.start()
        asked = question(page, "Is grid grid_2 still in slot 2?")
        expect(asked).to_be_visible(timeout=120_000)
        expect(asked).to_contain_text("Slot 7 held a cartridge; it is empty now.")
        expect(button(page, "Skip this grid")).to_be_visible()
        button(page, "Load it").click()
        expect(notice(page, "operator chose Load it")).to_be_visible()
        expect(notice(page, "Session complete.")).to_be_visible(timeout=120_000)
    readings = [e["data"] for e in session.events() if e["type"] == "cassetteRead"]
    assert [reading.get("by") for reading in readings] == [None, "operator"]
    assert session.state["cassette"]["slots"][6]["state"] == "empty"


def test_images_that_repeat_pause_the_run_and_the_page_says_what_to_check(serve, visit):
    server = serve(faults=[{"kind": "frozenImages", "times": 1}])
    session = new_session(server, exposuresPerHole=3)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    page, phone = visit(server, session.run_page), visit(server, session.run_page, size=PHONE, has_touch=True)
    with never_reloaded(page):
        session.start()
        for seen in (page, phone):
            asked = question(seen, "Are these images right?")
            expect(asked).to_be_visible(timeout=120_000)
            expect(asked).to_contain_text("The camera hands over the same image again.")
            expect(asked).to_contain_text("Check the camera and its program.")
        expect(pill(page)).to_have_text(re.compile("needs you"))
        button(page, "Continue run").click()
        expect(notice(page, "operator chose Continue run")).to_be_visible()
        expect(notice(page, "Session complete.")).to_be_visible(timeout=120_000)
