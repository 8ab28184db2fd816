"""Side-by-side timing whose stored words are the same on every machine."""

from __future__ import annotations

import math
import timeit
from collections.abc import Callable

import torch

from course_utils.display import escape, live_html, say

CLOCK_TICK = 1e-7  # seconds; the coarsest clock of the systems that run the course
SHORTEST = 0.002  # seconds; what is faster is called so often in a row that it takes this long
PATIENCE = 5  # so many times as many repeats, where a busy machine hides what is claimed


def compare_times(
    ways: dict[str, Callable[[], object]], *, at_least: dict[str, float], repeats: int = 5
) -> dict[str, float]:
    """Time several ways to do the same thing, taking turns, and say how far apart they are.

    Args:
        ways: a name and a function without arguments for each way; the first is the yardstick.
        at_least: for names in `ways`, the factor by which each is claimed to be faster than the
            first. Choose it low: it is printed and stored, and must hold on every machine.
        repeats: how often each is measured, after one run to warm up; the shortest time counts,
            for whatever else the machine does can only add to it. It is tried some times more
            where a claim is not met.

    Returns:
        Seconds for each way. The page shows them live; the notebook does not store them.
    """
    random_state = torch.get_rng_state()  # how often a way runs depends on the machine
    timers = {name: timeit.Timer(run) for name, run in ways.items()}
    once = {name: max(timer.timeit(1), CLOCK_TICK) for name, timer in timers.items()}
    calls = {name: max(1, round(SHORTEST / taken)) for name, taken in once.items()}
    first, shortest = next(iter(ways)), dict.fromkeys(ways, math.inf)

    def met(name: str) -> bool:
        return shortest[first] / shortest[name] >= at_least[name]

    for done in range(PATIENCE * repeats):
        if done >= repeats and all(map(met, at_least)):
            break
        for name, timer in timers.items():
            shortest[name] = min(shortest[name], timer.timeit(calls[name]) / calls[name])
    torch.set_rng_state(random_state)
    live_html(_table(shortest, first))
    for name, factor in at_least.items():
        reached = met(name)
        say(f"{name}: {'more' if reached else 'NOT more'} than {factor:g} times as fast as {first}")
    return shortest


def _table(seconds: dict[str, float], first: str) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{1000 * taken:,.4f} ms</td>"
        f"<td>{seconds[first] / taken:,.0f} ×</td></tr>"
        for name, taken in seconds.items()
    )
    return (
        "<table class='course-table'><tr><th>measured here, just now</th><th>time</th>"
        f"<th>speed</th></tr>{rows}</table>"
    )
