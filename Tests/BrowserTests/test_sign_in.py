from playwright.sync_api import expect

from run_page import button, notice, pill
from server import PASSWORD
from sessions import new_session
from visit import answered


def test_a_page_leads_strangers_to_the_sign_in_and_back(still_server, visits):
    session = new_session(still_server)
    with visits.excusing(answered(401)):
        page = visits.open(still_server, session.run_page, person=None)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("User name").fill("operator")
        page.get_by_label("Password", exact=True).fill("not the password")
        button(page, "Sign in").click()
        expect(notice(page, "User name or password is wrong.")).to_contain_text("tries left")
        expect(page.get_by_label("User name")).to_have_value("operator")
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(pill(page)).to_have_text("Idle")
    assert page.url.endswith(session.run_page)


def test_a_sign_in_never_leads_to_another_site(still_server, visit):
    page = visit(still_server, "/login?next=//example.org/", person=None)
    page.get_by_label("User name").fill("operator")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Sessions")).to_be_visible()
    assert page.url.startswith(still_server.url)


def test_after_signing_out_the_pages_are_closed(still_server, visits):
    page = visits.open(still_server, "/")
    button(page, "Account: operator").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with visits.excusing(answered(401)):
        page.goto("/sessions")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
