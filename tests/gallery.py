"""Pictures of every kind that the course draws, for tests that ask whether all of them stay so."""

from contextlib import contextmanager
from functools import cache

import numpy as np
import torch
from torch import nn

from course_utils import figures
from course_utils.canvas import still
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.explorers.approximation import bump_builder, hidden_layer_explorer
from course_utils.explorers.backprop import backprop_graph
from course_utils.explorers.balls import ball_thrower
from course_utils.explorers.captions import caption_explorer
from course_utils.explorers.clinic import training_clinic
from course_utils.explorers.convolution import convolution_stepper
from course_utils.explorers.curve_fitting import curve_fitter
from course_utils.explorers.denoise import denoiser_explorer
from course_utils.explorers.depth import gradient_thermometer
from course_utils.explorers.digits import mnist_browser
from course_utils.explorers.evidence import adversary_explorer, evidence_explorer
from course_utils.explorers.feature_maps import feature_microscope
from course_utils.explorers.gan import gan_over_time
from course_utils.explorers.gates import gate_theatre
from course_utils.explorers.gradient_distance import gradient_distance
from course_utils.explorers.handwriting import Answers, normaliser, rejecter, robustness_explorer
from course_utils.explorers.latent import latent_plane
from course_utils.explorers.logistic import descent_explorer, probability_map
from course_utils.explorers.lr_finder import lr_finder
from course_utils.explorers.optimizers import optimizer_race
from course_utils.explorers.overfitting import overfitting_slider
from course_utils.explorers.perceptron import (
    CORNERS,
    GATES,
    perceptron_stepper,
    threshold_builder,
    update_explorer,
)
from course_utils.explorers.recall import recall_curves
from course_utils.explorers.reviews import review_reader
from course_utils.explorers.ring import ring_all_reduce
from course_utils.explorers.roofline import roofline
from course_utils.explorers.rows import row_reader
from course_utils.explorers.sample_size import sample_size_slider
from course_utils.explorers.sampler import temperature_sampler
from course_utils.explorers.scaling import scaling
from course_utils.explorers.softmax import digit_mover, softmax_dial, template_viewer
from course_utils.explorers.translation import alignment_explorer
from course_utils.explorers.unroll import unrolling_stepper
from course_utils.figures import base
from course_utils.ink.disturbances import DISTURBANCES
from course_utils.ink.forms import neat
from course_utils.microscope import example_record
from course_utils.models import load_pretrained
from course_utils.models.language import BagOfWords, SentimentLSTM
from course_utils.training import History, predict

POINTS = np.array([[0.0, 1.0], [1.0, 2.5], [2.0, 0.5], [3.0, 2.0]])
CLASSES = np.array([0, 1, 0, 1])


@cache
def digits():
    mnist = load_mnist(MNIST_SAMPLE)
    return mnist.test_images[:200], mnist.test_labels[:200]


@cache
def model(name="softmax"):
    return load_pretrained(name, "cpu")


def probs(images):
    return predict(model(), images).softmax(1)


@contextmanager
def shown():
    """Collect text and PNG of each figure that is shown meanwhile."""
    found, before = [], base.publish
    base.publish = lambda text, png=None, **rest: found.append((text, png))
    try:
        yield found
    finally:
        base.publish = before


def published(draw):
    """Return a function that gives text and PNG of a figure that `draw` shows."""

    def look():
        with shown() as found:
            draw()
        return found[0]

    return look


def explored(make):
    """Return a function that gives text and PNG of an explorer."""

    def look():
        explorer = make()
        return explorer.text, explorer.picture.png

    return look


def points_and_lines():
    """As lesson 01 does: the course's figure, with artists of the learner's own cell."""
    fig, ax = figures.figure("XOR: no line", xlabel="x₁", ylabel="x₂", size=(6, 4))
    figures.draw_points(ax, CORNERS, GATES["XOR"], names=("wanted 0", "wanted 1"))
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5))
    figures.draw_boundary(ax, (1, 1), -0.5)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figures.show(fig)


