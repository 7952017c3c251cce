import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button, expect_loaded, lines
from server import Server
from sessions import new_session
from visit import DESKTOP, PHONE, TABLET

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])


@pytest.fixture(scope="module")
def paused(tmp_path_factory):
    """A session that is paused at the prompt, with images in its report, and another one behind its lock."""
    server = Server(tmp_path_factory.mktemp("paused"))
    session, other = new_session(server, grids=2), new_session(server, "other")
    session.start()
    session.wait_for("promptRaised", patience=120)
    session.wait_for("micrographProcessed")
    yield session, other
    server.end()


def expect_good(page):
    """Everybody can use it, at this width and in both themes."""
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)


@SIZES
def test_the_login_page_is_accessible_and_fits(still_server, visit, size, shot):
    page = visit(still_server, "/login", person=None, size=size)
    expect(button(page, "Sign in")).to_be_visible()
    expect_good(page)


@SIZES
@pytest.mark.parametrize("path", ["/", "/sessions"])
def test_the_session_browser_is_accessible_and_fits(still_server, visit, size, path, shot):
    page = visit(still_server, path, size=size)
    expect(page.get_by_role("link", name=re.compile("apoferritin_A1")).first).to_be_visible()
    expect_good(page)
    shot(page, f"browser-{'phone' if size is PHONE else 'dark'}")


@SIZES
def test_the_form_for_a_new_session_is_accessible_and_fits_with_its_problems_shown(still_server, visit, size, shot):
    page = visit(still_server, "/sessions/new", size=size)
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    expect_good(page)
    button(page, "Create session").click()
    expect(page.get_by_text("Give the session a name.")).to_be_visible()
    expect_good(page)
    shot(page, f"new-session-{'phone' if size is PHONE else 'dark'}", full_page=True)


@SIZES
@pytest.mark.parametrize("person", ["operator", "staff", "viewer"])
def test_the_run_page_at_the_prompt_is_accessible_and_fits(paused, visit, size, person):
    session, _ = paused
    page = visit(session.server, session.run_page, person, size=size)
    expect(page.get_by_role("heading", name=re.compile("is finished. What next"))).to_be_visible()
    expect(lines(page, "Imaging log").first).to_be_attached()
    if person != "viewer":
        # On the phone it arms a moment after the sheet has come.
        expect(button(page, "Proceed to next grid")).not_to_have_attribute("aria-busy", "true")
    expect_good(page)


@SIZES
@pytest.mark.parametrize("path", ["run_page", "report"])
def test_large_type_is_larger_stays_after_a_reload_and_fits(paused, visit, size, path):
    session, _ = paused
    page = visit(session.server, session.run_page if path == "run_page" else session.report(), "staff", size=size)
    expect(page.locator("html")).to_have_css("font-size", "16px")
    button(page, "Large type").click()
    page.reload()
    expect(button(page, "Large type")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("html")).to_have_css("font-size", "20px")
    expect(page.get_by_role("link", name="See the results") if path == "run_page" else page.get_by_role("listbox").first).to_be_visible()
    expect_good(page)


def test_the_dialogs_are_accessible(paused, visit):
    session, _ = paused
    page = visit(session.server, session.run_page, "staff")
    button(page, "Force-kill all session processes").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect_accessible_in_both_themes(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    expect_accessible_in_both_themes(page)


@SIZES
def test_a_session_behind_the_lock_is_accessible_and_fits(paused, visit, size):
    session, other = paused
    page = visit(session.server, other.run_page, size=size)
    expect(page.get_by_role("link", name="View current session")).to_be_visible()
    expect_good(page)


@SIZES
def test_the_grid_report_is_accessible_and_fits(paused, visit, size):
    session, _ = paused
    page = visit(session.server, session.report(), size=size)
    expect(page.get_by_role("listbox", name="Holes of the square")).to_be_visible()
    expect_loaded(page.get_by_role("main").get_by_role("img", name=re.compile("^(Atlas of|Square|Micrograph)")), at_least=3)
    expect_good(page)


@SIZES
def test_the_run_page_while_it_runs_is_accessible_and_fits(server, visit, size):
    session = new_session(server, holesPerSquare=3)
    session.start()
    session.wait_for("exposureBegan")
    page = visit(server, session.run_page, "staff", size=size)
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    expect_good(page)
