import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button, notice
from server import PASSWORD
from visit import DESKTOP, PHONE, answered

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def row(page, name):
    accounts = page.get_by_role("region", name="Accounts")
    return accounts.get_by_role("row").filter(has=page.get_by_text(name, exact=True))


def person_dialog(page, name):
    button(page, f"Change {name}").click()
    return page.get_by_role("dialog", name=name)


def test_the_pages_for_staff_are_offered_to_staff_alone(still_server, visit, visits):
    page = visit(still_server, "/", "staff")
    for name in ("People", "Audit"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    for person in ("operator", "viewer"):
        page = visit(still_server, "/", person)
        expect(page.get_by_role("link", name="Session browser")).to_be_visible()
        for name in ("People", "Audit"):
            expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
    with visits.excusing(answered(403)):
        for path in ("/people", "/audit"):
            page.goto(path)
            expect(page.get_by_role("alert")).to_contain_text("Only staff may do this.")
            expect(page.get_by_role("table")).to_have_count(0)


def test_staff_add_somebody_who_then_signs_in(server, visit):
    page = visit(server, "/people", "staff")
    button(page, "Add person").click()
    dialog = page.get_by_role("dialog", name="Add person")
    dialog.get_by_label("User name").fill("ada")
    dialog.get_by_label("Password").fill("a long password")
    dialog.get_by_label("Role").select_option("member")
    dialog.get_by_label("demo").check()
    dialog.get_by_role("button", name="Add person").click()
    expect(dialog).to_have_count(0)
    expect(row(page, "ada")).to_contain_text("Member")
    expect(row(page, "ada")).to_contain_text("Never")
    other = visit(server, "/login", person=None)
    other.get_by_label("User name").fill("ada")
    other.get_by_label("Password", exact=True).fill("a long password")
    button(other, "Sign in").click()
    expect(button(other, "Account: ada")).to_be_visible()
    button(page, "Read again").click()
    expect(row(page, "ada")).to_contain_text("1 browser")


def test_a_refusal_stands_in_the_dialog_and_what_was_typed_stays(server, visit, visits):
    page = visit(server, "/people", "staff")
    button(page, "Add person").click()
    dialog = page.get_by_role("dialog", name="Add person")
    dialog.get_by_label("User name").fill("operator")
    dialog.get_by_label("Password").fill("a long password")
    with visits.excusing(answered(409)):
        dialog.get_by_role("button", name="Add person").click()
        expect(dialog.get_by_role("alert")).to_contain_text("There is already a user operator.")
    expect(dialog.get_by_label("User name")).to_have_value("operator")


def test_a_role_is_changed_and_the_last_member_of_staff_keeps_it(server, visit, visits):
    watching = visit(server, "/", "operator")
    expect(watching.get_by_role("link", name="New session")).to_be_visible()
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    dialog.get_by_label("Role").select_option("viewer")
    # Whatever paints the page anew keeps what was chosen.
    dialog.get_by_role("button", name="Let them try again").click()
    expect(dialog.get_by_role("button", name="Let them try again")).not_to_have_attribute("aria-busy", "true")
    expect(dialog.get_by_label("Role")).to_have_value("viewer")
    dialog.get_by_role("button", name="Change role").click()
    expect(dialog).to_contain_text("Now: Viewer.")
    button(dialog, "Close").click()
    expect(row(page, "operator")).to_contain_text("Viewer")
    assert server.person("operator").get("/api/me")["viewerOnly"]
    dialog = person_dialog(page, "staff")
    dialog.get_by_label("Role").select_option("member")
    with visits.excusing(answered(409)):
        dialog.get_by_role("button", name="Change role").click()
        expect(dialog.get_by_role("alert")).to_contain_text("staff is the last member of staff. Make somebody else staff first.")
    expect(dialog).to_contain_text("Now: Staff.")


def test_groups_are_added_joined_left_and_removed(server, visit):
    page = visit(server, "/people", "staff")
    page.get_by_label("New group").fill("imaging")
    button(page, "Add group").click()
    expect(button(page, "Remove group imaging")).to_be_visible()
    dialog = person_dialog(page, "operator")
    dialog.get_by_label("Add to group").select_option("imaging")
    dialog.get_by_role("button", name="Add to group").click()
    expect(dialog.get_by_role("button", name="Take out of imaging")).to_be_visible()
    button(dialog, "Close").click()
    remove = button(page, "Remove group imaging")
    expect(remove).to_have_attribute("aria-disabled", "true")
    expect(remove).to_have_accessible_description("Take its members out of it first.")
    dialog = person_dialog(page, "operator")
    dialog.get_by_role("button", name="Take out of imaging").click()
    expect(dialog.get_by_role("button", name="Take out of imaging")).to_have_count(0)
    button(dialog, "Close").click()
    button(page, "Remove group imaging").click()
    expect(button(page, "Remove group imaging")).to_have_count(0)


def test_a_token_is_shown_once_works_and_is_revoked(server, visit):
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    dialog.get_by_label("New token’s name").fill("export")
    dialog.get_by_role("button", name="Make token").click()
    shown = dialog.get_by_label("Token export")
    expect(shown).to_be_visible()
    token = shown.input_value()
    headers = {"Authorization": f"Bearer {token}"}
    script = page.context.browser.new_context(base_url=server.url)
    assert script.request.get("/api/me", headers=headers).json()["username"] == "operator"
    button(dialog, "Close").click()
    dialog = person_dialog(page, "operator")
    expect(dialog.get_by_role("button", name="Revoke export")).to_be_visible()
    assert token not in page.content()
    dialog.get_by_role("button", name="Revoke export").click()
    expect(dialog.get_by_role("button", name="Revoke export")).to_have_count(0)
    assert script.request.get("/api/me", headers=headers).status == 401
    script.close()


def test_a_password_is_set_and_somebody_is_removed_after_a_second_question(server, visit):
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    dialog.get_by_label("Password").fill("another password")
    dialog.get_by_role("button", name="Set password").click()
    expect(dialog.get_by_label("Password")).to_have_value("")
    fresh = page.context.browser.new_context(base_url=server.url)
    for password, status in ((PASSWORD, 401), ("another password", 200)):
        data = {"username": "operator", "password": password}
        assert fresh.request.post("/api/login", data=data).status == status
    fresh.close()
    dialog.get_by_role("button", name="Remove person").click()
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Remove person")).to_be_visible()
    dialog.get_by_role("button", name="Remove person").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(row(page, "viewer")).to_be_visible()
    expect(row(page, "operator")).to_have_count(0)


def test_the_keyboard_alone_is_enough(server, visit):
    page = visit(server, "/people", "staff")
    change = button(page, "Change viewer")
    change.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="viewer")
    expect(button(dialog, "Close")).to_be_focused()
    dialog.get_by_label("New token’s name").focus()
    page.keyboard.type("script")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Token script")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(change).to_be_focused()


