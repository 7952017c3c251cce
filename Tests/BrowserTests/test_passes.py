"""The atlas of every grid first, targets chosen while the grids lie in the cassette, then what is queued: on two pages, by keyboard, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button, notice, pill
from sessions import new_session
from visit import DESKTOP, PHONE, TABLET, never_reloaded

QUESTION = re.compile("The atlases are taken")


def plan(page):
    return page.get_by_role("combobox", name="Plan")


def taken(server, grids=3):
    """A session whose atlases are there."""
    session = new_session(server, grids=grids, plan="atlasesFirst")
    session.staff.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    session.start()
    session.wait_for("promptRaised", where=lambda data: data["kind"] == "atlasesTaken", patience=180)
    return session


def loads(session):
    return [event["data"]["grid"] for event in session.events() if event["type"] == "gridStarted"]


def test_atlases_first_then_what_is_queued(server, visit, shot):
    session = taken(server)
    page, watching = visit(server, session.run_page, "operator"), visit(server, session.run_page, "staff", size=PHONE)
    with never_reloaded(page), never_reloaded(watching):
        for each in (page, watching):
            expect(each.get_by_role("heading", name=QUESTION)).to_be_visible()
        expect(page.get_by_role("alert").first).to_contain_text("3 grids of 3, each loaded once")
        for each, name in ((page, "desktop"), (watching, "phone")):
            expect_no_sideways_scroll(each)
            expect_accessible_in_both_themes(each)
            shot(each, f"passes-asked-{name}")
        queue = session.state["queue"]
        off = [item["id"] for item in queue["items"] if ".g2." in item["id"]]
        answer = session.staff.post(f"{session.api}/queue", {"version": queue["version"], "remove": off})
        assert answer.status == 202
        expect(button(page, "Collect what is queued")).to_contain_text("2 grids of 3, each loaded once")
        button(page, "Collect what is queued").focus()
        page.keyboard.press("Enter")
        expect(notice(watching, "operator chose Collect what is queued")).to_be_visible()
        for each in (page, watching):
            expect(plan(each)).to_have_value("collectQueued")
        session.wait_for("runCompleted", patience=180)
        expect(pill(page)).to_have_text("Complete")
    grids = {grid["grid"]["slot"]: grid for grid in session.state["grids"]}
    assert [grids[slot]["status"] for slot in (1, 2, 3)] == ["completed", "leftOut", "completed"]
    # The one that was on the stage first.
    assert [grid[-2:] for grid in loads(session)] == ["g1", "g2", "g3", "g3", "g1"]
    report = visit(server, session.report(), "operator")
    expect(report.get_by_role("region", name="Grid status")).to_contain_text(re.compile(r"loaded again: turned by −?1\.5°, moved by 25 µm, match 0\.\d+"))
    shot(report, "passes-report")


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
def test_the_plan_is_changed_by_keyboard_and_seen_on_every_page(server, visit, shot, size):
    session = new_session(server, grids=2)
    page, watching = visit(server, session.run_page, "operator", size=size), visit(server, session.run_page, "staff")
    with never_reloaded(page), never_reloaded(watching):
        expect(plan(page)).to_have_value("screenEachGrid")
        plan(page).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        for each in (page, watching):
            expect(plan(each)).to_have_value("atlasesFirst")
        plan(page).select_option("collectQueued")
        for each in (page, watching):
            expect(plan(each)).to_have_value("collectQueued")
        expect(button(page, "Start")).to_have_attribute("aria-disabled", "true")
        expect(page.get_by_role("list").filter(has_text="Nothing queued").first).to_be_visible()
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        shot(page, f"plan-{size['width']}")
    refused = session.staff.post(f"{session.api}/start", {})
    assert (refused.status, refused.json["code"]) == (409, "session.nothingQueued")
    bad = session.staff.ask("PUT", f"{session.api}/plan", {"plan": "all at once"})
    assert bad.status == 400 and "atlasesFirst or collectQueued" in str(bad.json)


def test_whoever_watches_reads_the_plan_and_cannot_change_it(server, visit):
    session = new_session(server, grids=1, plan="atlasesFirst")
    page = visit(server, session.run_page, "viewer")
    expect(page.get_by_text("Atlas of every grid, then ask")).to_be_visible()
    expect(plan(page)).to_have_count(0)
    assert server.person("viewer").ask("PUT", f"{session.api}/plan", {"plan": "screenEachGrid"}).status == 403


def test_a_new_session_is_given_its_plan(server, visit):
    page = visit(server, "/sessions/new", "operator")
    expect(plan(page)).to_have_value("screenEachGrid")
    plan(page).select_option("atlasesFirst")
    expect(plan(page)).to_have_value("atlasesFirst")
