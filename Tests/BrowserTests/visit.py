"""Pages, and what their consoles say."""

import re
from contextlib import contextmanager

from server import PASSWORD

DESKTOP = {"width": 1440, "height": 1000}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}

# What a browser itself writes when it cannot reach a server that is down or silent.
SERVER_DOWN = re.compile(r"net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)")


def answered(status):
    """A refusal by the server that the test asks for."""
    return re.compile(rf"^Failed to load resource: the server responded with a status of {status} ")


class Visits:
    def __init__(self, browser):
        self.browser = browser
        self.contexts = []
        self.faults = []
        self.excused = []

    def open(self, server, path, person="operator", size=DESKTOP, scheme="dark", **options):
        """A page of a browser of its own, signed in as `person` (None: not), on `path`."""
        context = self.browser.new_context(
            base_url=server.url, viewport=size, color_scheme=scheme, reduced_motion="reduce", **options)
        self.contexts.append(context)
        if person:
            answer = context.request.post("/api/login", data={"username": person, "password": PASSWORD})
            assert answer.status == 200, answer.text()
        page = context.new_page()
        page.on("console", lambda message: self.heard(message.type, message.text))
        page.on("pageerror", lambda error: self.heard("error", str(error)))
        page.goto(path)
        return page

    def heard(self, kind, text):
        if kind in ("error", "warning") and not any(pattern.search(text) for pattern in self.excused):
            self.faults.append(f"{kind}: {text}")

    @contextmanager
    def excusing(self, *patterns):
        """Lets these messages pass while the test makes them happen."""
        self.excused = list(patterns)
        yield
        self.settle()
        self.excused = []

    def settle(self):
        """Messages on their way arrive before the answer of a call."""
        for context in self.contexts:
            for page in context.pages:
                page.evaluate("1")

    def close(self):
        self.settle()
        for context in self.contexts:
            context.close()
        return self.faults


@contextmanager
def never_reloaded(page):
    """Fails when the document was loaded anew meanwhile."""
    page.evaluate("window.isTheSameDocument = true")
    loads = []
    page.on("domcontentloaded", lambda page: loads.append(page.url))
    yield
    assert page.evaluate("window.isTheSameDocument") is True
    assert not loads