def test_nothing_is_sent_from_a_page_that_has_lost_its_server(server, visit, visits):
    page = visit(server, "/people", "staff")
    expect(row(page, "operator")).to_be_visible()
    with visits.excusing(re.compile("net::ERR_|WebSocket")):
        server.kill()
        add = button(page, "Add person")
        expect(add).to_have_attribute("aria-disabled", "true")
        expect(add).to_have_accessible_description("Buttons come back with the connection.")
        button(page, "Read again").click()
        expect(notice(page, "The server did not answer.")).to_contain_text("What is shown was read at")
        expect(row(page, "operator")).to_be_visible()


def test_a_token_is_shown_although_the_accounts_cannot_be_read_after_it(server, visit, visits):
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    body = {"code": "disk.noAnswer", "sentence": "The store does not answer.", "remedy": None, "status": 503}
    page.route("**/api/people", lambda route: route.fulfill(status=503, json=body))
    dialog.get_by_label("New token’s name").fill("export")
    with visits.excusing(answered(503)):
        dialog.get_by_role("button", name="Make token").click()
        expect(dialog.get_by_label("Token export")).to_be_visible()
        expect(dialog.get_by_role("alert")).to_contain_text("The store does not answer.")
        expect(dialog.get_by_text("There is no such account any more.")).to_have_count(0)


def test_an_act_of_which_nobody_can_say_whether_it_was_done_is_not_called_undone(server, visit, visits):
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    body = {"code": "account.noAnswer", "sentence": "The disk does not answer.", "remedy": None, "status": 503}
    page.route("**/api/people/operator/unlock", lambda route: route.fulfill(status=503, json=body))
    with visits.excusing(answered(503)):
        dialog.get_by_role("button", name="Let them try again").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Unlock had no answer. Look below whether it was done.")


def test_the_buttons_of_a_dialog_rest_and_say_why_on_a_page_that_has_lost_its_server(server, visit, visits):
    page = visit(server, "/people", "staff")
    dialog = person_dialog(page, "operator")
    with visits.excusing(re.compile("net::ERR_|WebSocket")):
        server.kill()
        for name in ("Make token", "Change role", "Set password", "Let them try again"):
            resting = dialog.get_by_role("button", name=name)
            expect(resting).to_have_attribute("aria-disabled", "true")
            expect(resting).to_have_accessible_description("Buttons come back with the connection.")


@SIZES
def test_the_people_page_and_its_dialogs_are_accessible_and_fit(still_server, visit, size, shot):
    page = visit(still_server, "/people", "staff", size=size)
    expect(row(page, "operator")).to_be_visible()
    kind = "phone" if size is PHONE else "desktop"
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shot(page, f"people-{kind}-{scheme}", full_page=True)
    for name in ("Change operator", "Add person"):
        button(page, name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect_accessible_in_both_themes(page)
        shot(page, f"people-{kind}-{name.split()[0].lower()}")
        page.keyboard.press("Escape")
