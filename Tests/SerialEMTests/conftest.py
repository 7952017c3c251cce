"""The built program's simulated SerialEM, and a client that knows the wire from its description alone."""

import pytest

from simulator import Simulator

SIMULATORS = pytest.StashKey()


@pytest.fixture
def simulate(request, tmp_path_factory):
    """Starts a simulated SerialEM of the test's own; it ends with the test."""
    simulators = request.node.stash[SIMULATORS] = []

    def start(**options):
        simulators.append(Simulator(tmp_path_factory.mktemp("serialem"), **options))
        return simulators[-1]

    yield start
    for simulator in simulators:
        if simulator.is_alive():
            assert simulator.end() == 0, "It ends well when it is asked to."


@pytest.fixture
def simulator(simulate):
    return simulate()


@pytest.fixture
def serialem(simulator):
    return simulator.client()


@pytest.fixture
def imaging(serialem):
    """A client that may take images: a grid is on the stage, and the valves are open."""
    serialem.LoadCartridge(1)
    serialem.SetColumnOrGunValve(1)
    serialem.SetLowDoseMode(1)
    return serialem


@pytest.fixture(scope="module")
def still_simulator(tmp_path_factory):
    """For tests that leave the column as it was: shared by those of a file."""
    simulator = Simulator(tmp_path_factory.mktemp("serialem"))
    yield simulator
    assert simulator.end() == 0, "It ends well when it is asked to."


@pytest.fixture
def still_serialem(still_simulator):
    """A client of it, which leaves control properly: the next one is granted it at once."""
    client = still_simulator.client()
    yield client
    client.close_after_exit()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What the program said stands beside the failure that it may explain."""
    report = yield
    if report.failed:
        shared = [item.funcargs["still_simulator"]] if "still_simulator" in item.funcargs else []
        for simulator in item.stash.get(SIMULATORS, []) + shared:
            report.sections.append(("what the program said", simulator.stderr()))
    return report
