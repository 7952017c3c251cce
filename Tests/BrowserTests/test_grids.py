"""The grids of a session that exists: each act on one page, seen on another without a reload."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from sessions import new_session
from visit import DESKTOP, PHONE, TABLET, answered, never_reloaded

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])


def dialog(page):
    return page.get_by_role("dialog", name="Grids")


def opened(visits, session, person="operator", path=None, **options):
    page = visits.open(session.server, path or session.run_page, person, **options)
    button(page, "Edit grids").click()
    expect(dialog(page)).to_be_visible()
    return page


def field(page, label, position):
    return dialog(page).get_by_label(f"{label}, position {position}", exact=True)


def press(page, name):
    dialog(page).get_by_role("button", name=re.compile(rf"^{re.escape(name)}")).click()


def slots(session):
    return [each["grid"]["slot"] for each in session.state["grids"]]


def grid(session, slot):
    return next(each["grid"] for each in session.state["grids"] if each["grid"]["slot"] == slot)


def in_strip(page, text):
    return page.get_by_role("region", name="Grids").get_by_role("listitem").filter(has_text=text)


@SIZES
def test_grids_are_named_described_added_and_ordered_with_one_press_and_seen_elsewhere(still_server, visits, shot, size):
    session = new_session(still_server, grids=3)
    page = opened(visits, session, size=size)
    watching = visits.open(session.server, session.run_page, "staff")
    other = opened(visits, session, "staff", path=f"/sessions?session={session.id}")
    with never_reloaded(page), never_reloaded(watching), never_reloaded(other):
        field(page, "Name", 2).fill("diluted")
        field(page, "Hole type", 2).fill("R2/1")
        field(page, "Mesh material", 2).select_option("gold")
        field(page, "Recipe", 3).select_option("negative_stain")
        press(page, "Add a grid at position 9")
        expect(field(page, "Name", 9)).to_be_focused()
        field(page, "Name", 9).fill("late")
        earlier = dialog(page).get_by_role("button", name=re.compile("^Earlier: 9"))
        earlier.focus()
        page.keyboard.press("Enter")
        expect(dialog(page).get_by_role("status")).to_have_text("9 late is 3rd of 4 now.")
        expect(earlier).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(earlier).to_have_attribute("aria-disabled", "true")
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        shot(page, f"grids-{size['width']}")
        press(page, "Save")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(in_strip(watching, "late").locator(".tag")).to_have_text("1st in the order")
        expect(in_strip(watching, "diluted").locator(".tag")).to_have_text("3rd in the order")
        # An open dialog follows too.
        expect(field(other, "Name", 9)).to_have_value("late")
        expect(field(other, "Hole type", 2)).to_have_value("R2/1")
        expect(dialog(other).get_by_role("row").nth(1)).to_contain_text("1st")
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        shot(page, f"strip-ordered-{size['width']}")
    assert slots(session) == [9, 1, 2, 3]
    assert {key: grid(session, 2)[key] for key in ("name", "holeType", "meshMaterial", "recipe")} == {
        "name": "diluted", "holeType": "R2/1", "meshMaterial": "gold", "recipe": "spa"}
    assert grid(session, 3)["recipe"] == "negative_stain" and grid(session, 9)["name"] == "late"


def test_a_refusal_stands_at_its_row_and_the_rest_is_done(still_server, visits, shot):
    session = new_session(still_server, grids=3)
    page = opened(visits, session)
    with visits.excusing(answered(409)):
        # The server does not tell upper from lower case here; the page does.
        field(page, "Name", 2).fill("GRID_1")
        field(page, "Name", 3).fill("third")
        press(page, "Later: 1")
        press(page, "Save")
        expect(dialog(page).get_by_role("alert")).to_contain_text("Not everything was done.")
        expect(field(page, "Name", 2)).to_have_accessible_description("Grid 1 grid_1 of this session has that name.")
        expect(field(page, "Name", 2)).to_have_value("GRID_1")
        expect(field(page, "Name", 3)).not_to_have_attribute("aria-invalid", "true")
        expect(dialog(page).get_by_role("row").nth(1).get_by_role("textbox").first).to_have_value("GRID_1")
        expect(dialog(page).get_by_text("Somebody else")).to_have_count(0)
        shot(page, "grids-refused")
        expect_accessible_in_both_themes(page)
        assert grid(session, 3)["name"] == "third" and slots(session) == [2, 1, 3]
        field(page, "Name", 2).fill("second")
        press(page, "Save")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert grid(session, 2)["name"] == "second"


def test_mistakes_are_shown_and_nothing_is_sent(still_server, visits):
    session = new_session(still_server, grids=2)
    page = opened(visits, session)
    press(page, "Add a grid at position 5")
    field(page, "Hole type", 1).fill("round")
    press(page, "Save")
    expect(field(page, "Hole type", 1)).to_be_focused()
    expect(field(page, "Name", 5)).to_have_accessible_description("Give the grid a name.")
    press(page, "Remove: 5")
    expect(field(page, "Name", 5)).to_have_count(0)
    assert slots(session) == [1, 2] and grid(session, 1)["holeType"] == "R1.2/1.3"


def test_what_others_do_meanwhile_is_followed_and_marked(still_server, visits, shot):
    session = new_session(still_server, grids=3)
    page = opened(visits, session)
    with never_reloaded(page):
        field(page, "Name", 2).fill("mine")
        press(page, "Later: 1")
        ids = [f"{session.id}.g{slot}" for slot in (3, 2, 1)]
        body = {"name": "theirs", "recipe": "spa", "holeType": "R2/2"}
        assert session.staff.ask("PUT", f"{session.api}/grids/{ids[1]}", body).status == 202
        expect(field(page, "Name", 2)).to_have_accessible_description("Somebody else has set theirs meanwhile.")
        expect(field(page, "Name", 2)).to_have_value("mine")
        expect(field(page, "Hole type", 2)).to_have_value("R2/2")
        assert session.staff.ask("PUT", f"{session.api}/grid-order", {"order": ids}).status == 202
        expect(dialog(page).get_by_role("status")).to_contain_text("Somebody else has changed the order.")
        expect(dialog(page).get_by_role("row").nth(1)).to_contain_text("1st")
        expect(dialog(page).get_by_role("row").nth(1).get_by_role("textbox").first).to_have_value("grid_3")
        shot(page, "grids-meanwhile")
        expect_accessible_in_both_themes(page)
        press(page, "Save")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert grid(session, 2)["name"] == "mine" and slots(session) == [3, 2, 1]


def test_a_grid_is_left_out_and_taken_up_in_its_row(still_server, visits):
    session = new_session(still_server, grids=2)
    page = opened(visits, session)
    watching = visits.open(session.server, session.run_page, "staff", size=PHONE)
    with never_reloaded(page), never_reloaded(watching):
        press(page, "Leave out: 2 grid_2")
        expect(in_strip(watching, "grid_2")).to_contain_text("Left out")
        press(page, "Take up again: 2 grid_2")
        expect(in_strip(watching, "grid_2")).not_to_contain_text("Left out")


@pytest.fixture
def imaging(server):
    session = new_session(server, grids=3, holesPerSquare=4)
    session.start()
    session.wait_for("exposureBegan")
    return session


def test_of_a_grid_that_is_imaged_only_the_name_can_change_and_the_others_go_into_another_order(imaging, visits, shot):
    session = imaging
    page = opened(visits, session)
    with never_reloaded(page):
        expect(dialog(page).get_by_role("row").nth(1)).to_contain_text("Only its name can change while it is imaged.")
        expect(field(page, "Recipe", 1)).to_have_count(0)
        field(page, "Name", 1).fill("renamed")
        press(page, "Earlier: 3")
        shot(page, "grids-imaging")
        expect_accessible_in_both_themes(page)
        press(page, "Save")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(in_strip(page, "renamed")).to_be_visible()
        expect(in_strip(page, "grid_3").locator(".tag")).to_have_text("2nd in the order")
        shot(page, "strip-imaging")
    assert slots(session) == [1, 3, 2] and grid(session, 1)["filesNamedFor"] == "grid_1"
    prompt = session.wait_for("promptRaised", patience=120)["data"]
    assert prompt["nextGrid"].endswith(".g3")
