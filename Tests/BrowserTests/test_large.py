"""The report of a large grid: how long it takes to open, to move, and to show what has changed."""

import re
import statistics

import pytest
from playwright.sync_api import expect

from accessibility import expect_accessible_in_both_themes
from large import IN_THE_OPENED, SQUARES, enlarge
from server import Server, eventually
from sessions import new_session
from visit import DESKTOP, Visits

# Notes when a frame of a kind arrives, and when what it led to has been painted.
WATCH = """
window.told = []
const Plain = WebSocket
window.WebSocket = class extends Plain {
  set onmessage(heard) {
    super.onmessage = (event) => {
      const topic = event.data.slice(0, 200).match(/"topic":"(grid[^"]*)"/)?.[1]
      const began = performance.now()
      heard(event)
      if (!topic) return
      const note = { bytes: event.data.length, began }
      window.told.push(note)
      requestAnimationFrame(() => setTimeout(() => { note.painted = performance.now() }))
    }
  }
}
"""
# Each frame moves the map a little, or comes closer and goes back; the times between frames of a browser that waits for no screen.
MOVE = """([kind, frames]) => new Promise((done) => {
  const view = document.getElementById('map-square-view')
  const { left, top, width, height } = view.getBoundingClientRect()
  const point = (n) => ({ clientX: left + width / 2 + 40 * Math.sin(n / 9), clientY: top + height / 2 + 40 * Math.cos(n / 9), bubbles: true, pointerId: 1 })
  view.setPointerCapture = () => {}
  if (kind === 'pan') view.dispatchEvent(new PointerEvent('pointerdown', { ...point(0), button: 0, buttons: 1 }))
  const times = []
  let last = performance.now()
  let n = 0
  const step = () => {
    const now = performance.now()
    times.push(now - last)
    last = now
    n += 1
    if (n > frames) {
      view.dispatchEvent(new PointerEvent('pointerup', point(n)))
      return done(times.slice(5))
    }
    if (kind === 'pan') view.dispatchEvent(new PointerEvent('pointermove', { ...point(n), buttons: 1 }))
    else view.dispatchEvent(new WheelEvent('wheel', { ...point(0), deltaY: n % 40 < 20 ? -24 : 24, ctrlKey: true, cancelable: true }))
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("large"))
    session = new_session(server, holesPerSquare=2)
    session.start()
    session.wait_for("micrographProcessed", patience=120)
    session.staff.post(f"{session.api}/stop")
    session.wait_for("runStopped", patience=120)
    enlarge(session)
    yield session
    server.end()


class Work:
    """What a page's scripts, styles and layout cost its thread, in ms: what other programs on the machine take from it is not its fault."""

    PARTS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")

    def __init__(self, page):
        self.page = page
        self.link = page.context.new_cdp_session(page)
        self.link.send("Performance.enable", {"timeDomain": "threadTicks"})

    def so_far(self):
        return 1000 * sum(each["value"] for each in self.link.send("Performance.getMetrics")["metrics"] if each["name"] in self.PARTS)

    def of(self, act):
        before = self.so_far()
        result = act()
        return self.so_far() - before, result


@pytest.fixture(scope="module")
def page(large, launch):
    """In a browser that paints as fast as it can, so that a frame takes as long as the work in it."""
    browser = launch("--disable-frame-rate-limit", "--disable-gpu-vsync")
    visits = Visits(browser)
    page = visits.open(large.server, "/sessions", size=DESKTOP)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.context.add_init_script(WATCH)
    yield page
    faults = visits.close()
    browser.close()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="module")
def report(large, page):
    page.goto(large.report())
    expect(page.get_by_role("listbox", name="Holes of the square")).to_be_visible()
    return page


def told(page):
    """Frames of the grid's topic that have been painted."""
    return eventually(lambda: page.evaluate("window.told?.length && window.told.every(({ painted }) => painted) && window.told"), "News of the grid")


