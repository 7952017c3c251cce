import re

import pytest
from playwright.sync_api import expect

from run_page import button, expect_resting, notice, pill
from sessions import new_session
from visit import PHONE, never_reloaded

LOCK_FILE = "data/locks/demo-scope.lock"


def test_force_kill_through_its_dialog_ends_the_run_frees_the_lock_and_offers_start(server, visit, shot):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    page, watcher = visit(server, session.run_page, "staff"), visit(server, session.run_page, "operator")
    with never_reloaded(page), never_reloaded(watcher):
        button(page, "Force-kill all session processes").click()
        dialog = page.get_by_role("dialog", name="Force-kill all processes of this session?")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        expect(dialog).to_contain_text("valves are closed if it answers")
        expect(dialog.get_by_role("button", name="Force-kill now")).not_to_have_attribute("aria-disabled", "true")
        shot(page, "run-kill-dialog-dark")
        dialog.get_by_role("button", name="Force-kill now").click()
        for each in (page, watcher):
            expect(pill(each)).to_have_text("Killed")
            killed = notice(each, "All processes were force-killed by staff.")
            expect(killed).to_contain_text(re.compile("valves.*lock", re.IGNORECASE))
            expect(killed).to_contain_text("Press Start to go on.")
            expect(button(each, "Start")).to_be_visible()
        expect(dialog).to_have_count(0)
        page.evaluate("scrollTo(0, 0)")
        shot(page, "run-killed-dark")
    assert session.status == "killed"
    freed = session.wait_for("lockFreed")
    assert not (server.folder / LOCK_FILE).exists()
    button(watcher, "Start").click()
    session.wait_for("runStarted", after=freed["seq"])


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, {"width": 820, "height": 1180}, PHONE], ids=["desktop", "tablet", "phone"])
def test_force_kill_is_reached_from_the_top_of_the_page_without_scrolling(server, visit, size):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    page = visit(server, session.run_page, "staff", size=size)
    button(page, "Staff acts").click()
    act = page.get_by_role("menuitem", name="Force-kill")
    expect(act).to_be_in_viewport()
    act.click()
    expect(page.get_by_role("dialog", name="Force-kill all processes of this session?").get_by_role("button", name="Cancel")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("Escape")
    expect(button(page, "Staff acts")).to_be_focused()
    # By a key alone, which opens and never acts.
    page.keyboard.press("!")
    expect(act).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert session.status in ("starting", "running", "paused")


def test_staff_acts_that_would_harm_a_living_run_are_refused_with_the_reason(server, visit):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    page = visit(server, session.run_page, "staff")
    for name, reason in (("Force start", "Not needed now: the run is alive"),
                         ("Remove scope lock file", "A living run holds this lock.")):
        expect_resting(button(page, name), reason)
        button(page, name).click(force=True)
        expect(page.get_by_role("dialog")).to_have_count(0)
    for path in (f"{session.api}/force-start", "/api/microscopes/demo-scope/remove-lock"):
        refused = server.person("staff").post(path)
        assert (refused.status, refused.json["code"]) == (409, "scopeLock.living")


def test_cancel_and_escape_leave_the_run_alone_and_give_the_focus_back(server, visit):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    page = visit(server, session.run_page, "staff")
    kill = button(page, "Force-kill all session processes")
    for leave in ("Enter", "Escape"):
        kill.click()
        expect(page.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press(leave)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(kill).to_be_focused()
    assert session.status in ("starting", "running", "paused")


def crashed(server):
    """A session whose server was killed under it, and what its lock file said."""
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    lock = (server.folder / LOCK_FILE).read_text()
    server.kill()
    server.start()
    return session, lock


def test_a_lock_file_without_a_living_holder_is_removed_through_its_dialog(server, visit):
    session, lock = crashed(server)
    (server.folder / LOCK_FILE).write_text(lock)
    page = visit(server, session.run_page, "staff")
    button(page, "Remove scope lock file").click()
    dialog = page.get_by_role("dialog", name="Remove the lock on Demo scope?")
    expect(dialog).to_contain_text("Gone")
    dialog.get_by_role("button", name="Remove lock").click()
    expect(dialog).to_have_count(0)
    expect_resting(button(page, "Remove scope lock file"), "Not needed now: there is no lock.")
    assert not (server.folder / LOCK_FILE).exists()


def test_force_start_through_its_dialog_starts_what_a_crash_left(server, visit):
    session, _ = crashed(server)
    page = visit(server, session.run_page, "staff")
    button(page, "Force start").click()
    dialog = page.get_by_role("dialog", name="Force start this session?")
    expect(dialog).to_contain_text("Interrupted")
    dialog.get_by_role("button", name="Force start").click()
    expect(dialog).to_have_count(0)
    expect(button(page, "Stop")).to_be_visible()
    assert session.wait_for("runStarted", where=lambda data: data["forced"])
