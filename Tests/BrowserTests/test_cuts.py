"""The link between a page and the server is cut again and again, in another way each time: the page never passes off as live what is old.

The pages' logic stands 200 cuts in `Tests/WebTests/cuts.test.js`; here it is a real browser's clock and sockets. GRIDPILOT_SOAK cuts 200 times here, too.
"""

import bisect
import os
import random
import re
import socket
import threading
import time
import types

from playwright.sync_api import expect

from sessions import new_session
from visit import SERVER_DOWN, never_reloaded

SEED = int(os.environ.get("GRIDPILOT_SEED") or random.SystemRandom().randrange(1 << 31))
CUTS = 200 if os.environ.get("GRIDPILOT_SOAK") else 8
# No page may take longer to say that it hears nothing.
OLDEST = 5.0
LOOK = "window.looks = []; setInterval(() => window.looks.push([Date.now() / 1000, document.body.dataset.stale]), 100)"


class Cable:
    """Passes bytes on between a page and a server, as long as it is whole."""

    def __init__(self, port):
        self.upstream = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.whole = threading.Event()
        self.whole.set()
        self.is_shut = False
        self.links = []
        # When the page was last told something over the push.
        self.words = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, how):
        self.whole.clear()
        if how == "shut":
            self.is_shut = True
        if how != "hanging":
            for link in self.links:
                try:
                    link.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # It has ended already.
            self.links = []

    def mend(self):
        self.is_shut = False
        self.whole.set()

    def _accept(self):
        while True:
            page, _ = self.listener.accept()
            if self.is_shut:
                page.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.upstream))
            self.links += [page, server]
            push = threading.Event()
            for source, target, is_down in ((page, server, False), (server, page, True)):
                threading.Thread(target=self._pass, args=(source, target, push, is_down), daemon=True).start()

    def _pass(self, source, target, push, is_down):
        try:
            while data := source.recv(65536):
                self.whole.wait()
                if not is_down and data.startswith(b"GET /push"):
                    push.set()
                if is_down and push.is_set():
                    self.words.append(time.time())
                target.sendall(data)
        except OSError:
            pass  # Cut.
        for link in (source, target):
            link.close()


def test_a_page_whose_link_is_cut_at_random_never_shows_old_as_live(server, visits):
    chance = random.Random(SEED)
    cable = Cable(server.port)
    session = new_session(server, grids=2)
    session.start()
    page = visits.open(types.SimpleNamespace(url=f"http://127.0.0.1:{cable.port}"), session.run_page)
    expect(page.locator("body")).to_have_attribute("data-stale", "false")
    page.evaluate(LOOK)
    with never_reloaded(page), visits.excusing(re.compile("net::ERR_|WebSocket"), SERVER_DOWN):
        for _ in range(CUTS):
            page.wait_for_timeout(chance.uniform(300, 3000))
            cable.cut(chance.choice(("hanging", "lost", "shut")))
            page.wait_for_timeout(chance.uniform(0, 12_000))
            cable.mend()
        expect(page.locator("body")).to_have_attribute("data-stale", "false", timeout=30_000)
    looks = page.evaluate("window.looks")
    ages = [moment - cable.words[max(0, bisect.bisect(cable.words, moment) - 1)] for moment, stale in looks if stale == "false"]
    assert max(ages) <= OLDEST, f"A page called itself live {max(ages):.1f} s after the last word (GRIDPILOT_SEED={SEED})."
    assert any(stale == "true" for _, stale in looks), f"No cut was long enough to matter (GRIDPILOT_SEED={SEED})."
