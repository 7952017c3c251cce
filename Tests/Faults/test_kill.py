"""The program killed again and again over one store and one microscope, whose ledger is the witness."""

import collections
import random
import time

from account import damages, differences, exposures, is_exposure, lost, strangers, wrong_turns
from program import SMALL, Scope, Server
from rounds import carry_out
from watch import ENDED, Watch, make

KILLS = 60
SOAK = 200
CHAINS = 3
SPEED = 4000
# Two grids with three holes and two exposures each.
EXPOSURES = 12
CRASHED = {"recipe": "short", "grids": 2, "holesPerSquare": 3, "exposuresPerHole": 2}
# Of the kills, one in so many in the start, or in the recovery from the one before.
STARTS = 5


class Chain:
    """Servers one after the other over one store."""

    def __init__(self, folder, seed, kills):
        self.random = random.Random(seed)
        self.starts = kills // STARTS
        self.scope = Scope(folder, SPEED, SMALL).must_start()
        self.server = Server(folder, self.scope, SPEED)
        self.watches = []
        self.complaints = []
        # How many kills met what, and how long the last start took that was left alone.
        self.met = collections.Counter()
        self.startup = 0

    def carry_out(self, kills):
        for turn in range(kills):
            if turn % STARTS == STARTS - 1:
                self.kill_in_the_start(turn // STARTS)
            else:
                self.kill_in_a_run()

    def begin(self):
        begun = time.monotonic()
        self.server.must_start()
        self.startup = time.monotonic() - begun

    def open_session(self):
        """The one that is not complete yet, or a new one."""
        if self.watches and not self.watches[-1].is_over(self.server):
            return self.watches[-1]
        self.watches.append(Watch(make(self.server, f"crash_{len(self.watches) + 1}", **CRASHED)))
        return self.watches[-1]

    def kill_in_a_run(self):
        """At a moment that chance gives, of this session or, where that is over before, of the next."""
        self.begin()
        while True:
            watch = self.open_session()
            self.complaints += lost(watch.told, watch.events(self.server)) + damages(self.server.store)
            is_now = self.moment()
            answer = watch.start(self.server)
            if answer.status != 202:
                self.complaints.append(f"Start was refused: {answer.body}")
            state = watch.carry_on(self.server, until=lambda _: is_now(), every=0.01)
            if state["status"] not in ENDED:
                break
        self.server.kill()
        self.met["an exposure" if state.get("exposure") else "a run"] += 1

    def moment(self):
        """When the ledger has grown by some lines; or, as often, by a few after one of the next exposures."""
        before = len(self.scope.ledger())
        if self.random.random() < 0.5:
            lines = self.random.randint(1, 50)
            return lambda: len(self.scope.ledger()) >= before + lines
        nth, more = self.random.randint(1, 3), self.random.randint(0, 8)

        def is_behind_an_exposure():
            records = [place for place, line in enumerate(self.scope.ledger()[before:]) if is_exposure(line)]
            return len(records) >= nth and len(self.scope.ledger()) > before + records[nth - 1] + more

        return is_behind_an_exposure

    def kill_in_the_start(self, number):
        """While it opens the store, recovers what the last one left, or begins to run; each earlier or later than the others."""
        delay = (number + self.random.random()) / self.starts * 1.5 * self.startup
        begun = time.monotonic()
        listens = self.server.start(patience=delay)
        if listens:
            watch = self.watches[-1]
            if not watch.is_over(self.server):
                watch.start(self.server)
            time.sleep(max(0, begun + delay - time.monotonic()))
        self.server.kill()
        self.met["a server that had just begun to listen" if listens else "a start or a recovery"] += 1

    def finish(self):
        """Runs each session to its end, and compares."""
        self.server.must_start()
        self.complaints += damages(self.server.store)
        for watch in self.watches:
            self.complaints += watch.finish(self.server)
            events = watch.events(self.server)
            self.complaints += lost(watch.told, events) + differences(self.scope.ledger(), events, watch.id)
            self.complaints += wrong_turns(events, EXPOSURES)
        assert self.server.end() == 0

    def close(self):
        if self.server.process and self.server.is_alive():
            self.server.kill()
        self.scope.kill()


def test_a_server_that_is_killed_at_any_moment_loses_and_doubles_nothing_and_goes_on_at_the_next_target(tmp_path, seed, is_soak):
    kills = -(-(SOAK if is_soak else KILLS) // CHAINS)
    met, taken = collections.Counter(), []

    def round(number, place):
        chain = Chain(place, seed + number, kills)
        try:
            chain.carry_out(kills)
            chain.finish()
            met.update(chain.met)
            taken.extend(name for watch in chain.watches for name in exposures(chain.scope.ledger(), watch.id))
            return chain.complaints + strangers(chain.scope.ledger())
        finally:
            chain.close()

    _, complaints = carry_out(range(CHAINS), round, tmp_path, workers=CHAINS)
    print(f"{met.total()} kills met {dict(met)}; {len(taken)} exposures, seed {seed}")
    assert not complaints, "\n".join(complaints)
    assert met.total() == CHAINS * kills
    assert met["a start or a recovery"] >= met.total() / STARTS / 3
    assert met["a run"] >= met.total() / 10 and met["an exposure"] >= met.total() / 20
    # What was left was asked about, and is not always in the ledger.
    assert len(taken) >= CHAINS * EXPOSURES / 2
