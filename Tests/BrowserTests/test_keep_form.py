"""What is typed into the form for a new session outlives Back, a reload and a sign-in, and may begin as a copy."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from server import PASSWORD
from sessions import Session, new_session
from visit import DESKTOP, PHONE, answered


def fields(page):
    return [page.get_by_label(label, exact=True).input_value() for label in ("Session name", "Squares", "Name, position 1")]


def type_into(page):
    for label, text in (("Session name", "night"), ("Squares", "7"), ("Name, position 1", "gpcr_A1")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("combobox", name="Plan").select_option("atlasesFirst")
    page.get_by_role("radio", name="Data collection").click()


def expect_typed(page):
    expect(page.get_by_label("Name, position 1", exact=True)).to_have_value("gpcr_A1")
    assert fields(page) == ["night", "7", "gpcr_A1"]
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Plan")).to_have_value("atlasesFirst")
    expect(page.get_by_role("radio", name="Data collection")).to_be_checked()


def test_a_half_filled_form_outlives_back_reload_and_another_sign_in(still_server, visits):
    page = visits.open(still_server, "/sessions")
    page.get_by_role("link", name="New session", exact=True).click()
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    expect(button(page, "Start over")).to_have_count(0)
    type_into(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.go_forward()
    expect_typed(page)
    page.reload()
    expect_typed(page)
    # Signed out behind its back, the press leads to the sign-in and back to the form.
    with visits.excusing(answered(401), re.compile("WebSocket")):
        page.context.clear_cookies()
        button(page, "Create session").click()
        expect(button(page, "Sign in")).to_be_visible()
        page.get_by_label("User name").fill("operator")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        button(page, "Sign in").click()
        expect_typed(page)


def test_nobody_else_at_the_same_computer_sees_it(still_server, visits):
    page = visits.open(still_server, "/sessions/new")
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    type_into(page)
    with visits.excusing(answered(401), re.compile("WebSocket")):
        button(page, "Account: operator").click()
        page.get_by_role("menuitem", name="Sign out").click()
        page.get_by_label("User name").fill("staff")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        button(page, "Sign in").click()
        expect(button(page, "Account: staff")).to_be_visible()
    page.goto("/sessions/new")
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    assert fields(page) == ["", "3", ""]


def test_starting_over_and_making_the_session_forget_it(still_server, visit, shot):
    page = visit(still_server, "/sessions/new")
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    type_into(page)
    shot(page, "form-half-filled")
    button(page, "Start over").click()
    expect(page.get_by_label("Squares", exact=True)).to_have_value("3")
    page.reload()
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    assert fields(page) == ["", "3", ""]
    type_into(page)
    button(page, "Create session").click()
    expect(page.get_by_role("heading", name="night", level=1)).to_be_visible()
    page.get_by_role("link", name="New session", exact=True).click()
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    assert fields(page) == ["", "3", ""]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_session_is_copied_with_everything_but_its_name(still_server, visit, size, shot):
    old = new_session(still_server, grids=3, mesh="Au", squaresPerGrid=7, tiltAngle=-12.5, diskReserve=2_300_000_000, mode="dataCollection",
                      plan="atlasesFirst", microscope="demo-scope-2", movie={"dose": 33.5})
    page = visit(still_server, f"/sessions?session={old.id}", size=size)
    button(page, "Copy to a new session").click()
    expect(page.get_by_label("Name, position 3", exact=True)).to_have_value("grid_3")
    expect(page.get_by_label("Session name")).to_have_value("")
    expect(page.get_by_label("Tilt angle")).to_have_value("−12.5")
    expect(page.locator("[aria-invalid=true], [role=alert]")).to_have_count(0)
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    shot(page, f"form-copied-{size['width']}", full_page=True)
    page.get_by_label("Session name").fill(f"copied_{size['width']}")
    button(page, "Create session").click()
    expect(page.get_by_role("heading", name=f"copied_{size['width']}", level=1)).to_be_visible()
    made = Session(still_server, page.url.split("/")[-2], "").state
    was = old.state
    assert made["session"]["settings"] == was["session"]["settings"]
    assert [made[part]["id"] for part in ("microscope", "detector")] == [was[part]["id"] for part in ("microscope", "detector")]
    assert made["session"]["group"] == was["session"]["group"] and made["plan"] == "atlasesFirst"

    def grids(state):
        return [{**each["grid"], "id": ""} for each in state["grids"]]

    assert grids(made) == grids(was)


def test_what_a_copied_session_had_and_nobody_has_any_more_is_marked(still_server, visit, shot):
    old = new_session(still_server)
    page = visit(still_server, "/sessions")

    def without(route):
        answer = route.fetch()
        kept = [each for each in answer.json()["items"] if each["name"] != "spa"]
        route.fulfill(response=answer, json={**answer.json(), "items": kept})

    page.route("**/api/recipes", without)
    page.goto(f"/sessions/new?from={old.id}")
    expect(page.get_by_label("Recipe, position 1")).to_have_value("spa")
    expect(page.get_by_label("Recipe, position 1").locator("option:checked")).to_have_text("spa, not there any more")
    shot(page, "form-missing", full_page=True)
    page.get_by_label("Recipe, position 1").select_option(index=0)
    expect(page.get_by_label("Recipe, position 1").locator("option")).to_have_count(1)
