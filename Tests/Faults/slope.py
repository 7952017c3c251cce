"""How fast something grows, from samples with noise that mostly points one way, and how sure that is."""

import math
import statistics


def low_water(samples, window):
    """Of (seconds, value): the least value of each window, at its middle. What was taken for a moment and given back is no growth."""
    marks = {}
    for moment, value in samples:
        number = int((moment - samples[0][0]) // window)
        marks[number] = min(value, marks.get(number, value))
    return [(samples[0][0] + (number + 0.5) * window, value) for number, value in sorted(marks.items())]


def theil_sen(points, z=1.96):
    """The middle of the slopes of all pairs, and the ends of its 95 % interval (Sen 1968), per second."""
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1:])
    n = len(points)
    # Half as many pairs as Kendall's S spreads over when there is no trend.
    reach = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    lower = max(0, math.floor((len(slopes) - reach) / 2))
    upper = min(len(slopes) - 1, math.ceil((len(slopes) + reach) / 2))
    return statistics.median(slopes), slopes[lower], slopes[upper]
