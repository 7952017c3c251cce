import re

from playwright.sync_api import expect

from run_page import button, expect_loaded, expect_resting, lines, notice, pill
from server import PASSWORD
from sessions import demo_session, new_session
from visit import never_reloaded


def test_two_grids_run_to_completion_with_the_pause_prompt_answered_and_without_one_reload(server, visit, shot):
    session = demo_session(server)
    page = visit(server, "/login", person=None)
    page.get_by_label("User name").fill("operator")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    shot(page, "login-dark")
    with never_reloaded(page):
        button(page, "Sign in").click()
        page.get_by_role("navigation", name="Sessions").get_by_role("link", name="demo_1").click()
        page.get_by_role("link", name="Open the run page").click()
        expect(pill(page)).to_have_text("Idle")
        expect(page).to_have_title(re.compile("^Idle: demo_1"))
        button(page, "Start").click()
        expect_running(page, session)
        expect_live_queue_and_logs(page)
        expect_pictures(page)
        shot(page, "run-dark")
        page.emulate_media(color_scheme="light")
        shot(page, "run-light")
        page.emulate_media(color_scheme="dark")
        expect_prompt(page, "Grid 1 apoferritin_A1 is finished. What next?")
        expect(page).to_have_title(re.compile(r"^\(1\) Paused: grid 1 needs you"))
        expect(page.locator("#favicon")).to_have_attribute("href", re.compile("asks"))
        shot(page, "run-paused-dark")
        button(page, "Proceed to next grid").click()
        expect(notice(page, "operator chose Proceed to next grid")).to_be_visible()
        expect(page).to_have_title(re.compile("^Running: demo_1"))
        expect_prompt(page, "Grid 2 apoferritin_A2 is finished. What next?")
        expect(button(page, "Proceed to next grid")).to_contain_text("Finish session")
        button(page, "Proceed to next grid").click()
        expect(notice(page, "Session complete.")).to_contain_text("2 of 2 grids, 12 images")
        expect(pill(page)).to_have_text("Complete")
        expect(page).to_have_title(re.compile("^Complete: demo_1"))
        expect_resting(button(page, "Start"), "Every grid of this session is closed.")
        expect(page.get_by_role("switch", name="Pause between grids")).to_have_attribute("aria-disabled", "true")
        # More can be had of it all the same.
        expect(page.get_by_role("link", name="Add targets").first).to_be_visible()
    assert session.status == "completed"
    assert len([e for e in session.events() if e["type"] == "exposureSaved"]) == 12


def expect_running(page, session):
    expect(pill(page)).to_have_text("Running")
    expect(page).to_have_title(re.compile("^Running: demo_1"))
    vitals = page.get_by_role("region", name="Session vitals")
    pid = session.wait_for("runStarted")["data"]["pid"]
    expect(vitals.locator(".stat", has_text="PID")).to_contain_text(str(pid))
    expect(vitals.locator(".stat", has_text="Status")).to_contain_text("Running")
    expect(vitals).to_contain_text("Started by operator")
    expect(vitals).to_contain_text(re.compile(r"[\d.]+ [GT]B free of [\d.]+ [GT]B, [\d.]+ % full"))


def expect_live_queue_and_logs(page):
    queue = page.get_by_role("region", name="Queue")
    expect(queue).to_contain_text("The queue fills when the atlas is done")
    expect(queue).to_contain_text("squares to map")
    expect(queue).to_contain_text("Imaging now")
    expect(queue.get_by_role("listitem").filter(has_text="Hole").first).to_be_visible()
    for title in ("Imaging log", "Processing log"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    before = lines(page, "Imaging log").count()
    assert before > 0
    expect(lines(page, "Imaging log").nth(before + 2)).to_be_attached()


def expect_pictures(page):
    now = page.get_by_role("region", name=re.compile("^(Now|Last)$"))
    spectrum = now.get_by_role("img", name=re.compile("^Power spectrum of"))
    expect(spectrum).to_be_visible(timeout=60_000)
    expect_loaded(now.get_by_role("img"), at_least=5)
    expect(now.locator(".ctf")).to_contain_text(re.compile(r"\d\.\d Å"))
    expect(lines(page, "Processing log").first).to_be_attached()


def expect_prompt(page, title):
    expect(page.get_by_role("alert").get_by_role("heading", name=title)).to_be_visible(timeout=120_000)
    expect(pill(page)).to_have_text("Paused, needs you")


def test_the_switch_follows_the_server_and_without_the_pause_the_session_runs_through(server, visit):
    session = new_session(server, grids=1)
    page = visit(server, session.run_page)
    switch = page.get_by_role("switch", name="Pause between grids")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    assert session.state["pauseBetweenGrids"] is False
    button(page, "Start").click()
    expect(notice(page, "Session complete.")).to_be_visible(timeout=90_000)
    assert "promptRaised" not in {event["type"] for event in session.events()}
