"""More from a grid that is done, and less from one that is not: each act on one page, seen on another."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from sessions import new_session
from visit import DESKTOP, PHONE


@pytest.fixture
def session(server):
    """Complete: two grids, an image of each."""
    session = new_session(server, grids=2)
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    session.start()
    session.wait_for("runCompleted", "runFailed", patience=120)
    assert session.status == "completed"
    return session


def grid(session, slot=1):
    return next(grid for grid in session.state["grids"] if grid["grid"]["slot"] == slot)


def imaged(session):
    targets = session.staff.get(f"/api/grids/{session.id}.g1/targets?limit=5000")["items"]
    return next(target["id"] for target in targets if target["status"] == "completed" and ".h" in target["id"])


def dialog(page):
    return page.get_by_role("dialog")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_hole_that_had_its_dose_is_exposed_again_after_a_question_that_names_it(session, visit, size, shot):
    hole = imaged(session)
    page = visit(session.server, f"{session.report()}?target={hole}", "operator", size=size)
    watching = visit(session.server, session.run_page, "staff")
    expect(button(watching, "Start")).to_have_attribute("aria-disabled", "true")
    button(page, "Expose again").click()
    expect(dialog(page)).to_contain_text(re.compile(r"has had 1 exposure, \d+ e⁻/Å² in all\. It gets 1 more"))
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    shot(page, f"again-{size['width']}")
    # The first button has the focus, which is Cancel.
    page.keyboard.press("Enter")
    expect(dialog(page)).to_have_count(0)
    assert session.state["queue"]["items"] == []
    button(page, "Expose again").click()
    dialog(page).get_by_role("button", name="Expose again").click()
    expect(watching.locator(f"[data-row='{hole}']")).to_be_visible()
    assert grid(session)["status"] == "waiting"
    # What is queued can be imaged: the other page offers it without having been loaded anew.
    button(watching, "Start").click()
    session.wait_for("exposureSaved", where=lambda data: data["micrograph"] == f"{hole}.m2")
    session.wait_for("runCompleted", where=lambda data: data["images"] == 3)
    assert grid(session)["images"] == 2


def test_grids_are_taken_up_left_out_and_aborted(session, visit):
    page, watching = visit(session.server, session.report(), "operator"), visit(session.server, session.report(), "staff")
    button(page, "Take up again").click()
    for each in (page, watching):
        expect(button(each, "Leave out")).to_be_visible()
    assert grid(session)["status"] == "waiting"
    button(page, "Leave out").focus()
    page.keyboard.press("Enter")
    for each in (page, watching):
        expect(button(each, "Take up again")).to_be_visible()
    assert grid(session)["status"] == "leftOut"
    button(page, "Take up again").click()
    expect(button(page, "Leave out")).to_be_visible()
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": True})
    session.start()
    # It waits at the end of the grid for an answer, which the abort makes needless.
    session.wait_for("promptRaised")
    button(page, "Abort grid").click()
    expect(dialog(page)).to_contain_text("The exposure under way is finished, and the run goes on with the next grid.")
    dialog(page).get_by_role("button", name="Abort grid").click()
    for each in (page, watching):
        expect(button(each, "Take up again")).to_be_visible()
    session.wait_for("promptWithdrawn")
    assert grid(session)["status"] == "aborted"
    strip = visit(session.server, session.run_page, "operator")
    expect(strip.get_by_title("Grid 1 grid_1: Aborted")).to_be_visible()


def test_whoever_only_watches_is_offered_none_of_it(session, visit):
    page = visit(session.server, f"{session.report()}?target={imaged(session)}", "viewer")
    expect(page.get_by_role("heading", name="Atlas")).to_be_visible()
    for name in ("Take up again", "Leave out", "Abort grid", "Expose again", "Add to queue"):
        expect(button(page, name)).to_have_count(0)
