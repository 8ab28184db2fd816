"""The plane of two codes: a colour for each digit, and clouds of codes as ellipses."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from numpy.typing import ArrayLike

from course_utils.figures.arrays import to_numpy
from course_utils.figures.style import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PINK,
    SKY,
    drawing,
)

BROWN, VIOLET, GREY = "#7A4A21", "#5B3E96", "#7D8590"
#: one for each digit, no two alike
COLOURS_OF_DIGITS = (BLUE, ORANGE, GREEN, PINK, SKY, AMBER, INK, BROWN, VIOLET, GREY)


@drawing()
def draw_clouds(ax: Axes, mu: ArrayLike, sigma: ArrayLike, y: ArrayLike, reach: float) -> None:
    """Draw the cloud of codes of each digit as an ellipse, and the standard one as a dotted circle.

    Args:
        ax: where to draw.
        mu, sigma: means and standard deviations, (N, 2) each; an ellipse reaches one deviation.
        y: what the digits are, (N,), 0 to 9; a figure in its colour stands in the middle.
        reach: how far the plane is shown each way from 0.
    """
    mu, sigma, y = to_numpy(mu, float), to_numpy(sigma, float), to_numpy(y, int)
    for digit, colour in enumerate(COLOURS_OF_DIGITS):
        for centre, spread in zip(mu[y == digit], sigma[y == digit], strict=True):
            look = {"facecolor": colour, "edgecolor": colour, "alpha": 0.18, "linewidth": 1}
            ax.add_patch(Ellipse(tuple(centre), *(2 * spread), **look))
        look = {"marker": f"${digit}$", "s": 40, "linewidths": 0.3, "color": colour}
        ax.scatter(*mu[y == digit].T, **look, label=f"{digit}", zorder=3)
    ax.add_patch(Ellipse((0, 0), 2, 2, fill=False, edgecolor=INK, linestyle=":", linewidth=2))
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="first code")
