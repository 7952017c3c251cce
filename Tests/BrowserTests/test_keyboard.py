import re

from playwright.sync_api import expect

from run_page import button, notice
from server import PASSWORD
from sessions import new_session


def tab_to(page, control, most=120):
    """Presses Tab until the control has the focus, as somebody without a mouse would."""
    expect(control).to_be_visible()
    for _ in range(most):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{control} is not reached within {most} tabs.")


def test_the_keyboard_alone_signs_in_starts_and_answers_the_prompt(server, visit):
    session = new_session(server, grids=1)
    page = visit(server, f"/login?next={session.run_page}", person=None)
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("operator")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    start = button(page, "Start")
    tab_to(page, start)
    page.keyboard.press("Enter")
    expect(button(page, "Stop")).to_be_visible()
    finish = button(page, "Proceed to next grid")
    expect(finish).to_be_visible(timeout=120_000)
    # The prompt has not stolen the focus.
    expect(finish).not_to_be_focused()
    tab_to(page, finish)
    page.keyboard.press("Space")
    expect(notice(page, "Session complete.")).to_be_visible()


def test_a_queue_row_is_moved_by_its_grip_and_escape_cancels(server, visit):
    session = new_session(server, squaresPerGrid=3)
    session.start()
    session.wait_for("queueChanged", where=lambda data: len(data["added"]) > 1)
    server.person("operator").post(f"{session.api}/stop")
    session.wait_for("runStopped")
    page = visit(server, session.run_page)
    grips = page.get_by_role("button", name=re.compile("^Move "))
    expect(grips.nth(1)).to_be_visible()
    ids = [item["id"] for item in session.state["queue"]["items"]]
    grips.first.focus()
    for keys, order in ((("Space", "ArrowDown", "Escape"), ids), (("Space", "ArrowDown", "Space"), [ids[1], ids[0], *ids[2:]])):
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator("[data-row]").nth(0)).to_have_attribute("data-row", order[0])
        expect(page.get_by_role("button", name=re.compile("^Move ")).nth(0)).to_have_attribute("aria-pressed", "false")
    session.wait_for("queueChanged", where=lambda data: data.get("by") == "operator")
    assert [item["id"] for item in session.state["queue"]["items"]] == [ids[1], ids[0], *ids[2:]]


def test_slash_goes_to_the_log_filter_and_no_letter_starts_anything(still_server, visit):
    session = new_session(still_server)
    page = visit(still_server, session.run_page)
    expect(button(page, "Start")).to_be_visible()
    for key in "abcdefghijklmnopqrstuvwxyz ":
        page.keyboard.press("Space" if key == " " else key)
    page.keyboard.press("/")
    expect(page.get_by_label("Filter imaging log")).to_be_focused()
    assert session.status == "ready"
    assert [event["type"] for event in session.events()] == ["sessionCreated"]
