import pytest
from playwright.sync_api import expect

from run_page import button, notice, pill
from sessions import new_session
from visit import PHONE

STAFF_ACTS = ("Force start", "Remove scope lock file", "Force-kill all session processes")


def staff_calls(session):
    return (f"{session.api}/force-start", f"{session.api}/force-kill", "/api/microscopes/demo-scope/remove-lock")


def test_staff_acts_are_in_the_document_for_staff_alone(still_server, visit):
    session = new_session(still_server)
    page = visit(still_server, session.run_page, "staff")
    for name in STAFF_ACTS:
        expect(button(page, name)).to_have_count(1)
    page = visit(still_server, session.run_page, "operator")
    expect(button(page, "Start")).to_be_visible()
    for name in STAFF_ACTS:
        expect(page.get_by_text(name)).to_have_count(0)
    assert "Staff only" not in page.content()


@pytest.mark.parametrize("person", ["operator", "viewer"])
def test_the_api_refuses_staff_acts_to_others(still_server, person):
    session = new_session(still_server)
    for path in staff_calls(session):
        assert still_server.person(person).post(path).status == 403, path
    assert session.status == "ready"


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_viewer_has_no_controls(still_server, visit, size):
    session = new_session(still_server)
    page = visit(still_server, session.run_page, "viewer", **({"size": size} if size else {}))
    expect(notice(page, "You can watch this session.")).to_be_visible()
    expect(pill(page)).to_have_text("Idle")
    for name in ("Start", "Stop", *STAFF_ACTS):
        expect(button(page, name)).to_have_count(0)
    expect(page.get_by_role("switch")).to_have_count(0)
    expect(page.get_by_role("link", name="Add targets")).to_have_count(0)
    expect(page.get_by_role("link", name="New session")).to_have_count(0)


def test_the_api_refuses_every_command_to_a_viewer(still_server):
    session = new_session(still_server)
    viewer = still_server.person("viewer")
    for path, body in [("start", {}), ("stop", {}), ("cancel-stop", {}), ("queue", {"version": 0, "add": []}),
                       ("prompts/some", {"answer": "next"})]:
        assert viewer.post(f"{session.api}/{path}", body).status == 403, path
    assert viewer.ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False}).status == 403
    body = {"name": "own", "group": "demo", "microscope": "demo-scope", "detector": "demo-camera", "grids": []}
    assert viewer.post("/api/sessions", body).status == 403
    assert session.status == "ready"
