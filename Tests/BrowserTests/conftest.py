"""Real Chromium against the real server. `--shots DIR`, or GRIDPILOT_SHOTS, keeps pictures of the pages on the way."""

import os
import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

from server import Server
from visit import Visits

expect.set_options(timeout=30_000)
SERVERS = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--shots", default=os.environ.get("GRIDPILOT_SHOTS"), help="a folder for pictures of the pages")


@pytest.fixture(scope="session")
def launch():
    """Starts a browser with arguments of its own; there can be only one playwright."""
    with sync_playwright() as playwright:
        yield lambda *args: playwright.chromium.launch(
            executable_path=os.environ.get("GRIDPILOT_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", *args])


@pytest.fixture(scope="session")
def browser(launch):
    chromium = launch()
    yield chromium
    chromium.close()


@pytest.fixture
def serve(request, tmp_path_factory):
    """Starts a server of the test's own; it ends with the test."""
    servers = request.node.stash[SERVERS] = []

    def start(**options):
        servers.append(Server(tmp_path_factory.mktemp("server"), **options))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(scope="module")
def still_server(tmp_path_factory):
    """For tests that start no run: shared by those of a file."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.end()


@pytest.fixture
def visits(browser):
    """Opens pages; after the test their consoles must be clean."""
    visits = Visits(browser)
    yield visits
    faults = visits.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def visit(visits):
    return visits.open


@pytest.fixture
def shot(request):
    folder = request.config.getoption("--shots")

    def keep(page, name, **options):
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png", **options)

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What the server said stands beside the failure that it may explain."""
    report = yield
    if report.failed:
        shared = [item.funcargs["still_server"]] if "still_server" in item.funcargs else []
        for server in item.stash.get(SERVERS, []) + shared:
            report.sections.append(("what the server said", server.stderr()))
    return report
