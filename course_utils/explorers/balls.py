"""The explorer of lesson 08 that throws a ball: the true path, and the one a model predicts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from torch import Tensor

from course_utils.datasets.balls import WALL, bouncing_balls
from course_utils.explorers.base import Explorer, choice, choice_slider, slider, whole_slider
from course_utils.figures import AMBER, BLUE, GREEN, INK, ORANGE, RULE, TRAINED, laid_out
from course_utils.microscope import AHEAD, MODEL, STAYS, STRAIGHT, Throw, mean_distances, throw
from course_utils.models.sequences import NextStep, roll_out

RADIUS = 0.05  # of the ball; its middle keeps within the box, its edge touches the walls
SEEN = (1, 2, 5, 10)
ASKED = (1, 10, 20)  # steps after which distances are told
ARROW = 4  # the arrow is so many steps long
FASTEST = 0.25
N_UNSEEN, UNSEEN_SEED = 500, 20_081  # throws for the mean; lessons train on other seeds
STYLES = {
    MODEL: {"color": ORANGE, "linestyle": "--", "marker": "^"},
    STAYS: {"color": RULE, "linestyle": "-", "marker": None},
    STRAIGHT: {"color": BLUE, "linestyle": ":", "marker": None},
}


def ball_thrower(
    model: NextStep | Mapping[str, NextStep],
    *,
    position: tuple[float, float] = (-0.6, -0.4),
    angle: float = 35,
    speed: float = 0.12,
    n_seen: int = 2,
) -> Explorer:
    """Return an explorer: throw a ball, see its true path and the one that a model predicts.

    Press where the ball shall start, and drag to where it shall fly.

    Args:
        model: a trained `NextStep` of two inputs, or several with a name each. Make the explorer
            again after more training: its means are worked out once.
        position: where the ball starts, x and y from −1 to 1.
        angle: in which direction, in degrees, anticlockwise from the right.
        speed: how far it goes in a step, up to 0.25.
        n_seen: how many positions the model is shown first: 1, 2, 5 or 10.

    Raises:
        ValueError: a model is no `NextStep` of two inputs.

    >>> ball_thrower(model, n_seen=5)
    """
    models = model if isinstance(model, Mapping) else {MODEL: model}
    unseen = bouncing_balls(N_UNSEEN, max(SEEN) + AHEAD, seed=UNSEEN_SEED)
    for each in models.values():
        roll_out(each, unseen[0, :1], 1)  # refuses what does not fit before anything is drawn

    @cache
    def means(name: str, n_seen: int) -> dict[str, Tensor]:
        return mean_distances(models[name], unseen[:, max(SEEN) - n_seen :], n_seen)

    controls = {
        "n_seen": choice_slider(SEEN, n_seen, name="positions it sees first"),
        "x": slider(-WALL, WALL, position[0], 0.05, name="start, x"),
        "y": slider(-WALL, WALL, position[1], 0.05, name="start, y"),
        "angle": whole_slider(-180, 180, round(angle), name="direction in °"),
        "speed": slider(0, FASTEST, speed, 0.01, name="speed"),
    }
    if len(models) > 1:
        controls = {"name": choice(list(models), name="model")} | controls
    controls["x"].readout_format = controls["y"].readout_format = ".2f"
    controls["speed"].readout_format = ".2f"

    def draw(name: str = next(iter(models)), **thrown: float) -> tuple:
        found = throw(models[name], **thrown)
        fig, (left, right) = laid_out((10.2, 3.9), ((0.3, 0.1, 3.4, 3.4), (4.6, 0.65, 5.4, 2.6)))
        _draw_box(left, found, thrown["angle"], thrown["speed"])
        _draw_distances(right, found)
        return fig, _say(found, means(name, found.n_seen))

    title = "Throw the ball: press where it starts, drag to where it flies. Who knows its path?"
    return Explorer(title, draw, controls, drag=_aimed)


def _aimed(x0: float, y0: float, x: float, y: float) -> dict[str, object]:
    """Return the control values for a pointer that went down at (x0, y0) and is at (x, y)."""
    start = {"x": min(max(x0, -WALL), WALL), "y": min(max(y0, -WALL), WALL)}
    length = math.hypot(x - x0, y - y0)
    if length < RADIUS:  # pressed, and not dragged: the ball goes there, its direction stays
        return start
    angle = round(math.degrees(math.atan2(y - y0, x - x0)))
    return start | {"angle": angle, "speed": min(length / ARROW, FASTEST)}


def _draw_box(ax: Axes, found: Throw, angle: float, speed: float) -> None:
    """Draw the box, the arrow of the throw, the true path and the predicted one."""
    reach = WALL + RADIUS
    ax.set(xlim=(-reach - 0.03, reach + 0.03), ylim=(-reach - 0.03, reach + 0.03), aspect="equal")
    ax.set_axis_off()
    ax.add_patch(Rectangle((-reach, -reach), 2 * reach, 2 * reach, fill=False, ec=INK, lw=3))
    seen, coming = found.path[: found.n_seen], found.path[found.n_seen - 1 :]
    dreamt = torch.cat([seen[-1:], found.predicted[MODEL]])
    ax.plot(*coming.T, "-", color=GREEN, lw=2, marker="o", ms=4, label="true path", gid=TRAINED)
    ax.plot(*dreamt.T, **STYLES[MODEL], lw=2, ms=5, label="predicted path", gid=TRAINED)
    ax.legend(fontsize=12, loc="lower left", bbox_to_anchor=(-0.02, 0.97), ncols=2)
    for place in seen.tolist():
        ax.add_patch(Circle(place, RADIUS, fc=INK, ec="white", zorder=3))
    start = seen[0].tolist()
    tip = [
        start[0] + ARROW * speed * math.cos(math.radians(angle)),
        start[1] + ARROW * speed * math.sin(math.radians(angle)),
    ]
    look = {"arrowstyle": "-|>,head_width=0.35,head_length=0.7", "color": AMBER, "lw": 3}
    ax.annotate("", xy=tip, xytext=start, arrowprops=look, zorder=2)


def _draw_distances(ax: Axes, found: Throw) -> None:
    """Draw how far the three predictions are from the truth, step by step."""
    steps = range(1, AHEAD + 1)
    for name, distances in found.distances.items():
        gid = TRAINED if name == MODEL else None
        ax.plot(steps, distances, **STYLES[name], ms=5, label=name, gid=gid)
    ax.set(title="How far off the true path?\n", xlabel="steps after the last position seen")
    ax.set(ylabel="distance", xlim=(0, AHEAD + 0.5), ylim=(0, 2.05), yticks=(0, 0.5, 1, 1.5, 2))
    ax.grid(True)
    above = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.98), "ncols": 3}
    ax.legend(fontsize=12, columnspacing=1.2, handlelength=1.6, **above)


def _say(found: Throw, means: Mapping[str, Tensor]) -> str:
    off = (found.distances[MODEL] > 2 * RADIUS).nonzero().flatten().tolist()
    leaves = (
        f"is more than the ball's width (0.1) off from step {off[0] + 1} on"
        if off
        else f"keeps within the ball's width (0.1) for all {AHEAD} steps"
    )
    known = "1 position" if found.n_seen == 1 else f"{found.n_seen} positions"
    told = "; ".join(
        f"{name} " + " / ".join(f"{distances[step - 1]:.2f}" for step in ASKED)
        for name, distances in means.items()
    )
    return (
        f"Shown {known} (black), the model (orange) {leaves}. The true path is green.\n"
        f"Mean of {N_UNSEEN} other throws, {' / '.join(map(str, ASKED))} steps on: "
        f"{told}."
    )
