"""A learner's own settings of matplotlib: the course's figures ignore them and leave them alone."""

import json
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import gallery
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from cycler import cycler
from matplotlib import rcParams

from course_utils import figures
from course_utils.explorers.base import Explorer, slider
from course_utils.figures import base, style

HOSTILE = {
    "text.usetex": True,
    "image.origin": "lower",
    "image.cmap": "viridis",
    "image.interpolation": "bicubic",
    "image.aspect": "auto",
    "font.family": ["No such font"],
    "font.sans-serif": ["No such font either"],
    "font.size": 40,
    "font.weight": "black",
    "mathtext.fontset": "cm",
    "mathtext.default": "regular",
    "axes.unicode_minus": False,
    "axes.prop_cycle": cycler(color=plt.get_cmap("viridis")(np.linspace(0, 1, 5))),
    "axes.axisbelow": False,
    "axes.grid": False,
    "axes.grid.which": "both",
    "axes.labelpad": 40,
    "axes.titlepad": 40,
    "axes.titlelocation": "right",
    "axes.titley": 0.2,
    "axes.xmargin": 0.4,
    "axes.linewidth": 9,
    "axes.autolimit_mode": "round_numbers",
    "axes.formatter.use_locale": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (0, 0),
    "axes.formatter.use_mathtext": True,
    "xaxis.labellocation": "right",
    "xtick.labelsize": 30,
    "xtick.major.size": 30,
    "xtick.direction": "in",
    "xtick.minor.visible": True,
    "ytick.labelcolor": "red",
    "ytick.left": False,
    "lines.linewidth": 9,
    "lines.marker": "x",
    "lines.antialiased": False,
    "lines.solid_capstyle": "butt",
    "scatter.marker": "x",
    "patch.force_edgecolor": True,
    "patch.linewidth": 9,
    "hatch.linewidth": 9,
    "legend.frameon": True,
    "legend.loc": "lower center",
    "legend.fontsize": 30,
    "figure.dpi": 37,
    "figure.autolayout": True,
    "figure.constrained_layout.h_pad": 1,
    "figure.frameon": False,
    "figure.titlesize": 40,
    "savefig.dpi": 10,
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "path.sketch": (5, 100, 2),
    "path.snap": False,
    "agg.path.chunksize": 20,
    "contour.linewidth": 9,
    "errorbar.capsize": 20,
    "toolbar": "None",
    "interactive": True,
}
FEW = ("by_hand", "points_and_lines", "images", "lstm_diagram", "perceptron_stepper", "pad")


@pytest.fixture(autouse=True)
def own_settings():
    """Give matplotlib's settings back as they were, whatever a test has set."""
    with warnings.catch_warnings(), matplotlib.rc_context():
        yield


@pytest.fixture(scope="module")
def usual():
    """The pictures as they are with matplotlib's own settings."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        return {name: look() for name, look in gallery.PICTURES.items()}


def settings():
    return {name: repr(rcParams[name]) for name in rcParams}


def differing(usual, names):
    """Draw again; return the names of what came out otherwise, and check that no setting moved."""
    before = settings()
    changed = [name for name in names if gallery.PICTURES[name]() != usual[name]]
    assert settings() == before
    return changed


@pytest.mark.parametrize("name", HOSTILE)
def test_no_single_setting_changes_a_figure(usual, name):
    rcParams[name] = HOSTILE[name]
    assert differing(usual, FEW[:1]) == []


def test_all_settings_at_once_change_no_figure_and_no_explorer_and_nothing_warns(usual):
    rcParams.update(HOSTILE)
    warnings.simplefilter("error")
    with np.errstate(all="raise"):
        assert differing(usual, gallery.PICTURES) == []
        assert set(np.geterr().values()) == {"raise"}


@pytest.mark.parametrize("name", ["dark_background", "ggplot", "seaborn-v0_8-poster", "classic"])
def test_no_style_sheet_changes_a_figure(usual, name):
    plt.style.use(name)
    assert differing(usual, FEW) == []


def test_a_hand_drawn_look_changes_no_figure(usual):
    with plt.xkcd():
        assert differing(usual, FEW) == []


DRAW = """
import json, sys
sys.path.insert(0, {tests!r})
import matplotlib
before = {{name: repr(matplotlib.rcParams._get(name)) for name in matplotlib.rcParams}}
import gallery, hashlib
found = {{name: hashlib.sha256(gallery.PICTURES[name]()[1]).hexdigest() for name in {names!r}}}
after = {{name: repr(matplotlib.rcParams._get(name)) for name in matplotlib.rcParams}}
print(json.dumps([found, [name for name in before if before[name] != after[name]]]))
"""


def drawn_in_a_new_process(folder, **environment):
    """Return the pictures' hashes, and the settings that importing and drawing has changed."""
    code = DRAW.format(tests=str(Path(__file__).parent), names=FEW)
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def written(value):
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def test_a_file_of_settings_changes_no_figure_and_stays_in_force(tmp_path):
    plain, theirs = tmp_path / "plain", tmp_path / "theirs"
    for folder in (plain, theirs):
        folder.mkdir()
    lines = [f"{name}: {written(value)}" for name, value in HOSTILE.items()]
    lines = [line for line in lines if not line.startswith("axes.prop_cycle")] + ["image.lut: 5"]
    (theirs / "matplotlibrc").write_text("\n".join(lines), encoding="utf-8")
    wanted, set_at_import = drawn_in_a_new_process(plain, MPLCONFIGDIR=str(plain))
    assert set(set_at_import) <= set(style.STYLE)
    config = drawn_in_a_new_process(plain, MPLCONFIGDIR=str(theirs), MPLBACKEND="svg")
    assert config == [wanted, []]


