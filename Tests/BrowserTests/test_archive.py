"""A session that nobody needs in the lists any more: out of them on every page, and back."""

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from sessions import new_session
from visit import DESKTOP, PHONE, TABLET, never_reloaded

SIZES = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])


def entry(page, session):
    return page.get_by_role("navigation", name="Sessions").get_by_role("link", name=session.name)


@SIZES
def test_a_session_leaves_every_list_and_comes_back(still_server, visits, shot, size):
    kept, session = new_session(still_server), new_session(still_server)
    page = visits.open(still_server, f"/sessions?session={session.id}", "operator", size=size)
    other = visits.open(still_server, f"/sessions?session={kept.id}", "staff")
    running = visits.open(still_server, session.run_page, "staff")
    with never_reloaded(page), never_reloaded(other), never_reloaded(running):
        expect(entry(other, session)).to_be_visible()
        expect(button(running, "Start").first).to_be_enabled()
        button(page, "Archive").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("This session is in the archive.")).to_be_visible()
        expect(entry(other, session)).to_have_count(0)
        expect(running.get_by_text("This session is in the archive.").first).to_be_visible()
        expect(button(running, "Start").first).to_have_attribute("aria-disabled", "true")
        assert session.state["archived"] is True
        button(other, "Show archived sessions").click()
        expect(entry(other, session)).to_be_visible()
        shot(page, f"archived-{size['width']}")
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        button(running, "Take out of the archive").click()
        expect(page.get_by_text("This session is in the archive.")).to_have_count(0)
        expect(button(running, "Start").first).not_to_have_attribute("aria-disabled", "true")
        expect(button(page, "Archive")).to_be_visible()


def test_a_viewer_sees_that_it_is_archived_and_changes_nothing(still_server, visits):
    session = new_session(still_server)
    assert session.staff.ask("PUT", f"{session.api}/archived", {"archived": True}).status == 202
    page = visits.open(still_server, f"/sessions?session={session.id}", "viewer")
    expect(page.get_by_text("This session is in the archive.")).to_be_visible()
    expect(button(page, "Take out of the archive")).to_have_count(0)
