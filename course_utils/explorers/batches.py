"""Explorer of lesson 02: full batch, mini-batches and single samples race, each at its own rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from course_utils.explorers.base import Explorer, choice_slider
from course_utils.figures import BLUE, GREEN, ORANGE, figure, log_axis

LEARNING_RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
N_EPOCHS = 2
STYLES = ((BLUE, "-", "o"), (ORANGE, "--", "^"), (GREEN, "-.", None))

Run = Callable[[int, float, int], tuple[Sequence[int], Sequence[float]]]


def batch_race(run: Run, sizes: Mapping[str, int]) -> Explorer:
    """Return an explorer: choose a learning rate for each batch size, see who is lower when.

    Args:
        run: takes a batch size, a learning rate and a number of epochs, trains anew, and returns
            how many examples had been seen, and the loss, at some places on the way. The end of
            each epoch must be one of them.
        sizes: a batch size for each name, up to three; the first is the number of all examples.

    >>> explorer = batch_race(run_batches, {"full batch": 800, "single samples": 1})
    """
    n = next(iter(sizes.values()))

    @cache
    def trained(size: int, lr: float) -> tuple[Sequence[int], Sequence[float]]:
        return run(size, lr, N_EPOCHS)

    def draw(**rates: float) -> tuple:
        fig, ax = figure(
            "Who is lower after the same number of examples?",
            xlabel="examples seen",
            ylabel="loss on all examples",
            size=(9, 4.2),
        )
        after_one = {}
        for (name, size), (color, line, marker) in zip(sizes.items(), STYLES, strict=False):
            seen, losses = trained(size, rates[name])
            after_one[name] = losses[list(seen).index(n)]
            ax.plot(
                seen, losses, color=color, linestyle=line, marker=marker, markersize=5, label=name
            )
        for epoch in range(1, N_EPOCHS + 1):
            ax.axvline(epoch * n, color="#6b7178", linestyle=":", linewidth=1.2, label="_epoch")
        log_axis(ax, "y", 1e-3, 3)
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        losses = ", ".join(f"{name} {loss:.2g}" for name, loss in after_one.items())
        return fig, f"Loss after one epoch: {losses}. (The dotted lines end an epoch.)"

    controls = {
        name: choice_slider(LEARNING_RATES, 0.1, name=f"learning rate, {name}") for name in sizes
    }
    title = "Give each the learning rate that suits it best. Whose loss is lowest after one epoch?"
    return Explorer(title, draw, controls)
