"""A disk of its own for sessions that is really full, really read-only, really unmounted under a run."""

import contextlib
import functools
import os
import shutil
import subprocess
import time

import pytest

from account import damages, differences, exposures, wrong_turns
from program import SMALL, Scope, Server
from rounds import tell_at_once
from watch import Watch, images, make

SPEED = 400
HOLES = 6
SIZE, RESERVE = 96 << 20, 24 << 20
INODES = 3000
# Seconds in which a run that went on would expose and write.
WAIT = 3


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)


def unmount(place):
    subprocess.run(["umount", "--lazy", place], check=True)


def whether_disks_can_be_mounted(folder):
    if os.geteuid() != 0:
        return "only root may mount a disk"
    tried = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
    if tried.returncode:
        return f"no disk can be mounted here: {tried.stderr.strip()}"
    unmount(folder)
    return None


class Away:
    """A run whose sessions are on a disk of memory, with an image."""

    def __init__(self, folder, **settings):
        folder.mkdir()
        self.disk, self.scope, self.server = folder / "disk", Scope(folder, SPEED, SMALL), None
        self.place = folder / "data" / "sessions"
        self.disk.mkdir()
        self.place.mkdir(parents=True)
        assert mount("-t", "tmpfs", "-o", f"size={SIZE},nr_inodes={INODES}", "tmpfs", self.disk).returncode == 0
        self.show()
        try:
            self.server = Server(folder, self.scope.must_start(), SPEED).must_start()
            self.watch = Watch(make(self.server, "night", holesPerSquare=HOLES, **settings))
            assert self.watch.start(self.server).status == 202
            self.watch.carry_on(self.server, until=lambda state: images(state) >= 1)
        except BaseException:
            self.end()
            raise

    def show(self):
        assert mount("--bind", self.disk, self.place).returncode == 0

    def hide(self):
        unmount(self.place)

    def end(self):
        for process in (self.server, self.scope):
            if process and process.process:
                process.kill()
        if os.path.ismount(self.place):
            self.hide()
        unmount(self.disk)

    @property
    def free(self):
        space = os.statvfs(self.disk)
        return space.f_bavail * space.f_frsize

    def exposures(self):
        return exposures(self.scope.ledger(), self.watch.id)

    def wait(self, *kinds):
        """Until it asks; what is not as it should be then, and a while later."""
        gone = len(self.exposures())
        state = self.watch.carry_on(self.server, 60, until=lambda state: bool(state.get("prompt")))
        if state["status"] != "paused" or (state.get("prompt") or {}).get("kind") not in kinds:
            return [f"it is {state['status']}, asking {state.get('prompt')}, with {[notice['sentence'] for notice in state['notices']]}"]
        before = self.exposures()
        time.sleep(WAIT)
        found = [] if self.exposures() == before else ["it went on exposing while it asked"]
        # What was begun may be finished; the room for that is what is looked at before each.
        return found if "diskFull" in kinds or len(before) <= gone + 1 else [*found, f"{len(before) - gone} exposures were begun"]

    def complete(self):
        state = self.watch.carry_on(self.server)
        found = [] if (state["status"], images(state)) == ("completed", HOLES) else [
            f"it became {state['status']} with {images(state)} images: {[notice['sentence'] for notice in state['notices']]}"]
        events = self.watch.events(self.server)
        return found + differences(self.scope.ledger(), events, self.watch.id) + wrong_turns(events, HOLES) + damages(self.server.store)


def others_fill_it(run):
    """To a little above the reserve: the next movie would not leave it."""
    filler = run.disk / "others"
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, run.free - RESERVE - (1 << 20))
    found = run.wait("diskFull")
    found += [] if run.free >= RESERVE - (4 << 20) else [f"{run.free} bytes of the reserve of {RESERVE} are left"]
    filler.unlink()
    return found + run.complete()


def it_becomes_read_only(run):
    assert mount("-o", "remount,ro", run.disk).returncode == 0
    assert mount("-o", "remount,ro,bind", run.place).returncode == 0
    found = run.wait("diskSilent")
    assert mount("-o", "remount,rw", run.disk).returncode == 0
    assert mount("-o", "remount,rw,bind", run.place).returncode == 0
    return found + run.complete()


