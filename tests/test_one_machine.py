"""Lesson 11, part 1: what is measured on a machine, how it is drawn, and what the lesson says."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import record_machine
import torch
from lesson_code import lesson_definitions
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course_utils import display
from course_utils.exercises import find_exercise
from course_utils.exercises.engine import examine
from course_utils.figures import bits_of, draw_parts, draw_tricks, machines
from course_utils.microscope import (
    EXAMPLE_MACHINE,
    PARTS,
    Machine,
    Roof,
    example_machine,
    example_record,
    measure_layers,
    measure_roof,
    profiled,
    seconds_of,
    shortest_time,
    train_steps,
    work_of,
)
from course_utils.microscope.roofline import BATCH_SIZES, IDLE, in_words
from course_utils.models import digit_cnn, lenet5, mlp

NETWORKS = {"MLP": mlp, "LeNet-5": lenet5, "digit_cnn": digit_cnn}


@pytest.fixture
def digits():
    generator = torch.Generator().manual_seed(0)
    X = torch.randint(0, 256, (200, 1, 28, 28), dtype=torch.uint8, generator=generator)
    return X, torch.arange(200) % 10


# --- counting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_products_are_counted_as_pytorch_counts_them(name):
    X = torch.rand(3, 1, 28, 28)
    for layer in NETWORKS[name]().eval():
        with FlopCounterMode(display=False) as counter:
            Y = layer(X)
        if theirs := counter.get_total_flops():
            assert work_of(layer, X, Y).flops == theirs
        else:
            assert not isinstance(layer, nn.Linear | nn.Conv2d)
        X = Y


def test_the_layer_of_the_text_is_counted_as_the_text_counts_it():
    X, layer = torch.zeros(64, 784), nn.Linear(784, 200, bias=False)
    work = work_of(layer, X, layer(X))
    assert work.flops == 2 * 64 * 784 * 200
    assert work.bytes == 4 * (64 * 784 + 200 * 784 + 64 * 200)
    assert work.intensity == pytest.approx(22.83, abs=0.01)
    assert work_of(nn.ReLU(), X, X).intensity == 0.125


@pytest.mark.parametrize(
    ("layer", "flops"),
    [
        (nn.MaxPool2d(2), 2 * 4 * 4 * 4),
        (nn.AvgPool2d((2, 4)), 2 * 4 * 2 * 8),
        (nn.BatchNorm2d(2), 2 * 2 * 8 * 8),
        (nn.Sigmoid(), 2 * 8 * 8),
        (nn.Flatten(), 0),
    ],
)
def test_layers_without_products_have_their_own_counts(layer, flops):
    X = torch.rand(1, 2, 8, 8)
    assert work_of(layer, X, layer(X)).flops == flops


def test_halves_move_half_the_bytes():
    X, layer = torch.zeros(8, 16), nn.Linear(16, 4)
    whole = work_of(layer, X, layer(X))
    X, layer = X.bfloat16(), layer.bfloat16()
    half = work_of(layer, X, layer(X))
    assert (half.flops, half.bytes) == (whole.flops, whole.bytes / 2)


# --- measuring ---------------------------------------------------------------------------------


def test_the_roof_is_lower_where_memory_is_the_limit():
    roof = Roof(flops=100.0, memory=20.0, cache=50.0)
    assert roof.ridge == 5
    assert [roof.limit(intensity) for intensity in (0.125, 5, 1000)] == [2.5, 100, 100]


def test_a_machine_has_a_roof_and_its_random_numbers_stay():
    state = torch.get_rng_state()
    roof = measure_roof()
    assert torch.equal(torch.get_rng_state(), state)
    assert roof.flops > 1e8
    assert roof.cache >= roof.memory > 1e8


def test_layers_are_timed_with_the_model_in_eval_mode_and_given_back():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(72, 3))
    model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = measure_layers({"own": model}, (1, 4), (1, 8, 8))
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [(row.place, row.batch_size) for row in rows] == [
        (place, size) for size in (1, 4) for place in (0, 1, 3)
    ]
    assert all(row.seconds > 0 and row.speed > 0 for row in rows)
    assert rows[3].flops == 4 * rows[0].flops


def test_the_shortest_of_several_runs_counts(monkeypatch):
    clock = iter([0, 5, 10, 12, 20, 29])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    assert shortest_time(lambda: None, 3) == 2


def test_what_takes_no_time_at_all_is_not_timed_for_ever(monkeypatch):
    monkeypatch.setattr("time.perf_counter", lambda: 0.0)
    assert shortest_time(lambda: None, 1e9) > 0


def test_the_parts_of_a_step_are_found(digits):
    with profiled() as prof:
        train_steps(mlp((8,)), *digits, batch_size=16, n_steps=3)
    seconds = seconds_of(prof, 3)
    assert tuple(seconds) == PARTS
    assert all(taken > 0 for taken in seconds.values())


def test_a_part_without_a_name_is_missed():
    with profiled() as prof:
        torch.ones(3).sum()
    with pytest.raises(ValueError, match=r'no part called data.*record_function\("data"\)'):
        seconds_of(prof)


def test_the_profiler_writes_no_log():
    """Its C++ half writes past Python, and Jupyter would store that."""
    code = (
        "import torch\nfrom course_utils.microscope import profiled\n"
        "for _ in range(2):\n    with profiled(): torch.ones(3)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "KINETO_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- the example machine -----------------------------------------------------------------------


def test_the_example_machine_has_all_layers_of_the_three_networks():
    machine = example_machine()
    assert isinstance(machine, Machine)
    for name, make in NETWORKS.items():
        layers = [in_words(layer) for layer in make() if not isinstance(layer, IDLE)]
        for size in BATCH_SIZES:
            found = [
                row.layer for row in machine.layers if (row.network, row.batch_size) == (name, size)
            ]
            assert found == layers


def test_the_example_was_counted_by_the_rules_of_today():
    rows = {(row.network, row.place, row.batch_size): row for row in example_machine().layers}
    for name, make in NETWORKS.items():
        for row in measure_layers({name: make()}, (1,)):
            theirs = rows[row.network, row.place, 1]
            assert theirs.flops == pytest.approx(row.flops, rel=1e-3)
            assert theirs.bytes == pytest.approx(row.bytes, rel=1e-3)


def test_the_example_says_where_it_comes_from_and_names_no_path():
    text = EXAMPLE_MACHINE.read_text(encoding="utf-8")
    assert example_record()["source"] == "tools/record_machine.py"
    assert "PyTorch" in example_machine().about
    assert not [word for word in ("/home", "/root", "/work", "/tmp") if word in text]
    assert json.loads(text) == example_record()


# --- how a number is kept ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "bits", "kept"),
    [
        (1 / 3, "float32", "00111110101010101010101010101011", 0.3333333432674408),
        (1 / 3, "bfloat16", "0011111010101011", 0.333984375),
        (1 / 3, "float16", "0011010101010101", 0.333251953125),
        (70_000, "bfloat16", "0100011110001001", 70_144),
        (70_000, "float16", "0111110000000000", float("inf")),
        (-2, "float16", "1100000000000000", -2),
    ],
)
def test_the_bits_of_a_number(value, name, bits, kept):
    assert bits_of(value, name) == (bits, kept)


@pytest.mark.parametrize("name", machines.FORMATS)
def test_the_bits_mean_what_they_say(name):
    _, exponent, fraction = machines.FORMATS[name]
    for value in (0.1, -3.75, 1000.0, 2.0**-10):
        bits, kept = bits_of(value, name)
        assert len(bits) == 1 + exponent + fraction
        power = int(bits[1 : 1 + exponent], 2) - (2 ** (exponent - 1) - 1)
        size = (1 + int(bits[1 + exponent :], 2) / 2**fraction) * 2.0**power
        assert kept == (-size if bits[0] == "1" else size)


# --- pictures ----------------------------------------------------------------------------------


QUARTERS = dict.fromkeys(PARTS, 0.001)


def test_the_parts_of_a_step_fill_a_row_and_are_said():
    fig, text = draw_parts({"a": QUARTERS, "b": QUARTERS | {"data": 0.005}}, "here")
    widths = [bar.get_width() for bars in fig.axes[0].containers for bar in bars]
    assert np.allclose(widths, [25] * 4 + [62.5] + [12.5] * 3)
    assert "a: data 25%, forward 25%, backward 25%, step 25% of 4 ms" in text


@pytest.mark.parametrize("rows", [{}, {"a": {"lunch": 1.0}}, {"a": {"data": 1.0}}])
def test_other_parts_of_a_step_are_refused(rows):
    with pytest.raises(ValueError, match="data, forward, backward, step"):
        draw_parts(rows, "here")


def test_tricks_are_drawn_as_factors_of_the_first_way_and_are_said():
    fig, text = draw_tricks({"net": {"plain": 2.0, "half": 1.0, "worse": 4.0}}, "here")
    heights = [bar.get_height() for bars in fig.axes[0].containers for bar in bars]
    assert heights == [2.0, 0.5]
    assert text.splitlines()[1:] == ["half: net 2.00", "worse: net 0.50"]


def test_what_is_stored_is_the_example_and_what_is_live_is_this_machine(monkeypatch):
    stored = {}
    monkeypatch.setattr(machines, "publish", lambda text, **rest: stored.update(rest, text=text))
    monkeypatch.setattr(machines, "widget_of", lambda png, text, width: (png, text))
    example = draw_parts({"an example": QUARTERS}, "the example")
    here = draw_parts({"here": QUARTERS}, "this machine")
    machines.show_measured(example, here, "a machine of the test")
    assert stored["text"].startswith("An example: a machine of the test.\nWhere a step's time goes")
    assert stored["png"] != stored["widget"][0]
    assert "this machine" in stored["widget"][1]
    assert "this machine" not in stored["text"]


def test_a_live_table_escapes_what_stands_in_it(monkeypatch):
    shown = []
    monkeypatch.setattr(display, "live_html", shown.append)
    display.live_table(["<a>", "b"], [[1, "x & y"]])
    assert shown == [
        "<table class='course-table'><tr><th>&lt;a&gt;</th><th>b</th></tr>"
        "<tr><td>1</td><td>x &amp; y</td></tr></table>"
    ]


def test_outside_a_notebook_a_live_picture_is_none():
    assert display.widget_of(b"", "nothing", 100) is None


# --- the lesson and the tool -------------------------------------------------------------------


@pytest.fixture
def lesson(digits):
    """Return the functions that part 1 of the lesson defines, with few digits."""
    X, y = digits
    names = {"X_train": X, "y_train": y, "X_64": X[:64].float() / 255, "y_64": y[:64]}
    return lesson_definitions("11", **names)


def test_the_lesson_and_the_package_take_the_same_steps(lesson, digits):
    ours, theirs = mlp((8,)), mlp((8,))
    theirs.load_state_dict(ours.state_dict())
    for train, model in (
        (lambda m: lesson["train_steps"](m, 16, 3), ours),
        (lambda m: train_steps(m, *digits, 16, 3), theirs),
    ):
        torch.manual_seed(0)
        with profiled() as prof:
            train(model)
        assert set(seconds_of(prof)) == set(PARTS)
    for name, value in ours.state_dict().items():
        assert torch.equal(value, theirs.state_dict()[name])


def test_the_step_of_exercise_2_is_what_pytorchs_scaler_does(lesson):
    for w, slopes, scale, lr in find_exercise("11.scaler").cases():
        moved, next_scale = lesson["scaled_step"](w, slopes, scale, lr)
        theirs = nn.Parameter(w.clone())
        scaler = torch.amp.GradScaler("cpu", init_scale=scale)
        scaler.scale(torch.tensor(1.0))  # from here on it knows its scale
        theirs.grad = slopes.float()
        scaler.step(torch.optim.SGD([theirs], lr=lr))
        scaler.update()
        torch.testing.assert_close(moved, theirs.detach())
        assert next_scale == scaler.get_scale()


def half_if(is_good, halve=lambda scale: scale / 2, float_=torch.Tensor.float):
    def scaled_step(w, slopes, scale, lr):
        if not is_good(slopes):
            return w, halve(scale)
        return w - lr * float_(slopes) / scale, scale

    return scaled_step


def all_finite(slopes):
    return slopes.isfinite().all()


def takes_other_numbers(w, slopes, scale, lr):
    return half_if(all_finite)(w, torch.nan_to_num(slopes), scale, lr)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (half_if(all_finite, lambda scale: scale // 2), "// and int() cut off"),
        (half_if(all_finite, lambda scale: float(int(scale / 2))), "// and int() cut off"),
        (half_if(all_finite, lambda scale: max(scale / 2, 1)), "does not go below 1"),
        (half_if(lambda slopes: slopes.sum().isfinite()), "the sum of the slopes"),
        (half_if(lambda slopes: slopes.norm().isfinite()), "made of all slopes"),
        (half_if(lambda slopes: not (slopes == torch.inf).any()), "+inf only"),
        (half_if(lambda slopes: torch.inf not in slopes), "+inf only"),
        (half_if(lambda slopes: slopes.max() < torch.inf), "lets −inf through"),
        (half_if(lambda slopes: slopes[0].isfinite()), "first slope only"),
        (half_if(all_finite, float_=torch.Tensor.double), "weights in torch.float64"),
        (half_if(lambda _: True, float_=torch.Tensor.double), "weights in torch.float64"),
        (half_if(all_finite, lambda scale: scale / 3), "Look at the scale"),
        (takes_other_numbers, "65,504"),
    ],
)
def test_a_wrong_step_of_exercise_2_gets_a_hint_that_fits(answer, says):
    verdict = examine(find_exercise("11.scaler"), answer)
    assert verdict.status == "wrong"
    assert says in verdict.mistake.hint


def test_what_is_lost_by_dividing_in_float16_is_seen():
    def too_late(w, slopes, scale, lr):
        return half_if(all_finite)(w, slopes / scale * scale, scale, lr)

    message = examine(find_exercise("11.scaler"), too_late).message
    assert "your answer gives ([0., 0.], " in message
    assert "right would be    ([-0.25,  0.  ], " in message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n, i, o, size: int(2 * n * i * o / (size * (n * i + i * o + n * o))), "int() cut"),
        (lambda n, i, o, size: n * i * o / (size * (n * i + i * o + n * o)), "A factor of 2"),
        (lambda n, i, o, size: 2 * n * i * o / (size * (n * i + i + o + n * o)), "are a table"),
    ],
)
def test_a_wrong_intensity_of_exercise_1_gets_a_hint_that_fits(answer, says):
    assert says in examine(find_exercise("11.intensity"), answer).mistake.hint


def test_the_intensity_of_exercise_1_is_what_a_layer_is_counted_with(lesson):
    X, layer = torch.zeros(7, 5), nn.Linear(5, 3, bias=False)
    ours = lesson["intensity"](7, 5, 3, 4)
    assert ours == pytest.approx(work_of(layer, X, layer(X)).intensity)


def test_learning_in_batches_adds_up_the_slopes_of_each(lesson):
    model = mlp((8,))
    lesson["learn"](model, 32)
    ours = model[1].weight.grad.clone()
    model.zero_grad()
    lesson["learn"](model, 64)
    torch.testing.assert_close(ours, 2 * model[1].weight.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("error", [RuntimeError("no compiler"), None])
def test_where_nothing_can_be_compiled_a_sentence_says_so(lesson, monkeypatch, error):
    def compiled(model):
        if error:
            raise error
        return model

    monkeypatch.setattr(torch, "compile", compiled)
    said = lesson["compile_and_learn"](mlp((8,)))
    assert said.startswith("It does not work here (RuntimeError)" if error else "first ")


def test_a_record_is_rounded_and_written_in_lines():
    record = {"a": 1 / 3, "rows": [[1, 2e9 / 3], [2, 0.5]], "b": {"c": (1, "x")}}
    text = record_machine.in_lines(record_machine.rounded(record))
    read = {"a": 0.3333, "rows": [[1, 666700000.0], [2, 0.5]], "b": {"c": [1, "x"]}}
    assert json.loads(text) == read
    assert len(text.splitlines()) == 6
    assert record_machine.processor()
