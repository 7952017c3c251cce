import json
import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button, notice, pill
from sessions import new_session
from test_keyboard import tab_to
from visit import DESKTOP, PHONE, TABLET

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
ASKED = re.compile(r"/api/forecast\?")
TIGHT = {
    "seconds": 22_800, "low": 18_600, "high": 28_800, "sessions": 12, "grids": 1, "squares": 3, "holes": 9, "images": 9,
    "neededBytes": 310_000_000_000, "spareBytes": 120_000_000_000,
    "risks": [{"kind": "err", "sentence": "The disk has room for 120 GB above its reserve, and 310 GB will be written."},
              {"kind": "warn", "sentence": "3 of the last 12 sessions on this microscope failed or were cut short."},
              {"kind": "info", "sentence": "On average they waited 12 min more for answers, which is not in this time."}],
}


def panel(page):
    return page.get_by_role("complementary", name="Before you start")


def figure(page, term):
    return panel(page).locator("dt", has_text=term).locator("+ dd")


def settled(page):
    expect(panel(page).locator("[aria-busy=false]")).to_be_visible()
    expect(panel(page).get_by_text("About ")).to_be_visible()


def field(page, label):
    return page.get_by_label(label, exact=True)


def questions(page):
    """The settings that are asked for from now on, in order."""
    asked = []
    page.on("request", lambda request: ASKED.search(request.url) and asked.append(request))
    return asked


def test_the_panel_follows_a_field_with_one_question_for_all_that_was_typed(still_server, visit):
    page = visit(still_server, "/sessions/new")
    settled(page)
    expect(figure(page, "Images")).to_have_text("9")
    expect(panel(page)).to_contain_text(re.compile(r"Four in five sessions like this take .+ to .+; ends .+ if started now\."))
    expect(panel(page)).to_contain_text(re.compile(r"Disk: needs .+B of .+B above the reserve"))
    expect(panel(page)).to_contain_text("No session was run on this microscope yet")
    asked = questions(page)
    tab_to(page, field(page, "Squares"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("200")
    expect(figure(page, "Images")).to_have_text("600")
    settled(page)
    assert len(asked) == 1
    expect(field(page, "Squares")).to_be_focused()


def test_while_a_field_is_wrong_nothing_is_asked_and_the_old_figures_are_marked(still_server, visit):
    page = visit(still_server, "/sessions/new")
    settled(page)
    asked = questions(page)
    field(page, "Squares").fill("many")
    expect(panel(page)).to_contain_text("Follows once the fields are right.")
    expect(panel(page).locator(".old")).to_contain_text("About ")
    expect_accessible_in_both_themes(page)
    field(page, "Squares").fill("5")
    expect(figure(page, "Squares")).to_have_text("5")
    expect(panel(page)).not_to_contain_text("Follows once")
    assert len(asked) == 1


def test_the_newest_question_wins_over_a_slow_older_one(still_server, visit):
    page = visit(still_server, "/sessions/new")
    settled(page)
    held = []
    page.route(ASKED, lambda route: held.append(route))
    field(page, "Squares").fill("4")
    page.wait_for_event("request", lambda request: ASKED.search(request.url))
    expect(panel(page).locator(".old")).to_contain_text("About ")
    with page.expect_event("requestfailed") as given_up:
        field(page, "Squares").fill("6")
    assert "squaresPerGrid%22%3A4" in given_up.value.url
    page.unroute(ASKED)
    for route in held[1:]:
        route.continue_()
    expect(figure(page, "Squares")).to_have_text("6")


def test_a_server_that_does_not_answer_is_told_and_can_be_asked_again(still_server, visits):
    page = visits.open(still_server, "/sessions/new")
    settled(page)
    page.route(ASKED, lambda route: route.abort())
    with visits.excusing(re.compile("net::ERR_FAILED")):
        field(page, "Squares").fill("8")
        expect(panel(page)).to_contain_text("The forecast could not be asked. The server did not answer.")
    expect(panel(page)).not_to_contain_text("About ")
    expect_accessible_in_both_themes(page)
    page.unroute(ASKED)
    tab_to(page, button(page, "Ask again"))
    page.keyboard.press("Enter")
    expect(figure(page, "Squares")).to_have_text("8")


def test_who_may_not_make_sessions_is_not_forecast_one(still_server, visit):
    page = visit(still_server, "/login", person="viewer")
    asked = questions(page)
    page.goto("/sessions/new")
    expect(field(page, "Name, position 1")).to_be_visible()
    field(page, "Squares").fill("5")
    expect(panel(page)).to_be_visible()
    expect(panel(page).locator(".fore")).to_have_count(0)
    assert asked == []


@SIZES
def test_the_panel_with_every_kind_of_risk_is_accessible_and_fits(still_server, visit, size, shot):
    page = visit(still_server, "/login", size=size)
    page.route(ASKED, lambda route: route.fulfill(json=TIGHT))
    page.goto("/sessions/new")
    expect(panel(page)).to_contain_text("About 6 h 20 min")
    expect(panel(page)).to_contain_text("take 5 h 10 min to 8 h;")
    expect(panel(page)).to_contain_text("Disk: needs 310 GB of 120 GB above the reserve")
    for risk in TIGHT["risks"]:
        expect(panel(page)).to_contain_text(risk["sentence"])
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    shot(page, f"forecast-panel-{size['width']}", full_page=size is not DESKTOP)
    page.emulate_media(color_scheme="light")
    shot(page, f"forecast-panel-light-{size['width']}", full_page=size is not DESKTOP)


@SIZES
def test_the_run_page_before_the_first_start_tells_time_and_risks(still_server, visit, size, shot):
    session = new_session(still_server)
    page = visit(still_server, "/login", "viewer", size=size)
    page.route(f"**{session.api}/forecast", lambda route: route.fulfill(json=TIGHT))
    page.goto(session.run_page)
    expect(page.get_by_text("About 6 h 20 min, 5 h 10 min to 8 h")).to_be_visible()
    expect(page.get_by_text("Expected end")).to_have_count(0)
    for risk in TIGHT["risks"][:2]:
        expect(notice(page, risk["sentence"])).to_be_visible()
    expect(page.get_by_text(TIGHT["risks"][2]["sentence"])).to_have_count(0)
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    shot(page, f"forecast-run-{size['width']}")


def test_the_run_page_asks_again_when_the_settings_change_and_tells_what_it_took(server, visit, shot):
    session = new_session(server)
    page = visit(server, session.run_page)
    forecast = page.locator("dt", has_text="Forecast").locator("+ dd")
    expect(forecast).to_contain_text("About ")
    before = forecast.inner_text()
    answer = server.person("operator").ask("PUT", f"{session.api}/settings", {"settings": {"squaresPerGrid": 90}})
    assert answer.status in (200, 202), answer.body
    expect(forecast).not_to_have_text(before)
    server.person("operator").ask("PUT", f"{session.api}/settings", {"settings": {"squaresPerGrid": 1}})
    expect(forecast).to_have_text(before)
    button(page, "Start").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(forecast).to_have_count(0)
    expect(page.get_by_text("Expected end")).to_be_visible()
    finish = button(page, "Proceed to next grid")
    expect(finish).to_be_visible(timeout=120_000)
    finish.click()
    expect(pill(page)).to_have_text("Complete")
    told = session.staff.get(f"{session.api}/forecast")
    assert told["took"] > 0, json.dumps(told)
    expect(page.get_by_text(re.compile(r"Forecast .+ \(.+ to .+\), took .+"))).to_be_visible()
    expect_accessible_in_both_themes(page)
    shot(page, "forecast-took")
