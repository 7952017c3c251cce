from playwright.sync_api import expect

from run_page import button, notice, pill
from sessions import Session
from visit import answered


def problem_of(page, label):
    """What stands under the field."""
    field = page.get_by_label(label, exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    return page.locator(f"[id='{field.get_attribute('aria-describedby')}']")


def test_the_form_shows_each_problem_under_its_field_then_makes_a_session_that_runs(server, visit):
    page = visit(server, "/sessions/new")
    page.get_by_label("Name, position 1", exact=True).fill("grid one")
    page.get_by_label("Squares", exact=True).fill("many")
    page.get_by_label("Exposure time", exact=True).fill("0")
    button(page, "Create session").click()
    expect(problem_of(page, "Session name")).to_have_text("Give the session a name.")
    expect(problem_of(page, "Squares")).to_contain_text("Enter a number from 0 to 500 per grid")
    expect(problem_of(page, "Exposure time")).to_contain_text("Must be from 0.01 to 120 s")
    expect(problem_of(page, "Name, position 1")).to_contain_text("Only letters, digits, dots, dashes and underscores")
    expect(page.get_by_label("Session name")).to_be_focused()
    assert len(server.person("staff").get("/api/sessions")["items"]) == 2

    for label, text in (("Session name", "by_hand"), ("Name, position 1", "grid_one"), ("Squares", "1"), ("Exposure time", "0,5"),
                        ("Holes per square", "1"), ("Atlas", "1"), ("Frames", "2"), ("Disk reserve", "0"),
                        ("Focus again beyond", "2,5")):
        page.get_by_label(label, exact=True).fill(text)
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    button(page, "Create session").click()
    expect(page.get_by_role("heading", name="by_hand", level=1)).to_be_visible()
    expect(pill(page)).to_have_text("Idle")
    session = Session(server, page.url.split("/")[-2], "by_hand")
    settings = session.state["session"]["settings"]
    assert (settings["squaresPerGrid"], settings["movie"]["exposureTime"], settings["focusDistance"]) == (1, 0.5, 2.5)
    page.get_by_role("switch", name="Pause between grids").click()
    expect(page.get_by_role("switch", name="Pause between grids")).not_to_be_checked()
    button(page, "Start").click()
    expect(notice(page, "Session complete.")).to_be_visible(timeout=120_000)


def test_what_only_the_server_knows_to_be_wrong_stands_under_its_field_too(still_server, visits):
    page = visits.open(still_server, "/sessions/new")
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    page.get_by_label("Session name").fill("refused")
    page.get_by_label("Name, position 1", exact=True).fill("grid_one")

    def with_an_unknown_group(route):
        body = {**route.request.post_data_json, "group": "others"}
        route.continue_(post_data=body)

    page.route("**/api/sessions", with_an_unknown_group)
    with visits.excusing(answered(400), answered(403)):
        button(page, "Create session").click()
        expect(problem_of(page, "Group")).to_contain_text("You are not a member of the group others.")
    expect(button(page, "Create session")).to_be_visible()


def test_a_name_that_would_be_another_folder_on_the_microscopes_computer_is_refused_at_its_field(serve, visits):
    server = serve(serialem="127.0.0.1:9")
    page = visits.open(server, "/sessions/new")
    expect(page.get_by_label("Name, position 1", exact=True)).to_be_visible()
    page.get_by_label("Session name").fill("tubulin.")
    page.get_by_label("Name, position 1", exact=True).fill("grid_one")
    with visits.excusing(answered(400)):
        button(page, "Create session").click()
        expect(problem_of(page, "Session name")).to_contain_text("Windows leaves out a dot or a blank at the end")
    page.get_by_label("Session name").fill("tubulin")
    button(page, "Create session").click()
    expect(page.get_by_role("heading", name="tubulin", level=1)).to_be_visible()
