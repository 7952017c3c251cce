import re

import pytest
from playwright.sync_api import expect

from run_page import button, lines
from sessions import new_session


@pytest.fixture
def page(server, visit):
    """The run page of a session whose grid is finished."""
    session = new_session(server, holesPerSquare=2)
    session.start()
    session.wait_for("promptRaised", patience=120)
    return visit(server, session.run_page)


def test_a_log_shows_the_levels_and_words_that_are_asked_for(page):
    shown = lines(page, "Imaging log")
    expect(shown.filter(has_text="The grid is finished")).to_have_count(1)
    levels = page.get_by_role("group", name="Levels of the imaging log")
    for name in ("Info", "Warning"):
        levels.get_by_role("button", name=re.compile(f"^{name}")).click()
    expect(shown).to_have_count(0)
    expect(page.get_by_text("No lines at these levels")).to_be_visible()
    levels.get_by_role("button", name=re.compile("^Info")).click()
    page.get_by_label("Filter imaging log").fill("SQUARES found")
    expect(shown).to_have_count(1)
    expect(shown.locator("mark")).to_have_text("squares found")
    page.get_by_label("Filter imaging log").press("Escape")
    expect(shown.nth(3)).to_be_attached()


def test_scrolling_up_holds_a_log_and_a_press_follows_it_again(page):
    log = page.get_by_role("log", name="Imaging log lines")
    section = page.get_by_role("region", name="Imaging log")
    expect(button(section, "Following")).to_be_visible()
    log.hover()
    page.mouse.wheel(0, -400)
    expect(button(section, "Paused")).to_be_visible()
    button(section, "Paused").click()
    expect(button(section, "Following")).to_be_visible()
    assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 24")


def test_the_whole_log_is_downloaded_as_the_file_holds_it(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Download full imaging log").click()
    text = download.value.path().read_text()
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[.+ - INFO\] .*squares found", text, re.MULTILINE)
