"""Figures: their summaries, and that they are the same twice."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils import figures
from course_utils.figures import base
from course_utils.figures.summaries import describe
from course_utils.training import History


@pytest.fixture
def shown(monkeypatch):
    """Collect the text and picture of each figure that is shown."""
    published = []
    monkeypatch.setattr(
        base, "publish", lambda text, png=None, width=None: published.append((text, png, width))
    )
    return published


def test_the_summary_names_title_axes_ranges_and_last_values():
    fig, ax = figures.figure("It falls", xlabel="epoch", ylabel="loss")
    ax.plot([1, 2, 3], [4.0, 2.0, 0.1234], label="training")
    ax.set(xlim=(0, 4), ylim=(0, 5))
    assert figures.summary(fig, "Look.") == (
        "Look.\nIt falls; x: epoch, 0 to 4; y: loss, 0 to 5; training: 3 points, the last at 0.12"
    )


def test_the_same_figure_gives_the_same_bytes(shown):
    for _ in range(2):
        figures.plot_lines({"a": [1, 2, 3], "b": [3, 2, 1]}, "Two lines")
    assert shown[0] == shown[1]


def test_pictures_are_shown_at_their_width_and_stored_sharper():
    fig, _ = figures.figure("Title", size=(6, 3))
    picture = Image.open(io.BytesIO(figures.png(fig)))
    assert picture.size == (6 * 150, 3 * 150)


@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("words", [5, 7, 9, 11])
def test_a_long_title_stays_inside_its_figure(words, equal):
    fig, ax = figures.figure(" ".join(["a title"] * words), size=(5, 4))
    if equal:
        ax.set_aspect("equal")
    figures.png(fig)
    fig.set_dpi(figures.PIXELS_PER_INCH * base.SHARPNESS)
    fig.canvas.draw()
    assert ax._left_title.get_window_extent().x1 <= fig.bbox.x1


def test_a_long_title_does_not_run_into_its_neighbour():
    fig, (left, right) = figures.figure("A title that is too long for half of it", columns=2)
    right.set_title("Right")
    figures.png(fig)
    fig.draw_without_rendering()
    assert left._left_title.get_window_extent().x1 < right.get_window_extent().x0


def test_points_of_each_class_are_counted():
    _, ax = figures.figure()
    figures.draw_points(ax, torch.tensor([[0.0, 0], [1, 1], [2, 2]]), torch.tensor([0, 1, 1]))
    assert "class 0: 1 points; class 1: 2 points" in describe(ax)


def test_the_boundary_lies_where_the_net_input_is_zero():
    _, ax = figures.figure()
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    figures.draw_boundary(ax, [3.0, -2.0], 1.0)
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(1 + 3 * x - 2 * y, 0, atol=1e-9)
    assert ax.get_xlim() == (-2, 2)


def test_no_boundary_is_drawn_for_zero_weights():
    _, ax = figures.figure()
    figures.draw_boundary(ax, [0.0, 0.0], 1.0)
    assert len(ax.lines) == 0


def test_map_colours_follow_the_function():
    _, ax = figures.figure()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    figures.draw_map(ax, lambda points: points[:, 0], steps=5)
    np.testing.assert_allclose(ax.images[0].get_array()[0], [0, 0.25, 0.5, 0.75, 1])


def test_images_of_the_wrong_shape_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"got \(28, 28\); for one picture pass images\[None\]"):
        figures.plot_images(np.zeros((28, 28)))


def test_an_empty_selection_of_images_is_refused():
    with pytest.raises(ValueError, match=r"N at least 1, got \(0, 28, 28\)"):
        figures.plot_images(torch.zeros(0, 28, 28))


def test_titles_must_be_as_many_as_images():
    with pytest.raises(ValueError, match="2 images came with 1 titles"):
        figures.plot_images(torch.zeros(2, 28, 28), ["one"])


AS_NUMBERS = {
    "list": lambda values: values.tolist(),
    "float64 array": lambda values: values.numpy().astype(float),
    "gradient": lambda values: values.clone().requires_grad_(),
    "float16": lambda values: values.half(),
    "bfloat16": lambda values: values.bfloat16(),
    "parameter": torch.nn.Parameter,
    "list of tensors": lambda values: list(values.clone().requires_grad_()),
}


@pytest.mark.parametrize("given", AS_NUMBERS.values(), ids=AS_NUMBERS)
def test_numbers_may_come_in_any_form(shown, given):
    """All of these numbers are exact in half precision, so the figures are the same."""

    def draw(given):
        fig, axes = figures.figure(columns=4, size=(12, 3))
        square = torch.tensor([[0.0, 1.0], [0.5, 0.25]])
        figures.draw_points(axes[0], given(square), given(torch.tensor([0.0, 1.0])))
        figures.draw_boundary(axes[0], given(torch.tensor([1.0, -2.0])), given(torch.ones(1)))
        figures.draw_image(axes[1], given(square))
        figures.draw_answers(axes[2], given(torch.tensor([0.25, 0.75])), label=1)
        figures.draw_map(axes[3], lambda X: given(torch.ones(len(X))), steps=3)
        figures.draw_lines(axes[3], {"a": given(square[0])}, x=given(square[1]))
        figures.show(fig)
        figures.plot_images(given(square[None]), given(torch.ones(1)))
        figures.plot_confusion(given(square))
        figures.show_readings(
            given(torch.ones(1, 28, 28)), given(torch.ones(1)), {"m": given(torch.ones(1, 10) / 8)}
        )

    draw(lambda values: values)
    wanted = shown.copy()
    shown.clear()
    draw(given)
    assert shown == wanted


def test_pixels_from_0_to_255_and_from_0_to_1_give_the_same_picture(shown):
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16)
    figures.plot_images(pixels)
    figures.plot_images(pixels.float() / 255)
    assert shown[0] == shown[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_pixel_that_is_no_number_does_not_hide_the_others(bad):
    _, ax = figures.figure()
    figures.draw_image(ax, [[bad, 2.0], [1.0, 0.0]])
    assert ax.images[0].get_clim() == (0, 2)


@pytest.mark.parametrize("w", [(np.nan, 1.0), (np.inf, 1.0), (1e-200, 1e-200)])
def test_no_boundary_is_drawn_where_there_is_none(w):
    _, ax = figures.figure()
    with np.errstate(all="raise"):
        figures.draw_boundary(ax, w, 1.0)
    assert len(ax.lines) == 0


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda ax: figures.draw_image(ax, np.zeros((1, 28, 28))), r"take images\[0\]"),
        (lambda ax: figures.draw_answers(ax, np.zeros((2, 10))), r"take probs\[0\]"),
        (lambda ax: figures.draw_points(ax, np.zeros((5, 3)), np.zeros(5)), r"got \(5, 3\)"),
        (lambda ax: figures.draw_boundary(ax, np.zeros(3), 0), r"w must be \(2,\)"),
        (lambda ax: figures.draw_map(ax, lambda X: X[:5]), r"gave \(5, 2\)"),
        (lambda ax: figures.log_axis(ax, "x", 0, 1), "low > 0"),
        (lambda ax: figures.log_axis(ax, "y", 2, 1), "got 2.0 and 1.0"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_came(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(figures.figure()[1])


def test_a_line_over_words_is_told_in_the_summary():
    fig, ax = figures.figure()
    ax.plot(["few", "many"], ["low", "high"], label="trend")
    assert "trend: 2 points, the last at 1" in figures.summary(fig)


def test_a_confusion_matrix_without_mistakes_says_so(shown):
    figures.plot_confusion(torch.eye(3, dtype=torch.long))
    assert shown[0][0].startswith("3 of 3 right; no mistake")
    with pytest.raises(ValueError, match=r"counts must be \(K, K\)"):
        figures.plot_confusion(torch.zeros(2, 3))


def test_images_say_how_many_and_their_titles(shown):
    figures.plot_images(torch.zeros(3, 28, 28), [7, 2, 1], says="Digits")
    assert shown[0][0] == "Digits\n3 pictures of 28 × 28: 7, 2, 1"


def test_confusion_matrix_names_the_commonest_mistake(shown):
    figures.plot_confusion([[8, 2], [1, 9]], ["cat", "dog"])
    assert shown[0][0].startswith("17 of 20 right; the commonest mistake: cat called dog (2 times)")


def test_history_shows_training_and_validation(shown):
    history = History(
        train_loss=[1.0, 0.5],
        train_accuracy=[0.6, 0.8],
        val_loss=[1.1, 0.7],
        val_accuracy=[0.5, 0.7],
        lr=[0.1, 0.1],
    )
    figures.plot_history(history)
    assert (
        "training: 2 points, the last at 0.5; validation: 2 points, the last at 0.7" in shown[0][0]
    )


def test_a_logarithmic_axis_has_a_few_powers_of_ten_as_ticks():
    _, ax = figures.figure()
    figures.log_axis(ax, "y", 1e-12, 2e3)
    assert ax.get_ylim() == (1e-12, 2e3)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "10⁻¹²",
        "10⁻⁹",
        "10⁻⁶",
        "0.001",
        "1",
        "1000",
    ]
    assert len(ax.yaxis.get_minorticklocs()) == 0


def test_curves_of_a_training_are_named_without_their_last_value():
    fig, ax = figures.figure("It falls", xlabel="epoch", ylabel="loss")
    figures.draw_lines(ax, {"training": [4.0, 2.0, 0.1234]}, x=range(1, 4), trained=True)
    ax.set(xlim=(0, 4), ylim=(0, 5))
    says = figures.summary(fig)
    assert says == "It falls; x: epoch, 0 to 4; y: loss, 0 to 5; training: 3 points"
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_clouds_reach_one_deviation_each_way_and_each_digit_has_a_colour_of_its_own():
    mu, sigma = np.array([[1.0, -2.0], [0.0, 0.5]]), np.array([[0.5, 0.25], [1.0, 2.0]])
    _, ax = figures.figure()
    figures.draw_clouds(ax, mu, sigma, torch.tensor([7, 3]), reach=4)
    clouds = {ellipse.center: (ellipse.width, ellipse.height) for ellipse in ax.patches}
    assert clouds == {(1.0, -2.0): (1.0, 0.5), (0.0, 0.5): (2.0, 4.0), (0, 0): (2, 2)}
    assert len(set(figures.COLOURS_OF_DIGITS)) == 10
    assert ax.get_xlim() == ax.get_ylim() == (-4, 4)
