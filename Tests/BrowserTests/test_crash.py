import re

from playwright.sync_api import expect

from run_page import button, notice, pill
from server import eventually
from sessions import new_session
from visit import SERVER_DOWN, never_reloaded

# Ages tick by themselves, from one second to the next.
TICKING = re.compile(r"\d+ (s|min|h)( ago)?\b|just now")


def shown(page):
    """What the page says of the run, without what ticks."""
    parts = [page.locator("header").first, page.get_by_role("region", name="Notifications"),
             *(page.get_by_role("region", name=name, exact=True) for name in ("Session vitals", "Grids", "Queue", "Last")),
             *(page.get_by_role("log", name=f"{name} log lines") for name in ("Imaging", "Processing"))]
    return [page.title()] + [TICKING.sub("…", part.inner_text()) for part in parts]


def expect_the_same(page, fresh):
    texts = []

    def compare():
        texts[:] = [shown(page), shown(fresh)]
        return texts[0] == texts[1]

    try:
        eventually(compare, "the same state", patience=20)
    finally:
        for one, other in zip(*texts):
            assert one == other


def test_after_kill_9_of_the_server_the_page_returns_by_itself_with_the_exact_state_and_start_goes_on(server, visits, shot):
    session = new_session(server, grids=2, holesPerSquare=2)
    page = visits.open(server, session.run_page)
    with never_reloaded(page):
        button(page, "Start").click()
        saved = session.wait_for("exposureSaved")
        session.wait_for("targetChanged", after=saved["seq"], where=lambda data: data["status"] == "acquiring")
        with visits.excusing(SERVER_DOWN):
            server.kill()
            expect(notice(page, "Reconnecting to the server.")).to_be_visible()
            server.start()
            expect(pill(page)).to_have_text("Interrupted", timeout=60_000)
            expect(notice(page, "Reconnecting to the server.")).to_have_count(0)
        interrupted = notice(page, "The run was interrupted on grid 1")
        expect(interrupted).to_contain_text("Saved images are safe; the lock is free again. Press Start to go on.")
        expect(page.get_by_role("region", name="Queue")).to_contain_text("Start resumes what was under way")
        shot(page, "run-interrupted-dark")
        fresh = visits.open(server, session.run_page)
        expect(pill(fresh)).to_have_text("Interrupted")
        expect_the_same(page, fresh)
        button(page, "Start").click()
        answer_to_the_end(page)
    assert session.status == "completed"
    expect_no_hole_lost_or_exposed_twice(session)


def expect_no_hole_lost_or_exposed_twice(session):
    def micrographs(type, outcomes=None):
        found = [event["data"] for event in events if event["type"] == type]
        return [data["micrograph"] for data in found if not outcomes or data["outcome"] in outcomes]

    events = session.events()
    begun = sorted(e["data"]["micrograph"]["id"] for e in events if e["type"] == "exposureBegan")
    not_taken = micrographs("exposureSettled", ["notTaken"])
    taken = micrographs("exposureSaved") + micrographs("exposureSettled", ["saved", "left"])
    assert sorted(taken + not_taken) == begun
    assert len(taken) == len(set(taken)) == 4


def answer_to_the_end(page):
    """On from grid to grid; an exposure that nobody can tell of is left as it is."""
    answer = button(page, "Proceed to next grid").or_(button(page, "Leave it"))
    complete = notice(page, "Session complete.")
    while True:
        expect(answer.or_(complete).first).to_be_visible(timeout=120_000)
        if complete.count():
            return
        answer.first.click()
        expect(answer).to_have_count(0)