def it_is_unmounted(run):
    run.hide()
    found = run.wait("diskSilent")
    found += [f"{path} was written below the missing disk" for path in run.place.rglob("*")]
    run.show()
    return found + run.complete()


def its_table_of_files_is_full(run):
    """Room for bytes, and none for another file."""
    others = run.disk / "many"
    others.mkdir()
    with contextlib.suppress(OSError):
        for number in range(INODES):
            (others / str(number)).touch()
    found = run.wait("diskSilent")
    shutil.rmtree(others)
    return found + run.complete()


def a_small_disk_stands_over_its_movies(run):
    """Inside of the session's folder, whose own disk has room."""
    movies = next(run.place.rglob("movies"))
    taken = list(movies.iterdir())
    kept = run.disk / "kept"
    shutil.copytree(movies, kept)
    size = sum(path.stat().st_size for path in taken)
    assert mount("-t", "tmpfs", "-o", f"size={size + (2 << 20)}", "tmpfs", movies).returncode == 0
    try:
        shutil.copytree(kept, movies, dirs_exist_ok=True)
        # It is another folder first, which somebody has to say is meant.
        found = run.wait("diskSilent")
        answer = run.watch.answer(run.server, run.watch.state(run.server)["prompt"])
        found += [] if answer.status == 202 else [f"the answer was not taken: {answer.body}"]
        found += run.wait("diskFull")
        assert mount("-o", f"remount,size={SIZE}", movies).returncode == 0
        return found + run.complete()
    finally:
        unmount(movies)


def the_disk_of_its_movies_goes_away(run):
    """One that is mounted inside of the session's folder: what stands under it looks just the same."""
    movies = next(run.place.rglob("movies"))
    over = run.disk / "over"
    shutil.copytree(movies, over)
    beneath = sorted(path.name for path in movies.iterdir())
    assert mount("--bind", over, movies).returncode == 0
    try:
        found = run.wait("diskSilent")
        before = images(run.watch.state(run.server))
        run.watch.carry_on(run.server, until=lambda state: images(state) > before)
        unmount(movies)
        found += run.wait("diskSilent")
        written = set(path.name for path in movies.iterdir()) - set(beneath)
        found += [f"{name} was written under the disk that is away" for name in written]
    finally:
        assert mount("--bind", over, movies).returncode == 0
    try:
        return found + run.complete()
    finally:
        unmount(movies)


STORIES = {
    the_disk_of_its_movies_goes_away: {}, a_small_disk_stands_over_its_movies: {}, others_fill_it: {"diskReserve": RESERVE}, it_becomes_read_only: {}, it_is_unmounted: {}, its_table_of_files_is_full: {}
}


def tell(story, settings, folder):
    run = Away(folder, **settings)
    try:
        return story(run)
    finally:
        run.end()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mounts")
    reason = whether_disks_can_be_mounted(folder)
    if reason:
        pytest.skip(reason)
    return tell_at_once({story.__name__: functools.partial(tell, story, settings) for story, settings in STORIES.items()}, folder)


def test_a_disk_that_others_fill_pauses_the_run_at_its_reserve_until_there_is_room(told):
    assert told["others_fill_it"].result() == []


def test_a_disk_that_becomes_read_only_pauses_the_run_until_it_can_be_written(told):
    assert told["it_becomes_read_only"].result() == []


def test_a_disk_that_is_unmounted_pauses_the_run_and_nothing_is_written_in_its_place(told):
    assert told["it_is_unmounted"].result() == []


def test_a_disk_inside_of_the_sessions_folder_that_goes_away_is_missed_and_nothing_is_written_under_it(told):
    assert told["the_disk_of_its_movies_goes_away"].result() == []


def test_a_small_disk_inside_of_the_sessions_folder_is_measured_too(told):
    assert told["a_small_disk_stands_over_its_movies"].result() == []


def test_a_disk_that_takes_no_more_files_pauses_the_run_and_costs_no_target(told):
    assert told["its_table_of_files_is_full"].result() == []
