"""What the tests here hold store and microscope to: each kind of loss and of doubling is found in what is written by hand."""

import pytest

from account import differences, wrong_turns

ID = "s.g1.s1.h1.m1"


def began(id=ID, attempt=""):
    square, hole, number = (part[1:] for part in id.split(".")[2:])
    return {"type": "exposureBegan", "data": {"micrograph": {"id": id, "movie": f"1_a/movies/a_{square}_{hole}_{number}{attempt}.mrc"}}}


def saved(id=ID):
    return {"type": "exposureSaved", "data": {"micrograph": id}}


def settled(outcome, id=ID):
    return {"type": "exposureSettled", "data": {"micrograph": id, "outcome": outcome}}


def taken(*names):
    return [{"kind": "connect", "client": 1}, *({"kind": "exposure", "preset": "R", "client": 1, "name": f"s-1-{name}"} for name in names)]


OTHER = "s.g1.s1.h2.m1"


@pytest.mark.parametrize("events, names", (
    ([began(), saved()], ["a_1_1_1"]),
    ([began(), settled("notTaken"), began(attempt="-2"), saved()], ["a_1_1_1-2"]),
    ([began(), settled("unknown"), settled("again"), began(attempt="-2"), saved()], ["a_1_1_1", "a_1_1_1-2"]),
    ([began(), settled("left")], ["a_1_1_1"]),
))
def test_nothing_is_found_where_all_is_well(events, names):
    assert differences(taken(*names), events, "s") == []
    assert wrong_turns(events, 1) == []


@pytest.mark.parametrize("events, names, found", (
    ([began(), saved(), began(attempt="-2"), saved()], ["a_1_1_1", "a_1_1_1-2"], "s-1-a_1_1_1 was exposed 2 times and asked for 1 times"),
    ([began(), saved()], ["a_1_1_1", "a_1_1_1"], "s-1-a_1_1_1 was exposed 2 times"),
    ([began(), saved()], [], "s-1-a_1_1_1 is said to be saved and was not exposed"),
    ([began(), settled("notTaken")], ["a_1_1_1"], "s-1-a_1_1_1 is said not to be taken and was exposed"),
    ([began()], ["a_1_1_1"], "s-1-a_1_1_1 was never settled"),
    ([], ["a_1_1_1"], "s-1-a_1_1_1 was exposed and the store does not know it"),
))
def test_store_and_microscope_that_do_not_agree_are_found(events, names, found):
    assert found in differences(taken(*names), events, "s")


@pytest.mark.parametrize("events, found", (
    ([began(), saved(), began(attempt="-2"), saved()], f"{ID} was begun again after it was saved"),
    ([began(), began(attempt="-2"), saved()], f"{ID} was begun again after it was open"),
    ([began(), settled("unknown"), began(attempt="-2"), saved()], f"{ID} was begun again after it was unknown"),
    ([began(), began(OTHER), saved(OTHER), saved()], f"{OTHER} was begun while {ID} was open"),
    ([], "1 exposures were wanted, and they became {}"),
    ([began(), settled("notTaken")], f"1 exposures were wanted, and they became {{'{ID}': 'notTaken'}}"),
))
def test_exposures_that_are_missing_or_begun_too_early_are_found(events, found):
    assert found in wrong_turns(events, 1)


def test_a_command_of_a_client_that_was_pushed_out_is_found():
    lines = [{"kind": "connect", "client": 1}, {"kind": "connect", "client": 2}, {"kind": "command", "client": 1}]
    assert differences(lines, [], "s") == ["client 1 commanded beside 2"]
