"""web/state.js and LiveState fold the same events to the same end."""

import json
import pathlib

import pytest

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "RunModelTests" / "Golden"
FRAMES = [json.loads(line) for line in (GOLDEN / "events.jsonl").read_text().splitlines()]
CREATED = next(frame["data"] for frame in FRAMES if frame["type"] == "sessionCreated")
SESSION = CREATED["session"]["id"]

BEGINNINGS = {
    "session": "state.startSession(created)",
    "grid": "state.startGrid(created, id)",
    "facility": "state.startFacility([])",
}
FOLDS = {"session": "state.foldSession", "grid": "state.foldGrid", "facility": "state.foldFacility"}


def folded(page, topic):
    """Folded by the page's own module."""
    kind, _, id = topic.partition("/")
    frames = [{"session": SESSION, **frame} for frame in FRAMES if frame["topic"] == topic]
    return page.evaluate(
        f"""async ([created, id, frames]) => {{
            const state = await import('/static/state.js')
            const text = JSON.stringify(frames)
            const end = frames.reduce({FOLDS[kind]}, {BEGINNINGS[kind]})
            if (JSON.stringify(frames) !== text) throw new Error('an event was changed')
            return JSON.stringify(end)
        }}""", [CREATED, id, frames])


@pytest.mark.parametrize(("topic", "file"), [
    (f"session/{SESSION}", "session.json"),
    (f"grid/{CREATED['grids'][0]['id']}", "grid.json"),
    (f"grid/{CREATED['grids'][1]['id']}", "grid-under-way.json"),
    ("facility", "facility.json"),
])
def test_the_page_folds_the_golden_events_to_the_golden_state(still_server, visit, topic, file):
    page = visit(still_server, "/login", person=None)
    assert json.loads(folded(page, topic)) == json.loads((GOLDEN / file).read_text())
