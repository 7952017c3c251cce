import re
import sqlite3

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from markup import MARKUP, expect_no_markup
from run_page import button, lines
from sessions import new_session
from visit import DESKTOP, PHONE, answered

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def records(page):
    return page.get_by_role("region", name="Records").locator("tbody tr")


def test_staff_read_who_did_what_newest_first_and_that_it_is_whole(server, visit):
    session = new_session(server)
    assert server.person("operator").post(f"{session.api}/stop").status == 409
    assert server.person("viewer").post(f"{session.api}/start").status == 403
    page = visit(server, "/audit", "staff")
    expect(records(page).nth(0)).to_contain_text("Sign in")
    expect(page.get_by_text(re.compile(r"^Whole, \d+ records$"))).to_be_visible()
    page.get_by_label("Session ID").fill(session.id)
    button(page, "Filter").click()
    expect(records(page)).to_have_count(3)
    for place, (person, act, outcome) in enumerate([
            ("viewer", "Start", "Refused as permission.denied"), ("operator", "Stop", "Refused as session.notRunning"),
            ("operator", "Create session", "Accepted")]):
        for text in (person, act, outcome):
            expect(records(page).nth(place)).to_contain_text(text)
    page.get_by_label("Act").select_option("Stop")
    # Whatever paints the page anew keeps what was chosen.
    button(page, "Switch between light and dark theme").click()
    expect(page.get_by_label("Act")).to_have_value("stop")
    button(page, "Filter").click()
    expect(records(page)).to_have_count(1)
    page.reload()
    expect(records(page)).to_have_count(1)
    button(page, "Clear").click()
    expect(records(page).nth(5)).to_be_visible()


def test_why_staff_killed_a_run_is_in_its_log_and_in_the_audit(server, visit):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    watcher = visit(server, session.run_page, "operator")
    page = visit(server, session.run_page, "staff")
    button(page, "Force-kill all session processes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The column valve sticks")
    dialog.get_by_role("button", name="Force-kill now").click()
    expect(dialog).to_have_count(0)
    expect(lines(watcher, "Imaging log").filter(has_text="Force-killed by staff.").last).to_contain_text(
        "Reason: The column valve sticks")
    page.get_by_role("link", name="Who did what in this session").click()
    expect(records(page).filter(has_text="Force-kill").filter(has_text="Accepted").first).to_contain_text(
        "Reason: The column valve sticks")


def test_a_reason_with_markup_is_text_in_the_log_of_the_run_and_in_the_audit(server, visit):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    watcher = visit(server, session.run_page, "operator")
    assert server.person("staff").post(f"{session.api}/force-kill", {"reason": MARKUP}).status == 202
    expect(lines(watcher, "Imaging log").filter(has_text="Force-killed by staff.").last).to_contain_text(f"Reason: {MARKUP}")
    expect_no_markup(watcher)
    page = visit(server, f"/audit?session={session.id}", "staff")
    expect(records(page).filter(has_text="Force-kill").first).to_contain_text(f"Reason: {MARKUP}")
    expect_no_markup(page)


def test_older_records_are_shown_when_they_are_asked_for(server, visit):
    for number in range(110):
        assert server.person("staff").post("/api/groups", {"name": f"group-{number}"}).status == 201
    page = visit(server, "/audit?act=addGroup", "staff")
    expect(records(page)).to_have_count(100)
    button(page, "Show older records").click()
    expect(records(page)).to_have_count(110)
    expect(button(page, "Show older records")).to_have_count(0)


def test_a_log_that_somebody_changed_is_called_so(server, visit):
    database = sqlite3.connect(server.folder / "data" / "gridpilot.sqlite")
    with database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit SET person = 'nobody' WHERE n = 2")
        for _, sql in triggers:
            database.execute(sql)
    database.close()
    page = visit(server, "/audit", "staff")
    expect(page.get_by_text("Not whole")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Record 2 does not say what it was written with.")


def test_the_records_are_shown_when_nobody_can_say_whether_they_are_whole(server, visit, visits):
    page = visit(server, "/audit", "staff")
    body = {"code": "disk.noAnswer", "sentence": "The store does not answer.", "remedy": None, "status": 503}
    page.route("**/api/audit/check", lambda route: route.fulfill(status=503, json=body))
    with visits.excusing(answered(503)):
        button(page, "Read again").click()
        expect(page.get_by_role("alert")).to_contain_text("Nobody can say whether the log is whole.")
        expect(records(page).first).to_be_visible()


@SIZES
def test_the_audit_page_is_accessible_and_fits(still_server, visit, size, shot):
    session = new_session(still_server, f"audited-{size['width']}")
    assert still_server.person("operator").post(f"{session.api}/stop").status == 409
    assert still_server.person("staff").post(f"{session.api}/force-kill", {"reason": "The column valve sticks"}).status == 409
    page = visit(still_server, "/audit", "staff", size=size)
    expect(records(page).first).to_be_visible()
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shot(page, f"audit-{'phone' if size is PHONE else 'desktop'}-{scheme}")