def test_a_learners_own_figures_look_like_the_course_until_a_style_is_chosen(tmp_path):
    code = (
        "import matplotlib.style; from matplotlib import rcParams; {before}; "
        "import course_utils.figures; "
        "print(rcParams['font.size'], rcParams['axes.grid'], rcParams['axes.facecolor'])"
    )

    def after(before):
        done = subprocess.run(
            [sys.executable, "-c", code.format(before=before)],
            env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert after("pass") == ["14.0", "True", figures.PAPER]
    assert after("rcParams['figure.dpi'] = 50") == ["14.0", "True", figures.PAPER]
    assert after("matplotlib.style.use('dark_background')") == ["10.0", "False", "black"]


def test_threads_that_draw_at_once_draw_the_same_and_leave_the_settings(usual):
    rcParams.update({"font.size": 5, "image.origin": "lower"})
    before, found, start = settings(), [], threading.Barrier(3)
    wanted = [usual[name][-1] for name in ("by_hand", "perceptron_stepper", "pad")]

    def draw():
        start.wait()
        found.append(figures.png(gallery.drawn_by_hand()))
        found.extend(gallery.PICTURES[name]()[-1] for name in ("perceptron_stepper", "pad"))

    threads = [threading.Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    start.wait()
    for _ in range(20):
        with figures.drawing():
            assert rcParams["font.size"] == style.STYLE["font.size"]
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(2 * wanted)
    assert settings() == before


def test_who_leaves_first_takes_nothing_from_who_still_draws():
    rcParams["font.size"] = 5
    entered, leave = threading.Event(), threading.Event()

    def draw():
        with figures.drawing():
            entered.set()
            leave.wait(60)

    other = threading.Thread(target=draw)
    other.start()
    entered.wait(60)
    with figures.drawing():
        leave.set()
        other.join()
        assert rcParams["font.size"] == style.STYLE["font.size"]
    assert rcParams["font.size"] == 5


def test_what_a_learner_sets_while_something_is_drawn_stays_set():
    rcParams["font.size"] = 5
    with figures.drawing():
        rcParams["font.size"] = 33
        rcParams["image.cmap"] = "magma"
    assert (rcParams["font.size"], rcParams["image.cmap"]) == (33, "magma")


def test_an_error_while_drawing_gives_the_settings_back():
    rcParams["font.size"] = 5
    with pytest.raises(ValueError, match="images must be"):
        figures.plot_images(np.zeros(3))
    assert rcParams["font.size"] == 5


def test_an_explorer_draws_in_the_look_of_the_course_also_with_plt():
    plt.style.use("dark_background")

    def draw(x):
        fig, ax = plt.subplots()
        plt.close(fig)
        ax.set_title(f"{x}")
        return fig

    explorer = Explorer("Look", draw, {"x": slider(0, 1, name="x")})
    assert explorer.figure.get_facecolor() == matplotlib.colors.to_rgba(figures.PAPER)
    assert rcParams["axes.facecolor"] == "black"


@pytest.mark.parametrize("backend", ["agg", "svg", "pdf"])
def test_a_learners_own_figure_is_shown_in_its_own_look(backend):
    plt.style.use("dark_background")
    plt.switch_backend(backend)
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3])
    dpi, canvas = fig.dpi, fig.canvas
    with gallery.shown() as found:
        figures.show(fig)
    assert (fig.dpi, fig.canvas) == (dpi, canvas)
    plt.close(fig)
    assert ax.xaxis.get_major_ticks()[0].label1.get_color() == "white"
    assert found[0][1].startswith(b"\x89PNG")


def test_axes_of_the_course_keep_their_methods_names_and_help():
    _, ax = figures.figure()
    assert ax.plot.__doc__ == matplotlib.axes.Axes.plot.__doc__
    assert isinstance(ax, style.CourseAxes)
    assert base.figure()[0].savefig.__name__ == "savefig"
