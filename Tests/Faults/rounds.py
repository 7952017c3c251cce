"""Many rounds of the same thing beside each other, each in a folder of its own."""

import concurrent.futures
import os
import random
import shutil
import threading
import time

WORKERS = 6


def some(points, seed, is_soak, share=0.1):
    """All of them, a seeded part in a seeded order, or the one that GRIDPILOT_POINT names."""
    points = list(points)
    if "GRIDPILOT_POINT" in os.environ:
        return [int(os.environ["GRIDPILOT_POINT"])]
    if is_soak:
        return points
    random.Random(seed).shuffle(points)
    return points[:max(1, round(len(points) * share))]


def carry_out(points, round, folder, seconds=None, workers=WORKERS):
    """Runs `round(point, folder)` for each; gives how many there were, and what they complained of.

    `seconds`: no new one is begun after so long. The first ones are always done.
    """
    begun = time.monotonic()
    done, complaints, lock = 0, [], threading.Lock()

    def one(number, point):
        nonlocal done
        if seconds and number >= workers and time.monotonic() - begun > seconds:
            return
        place = folder / f"round-{number}"
        place.mkdir()
        try:
            found = round(point, place)
        except Exception as problem:  # A round that breaks is a complaint like another, with its point.
            found = [f"{type(problem).__name__}: {problem}"]
        with lock:
            done += 1
            complaints.extend(f"{point}: {complaint}" for complaint in found)
        if not found:
            shutil.rmtree(place, ignore_errors=True)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for result in [pool.submit(one, *numbered) for numbered in enumerate(points)]:
            result.result()
    return done, complaints


def tell_at_once(stories, folder):
    """What becomes of each of `story(folder)`, carried out beside each other, each in a folder of its own; by its name, to ask for the `result()`."""
    with concurrent.futures.ThreadPoolExecutor(len(stories)) as pool:
        return {name: pool.submit(story, folder / name) for name, story in stories.items()}
