import re

from playwright.sync_api import expect

from run_page import button, expect_resting, notice
from sessions import new_session
from visit import never_reloaded

BUSY = "Microscope Demo scope is currently busy"


def test_the_running_session_says_that_it_holds_the_microscope(server, visit):
    session = new_session(server)
    session.start()
    page = visit(server, session.run_page)
    expect(notice(page, f"{BUSY} running this session.")).to_contain_text("No other session can start on it.")


def test_another_session_of_the_microscope_shows_who_holds_it_until_it_is_free(server, visit, shot):
    holder, other = new_session(server, "holder"), new_session(server, "other")
    page = visit(server, other.run_page)
    expect(button(page, "Start")).not_to_have_attribute("aria-disabled", "true")
    with never_reloaded(page):
        holder.start()
        expect(notice(page, BUSY)).to_contain_text("running holder (demo).")
        expect_resting(button(page, "Start"), "busy with another session")
        shot(page, "run-locked-dark")
        notice(page, BUSY).get_by_role("link", name="View current session").click()
        expect(page.get_by_role("heading", name="holder", level=1)).to_be_visible()
        expect(notice(page, f"{BUSY} running this session.")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="other", level=1)).to_be_visible()
        server.person("operator").post(f"{holder.api}/stop")
        expect(notice(page, "Demo scope is free.")).to_contain_text("You can start now.")
        expect(notice(page, BUSY)).to_have_count(0)
        button(page, "Start").click()
        expect(notice(page, f"{BUSY} running this session.")).to_be_visible()


def test_a_start_under_the_lock_is_refused_with_who_holds_it_and_a_line_in_the_log(server, visit):
    holder, other = new_session(server, "holder"), new_session(server, "other")
    page = visit(server, other.run_page)
    holder.start()
    running = holder.wait_for("runStarted")
    refused = server.person("operator").post(f"{other.api}/start")
    assert (refused.status, refused.json["code"]) == (409, "scopeLock.held")
    assert "staff is running session holder" in refused.json["sentence"]
    expect(page.get_by_role("log", name="Imaging log lines")).to_contain_text(
        re.compile("Start by operator was refused.*staff is running session holder"))
    assert "runStarted" not in {event["type"] for event in other.events()}
    assert not {"runStopped", "runFailed"} & {event["type"] for event in holder.events(after=running["seq"])}
