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
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d \[.+ - INFO\] .*squares found", text, re.MULTILINE)


def test_the_filter_and_the_counts_speak_of_the_whole_log(server, visit):
    session = new_session(server, holesPerSquare=1, squaresPerGrid=1)
    session.start()
    session.wait_for("promptRaised", patience=120)
    targets = session.staff.get(f"/api/grids/{session.id}.g1/targets")["items"]
    hole = next(target["id"] for target in targets if target["status"] == "found" and ".h" in target["id"])
    version = session.state["queue"]["version"]
    # The page is sent the newest 500 lines.
    for _ in range(260):
        for act in ("add", "remove"):
            assert session.staff.post(f"{session.api}/queue", {"version": version, act: [hole]}).status == 202
            version += 1
    page = visit(server, session.run_page)
    expect(page.get_by_role("group", name="Levels of the imaging log").get_by_role("button", name=re.compile(r"^Info (5[2-9]\d|[6-9]\d\d)"))).to_be_visible()
    page.get_by_label("Filter imaging log").fill("squares found")
    shown = lines(page, "Imaging log")
    expect(shown).to_have_count(1)
    expect(shown.locator("mark")).to_have_text("squares found")
    page.get_by_label("Filter imaging log").fill("no such words")
    expect(page.get_by_text("No line contains no such words")).to_be_visible()
    page.get_by_label("Filter imaging log").press("Escape")
    expect(shown.nth(3)).to_be_attached()
