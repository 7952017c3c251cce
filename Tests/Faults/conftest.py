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
