"""The built program's simulated SerialEM, and a client that knows the wire from its description alone."""

import pytest

from simulator import KINDS, Simulator

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


# What differs from kind to kind, and what every client meets on each; the rest is the same wire.
ALL_KINDS = {
    "test_story", "test_endings", "test_images", "test_ledger", "test_loader", "test_program", "test_scripts", "test_examples",
    "test_garbage"}


@pytest.fixture(scope="module")
def program_kind():
    """Which SerialEM it is; see KINDS."""
    return "tfs-4.3"


def pytest_generate_tests(metafunc):
    if "program_kind" in metafunc.fixturenames and metafunc.module.__name__ in ALL_KINDS:
        metafunc.parametrize("program_kind", KINDS, scope="module")


@pytest.fixture
def simulator(simulate, program_kind):
    return simulate(kind=program_kind)


@pytest.fixture
def serialem(simulator):
    return simulator.prepared_client()


@pytest.fixture
def imaging(serialem):
    """A client that may take images: a grid is on the stage, and the valves are open."""
    serialem.LoadCartridge(1)
    serialem.SetColumnOrGunValve(1)
    serialem.SetLowDoseMode(1)
    return serialem


@pytest.fixture(scope="module")
def still_simulator(tmp_path_factory, program_kind):
    """For tests that leave the column as it was: shared by those of a file."""
    simulator = Simulator(tmp_path_factory.mktemp("serialem"), kind=program_kind)
    yield simulator
    assert simulator.end() == 0, "It ends well when it is asked to."


@pytest.fixture
def still_serialem(still_simulator):
    """A client of it, which leaves control properly: the next one is granted it at once."""
    client = still_simulator.prepared_client()
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
