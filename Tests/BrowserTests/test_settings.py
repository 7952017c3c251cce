"""The settings of a session that exists: changed on one page, seen on another, with what can no longer be changed."""

import json

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from sessions import demo_session, new_session
from visit import DESKTOP, PHONE, TABLET, answered, never_reloaded

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])


def field(page, label):
    return page.get_by_role("dialog").get_by_label(label, exact=True)


def opened(visits, session, person="operator", path=None, **options):
    page = visits.open(session.server, path or session.run_page, person, **options)
    button(page, "Settings").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    return page


def settings(session):
    return session.state["session"]["settings"]


def expect_kept(page, label, reason):
    expect(field(page, label)).not_to_be_editable()
    expect(field(page, label)).to_have_accessible_description(reason)


@SIZES
def test_what_is_changed_on_one_page_is_seen_on_another(still_server, visits, shot, size):
    session = new_session(still_server, grids=2, movie={"dose": 33.5}, tiltAngle=-12.5)
    page = opened(visits, session, size=size)
    watching = opened(visits, session, "staff", path=f"/sessions?session={session.id}")
    with never_reloaded(page), never_reloaded(watching):
        expect(page.get_by_text("counts from the next square or hole on")).to_be_visible()
        expect(field(page, "Dose")).to_have_value("33.5")
        expect(field(page, "Tilt angle")).to_have_value("−12.5")
        sent = []
        page.on("request", lambda request: sent.append(request.post_data) if request.method == "PUT" else None)
        field(page, "Squares").fill("5")
        field(page, "Defocus, closest to focus").fill("-0,5")
        field(page, "Disk reserve").fill("2.3")
        page.get_by_role("dialog").get_by_role("radio", name="Data collection").click()
        # By keyboard, as in any form.
        page.keyboard.press("Tab")
        field(page, "Squares").press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(field(watching, "Squares")).to_have_value("5")
        expect(field(watching, "Defocus, closest to focus")).to_have_value("−0.5")
        expect(watching.get_by_role("radio", name="Data collection")).to_be_checked()
        assert [json.loads(body) for body in sent] == [{"settings": {
            "mode": "dataCollection", "squaresPerGrid": 5, "defocus": {"weakest": -0.5}, "diskReserve": 2_300_000_000}}]
        # The strip of grids knows it as well.
        expect(page.get_by_text("5 squares").first).to_be_attached()
        button(page, "Settings").click()
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        shot(page, f"settings-{size['width']}")
    assert settings(session)["squaresPerGrid"] == 5 and settings(session)["movie"]["dose"] == 33.5


def test_what_somebody_else_changes_follows_and_what_was_typed_stays_and_is_marked(still_server, visits, shot):
    session = new_session(still_server)
    page = opened(visits, session)
    with never_reloaded(page):
        field(page, "Squares").fill("8")
        answer = session.staff.ask("PUT", f"{session.api}/settings", {"settings": {"squaresPerGrid": 5, "fitLimit": 4}})
        assert answer.status == 202, answer.body
        expect(field(page, "CTF fit limit")).to_have_value("4")
        expect(field(page, "Squares")).to_have_value("8")
        expect(field(page, "Squares")).to_have_accessible_description("Queued automatically Somebody else has set 5 meanwhile.")
        shot(page, "settings-meanwhile")
        expect_accessible_in_both_themes(page)
        button(page, "Save").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert (settings(session)["squaresPerGrid"], settings(session)["fitLimit"]) == (8, 4)


def test_a_change_that_came_too_late_says_so_in_the_dialog_and_is_sent_with_the_next_press(still_server, visits, shot):
    session = new_session(still_server)
    page = opened(visits, session)
    late = {"code": "session.changed", "title": "Conflict", "status": 409, "remedy": "Look at them and change them again.",
            "sentence": "Somebody has changed the settings since you saw them."}
    page.route("**/settings", lambda route: route.fulfill(status=409, content_type="application/problem+json", json=late), times=1)
    with visits.excusing(answered(409)):
        field(page, "Squares").fill("8")
        button(page, "Save").click()
        alert = page.get_by_role("dialog").get_by_role("alert")
        expect(alert).to_contain_text("Changing the settings was not done. Somebody has changed the settings since you saw them.")
        expect(field(page, "Squares")).to_have_value("8")
        shot(page, "settings-late")
        button(page, "Save").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert settings(session)["squaresPerGrid"] == 8


def test_a_field_that_is_wrong_is_not_sent(still_server, visits):
    session = new_session(still_server)
    page = opened(visits, session)
    field(page, "Squares").fill("many")
    expect(field(page, "Squares")).to_have_attribute("aria-invalid", "true")
    button(page, "Save").click()
    expect(field(page, "Squares")).to_be_focused()
    assert settings(session)["squaresPerGrid"] == 1
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button(page, "Settings")).to_be_focused()


def test_back_takes_the_dialog_with_its_page(still_server, visits):
    session = new_session(still_server)
    page = visits.open(still_server, f"/sessions?session={session.id}")
    page.get_by_role("link", name="Open the run page").click()
    button(page, "Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Open the run page")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_a_run_holds_and_what_was_recorded_says_why_it_stays(server, visits, shot):
    session = new_session(server, grids=2, holesPerSquare=2)
    page = opened(visits, session)
    with never_reloaded(page):
        expect(field(page, "Tilt angle")).to_be_editable()
        session.start()
        expect_kept(page, "Tilt angle", "Stop the run to change its tilt")
        expect(page.get_by_role("dialog").get_by_role("radio", name="Data collection")).to_have_attribute("aria-disabled", "true")
        expect_kept(page, "Atlas", "Kept since the first atlas: grids loaded again are compared with it")
        expect_kept(page, "Dose", "Kept since the first exposure: movies of a session are taken alike")
        expect(field(page, "Squares")).to_be_editable()
        shot(page, "settings-kept")
        expect_accessible_in_both_themes(page)
        field(page, "Exposures per hole").fill("2")
        button(page, "Save").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        session.wait_for("promptRaised", patience=120)
        assert settings(session)["exposuresPerHole"] == 2
        # The server's own refusal, of what the page did not know of.
        button(page, "Settings").click()
        page.evaluate("document.querySelector('#f-tiltAngle').readOnly = false")
    refused = session.staff.ask("PUT", f"{session.api}/settings", {"settings": {"tiltAngle": 20}})
    assert (refused.status, refused.json["code"]) == (409, "session.settings")


def test_whoever_only_watches_is_offered_none_of_it(still_server, visit):
    session = demo_session(still_server)
    for path in (session.run_page, f"/sessions?session={session.id}"):
        page = visit(still_server, path, "viewer")
        expect(page.get_by_role("heading", name=session.name, level=1)).to_be_visible()
        for name in ("Settings", "Edit grids", "Copy to a new session"):
            expect(button(page, name)).to_have_count(0)