def drawn_by_hand():
    """As lessons 02, 05, 08 and 10 do: almost everything by the methods of the axes."""
    fig, (ax, right) = figures.figure("By hand", ylabel="share $x_t$", columns=2, size=(10, 4))
    ax.plot([0, 1, 2], [0.0, -1e-5, 3e-5], label="learned $w$")
    ax.plot([0, 1, 2], [1e-5, 2e-5, 0], "s:", label="another")
    ax.text(0.2, -1e-5, "a −word")
    ax.annotate("", (1, 0), (0.2, 2e-5), arrowprops={"arrowstyle": "->"})
    ax.axvline(1.5)
    ax.fill_between([0, 1], [0, 1e-5])
    ax.legend(ncols=2, title="lines")
    right.bar(range(3), [1, 10, 100])
    right.barh([1], [2], hatch="//")
    right.scatter([0, 1], [3, 30], s=110)
    right.errorbar([0, 1], [5, 50], 2)
    right.set(title="Bars", xlabel="place", xticks=range(3), yscale="log")
    right.set_xticks(range(3), list("abc"))
    right.spines[:].set_visible(True)
    fig.suptitle("all of it")
    return fig


def probability_plane():
    fig, ax = figures.figure("A map", size=(6, 4))
    ax.set(xlim=(-1, 4), ylim=(-1, 4))
    where = figures.draw_map(ax, lambda X: 1 / (1 + np.exp(-X.sum(1))), levels=(0.1, 0.9))
    figures.draw_points(ax, POINTS, CLASSES)
    fig.colorbar(where)
    figures.show(fig)


def log_curves():
    fig, ax = figures.figure("Logarithmic", xlabel="step")
    figures.draw_lines(ax, {"loss": 10.0 ** -np.arange(6), "other": np.ones(6)}, x=range(1, 7))
    figures.log_axis(ax, "y", 1e-6, 10)
    figures.show(fig)


def readings():
    images, labels = digits()
    answers = {"softmax": probs(images[:6])}
    figures.show_readings(images[:6], labels[:6].tolist(), answers, says="Six digits")


def shares():
    kinds = ("a", "b", "c")
    figures.show_shares(digits()[0][:3], {"softmax": [1, 0.5, 0]}, names=kinds, says="Shares")


def history():
    half = [0.5, 0.75, 0.9]
    return History([1.0, 0.5, 0.2], half, [1.1, 0.7, 0.4], half, [0.1] * 3)


def clouds():
    fig, ax = figures.figure("Clouds", ylabel="second code")
    mu = np.stack([np.linspace(-2, 2, 10), np.linspace(1, -1, 10)], axis=1)
    figures.draw_clouds(ax, mu, 0.3 + 0 * mu, np.arange(10), reach=3)
    figures.show(fig, "Ten clouds.")


def step_parts():
    found = {f"{name}, {size}": parts for name, size, parts in example_record()["parts"]}
    figures.show(*figures.draw_parts(found, "the example"))


def tricks():
    figures.show(*figures.draw_tricks(example_record()["tricks"], "the example"))


FIGURES = {
    "points_and_lines": points_and_lines,
    "by_hand": lambda: figures.show(drawn_by_hand(), "Lines and bars."),
    "probability_plane": probability_plane,
    "log_curves": log_curves,
    "readings": readings,
    "shares": shares,
    "images": lambda: figures.plot_images(digits()[0][:12], range(12), says="Twelve"),
    "weights": lambda: figures.plot_images(
        model().state_dict()["1.weight"].reshape(10, 28, 28)[:3], signed=True, framed=True
    ),
    "lines": lambda: figures.plot_lines({"a": [1, 2, 3], "b": [3, 1, 2]}, "Two", xlabel="step"),
    "history": lambda: figures.plot_history(history()),
    "confusion": lambda: figures.plot_confusion(np.arange(16).reshape(4, 4)),
    "clouds": clouds,
    "alignment": lambda: figures.plot_alignment(model("translator")),
    "lstm_diagram": figures.lstm_diagram,
    "step_parts": step_parts,
    "tricks": tricks,
    "formats": lambda: figures.show_formats(1 / 3),
    "slopes": lambda: figures.plot_slopes(2.0 ** np.linspace(-40, 0, 500), 2**10),
    "neuron_diagram": figures.neuron_diagram,
    "softmax_network_diagram": figures.softmax_network_diagram,
    "two_layer_diagram": figures.two_layer_diagram,
    "agent_loop": figures.agent_loop,
    "timeline": figures.timeline,
    "lesson_map": figures.lesson_map,
}


