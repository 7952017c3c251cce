"""What an open page hears: the pushed frames of one topic, kept as they come."""

import json
import threading
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


class Page:
    def __init__(self, server, topic, username="operator"):
        headers = {"Cookie": server.person(username).cookie, "Origin": server.url}
        self.link = connect(
            f"ws://127.0.0.1:{server.port}/push", subprotocols=["gridpilot.v1"], additional_headers=headers, max_size=None, legacy=True,
            ping_interval=None)  # The server tells by itself that it lives.
        self.link.send(json.dumps({"op": "subscribe", "topic": topic}))
        self.frames = []
        # Why the link ended, once it has.
        self.end = None
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        try:
            for text in self.link:
                self.frames.append((time.monotonic(), json.loads(text)))
        except ConnectionClosed as end:
            self.end = end
        else:
            self.end = "closed in order"

    def heard(self, kind):
        return [frame for _, frame in self.frames if frame.get("kind") == kind]

    def heartbeats(self, begin, end):
        return [frame for moment, frame in list(self.frames) if frame.get("kind") == "heartbeat" and begin <= moment <= end]

    def gaps(self):
        """Events that do not follow the one before; a snapshot begins anew."""
        last, found = None, []
        for _, frame in list(self.frames):
            if frame.get("kind") == "snapshot":
                last = frame["seq"]
            elif frame.get("kind") == "event":
                if frame["previous"] != last:
                    found.append(f"event {frame['seq']} follows {frame['previous']} and {last} was heard")
                last = frame["seq"]
        return found

    def close(self):
        self.link.close()
        self.listener.join(10)
