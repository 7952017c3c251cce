"""Sessions as the tests use them: made through the API, and read from the stored events."""

import itertools

from server import PATIENCE, eventually

numbers = itertools.count(1)
SMALL = {"atlasTiles": 1, "squaresPerGrid": 1, "holesPerSquare": 1, "diskReserve": 0}


class Session:
    def __init__(self, server, id, name):
        self.server = server
        self.id = id
        self.name = name

    @property
    def api(self):
        return f"/api/sessions/{self.id}"

    @property
    def run_page(self):
        return f"/sessions/{self.id}/run"

    def report(self, slot=1):
        return f"/sessions/{self.id}/grids/{self.id}.g{slot}"

    @property
    def staff(self):
        return self.server.person("staff")

    @property
    def state(self):
        return self.staff.get(self.api)

    @property
    def status(self):
        return self.state["status"]

    def start(self):
        answer = self.staff.post(f"{self.api}/start")
        assert answer.status == 202, answer.body

    def events(self, after=0):
        return self.staff.get(f"{self.api}/events?after={after}&limit=5000")["items"]

    def wait_for(self, *types, after=0, patience=PATIENCE, where=lambda data: True):
        """The first event of one of these types behind the number `after`."""
        def look():
            return next((e for e in self.events(after) if e["type"] in types and where(e["data"])), None)
        return eventually(look, " or ".join(types), patience)

    def log(self, name="imaging"):
        return [line["message"] for line in self.staff.get(f"{self.api}/logs/{name}?limit=1000")["items"]]


def demo_session(server, microscope="demo-scope"):
    """The session that the demo has made ready."""
    items = server.person("staff").get("/api/sessions")["items"]
    item = next(item for item in items if item["microscope"] == microscope)
    return Session(server, item["id"], item["name"])


def new_session(server, name=None, grids=1, microscope="demo-scope", mesh="Au", **settings):
    """One that is over soon: a coarse atlas, a square, a hole and two frames on each grid."""
    name = name or f"small_{next(numbers)}"
    camera = microscope.replace("scope", "camera")
    movie = {"frames": 2, **settings.pop("movie", {})}
    body = {
        "name": name, "group": "demo", "microscope": microscope, "detector": camera,
        "settings": {**SMALL, "movie": movie, **settings},
        "grids": [{"name": f"grid_{n}", "position": n, "holeType": "R1.2/1.3", "meshMaterial": mesh, "recipe": "spa"}
                  for n in range(1, grids + 1)],
    }
    answer = server.person("operator").post("/api/sessions", body)
    assert answer.status == 201, answer.body
    return Session(server, answer.json["id"], name)
