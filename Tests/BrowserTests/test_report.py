"""What can be done with the maps and images of a grid's report."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from run_page import button
from server import Server
from sessions import new_session
from test_keyboard import tab_to
from visit import DESKTOP, PHONE


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A session that was stopped after a few images."""
    server = Server(tmp_path_factory.mktemp("ended"))
    session = new_session(server, holesPerSquare=8)
    session.start()
    session.wait_for("micrographProcessed", patience=120)
    session.staff.post(f"{session.api}/stop")
    session.wait_for("runStopped", patience=120)
    yield session
    server.end()


def layer(page, of, name):
    button(page, f"Colours: {of}").click()
    page.get_by_role("menuitemradio", name=name).click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_each_layer_has_a_key_and_its_values_in_words(ended, visit, size, shot):
    page = visit(ended.server, ended.report(), size=size)
    holes = page.get_by_role("listbox", name="Holes of the square")
    legend = page.get_by_role("list", name="Legend").nth(1)
    for name, key, words in (("Size", r"Size \d.* µm", r"Size \d\.\d µm"), ("Brightness", r"Brightness \d+ to \d+ % of the brightest", r"Brightness \d+ %"),
                             ("Median CTF fit", r"Median CTF fit \d\.\d.* ÅNot measured \d+", r"Median CTF fit \d\.\d Å")):
        layer(page, "Square", name)
        expect(legend).to_have_text(re.compile(key))
        expect(holes.get_by_role("option", name=re.compile(words)).first).to_be_attached()
        expect_no_sideways_scroll(page)
        expect_accessible_in_both_themes(page)
        shot(page, f"layer-{name.split()[-1]}-{size['width']}")
    layer(page, "Square", "Class")
    expect(legend).to_have_text(re.compile("^good"))
    layer(page, "Square", "Status")
    expect(legend).to_have_text(re.compile("^✓Completed"))


def test_the_legend_hides_and_stays_hidden(ended, visit):
    page = visit(ended.server, ended.report())
    legends = page.get_by_role("list", name="Legend")
    expect(legends).to_have_count(2)
    button(page, "Legend: Square").click()
    expect(legends).to_have_count(0)
    page.reload()
    expect(button(page, "Legend: Square")).to_have_attribute("aria-pressed", "false")
    expect(legends).to_have_count(0)
    button(page, "Legend: Square").click()
    expect(legends).to_have_count(2)


def test_maps_and_images_are_saved_as_a_picture_and_as_recorded(ended, visit):
    page = visit(ended.server, ended.report())
    grid = f"{ended.id}.g1"
    for name in ("Atlas", "Square", "image"):
        for kind, start in (("Picture, PNG", b"\x89PNG"), ("As recorded, MRC", None)):
            button(page, f"Download: {name}").first.click()
            with page.expect_download() as saved:
                page.get_by_role("menuitem", name=kind).click()
            path = saved.value.path()
            assert saved.value.suggested_filename.startswith(grid)
            content = path.read_bytes()
            if start:
                assert saved.value.suggested_filename.endswith(".png") and content.startswith(start)
            else:
                # The word MAP, as every MRC file has it.
                assert saved.value.suggested_filename.endswith(".mrc") and content[208:211] == b"MAP"


