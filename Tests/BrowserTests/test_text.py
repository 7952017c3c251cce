"""What people type is text, never a part of the page."""

from playwright.sync_api import expect

from markup import MARKUP, expect_no_markup
from run_page import button, notice
from sessions import new_session
from visit import answered


def test_a_log_filter_with_markup_is_shown_as_it_was_typed(server, visit):
    session = new_session(server)
    session.start()
    session.wait_for("gridStarted")
    page = visit(server, session.run_page)
    expect(page.get_by_role("log", name="Imaging log lines").get_by_role("listitem").first).to_be_attached()
    page.get_by_label("Filter imaging log").fill(MARKUP)
    expect(page.get_by_text(f"No line contains {MARKUP}")).to_be_visible()
    expect_no_markup(page)
    button(page, "Clear").click()
    expect(page.get_by_role("log", name="Imaging log lines").get_by_role("listitem").first).to_be_attached()


def test_what_a_session_was_made_with_is_shown_as_it_was_typed(still_server, visit):
    session = new_session(still_server, mesh=MARKUP)
    page = visit(still_server, session.report())
    expect(page.get_by_text(MARKUP)).to_be_visible()
    expect_no_markup(page)


def test_names_with_markup_are_refused_by_the_form_and_by_the_server(still_server, visit):
    page = visit(still_server, "/sessions/new")
    page.get_by_label("Session name").fill(MARKUP)
    expect(page.get_by_text("Only letters, digits, dots, dashes and underscores")).to_be_visible()
    expect_no_markup(page)
    body = {"name": MARKUP, "group": "demo", "microscope": "demo-scope", "detector": "demo-camera",
            "grids": [{"name": MARKUP, "position": 1, "recipe": "spa"}]}
    refused = still_server.person("operator").post("/api/sessions", body)
    assert refused.status == 400
    assert {problem["field"] for problem in refused.json["problems"]} == {"name", "grids[0].name"}


def test_an_address_with_markup_names_what_is_not_there_as_text(still_server, visits):
    with visits.excusing(answered(404)):
        page = visits.open(still_server, f"/sessions?session={MARKUP}")
        expect(page.get_by_role("alert")).to_be_visible()
        expect_no_markup(page)


def test_a_user_name_with_markup_is_refused_without_being_drawn(still_server, visits):
    page = visits.open(still_server, "/login", person=None)
    page.get_by_label("User name").fill(MARKUP)
    page.get_by_label("Password", exact=True).fill("wrong")
    with visits.excusing(answered(401), answered(400)):
        button(page, "Sign in").click()
        expect(notice(page, "User name or password is wrong.")).to_be_visible()
    expect_no_markup(page)
