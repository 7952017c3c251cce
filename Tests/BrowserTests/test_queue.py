import re

import pytest
from playwright.sync_api import expect

from run_page import button, notice
from sessions import new_session
from visit import answered


@pytest.fixture
def session(server):
    """Stopped with three squares or more in its queue."""
    session = new_session(server, squaresPerGrid=4)
    session.start()
    session.wait_for("queueChanged", where=lambda data: len(data["added"]) > 1)
    server.person("operator").post(f"{session.api}/stop")
    session.wait_for("runStopped")
    return session


def queue(session):
    return [item["id"] for item in session.state["queue"]["items"]]


def rows(page):
    return page.locator("[data-row]")


def choose(page, row, item):
    rows(page).nth(row).get_by_role("button", name=re.compile("^More for")).click()
    page.get_by_role("menuitem", name=item).click()


def test_rows_are_skipped_taken_back_moved_and_removed(session, visit):
    page, other = (visit(session.server, session.run_page, person) for person in ("operator", "staff"))
    first, second, *rest = queue(session)
    choose(page, 0, "Skip")
    for each in (page, other):
        expect(button(each, "Undo skip")).to_be_visible()
    button(page, "Undo skip").click()
    expect(button(page, "Undo skip")).to_have_count(0)
    choose(page, 1, "Move to top")
    for each in (page, other):
        expect(rows(each).nth(0)).to_have_attribute("data-row", second)
    choose(page, 0, "Remove from queue")
    for each in (page, other):
        expect(rows(each)).to_have_count(1 + len(rest))
    assert queue(session) == [first, *rest]


def test_a_change_against_an_older_list_is_refused_and_the_list_drawn_anew(session, visits):
    page = visits.open(session.server, session.run_page)
    first, second, *_ = queue(session)
    expect(rows(page).nth(1)).to_be_visible()
    # The page sends what it knew before somebody else was faster.
    page.route("**/queue", lambda route: route.continue_(post_data={**route.request.post_data_json, "version": 0}))
    with visits.excusing(answered(409)):
        choose(page, 1, "Move to top")
        expect(notice(page, "The queue changed in the meantime")).to_be_visible()
    expect(rows(page).nth(0)).to_have_attribute("data-row", first)
    assert queue(session)[:2] == [first, second]