def test_the_keyboard_alone_colours_saves_and_hides(ended, visit):
    page = visit(ended.server, ended.report())
    colours = button(page, "Colours: Atlas")
    tab_to(page, colours)
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Status")).to_be_focused()
    expect(page.get_by_role("menuitemradio", name="Status")).to_have_attribute("aria-checked", "true")
    expect_accessible_in_both_themes(page)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(colours).to_be_focused()
    expect(page.get_by_role("list", name="Legend").first).to_have_text(re.compile("^Brightness"))
    tab_to(page, button(page, "Download: Atlas"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Picture, PNG")).to_be_focused()
    expect_accessible_in_both_themes(page)
    page.keyboard.press("Escape")
    expect(button(page, "Download: Atlas")).to_be_focused()
    card = page.get_by_role("article", name=re.compile("^Image"))
    tab_to(page, card.first, most=200)


def test_a_picture_that_has_not_come_or_is_not_there_is_told_from_a_black_one(ended, visits):
    page = visits.open(ended.server, "/")
    page.route("**/image.png*", lambda route: None)
    page.goto(ended.report())
    for place in (page.locator("#map-atlas-view"), page.locator("#map-square-view"), page.locator(".hmc .pair").first):
        expect(place).to_have_css("background-image", re.compile("repeating-linear-gradient"))
        assert place.evaluate("place => getComputedStyle(place, '::before').content") == '"Loading the image"'
    # No hole was chosen: words and stripes, not black.
    nothing = page.locator(".map .noimage")
    expect(nothing).to_have_text("Choose a hole to see it")
    expect(nothing).to_have_css("background-image", re.compile("repeating-linear-gradient"))
    page.unroute_all()


def test_the_maps_show_where_the_run_is_and_the_legend_says_so(server, visit, shot):
    session = new_session(server, holesPerSquare=12)
    session.start()
    session.wait_for("exposureBegan", patience=120)
    page = visit(server, session.report())
    for number, kind in ((0, "Squares of the atlas"), (1, "Holes of the square")):
        expect(page.get_by_role("listbox", name=kind).get_by_role("option", name=re.compile("the run is here"))).to_have_count(1)
        expect(page.get_by_role("list", name="Legend").nth(number)).to_contain_text("The run is here")
    expect(page.locator("#map-square").get_by_text("Here", exact=True)).to_have_count(1)
    shot(page, "report-here", full_page=True)
    session.staff.post(f"{session.api}/stop")
    session.wait_for("runStopped", patience=120)
    expect(page.locator("circle.here")).to_have_count(0)


def test_whoever_only_watches_is_not_asked_to_do_anything(ended, visit):
    page = visit(ended.server, ended.report(), "viewer")
    expect(page.get_by_role("listbox", name="Holes of the square")).to_be_visible()
    words = page.get_by_role("main").inner_text()
    assert not re.search(r"\byou\b|Add |select|Queue all|Rate\b", words), words
    for name in ("Good", "Queue all holes"):
        expect(button(page, name)).to_have_count(0)
    expect(page.get_by_role("combobox")).to_have_count(0)


def test_notes_thumbs_and_ratings_are_seen_on_every_page_at_once(ended, visit):
    one, two = visit(ended.server, ended.report()), visit(ended.server, ended.report(), person="staff")
    one.get_by_label("Notes").fill("Thin ice on the left <b>half</b>.")
    expect(one.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    expect(two.get_by_label("Notes")).to_have_value("Thin ice on the left <b>half</b>.")
    one.get_by_role("radiogroup", name="Quality of this grid").get_by_role("radio", name="Good").click()
    expect(two.get_by_role("radiogroup", name="Quality of this grid").get_by_role("radio", name="Good")).to_have_attribute("aria-checked", "true")
    expect(two.get_by_role("navigation", name="Grids in this session").get_by_role("link", name=re.compile("good"))).to_have_count(1)
    # By its key, on a card that has the focus.
    card = one.get_by_role("article", name=re.compile("^Image ")).first
    card.focus()
    one.keyboard.press("7")
    name = card.get_attribute("aria-label")
    rated = two.get_by_role("article", name=name).get_by_role("combobox", name=re.compile("^Rating of image"))
    expect(rated).to_have_value("badIce")
    rated.select_option(label="Great")
    expect(card.get_by_role("combobox")).to_have_value("great")
    card.focus()
    one.keyboard.press("0")
    expect(rated).to_have_value("")
    one.get_by_label("Notes").fill("")
    one.get_by_role("radiogroup", name="Quality of this grid").get_by_role("radio", name="Good").click()
    expect(two.get_by_label("Notes")).to_have_value("")
