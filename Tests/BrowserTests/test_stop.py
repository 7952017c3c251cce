from playwright.sync_api import expect

from run_page import button, notice, pill
from sessions import new_session
from visit import never_reloaded

# On a microscope thirty times as fast an exposure of two minutes leaves four seconds to act.
SLOW = {"movie": {"exposureTime": 120}, "holesPerSquare": 2}


def begun_exposure(server, session, page):
    button(page, "Start").click()
    return session.wait_for("exposureBegan")


def test_stop_in_an_exposure_saves_it_and_begins_no_other_and_start_goes_on(serve, visit, shot):
    server = serve(speed=30)
    session = new_session(server, **SLOW)
    page = visit(server, session.run_page)
    with never_reloaded(page):
        began = begun_exposure(server, session, page)
        button(page, "Stop").click()
        expect(notice(page, "Stop signal received.")).to_contain_text("Requested by operator.")
        expect(button(page, "Stopping")).to_have_attribute("aria-busy", "true")
        shot(page, "run-stopping-dark")
        expect(button(page, "Start")).to_be_visible()
        expect(notice(page, "The run was stopped by operator.")).to_be_visible()
        expect(notice(page, "Stop signal received.")).to_have_count(0)
        expect(pill(page)).to_have_text("Stopped")
        expect_nothing_after_the_stop_but_the_end_of(began["data"]["micrograph"]["id"], session)

        button(page, "Start").click()
        button(page, "Proceed to next grid").click(timeout=90_000)
        expect(notice(page, "Session complete.")).to_be_visible()
    saved = [event["data"]["micrograph"] for event in session.events() if event["type"] == "exposureSaved"]
    assert len(saved) == len(set(saved)) == 2


def expect_nothing_after_the_stop_but_the_end_of(micrograph, session):
    stop = next(event for event in session.events() if event["type"] == "stopReceived")
    later = [event for event in session.events(after=stop["seq"])]
    assert "exposureBegan" not in {event["type"] for event in later}
    assert [e["data"]["micrograph"] for e in later if e["type"] == "exposureSaved"] == [micrograph]
    assert "runStopped" in {event["type"] for event in later}


def test_keep_running_takes_a_stop_back(serve, visit):
    server = serve(speed=30)
    session = new_session(server, **SLOW)
    page = visit(server, session.run_page)
    begun_exposure(server, session, page)
    button(page, "Stop").click()
    button(page, "Keep running").click()
    expect(pill(page)).to_have_text("Running")
    expect(notice(page, "Stop signal received.")).to_have_count(0)
    expect(button(page, "Stop")).to_be_visible()
    taken_back = session.wait_for("stopCancelled")
    session.wait_for("exposureBegan", after=taken_back["seq"])
    assert "runStopped" not in {event["type"] for event in session.events()}
