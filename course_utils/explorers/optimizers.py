"""Explorer of lesson 05: six optimizers of PyTorch race down the same surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.explorers.base import Explorer, Stepper, choice, choice_slider, slider, switch
from course_utils.figures import COLOURS, GREEN, INK, RULE, figure, log_axis

N_STEPS = 80
X_RANGE, Y_RANGE = (-4.0, 4.0), (-3.0, 3.0)  # the part of the plane that is drawn
LEARNING_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10)
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "SGD": torch.optim.SGD,
    "momentum": partial(torch.optim.SGD, momentum=0.9),
    "Adagrad": torch.optim.Adagrad,
    "RMSProp": torch.optim.RMSprop,
    "Adadelta": torch.optim.Adadelta,
    "Adam": torch.optim.Adam,
}
STYLES = ("-", "--", "-.", ":", (0, (6, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
LOWEST = 1e-8  # heights below this are drawn here
ARRIVED = 0.01  # of the height of the start
AWAY = 1e4  # a place farther out than this is not followed any more


@dataclass(frozen=True)
class Surface:
    """A height over the plane, its lowest points, and where a race on it begins.

    Attributes:
        height: takes x and y, tensors of one shape (...), gives the height, (...); at least 0.
        lowest: the places at height 0, (n, 2).
        start: where to begin.
    """

    height: Callable[[Tensor, Tensor], Tensor]
    lowest: tuple[tuple[float, float], ...]
    start: tuple[float, float]


def _ravine(x: Tensor, y: Tensor) -> Tensor:
    return 0.02 * x**2 + 2.8 * y**2


def _turned_ravine(x: Tensor, y: Tensor) -> Tensor:
    return _ravine((x + y) / 2**0.5, (y - x) / 2**0.5)


def _saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**2 / 4 + (y**2 - 1) ** 2 / 4


TILT = 0.15
DEEP = float(np.roots([1, 0, -1, TILT]).real.min())  # of three places where the slope is 0
FLOOR = (DEEP**2 - 1) ** 2 / 4 + TILT * DEEP


def _two_minima(x: Tensor, y: Tensor) -> Tensor:
    return (x**2 - 1) ** 2 / 4 + TILT * x - FLOOR + y**2 / 2


SURFACES = {
    "ravine": Surface(_ravine, ((0, 0),), (-3.6, 0.6)),
    "ravine, turned by 45°": Surface(_turned_ravine, ((0, 0),), (-2.95, -2.1)),
    "saddle": Surface(_saddle, ((0, -1), (0, 1)), (-3, 0.05)),
    "two minima": Surface(_two_minima, ((DEEP, 0),), (2.2, 1.2)),
}


def race(
    surface: Surface, start: tuple[float, float], rates: Mapping[str, float], n_steps: int = N_STEPS
) -> np.ndarray:
    """Return the places that optimizers of PyTorch visit, (len(rates), n_steps + 1, 2).

    Args:
        surface: where they go down.
        start: where all of them begin.
        rates: the learning rate of each optimizer, by its name in `OPTIMIZERS`.
        n_steps: how many steps each takes.

    From the step after which an optimizer is farther out than `AWAY`, its places are nan.

    >>> race(SURFACES["ravine"], (-3.5, 1.5), {"SGD": 0.1, "Adam": 0.1}).shape
    (2, 81, 2)
    """
    check_rates(rates)
    runners = [torch.tensor(start, dtype=torch.float64) for _ in rates]
    optimizers = [
        OPTIMIZERS[name]([w], lr=rates[name]) for name, w in zip(rates, runners, strict=True)
    ]
    paths = [torch.stack(runners)]
    for _ in range(n_steps):
        w = paths[-1].clone().requires_grad_()  # (n, 2): one backward pass for all of them
        surface.height(*w.T).sum().backward()
        for runner, slope, optimizer in zip(runners, w.grad, optimizers, strict=True):
            runner.grad = slope
            optimizer.step()
        paths.append(torch.stack(runners))
    places = torch.stack(paths, dim=1).numpy()
    lost = np.logical_or.accumulate(~(np.abs(places) < AWAY).all(2), axis=1)
    return np.where(lost[..., None], np.nan, places)


def check_rates(rates: Mapping[str, float]) -> None:
    """Raise ValueError for an optimizer without a name here, or a rate that is not positive."""
    for name, rate in rates.items():
        if name not in OPTIMIZERS or not rate > 0:
            raise ValueError(
                f"rates must give a positive learning rate for some of {list(OPTIMIZERS)}, "
                f"got {rate!r} for {name!r}"
            )


def arrivals(heights: np.ndarray) -> list[int | None]:
    """Return after how many steps each is at 1% of the start's height for good; None for never.

    Args:
        heights: above the lowest place, (n, steps + 1), nan where it was lost.
    """
    below = heights <= ARRIVED * heights[:, :1]
    stays = np.logical_and.accumulate(below[:, ::-1], axis=1)[:, ::-1]
    return [int(row.argmax()) if row.any() else None for row in stays]


def optimizer_race() -> Explorer:
    """Return an explorer: choose a surface, a start, a learning rate and who runs; step along."""
    first = next(iter(SURFACES.values()))
    menu = choice(list(SURFACES), name="surface")
    controls = {
        "surface": menu,
        "lr": choice_slider(LEARNING_RATES, 0.1, name="learning rate"),
        "x": slider(*X_RANGE, first.start[0], 0.05, name="start at x"),
        "step": Stepper(N_STEPS, start=40),
        "y": slider(*Y_RANGE, first.start[1], 0.05, name="start at y"),
    }
    controls["y"].layout.flex = "1 1 400px"  # so that the boxes stand in a row of their own
    controls |= {name: switch(name, width=146) for name in OPTIMIZERS}
    title = "Touch the map to choose the start. Who is down first? And when the ravine is turned?"
    explorer = Explorer(title, _draw_race, controls, touch=_touched)

    def go_to_start(change: dict) -> None:
        x, y = SURFACES[change["new"]].start
        explorer.set(x=x, y=y)

    menu.observe(go_to_start, names="value")
    return explorer


def _touched(x: float, y: float) -> dict[str, object]:
    """Return a start for a touch of the map, and nothing for one of the picture beside it."""
    if x > 1.1 * X_RANGE[1]:
        return {}
    return {
        name: round(float(np.clip(place, *limits)) / 0.05) * 0.05
        for name, place, limits in (("x", x, X_RANGE), ("y", y, Y_RANGE))
    }


@lru_cache(maxsize=64)
def _paths(surface: str, start: tuple[float, float], lr: float) -> dict[str, tuple]:
    """Return the places (steps, 2) and heights (steps,) of each optimizer, until it is lost."""
    places = race(SURFACES[surface], start, dict.fromkeys(OPTIMIZERS, lr))
    heights = SURFACES[surface].height(*torch.from_numpy(places).permute(2, 0, 1)).numpy()
    return dict(zip(OPTIMIZERS, zip(places, heights, strict=True), strict=True))


def _draw_race(surface: str, lr: float, step: int, x: float, y: float, **runs: bool) -> tuple:
    paths = _paths(surface, (x, y), lr)
    runners = {name: paths[name] for name, running in runs.items() if running}
    fig, (left, right) = figure(
        f"{surface.capitalize()}, step {step}",
        xlabel="x",
        ylabel="y",
        size=(10, 3.7),
        columns=2,
    )
    _draw_map(left, SURFACES[surface])
    for name, (places, heights) in runners.items():
        look = _look(name)
        seen = places[: step + 1]
        left.plot(*seen.T, **look, marker=".", markersize=5, label="_path")
        left.plot(*seen[-1], **look, marker="o", markersize=11, markeredgecolor=INK, label="_now")
        _draw_descent(right, name, heights[: step + 1], look)
    left.plot(x, y, marker="s", markersize=10, color=INK, linestyle="", label="_start")
    _finish_heights(right, float(next(iter(paths.values()))[1][0]), step)
    return fig, _say_race(runners, lr, step)


def _look(name: str) -> dict[str, object]:
    index = list(OPTIMIZERS).index(name)
    return {"color": COLOURS[index], "linestyle": STYLES[index], "linewidth": 2.2}


@cache
def _contours(surface: Surface) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the coordinates and heights of a grid, (41, 61) each, and the levels to draw."""
    x, y = np.meshgrid(np.linspace(*X_RANGE, 61), np.linspace(*Y_RANGE, 41))
    heights = surface.height(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    return x, y, heights, np.geomspace(0.01, heights.max(), 14)


def _draw_map(ax: Axes, surface: Surface) -> None:
    x, y, heights, levels = _contours(surface)
    ax.contour(x, y, heights, levels=levels, colors=RULE, linewidths=1.4)
    for place in surface.lowest:
        ax.plot(*place, marker="X", markersize=13, color=GREEN, linestyle="", label="_lowest")
    ax.set(xlim=X_RANGE, ylim=Y_RANGE)
    ax.grid(False)


def _draw_descent(ax: Axes, name: str, heights: np.ndarray, look: dict[str, object]) -> None:
    kept = np.maximum(heights[np.isfinite(heights)], LOWEST)
    ax.plot(np.arange(len(kept)), kept, **look, label=name)
    if len(kept) < len(heights):
        ax.plot(len(kept) - 1, kept[-1], marker="x", color=look["color"], label="_lost")


def _finish_heights(ax: Axes, start: float, step: int) -> None:
    ax.axhline(ARRIVED * start, color=INK, linestyle=":", linewidth=1.2, label="_arrived")
    ax.text(0.3, 0.55 * ARRIVED * start, "1% of the first height", va="top", fontsize=12)
    ax.set(title="Height above the lowest point", xlabel="step", xlim=(0, max(step, 10)))
    log_axis(ax, "y", 1e-4 * start, 30 * start)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(ncols=3, fontsize=11, loc="upper right", handlelength=2.6, columnspacing=0.8)


def _say_race(runners: dict[str, tuple], lr: float, step: int) -> str:
    """Say who has come down for good, who has not, and who has left the map."""
    if not runners:
        return "Nobody runs: tick an optimizer."
    done, lost, under_way = {}, [], []
    for name, (_, heights) in runners.items():
        arrived = arrivals(heights[None])[0]
        if not np.isfinite(heights[step]):
            lost.append(name)
        elif arrived is not None and arrived <= step:
            done[name] = arrived
        else:
            under_way.append(name)
    order = ", ".join(
        f"{name} (step {n})" for name, n in sorted(done.items(), key=lambda pair: pair[1])
    )
    says = [f"Rate {lr:g}. Down at 1% of the first height for good: {order or 'nobody yet'}."]
    if under_way:
        says.append(f"Not yet: {', '.join(under_way)}.")
    if lost:
        says.append(f"Flown off the map: {', '.join(lost)}.")
    return " ".join(says)
