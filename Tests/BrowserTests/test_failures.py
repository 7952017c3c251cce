import re

import pytest
from playwright.sync_api import expect

from run_page import button, notice, pill
from sessions import new_session
from visit import PHONE, never_reloaded

# No hole is found again: the beam does not reach the camera while it is looked for.
LOST = {"kind": "darkImages", "command": "realign"}


def failing(server, **settings):
    """A session that has asked about three holes, or squares, that failed alike."""
    session = new_session(server, **{"squaresPerGrid": 4, **settings})
    session.start()
    session.wait_for("promptRaised", patience=120, where=lambda prompt: prompt["kind"] == "targetsFailAlike")
    return session


def test_three_failures_alike_are_asked_about_and_tried_again(serve, visit, shot):
    server = serve(faults=[{**LOST, "times": 3}])
    session = failing(server)
    page = visit(server, session.run_page)
    with never_reloaded(page):
        card = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="3 squares in a row failed"))
        expect(card).to_contain_text("The mapped feature was not found again")
        expect(pill(page)).to_have_text("Paused, needs you")
        shot(page, "failures-dark")
        for name in ("Try these again", "Continue run", "Finish session"):
            expect(card.get_by_role("button", name=re.compile(name))).to_be_visible()
        button(page, "Try these again").click()
        expect(notice(page, "operator chose Try these again")).to_be_visible()
        expect(pill(page)).to_have_text("Running")
    answered = session.wait_for("promptAnswered")
    first = session.wait_for("targetChanged", after=answered["seq"], where=lambda change: change["status"] == "acquiring")
    assert first["data"]["target"] in session.wait_for("promptRaised")["data"]["failedTargets"]


def test_on_a_phone_the_question_about_failures_fits(serve, visit, shot):
    server = serve(faults=[LOST])
    session = failing(server)
    page = visit(server, session.run_page, size=PHONE, has_touch=True)
    sheet = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="3 squares in a row failed"))
    expect(sheet).to_contain_text("The mapped feature was not found again")
    assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    expect(button(sheet, "Continue run")).not_to_have_attribute("aria-busy", "true")
    shot(page, "failures-phone")
    button(sheet, "Continue run").tap()
    expect(notice(page, "operator chose Continue run")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_an_end_without_an_image_is_said_with_its_reason_and_never_as_complete(serve, visit, shot, theme):
    server = serve(faults=[LOST])
    session = new_session(server, squaresPerGrid=2)
    session.start()
    page = visit(server, session.run_page, scheme=theme)
    with never_reloaded(page):
        # One grid asks what next at its end.
        session.wait_for("promptRaised", patience=120)
        button(page, "Finish session").or_(button(page, "Proceed to next grid")).first.click()
        said = notice(page, "Ended with no image: 2 of 2 squares failed.")
        expect(said).to_contain_text("The mapped feature was not found again")
        expect(pill(page)).to_have_text("Failed")
        expect(page.get_by_text("Session complete.")).to_have_count(0)
        shot(page, f"no-image-{theme}")


def test_an_end_with_failures_says_how_many_and_why_also_in_the_list(serve, visit, shot):
    server = serve(faults=[{**LOST, "times": 1}])
    session = new_session(server, squaresPerGrid=2)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    session.start()
    session.wait_for("runCompleted", patience=120)
    page = visit(server, session.run_page)
    with never_reloaded(page):
        said = notice(page, "Completed with failures: 1 of 2 squares failed.")
        expect(said).to_contain_text("The mapped feature was not found again")
        expect(pill(page)).to_have_text("With failures")
        shot(page, "with-failures-dark")
        said.get_by_role("link", name="See the results").click()
        expect(page.get_by_role("link", name=re.compile(f"{session.name}.*with failures"))).to_be_visible()
        shot(page, "with-failures-list")


def test_a_session_of_maps_alone_ends_with_no_image_as_a_warning(server, visit, shot):
    session = new_session(server, holesPerSquare=0)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    session.start()
    session.wait_for("runCompleted", patience=120)
    page = visit(server, session.run_page, size=PHONE, has_touch=True)
    expect(notice(page, "Ended with no image.")).to_contain_text("No image was taken: no hole was imaged.")
    expect(pill(page)).to_have_text("No image")
    shot(page, "maps-only-phone")