def pad():
    text, picture, _ = still.still(np.zeros((280, 280), np.uint8), {"model": None})
    return text, picture


def small_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))


def curve_sample(n):
    x = torch.linspace(0, 1, n)
    return x, torch.sin(6 * x)


def robustness_curves():
    return {name: {"softmax": [0.9] * len(how.strengths)} for name, how in DISTURBANCES.items()}


def answers():
    images, labels = digits()
    others = torch.rand(5, 28, 28, generator=torch.Generator().manual_seed(0))
    return Answers(probs(images), labels, probs(others[:, None]), others)


def templates():
    state = model().state_dict()
    W, b = (state[name] for name in ("1.weight", "1.bias"))
    return template_viewer(W, b, digits()[0], digits()[1], number=3)


def xor_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))


def sentiment():
    torch.manual_seed(0)
    return {"bag of words": BagOfWords(), "LSTM": SentimentLSTM()}


def sample_sizes():
    images, labels = digits()
    answers = probs(images).argmax(1)
    by_size = {size: (answers[:size], answers) for size in (50, 99)}
    return sample_size_slider({"softmax": by_size}, labels, images, labels)


def pixels():
    images, labels = digits()
    return images.float().flatten(1) / 255, labels


EXPLORERS = {
    "threshold_builder": threshold_builder,
    "update_explorer": update_explorer,
    "perceptron_stepper": lambda: perceptron_stepper({"XOR": (CORNERS, GATES["XOR"])}),
    "probability_map": probability_map,
    "descent_explorer": descent_explorer,
    "curve_fitter": lambda: curve_fitter(curve_sample, lambda x: np.sin(6 * x)),
    "mnist_browser": lambda: mnist_browser(*digits(), probs),
    "sample_size_slider": sample_sizes,
    "softmax_dial": softmax_dial,
    "template_viewer": templates,
    "digit_mover": lambda: digit_mover(probs, *digits()),
    "bump_builder": bump_builder,
    "hidden_layer_explorer": lambda: hidden_layer_explorer(
        {"a": xor_network(), "b": xor_network(1)}, torch.tensor(CORNERS), torch.tensor(GATES["XOR"])
    ),
    "backprop_graph": lambda: backprop_graph(start=4, w=2.0, x=1.0, b=-1.0),
    "optimizer_race": optimizer_race,
    "overfitting_slider": overfitting_slider,
    "gradient_thermometer": lambda: gradient_thermometer(*pixels()),
    "lr_finder": lambda: lr_finder(small_net(), pixels()),
    "training_clinic": training_clinic,
    "convolution_stepper": convolution_stepper,
    "feature_microscope": lambda: feature_microscope(model("lenet")),
    "evidence_explorer": lambda: evidence_explorer(model("lenet")),
    "adversary_explorer": lambda: adversary_explorer(
        model("lenet"), digits()[0][:3], digits()[1][:3]
    ),
    "normaliser": lambda: normaliser({"softmax": model()}, {"7": neat("crossed 7")}),
    "robustness_explorer": lambda: robustness_explorer(
        robustness_curves(), digits()[0].float() / 255
    ),
    "rejecter": lambda: rejecter({"softmax": answers()}),
    "ball_thrower": lambda: ball_thrower(model("ball")),
    "gradient_distance": gradient_distance,
    "row_reader": lambda: row_reader(model("rows")),
    "unrolling_stepper": unrolling_stepper,
    "gate_theatre": lambda: gate_theatre(model("names")),
    "recall_curves": recall_curves,
    "temperature_sampler": lambda: temperature_sampler(model("names")),
    "review_reader": lambda: review_reader(sentiment()),
    "caption_explorer": lambda: caption_explorer(model("captioner"), *digits()),
    "alignment_explorer": lambda: alignment_explorer(model("translator")),
    "denoiser_explorer": lambda: denoiser_explorer(model("denoiser")),
    "latent_plane": lambda: latent_plane(model("autoencoder"), *digits()),
    "gan_over_time": gan_over_time,
    "ring_all_reduce": ring_all_reduce,
    "scaling": scaling,
    "roofline": roofline,
}

PICTURES = (
    {name: published(draw) for name, draw in FIGURES.items()}
    | {name: explored(make) for name, make in EXPLORERS.items()}
    | {"pad": pad}
)
