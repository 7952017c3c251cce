"""The last file calls of a session: whoever is killed between the last grid and the end of the run leaves a session that becomes complete."""

import pytest

from rounds import carry_out
from test_session_faults import calls_of, prepared, round_of  # noqa: F401
from watch import Watch

LAST = 30


@pytest.mark.parametrize("way", ("kill", "no answer from the disk"))
def test_a_session_that_is_cut_short_after_its_last_grid_is_completed(library, prepared, calls_of, tmp_path, way):  # noqa: F811
    calls = calls_of(way)

    struck = []

    def round(at, place):
        statuses = []
        faults, _, found = round_of(library, prepared, way, at, place, look=lambda server: statuses.append(Watch(prepared[1]).state(server)["status"]))
        struck.extend([at] if faults.fired else [])
        return [*found, *([] if statuses == ["completed"] else [f"after {faults.struck}, it stayed {statuses}"])]

    # A run makes a few calls more or less than another: what comes after the last of them never goes wrong.
    points = range(calls - LAST, calls + 1, 2)
    done, complaints = carry_out(points, round, tmp_path)
    print(f"{way}: {done} points before the last of {calls} calls, {len(struck)} of them struck")
    assert not complaints, "\n".join(complaints)
    assert done == len(points) and len(struck) >= done / 2
