"""A grid as a night of data collection leaves it, written into the store as the fold of events that nobody waited for."""

import contextlib
import json
import re
import sqlite3

SQUARES, HOLES, IN_THE_OPENED, MICROGRAPHS = 200, 40_000, 3_000, 2_000


def enlarge(session):
    """Makes the first grid of a session that ran and ended a large one: its opened square has thousands of holes."""
    server, grid = session.server, f"{session.id}.g1"
    state = session.staff.get(f"/api/grids/{grid}")
    first = next(square for square in state["squares"] if square.get("image"))
    model = next(hole for hole in state["holes"] if hole["status"] == "found")
    image = next(one for one in state["micrographs"] if one.get("measurement"))
    squares = [_square(state["atlas"], first, number) for number in range(1, SQUARES + 1)]
    holes = _holes(squares[0]["image"], model, squares)
    events = [("squaresFound", {"grid": grid, "squares": squares})]
    events += [("holesFound", {"square": square["id"], "holes": found}) for square, found in zip(squares, holes)]
    for hole in sum(holes[1:], [])[:MICROGRAPHS]:
        events += _exposure(image, f"{hole['id']}.m1")
    server.end()
    with contextlib.closing(sqlite3.connect(server.folder / "data" / "gridpilot.sqlite")) as db:
        _append(db, session.id, f"grid/{grid}", events)
    server.start()
    return grid


def _append(db, session, topic, events):
    """Told to the grid's report alone: the run page has nothing to do with so many."""
    previous = db.execute("SELECT max(seq) FROM event_topics WHERE topic = ?", (topic,)).fetchone()[0]
    at = db.execute("SELECT max(at) FROM events").fetchone()[0]
    for kind, data in events:
        seq = db.execute("INSERT INTO events (at, session, type, data) VALUES (?, ?, ?, ?)", (at, session, kind, json.dumps(data))).lastrowid
        db.execute("INSERT INTO event_topics (topic, seq, previous) VALUES (?, ?, ?)", (topic, seq, previous))
        previous = seq
    db.commit()


def _square(atlas, first, number):
    column, row = (number - 1) % 20, (number - 1) // 20
    place = {"x": atlas["width"] * (column + 1) / 21, "y": atlas["height"] * (row + 5) / 21}
    classes = ("good", "good", "good", "partial", "cracked")
    square = {**first, "id": re.sub(r"\d+$", str(number), first["id"]), "point": place, "size": atlas["width"] / 30,
              "class": classes[number % 5] if number > 1 else "good", "brightness": number / SQUARES}
    if number > 1:
        del square["image"]
        square["status"] = "found"
    return square


def _holes(image, model, squares):
    """A list for each square, on a lattice that fills its image."""
    rest, more = divmod(HOLES - IN_THE_OPENED, SQUARES - 1)
    model = {key: value for key, value in model.items() if key not in ("groupCentre", "image", "exposures", "offset")}
    holes = []
    for index, square in enumerate(squares):
        number = IN_THE_OPENED if index == 0 else rest + (index <= more)
        side = int(number ** 0.5) + 1
        holes.append([{
            **model, "id": f"{square['id']}.h{n}", "status": "completed" if n % 7 == 0 else "found", "thickness": 20 + n % 60,
            "point": {"x": image["width"] * ((n - 1) % side + 1) / (side + 1), "y": image["height"] * ((n - 1) // side + 1) / (side + 1)},
            "size": image["width"] / (side + 1) * 0.6, "brightness": 0.5 + (n % 50) / 100} for n in range(1, number + 1)])
    assert sum(map(len, holes)) == HOLES
    return holes


def _exposure(model, id):
    kept = ("measurement", "savedAt")
    begun = {**{key: value for key, value in model.items() if key not in kept}, "id": id, "status": "exposing", "bytes": 0}
    return [
        ("exposureBegan", {"micrograph": begun, "of": 1, "expectedSeconds": 4.5}),
        ("exposureSaved", {"micrograph": id, "frames": model["frames"], "bytes": model["bytes"]}),
        ("micrographProcessed", {"micrograph": id, "measurement": model["measurement"], "targetDefocus": model["targetDefocus"]})]
