"""What the store says of a session, held against what the microscope did and what had been told before."""

import collections
import contextlib
import re
import sqlite3


# What needs no other exposure; somebody who was asked may have left it.
DONE = ("saved", "left")
# What may be begun again: the microscope did not take it, or somebody wants it though it may have.
MAY_REPEAT = ("notTaken", "again")


def damages(database):
    """What SQLite finds wrong in a database, in words; empty for a sound one."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"foreign key of {row[0]} {row[1]}" for row in db.execute("PRAGMA foreign_key_check")]


def lost(told, events):
    """Events that were answered once and are not there, or not the same."""
    kept = {event["seq"]: event for event in events}
    return [f"event {seq} ({event['type']}) was told and is gone" for seq, event in sorted(told.items()) if kept.get(seq) != event]


def is_exposure(line):
    """A Record exposure: those cost the specimen its dose."""
    return line["kind"] == "exposure" and line.get("preset") == "R"


def exposures(lines, session):
    """Names of the session's Record exposures, as the microscope made them."""
    names = [line["name"] for line in lines if is_exposure(line)]
    return [name for name in names if name.startswith(f"{session}-")]


def name(micrograph, session):
    """What the microscope calls an exposure."""
    slot, file = micrograph["id"][len(session) + 2:].split(".")[0], micrograph["movie"].rsplit("/", 1)[-1]
    return f"{session}-{slot}-{file[:-4]}"


def base(name):
    """What all attempts at one exposure have in common: the second one is called …-2."""
    return re.sub(r"(_\d+)-\d+$", r"\1", name)


def outcomes(events, session):
    """What became of each exposure that was meant, by the name that the microscope knows it by."""
    names, outcomes = {}, {}
    for event in events:
        data = event["data"]
        if event["type"] == "exposureBegan":
            key = names[data["micrograph"]["id"]] = name(data["micrograph"], session)
            outcomes[key] = "open"
        elif event["type"] == "exposureSaved" and data["micrograph"] in names:
            outcomes[names[data["micrograph"]]] = "saved"
        elif event["type"] == "exposureSettled" and data["micrograph"] in names:
            outcomes[names[data["micrograph"]]] = data["outcome"]
    return outcomes


def turns(events):
    """Micrographs as they were begun, each with what had become of those before it; and in the end of all of them."""
    said, begun = {}, []
    for event in events:
        data = event["data"]
        if event["type"] == "exposureBegan":
            begun.append((data["micrograph"]["id"], dict(said)))
            said[data["micrograph"]["id"]] = "open"
        elif event["type"] == "exposureSaved":
            said[data["micrograph"]] = "saved"
        elif event["type"] == "exposureSettled":
            said[data["micrograph"]] = data["outcome"]
    return begun, said


def wrong_turns(events, count):
    """Exposures begun again without need, or before those in front of them were done with; and too few or too many of them."""
    begun, said = turns(events)
    found = [f"{id} was begun again after it was {before[id]}" for id, before in begun if before.get(id) not in (None, *MAY_REPEAT)]
    found += [f"{id} was begun while {other} was {outcome}" for id, before in begun
              for other, outcome in before.items() if other != id and outcome not in DONE]
    done = [id for id, outcome in said.items() if outcome in DONE]
    return found if len(done) == len(said) == count else [*found, f"{count} exposures were wanted, and they became {said}"]


def repeats(lines, events, session):
    """Holes that got more dose than anybody asked for. An attempt has a name of its own, so names alone do not show it."""
    taken = collections.Counter(base(name) for name in exposures(lines, session))
    known = {event["data"]["micrograph"]["id"]: base(name(event["data"]["micrograph"], session))
             for event in events if event["type"] == "exposureBegan"}
    asked = collections.Counter(
        known.get(event["data"]["micrograph"]) for event in events
        if event["type"] == "exposureSettled" and event["data"]["outcome"] == "again")
    return [f"{name} was exposed {count} times and asked for {1 + asked[name]} times"
            for name, count in sorted(taken.items()) if count > 1 + asked[name]]


def differences(lines, events, session, is_over=True):
    """Sentences about what ledger and store do not agree on."""
    exposed, said = exposures(lines, session), outcomes(events, session)
    found = [f"{name} was exposed {exposed.count(name)} times" for name in sorted(set(exposed)) if exposed.count(name) > 1]
    found += [f"{name} was exposed and the store does not know it" for name in exposed if name not in said]
    for name, outcome in sorted(said.items()):
        if outcome == "saved" and name not in exposed:
            found.append(f"{name} is said to be saved and was not exposed")
        if outcome == "notTaken" and name in exposed:
            found.append(f"{name} is said not to be taken and was exposed")
        if outcome == "open" and is_over:
            found.append(f"{name} was never settled")
    return found + repeats(lines, events, session) + strangers(lines)


def strangers(lines):
    """Commands of clients that a newer one had pushed out: moments with two holders."""
    newest, found = 0, []
    for line in lines:
        client = line.get("client") or 0
        if line["kind"] == "connect":
            newest = max(newest, client)
        if line["kind"] == "command" and client and client != newest:
            found.append(f"client {client} commanded beside {newest}")
    return found
