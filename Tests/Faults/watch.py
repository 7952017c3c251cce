"""Somebody who makes a session, starts it, answers its questions and keeps all that the server tells."""

import time

from server import PATIENCE

ENDED = ("completed", "failed", "stopped", "interrupted", "killed")
# What is answered where a person would have to look: the microscope may have done it.
ANSWERS = {"exposureUnknown": "leave", "gridFinished": "next"}


def make(server, name, grids=1, recipe="spa", **settings):
    """A session that is over soon; its id."""
    small = {"atlasTiles": 1, "squaresPerGrid": 1, "holesPerSquare": 2, "movie": {"frames": 2}, "diskReserve": 0}
    answer = server.person("operator").post("/api/sessions", {
        "name": name, "group": "demo", "microscope": "demo-scope", "detector": "demo-camera", "settings": {**small, **settings},
        "grids": [{"name": f"grid_{n}", "position": n, "holeType": "R1.2/1.3", "recipe": recipe} for n in range(1, grids + 1)]})
    assert answer.status == 201, answer.body
    id = answer.json["id"]
    assert server.person("operator").ask("PUT", f"/api/sessions/{id}/pause-between-grids", {"enabled": False}).status == 202
    return id


def has_everything(state):
    """Whether a session needs no Start any more: a crash may come between its last grid and its own end."""
    return state["status"] == "completed" or all(grid["status"] == "completed" for grid in state["grids"])


def images(state):
    return sum(grid["images"] for grid in state["grids"])


def is_held(state):
    """Whether a run waits for its disk: it asks somebody, or says by itself what keeps it."""
    return bool(state.get("prompt") or state["readings"].get("trouble"))


class Watch:
    """Of one session, over as many servers as it takes."""

    def __init__(self, id):
        self.id = id
        self.told = {}

    @property
    def api(self):
        return f"/api/sessions/{self.id}"

    def events(self, server):
        """All of them, newly asked for."""
        events, after = [], 0
        while True:
            page = server.person("operator").get(f"{self.api}/events?after={after}&limit=1000")
            events += page["items"]
            if page["next"] is None:
                return events
            after = page["next"]

    def hear(self, server):
        """What is new is told; whoever was told it may rely on it."""
        after = max(self.told, default=0)
        for event in server.person("operator").get(f"{self.api}/events?after={after}&limit=1000")["items"]:
            self.told[event["seq"]] = event

    def state(self, server):
        return server.person("operator").get(self.api)

    def start(self, server):
        return server.person("operator").post(f"{self.api}/start")

    def carry_on(self, server, patience=PATIENCE, until=lambda state: False, every=0.05):
        """Answers questions until the run is over or `until` holds; the last state."""
        deadline = time.monotonic() + patience
        while True:
            state = self.state(server)
            self.hear(server)
            if state["status"] in ENDED or until(state) or time.monotonic() > deadline:
                return state
            if state.get("prompt"):
                self.answer(server, state["prompt"])
            time.sleep(every)

    def is_over(self, server):
        return has_everything(self.state(server))

    def finish(self, server):
        """Start where something is left, and the run to its end: what is not as it should be then."""
        if self.is_over(server):
            return []
        answer = self.start(server)
        if answer.status != 202:
            return [f"Start of a session that is {self.state(server)['status']} was refused: {answer.body}"]
        state = self.carry_on(server, 2 * PATIENCE)
        if state["status"] == "completed":
            return []
        asked = (state.get("prompt") or {}).get("kind")
        return [f"the session is {state['status']}, asking {asked}, with {[n['sentence'] for n in state['notices']]}"]

    def answer(self, server, prompt):
        wanted = ANSWERS.get(prompt["kind"])
        answer = wanted if wanted in prompt["answers"] else prompt["answers"][0]
        return server.person("operator").post(f"{self.api}/prompts/{prompt['id']}", {"answer": answer})
