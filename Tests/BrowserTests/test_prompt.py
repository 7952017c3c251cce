import json
import re

from playwright.sync_api import expect

from run_page import button, expect_loaded, expect_resting, notice, pill
from sessions import new_session
from visit import PHONE, never_reloaded

TITLE = re.compile("is finished. What next")


def asking(server, **settings):
    """A session whose first grid is finished."""
    session = new_session(server, grids=2, **settings)
    session.start()
    session.wait_for("promptRaised", patience=120)
    return session


def test_the_first_of_two_pages_answers_the_prompt_and_the_other_shows_who_did(server, visit):
    session = asking(server)
    first, second = visit(server, session.run_page, "operator"), visit(server, session.run_page, "staff")
    with never_reloaded(first), never_reloaded(second):
        for page in (first, second):
            expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        prompt = session.state["prompt"]["id"]
        button(first, "Proceed to next grid").click()
        for page in (first, second):
            expect(notice(page, "operator chose Proceed to next grid")).to_be_visible()
            expect(page.get_by_role("heading", name=TITLE)).to_have_count(0)
    late = session.staff.post(f"{session.api}/prompts/{prompt}", {"answer": "next"})
    assert (late.status, late.json["code"]) == (409, "prompt.answered")
    assert "operator" in late.json["sentence"]
    assert len([e for e in session.events() if e["type"] == "promptAnswered"]) == 1


def test_continue_rests_with_its_reason_until_targets_are_added_from_the_grid_report(server, visit, shot):
    session = asking(server)
    page = visit(server, session.run_page)
    with never_reloaded(page):
        go_on = button(page, "Continue current grid")
        expect_resting(go_on, "Add targets before you continue")
        go_on.click(force=True)
        page.get_by_role("alert").get_by_role("link", name="Add targets").click()
        expect(page.get_by_role("listbox", name="Holes of the square")).to_be_visible()
        expect_loaded(page.get_by_role("img", name=re.compile("^(Atlas of|Square)")), at_least=2)
        shot(page, "report-dark", full_page=True)
        add_holes(page, 2)
        page.get_by_role("link", name="View session controls").first.click()
        expect(page.get_by_role("heading", name=re.compile("2 holes added. Continue"))).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("Added by operator.")
        expect(button(page, "Proceed to next grid")).to_contain_text("Drops 2 holes")
        go_on.click()
        expect(pill(page)).to_have_text("Running")
        expect(page.get_by_role("heading", name=TITLE)).to_be_visible(timeout=60_000)
    answered = session.wait_for("promptAnswered")
    assert answered["data"]["answer"] == "continue"
    later = [e["type"] for e in session.events(after=answered["seq"])]
    assert later.count("exposureSaved") == 2
    assert later.count("promptRaised") == 1


def add_holes(page, number):
    """Selects holes that nobody has queued, and queues them."""
    free = page.get_by_role("listbox", name="Holes of the square").get_by_role("option", name=re.compile("not queued"))
    expect(free.nth(number)).to_be_attached()
    for name in [free.nth(n).get_attribute("aria-label") for n in range(number)]:
        page.get_by_role("option", name=name, exact=True).first.click()
    expect(page.get_by_text(f"{number} holes selected")).to_be_visible()
    page.get_by_role("button", name="Add to queue").first.click()
    expect(page.get_by_role("option", name=re.compile("^Hole .*, queued"))).to_have_count(number)


def test_continue_through_the_api_with_an_empty_queue_brings_the_prompt_straight_back(server):
    session = asking(server)
    first = session.state["prompt"]
    answer = server.person("operator").post(f"{session.api}/prompts/{first['id']}", {"answer": "continue"})
    assert answer.status == 202, answer.body
    answered = session.wait_for("promptAnswered")
    again = session.wait_for("promptRaised", after=answered["seq"])
    assert again["data"]["id"] != first["id"]
    between = {e["type"] for e in session.events(after=answered["seq"]) if e["seq"] < again["seq"]}
    assert not between & {"targetChanged", "exposureBegan", "gridStarted"}


def test_on_a_phone_the_prompt_is_a_sheet_that_can_be_lowered_and_answered(server, visit, shot):
    session = asking(server)
    page = visit(server, session.run_page, size=PHONE, has_touch=True)
    sheet = page.get_by_role("alert").filter(has=page.get_by_role("heading", name=TITLE))
    expect(button(sheet, "Proceed to next grid")).to_have_count(1)
    # Pictures beside the words: hidden from those who listen.
    expect_loaded(sheet.locator("img"), at_least=4)
    shot(page, "phone-prompt")
    button(sheet, "Lower the question").tap()
    expect(button(sheet, "Proceed to next grid")).to_have_count(0)
    button(sheet, "Show the question").tap()
    expect(button(sheet, "Proceed to next grid")).not_to_have_attribute("aria-busy", "true")
    button(sheet, "Proceed to next grid").tap()
    expect(notice(page, "operator chose Proceed to next grid")).to_be_visible()
    expect(button(page, "Stop")).to_be_visible()
    shot(page, "phone-running")


def test_a_long_path_in_a_question_stays_on_a_phone(server, visit, shot):
    session = asking(server)
    page = visit(server, "/", size=PHONE, has_touch=True)
    cause = f"The disk that holds /data/sessions/{'a_folder_without_blanks/' * 6}movie.mrc does not answer."

    def relay(link):
        behind = link.connect_to_server()

        def heard(text):
            message = json.loads(text)
            prompt = (message.get("state") or {}).get("prompt")
            if prompt:
                prompt.update(kind="fileSilent", cause=cause, answers=["continue"])
            link.send(json.dumps(message))

        behind.on_message(heard)

    page.route_web_socket("**/push", relay)
    page.goto(session.run_page)
    sheet = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="could not be written or read"))
    expect(sheet).to_contain_text("a_folder_without_blanks")
    assert sheet.evaluate("sheet => sheet.scrollWidth <= sheet.clientWidth")
    shot(page, "phone-long-path")
