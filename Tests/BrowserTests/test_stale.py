import re
import signal
import time

from playwright.sync_api import expect

from run_page import button, expect_resting, notice, pill
from sessions import new_session
from visit import SERVER_DOWN, never_reloaded

REST = "Buttons come back with the connection."


def test_a_silent_link_is_marked_stale_within_five_seconds_and_recovers_by_itself(server, visits, shot):
    session = new_session(server, grids=2)
    session.start()
    page = visits.open(server, session.run_page)
    expect(pill(page)).to_have_text("Running")
    expect(page.locator(".link")).to_have_text("Live")
    with never_reloaded(page), visits.excusing(SERVER_DOWN):
        server.send(signal.SIGSTOP)
        silent = time.monotonic()
        expect(page.locator("body")).to_have_attribute("data-stale", "true", timeout=5000)
        assert time.monotonic() - silent < 5
        expect(pill(page)).to_have_text(re.compile(r"^Running at \d\d:\d\d:\d\d$"))
        expect(page).to_have_title(re.compile(rf"^Running at \d\d:\d\d:\d\d: {session.name}"))
        expect(page.locator(".link")).to_contain_text("Reconnecting…")
        expect(notice(page, "Reconnecting to the server.")).to_contain_text(REST)
        expect_resting(button(page, "Stop"), REST)
        expect(page.get_by_role("switch", name="Pause between grids")).to_have_attribute("aria-disabled", "true")
        button(page, "Stop").click(force=True)
        page.get_by_role("switch", name="Pause between grids").click(force=True)
        shot(page, "run-stale-dark")
        server.send(signal.SIGCONT)
        expect(page.locator("body")).to_have_attribute("data-stale", "false")
        expect(notice(page, "Reconnecting to the server.")).to_have_count(0)
        expect(page.locator(".link")).to_have_text("Live")
        expect(button(page, "Stop")).not_to_have_attribute("aria-disabled", "true")
    # What was pressed meanwhile was not kept for later.
    assert not {"stopReceived", "pauseBetweenGridsSet"} & {event["type"] for event in session.events()}
    button(page, "Proceed to next grid").click(timeout=90_000)
    expect(notice(page, "operator chose Proceed to next grid")).to_be_visible()


def test_a_page_that_lost_its_network_is_stale_and_folds_what_it_missed(server, visits):
    session = new_session(server, grids=2)
    page = visits.open(server, session.run_page)
    expect(button(page, "Start")).to_be_visible()
    with never_reloaded(page), visits.excusing(re.compile("net::ERR_INTERNET_DISCONNECTED"), SERVER_DOWN):
        page.context.set_offline(True)
        expect(page.locator("body")).to_have_attribute("data-stale", "true", timeout=7000)
        # An icon that was never needed before is drawn without asking anybody.
        assert notice(page, "Reconnecting to the server.").locator("use").first.evaluate("use => use.getBBox().width") > 0
        session.start()
        session.wait_for("promptRaised", patience=120)
        page.context.set_offline(False)
        expect(pill(page)).to_have_text("Paused, needs you")
        expect(page.get_by_role("heading", name=re.compile("is finished. What next"))).to_be_visible()
    missed = [line for line in session.log() if line]
    expect(page.get_by_role("log", name="Imaging log lines")).to_contain_text(missed[-1])
