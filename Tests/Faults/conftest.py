"""The built program among things that go wrong: disks, power, signals, clocks.

GRIDPILOT_SOAK takes every point, GRIDPILOT_SEED the same ones again, GRIDPILOT_POINT a single one.
"""

import os
import pathlib
import random
import sys

import pytest

# People and their API are the same as in the tests of the pages.
sys.path.append(str(pathlib.Path(__file__).parents[1] / "BrowserTests"))

import preload  # noqa: E402
from page import Page  # noqa: E402
from program import SMALL, Scope, Server  # noqa: E402
from server import PATIENCE  # noqa: E402
from watch import Watch, make  # noqa: E402

SEED = int(os.environ.get("GRIDPILOT_SEED") or random.SystemRandom().randrange(1 << 31))


def pytest_report_header():
    return f"GRIDPILOT_SEED={SEED} takes the same points again"


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return preload.build(tmp_path_factory.mktemp("iofault"))


@pytest.fixture(scope="session")
def is_soak():
    return bool(os.environ.get("GRIDPILOT_SOAK"))


@pytest.fixture
def seed():
    return SEED


@pytest.fixture
def running():
    """Processes that end with the test, however it ends."""
    processes = []
    yield processes
    for process in processes:
        if process.process and process.is_alive():
            process.kill()


@pytest.fixture(scope="session")
def session_record(library, tmp_path_factory):
    """Everything that the disk was told from a first start to a session's end, and where the store was."""
    folder = tmp_path_factory.mktemp("recorded")
    faults = preload.Faults(library, folder, folder / "data", trace=folder / "trace")
    scope = Scope(folder, 20000, SMALL).must_start()
    server = Server(folder, scope, 20000, faults=faults).must_start()
    try:
        watch = Watch(make(server, "recorded", holesPerSquare=3))
        page = Page(server, f"session/{watch.id}")
        assert watch.start(server).status == 202
        assert watch.carry_on(server, 2 * PATIENCE)["status"] == "completed"
        assert page.end is None, f"The page was left alone: {page.end}"
        page.close()
    finally:
        server.kill()
        scope.kill()
    return folder / "trace", server.store