def test_a_large_grid_is_there_within_a_second_of_its_news(large, page):
    def open_it():
        page.goto(large.report())
        return max(told(page), key=lambda each: each["bytes"])

    spent, snapshot = Work(page).of(open_it)
    print(f"\nsnapshot of {snapshot['bytes'] / 1e6:.1f} MB: {spent:.0f} ms of work, painted {snapshot['painted'] - snapshot['began']:.0f} ms after it came")
    expect(page.get_by_text(f"{SQUARES} squares")).to_be_visible()
    expect(page.get_by_text(f"{IN_THE_OPENED:,} holes")).to_be_visible()
    expect(page.get_by_role("article", name=re.compile("^Image"))).to_have_count(60)
    assert 0 < spent < 1000


@pytest.mark.parametrize("kind", ["pan", "zoom"])
@pytest.mark.parametrize("layer", ["Status", "Ice"])
def test_a_large_square_moves_at_the_speed_of_the_screen(report, kind, layer):
    report.get_by_role("button", name="Colours: Square").click()
    report.get_by_role("menuitemradio", name=layer).click()
    report.get_by_role("button", name="Whole image: Square").click()
    for _ in range(2 if kind == "pan" else 0):
        report.get_by_role("button", name="Zoom in: Square").click()
    frames = 120
    spent, times = Work(report).of(lambda: report.evaluate(MOVE, [kind, frames]))
    print(f"\n{kind}, {layer}: {spent / frames:.1f} ms of work a frame; median {statistics.median(times):.1f} ms by the clock, worst {max(times):.0f} ms")
    assert 0 < spent / frames < 16


def test_a_hole_that_changes_is_painted_at_once(large, report):
    def change(number):
        version = large.staff.get(f"{large.api}/queue")["version"]
        report.evaluate("window.told.length = 0")
        hole = f"{large.id}.g1.s1.h{IN_THE_OPENED - number}"
        answer = large.staff.post(f"{large.api}/queue", {"version": version, "add": [hole]})
        assert answer.status == 202, answer.body
        return told(report)[0]

    # Another program, or the collection of garbage, comes into one of them.
    all_spent = []
    for number in range(1, 6):
        spent, news = Work(report).of(lambda: change(number))
        print(f"\n{spent:.0f} ms of work, painted {news['painted'] - news['began']:.0f} ms after it came")
        all_spent.append(spent)
    expect(report.get_by_label("Legend").get_by_text("Queued").first).to_be_visible()
    assert 0 < statistics.median(all_spent) < 50


def test_a_large_square_is_walked_opened_and_selected_by_keys_and_clicks(report):
    report.get_by_role("button", name="Whole image: Square").click()
    holes = report.get_by_role("listbox", name="Holes of the square")
    assert holes.get_by_role("option").count() < 8
    box = report.locator("#map-square-view").bounding_box()
    report.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    focused = report.locator("[role=option]:focus")
    expect(focused).to_have_count(1)
    expect(focused).to_have_attribute("aria-setsize", str(IN_THE_OPENED))
    name = focused.get_attribute("aria-label")
    assert re.match(r"Hole \d+, ", name)
    report.keyboard.press("ArrowRight")
    expect(focused).to_have_count(1)
    assert focused.get_attribute("aria-label") != name
    # The seventh of each is completed; the others can be selected.
    while "not queued" not in focused.get_attribute("aria-label"):
        report.keyboard.press("ArrowRight")
    report.keyboard.press("Escape")
    report.keyboard.press("Space")
    expect(focused).to_have_attribute("aria-selected", "true")
    expect(report.get_by_text("1 hole selected")).to_be_visible()
    report.keyboard.press("Escape")
    expect(report.get_by_text("selected", exact=False)).to_have_count(0)


def test_a_large_grid_is_accessible(report, shot):
    shot(report, "large-dark", full_page=True)
    expect_accessible_in_both_themes(report)
