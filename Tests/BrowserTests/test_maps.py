"""Maps that are looked into, and pictures that are not there."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from server import Server
from sessions import new_session
from visit import DESKTOP, PHONE, TABLET


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A session that was stopped in a square of which every hole is queued."""
    server = Server(tmp_path_factory.mktemp("crowded"))
    session = new_session(server, holesPerSquare=500)
    session.start()
    session.wait_for("micrographProcessed", patience=120)
    session.staff.post(f"{session.api}/stop")
    session.wait_for("runStopped", patience=120)
    yield session
    server.end()


def square(page):
    view = page.locator("#map-square-view")
    expect(view).to_be_visible()
    return view


def scale(view):
    return view.locator(".scale").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])
def test_the_map_of_a_queued_square_can_be_read(crowded, visit, size, shot):
    page = visit(crowded.server, crowded.report(), size=size)
    view = square(page)
    labels, targets = view.locator("svg text"), view.get_by_role("option")
    assert targets.count() > 100
    # Letters of classes aside, no two labels lie on one another.
    boxes = [box for box in (label.bounding_box() for label in labels.all()[:80]) if box]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1:]:
            apart = (one["x"] + one["width"] <= other["x"] + 2 or other["x"] + other["width"] <= one["x"] + 2
                     or one["y"] + one["height"] <= other["y"] + 6 or other["y"] + other["height"] <= one["y"] + 6)
            assert apart, f"{one} lies on {other}"
    few, length = labels.count(), scale(view)
    button(page, "Zoom in: Square").click(click_count=1)
    for _ in range(3):
        button(page, "Zoom in: Square").click()
    expect(labels).not_to_have_count(few)
    assert scale(view) != length
    expect_no_sideways_scroll(page)
    expect_accessible_in_both_themes(page)
    shot(page, f"map-near-{size['width']}", full_page=True)
    button(page, "Whole image: Square").click()
    expect(view.locator(".scale")).to_have_text(length)


def test_the_wheel_comes_closer_where_the_pointer_is_and_a_drag_moves(crowded, visit):
    page = visit(crowded.server, crowded.report())
    view = square(page)
    box = view.bounding_box()
    at = lambda x, y: (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.mouse.move(*at(0.4, 0.4))
    page.mouse.move(*at(0.5, 0.5))
    under = "([x, y]) => document.elementFromPoint(x, y)?.closest('[data-id]')?.dataset.id ?? null"
    target = view.get_by_role("option").nth(40)
    place = target.bounding_box()
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.move(*middle)
    before = page.evaluate(under, list(middle))
    scrolled = page.evaluate("scrollY")
    page.mouse.wheel(0, -480)
    expect(view.locator(".scale")).not_to_have_text("10 µm")
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate(under, list(middle)) == before
    moved = view.get_by_role("option").nth(40)
    was = moved.bounding_box()
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1] + 20, steps=4)
    page.mouse.up()
    now = moved.bounding_box()
    assert abs(now["x"] - was["x"] - 30) < 4 or abs(now["y"] - was["y"] - 20) < 4
    # The click at the end of a drag selects nothing.
    expect(page.get_by_text("selected")).to_have_count(0)


def test_the_keyboard_alone_zooms_moves_walks_and_fills_the_screen(crowded, visit):
    page = visit(crowded.server, crowded.report())
    view = square(page)
    length = scale(view)
    first = view.locator("[role=option][tabindex='0']")
    first.focus()
    for key in ("+", "+", "+"):
        page.keyboard.press(key)
    expect(view.locator(".scale")).not_to_have_text(length)
    # The target that has the focus is brought into view as one walks.
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    inside = page.evaluate("""() => { const [a, b] = [document.activeElement, document.getElementById('map-square-view')].map((e) => e.getBoundingClientRect())
        return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top }""")
    assert inside
    page.keyboard.press("0")
    expect(view.locator(".scale")).to_have_text(length)
    full = button(page, "Full screen: Square")
    full.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.fullscreenElement?.matches('.map')")
    expect(button(page, "Queue all holes")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_function("!document.fullscreenElement")


def test_a_picture_that_has_not_come_is_told_from_a_black_one(crowded, visits):
    page = visits.open(crowded.server, "/")
    page.route("**/image.png*", lambda route: None)
    page.goto(crowded.run_page)
    tile = page.locator(".now .shot .im").first
    expect(tile.locator("img").first).to_be_attached()
    expect(tile).to_have_css("background-image", re.compile("repeating-linear-gradient"))
    assert tile.evaluate("tile => getComputedStyle(tile, '::before').content") == '"Loading the image"'
    page.unroute_all()


def test_the_run_page_shows_where_on_atlas_and_square_it_is(crowded, visit, shot):
    page = visit(crowded.server, crowded.run_page)
    rings = page.locator(".now circle.here")
    expect(rings).to_have_count(2)
    for ring in rings.all():
        inside = ring.evaluate("""ring => { const [a, b] = [ring, ring.closest('.im')].map((e) => e.getBoundingClientRect())
            return a.left >= b.left - 8 && a.right <= b.right + 8 && a.width > 8 }""")
        assert inside
    expect(page.locator(".now .im .name", has_text="Hole").first).to_be_visible()
    shot(page, "run-here-dark")
