"""The feature-map microscope: hooks, receptive fields, and what it shows of any module."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.canvas import DigitPad
from course_utils.explorers.feature_maps import feature_microscope
from course_utils.ink.forms import neat
from course_utils.microscope import layers_of, receptive_fields
from course_utils.microscope.picture import sample_digit
from course_utils.models import RowLSTM, digit_cnn, lenet5, load_pretrained, mlp


def touch(explorer, axes, x, y):
    """Touch the explorer's picture at a point of one of its axes."""
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    place = explorer.figure.axes[axes].transData.transform((x, y))
    explorer.picture.point = [place[0] / width, 1 - place[1] / height]


def digit():
    return sample_digit()[None, None]


class Residual(nn.Module):
    """A block with a shared and a nested module, a sum, and functions that are no modules."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 2, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.inner = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2))
        self.head = nn.Linear(2, 10)

    def forward(self, X):
        X = self.relu(self.first(X))
        X = self.relu(self.inner(X) + X)
        return F.log_softmax(self.head(X.mean((2, 3))), dim=1)


# --- what is heard -------------------------------------------------------------------------------


def test_the_maps_of_a_sequential_are_those_of_its_layers_one_by_one():
    model, X = lenet5().eval(), digit()
    found = layers_of(model, X)
    assert [layer.module for layer in found] == list(model)
    with torch.no_grad():
        for module, layer in zip(model, found, strict=True):
            X = module(X)
            assert torch.allclose(layer.maps.flatten(), X.flatten(), atol=1e-6)
            assert layer.flat == (X.ndim == 2)


def test_shared_and_nested_modules_are_listed_once_for_each_call():
    names = [layer.name for layer in layers_of(Residual(), digit())]
    assert names == ["first", "relu", "inner.0", "inner.1", "relu (2)", "head", "model"]


def test_what_works_in_place_does_not_change_what_was_noted_before():
    found = layers_of(Residual(), digit())
    assert (found[0].maps < 0).any()
    assert torch.equal(found[1].maps, found[0].maps.relu())


def test_a_module_without_parts_is_a_layer_itself():
    class Bare(nn.Module):
        def forward(self, X):
            return X.flatten(1)[:, :10]

    (layer,) = layers_of(Bare(), digit())
    assert (layer.name, layer.kind, layer.size) == ("model", "Bare", "10")
    assert "Layer 1 of 1, Bare “model”: 10 numbers." in feature_microscope(Bare()).says.value


def test_an_lstm_gives_its_states():
    found = layers_of(RowLSTM(16), digit())
    assert [layer.size for layer in found] == ["1 × 28 × 16", "10"]


def test_modes_and_hooks_stay_as_they_are():
    model, heard = Residual().train(), []
    model.inner.eval()
    model.first.register_forward_hook(lambda *_: heard.append(1))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    explorer = feature_microscope(model)
    explorer.set(layer=4)
    assert model.training
    assert model.relu.training
    assert not model.inner.training
    assert not model.inner[1].training
    assert [len(part._forward_hooks) for part in model.modules()] == [0, 1, 0, 0, 0, 0, 0]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert heard


def test_hooks_are_gone_after_an_error():
    class Breaks(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 1, 3)

        def forward(self, X):
            X = self.layer(X)
            if len(X) > 1:
                raise RuntimeError("one at a time, please")
            return X

    model = Breaks().train()
    with pytest.raises(RuntimeError, match="one at a time"):
        feature_microscope(model)
    assert model.training
    assert not model.layer._forward_hooks
    assert not model._forward_hooks


# --- receptive fields, against the formula -------------------------------------------------------


def seen_from(layers, sizes, place):
    """Return the rows that a place of a stack of square layers sees, by the formula of each."""
    rows = {place}
    for (kernel, stride, padding, dilation), n in reversed(list(zip(layers, sizes, strict=False))):
        taps = (row * stride - padding + dilation * tap for row in rows for tap in range(kernel))
        rows = {row for row in taps if 0 <= row < n}
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_receptive_fields_agree_with_the_formula(seed):
    generator = torch.Generator().manual_seed(seed)

    def pick(*options):
        return options[int(torch.randint(len(options), (), generator=generator))]

    sizes = [(pick(1, 3, 5), pick(1, 1, 2), pick(0, 1), pick(1, 1, 2)) for _ in range(3)]
    model, channels = nn.Sequential(), 1
    for kernel, stride, padding, dilation in sizes:
        if kernel == 3 and padding == 0:
            model.append(nn.MaxPool2d(kernel, stride, dilation=dilation))
        else:
            layer = nn.Conv2d(channels, 4, kernel, stride, padding, dilation)
            channels = 4
            model.append(layer)
    fields = receptive_fields(model, (1, 28, 28))
    heights = [28, *(field.rows.shape[1] for field in fields)]
    for depth, field in enumerate(fields, 1):
        n = heights[depth]
        for place in {(0, 0), (n // 2, n // 3), (n - 1, n - 1)}:
            rows, columns = (seen_from(sizes[:depth], heights, at) for at in place)
            if not rows or not columns:
                assert field.at(place) is None
                continue
            high, wide = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
            assert field.at(place) == (min(rows), min(columns), high, wide)


def test_the_field_grows_from_layer_to_layer_of_the_courses_cnn():
    sides = [field.at((2, 2))[2] for field in receptive_fields(digit_cnn(), (1, 28, 28))[:13:3]]
    assert sides == [5, 5 + 2 * 2, 9 + 2, 11 + 2 * 4, 19 + 2 * 4]


def test_what_an_lstm_has_read_are_the_rows_up_to_now():
    states = receptive_fields(RowLSTM(8), (1, 28, 28))[0]
    assert states.at((0, 3)) == (0, 0, 1, 28)
    assert states.at((9, 0)) == (0, 0, 10, 28)


def test_a_flattened_number_sees_what_its_pixel_saw():
    flatten = receptive_fields(mlp(), (1, 28, 28))[0]
    assert flatten.at((28 * 3 + 5, 0)) == (3, 5, 1, 1)


# --- the explorer --------------------------------------------------------------------------------


def test_the_sentence_tells_layer_number_and_field():
    model = load_pretrained("lenet", "cpu")
    explorer = feature_microscope(model, layer=4, channel=5, place=(4, 4))
    with torch.no_grad():
        value = float(model[:4](digit())[0, 5, 4, 4])
    said = explorer.says.value
    assert said.startswith(
        "Layer 4 of 12, Conv2d: 16 × 10 × 10 numbers. Channel 5, row 4, column 4"
    )
    assert f"is {value:.2f}".rstrip("0").rstrip(".").replace("-", "−") in said
    assert "it sees 14 × 14 pixels, from row 6 and column 6 on" in said


def test_a_model_that_learned_more_is_seen_as_it_is_now():
    model = lenet5()
    explorer = feature_microscope(model)
    before = explorer.picture.png
    with torch.no_grad():
        model[0].weight.mul_(-3)
    explorer.set()
    assert explorer.picture.png != before


@pytest.mark.parametrize("name", ["lenet", "cnn", "rnn", "mlp", "softmax"])
def test_every_layer_of_every_model_of_the_course_can_be_drawn(name):
    explorer = feature_microscope(load_pretrained(name, "cpu"))
    seen = set()
    for layer in range(1, explorer.controls["layer"].slider.max + 1):
        explorer.set(layer=layer, channel=0)
        assert explorer.says.value.startswith(f"Layer {layer} of")
        assert explorer.figure.get_figheight() <= 4.1
        seen.add(explorer.picture.png)
    assert len(seen) > 1


def test_the_kernel_of_the_chosen_channel_is_shown():
    model = load_pretrained("lenet", "cpu")
    explorer = feature_microscope(model, channel=2)
    shown = torch.tensor(explorer.figure.axes[3].images[0].get_array().data)
    assert torch.allclose(shown.float(), model[0].weight[2, 0].detach())
    explorer.set(layer=4, channel=7)
    shown = torch.tensor(explorer.figure.axes[3].images[0].get_array().data).float()
    assert torch.allclose(shown[6:11, 12:17], model[3].weight[7, 5].detach())  # below, on the right


def test_the_weights_of_a_dense_unit_lie_as_the_maps_that_it_reads():
    model = load_pretrained("lenet", "cpu")
    explorer = feature_microscope(model, layer=8, channel=11)
    shown = torch.tensor(explorer.figure.axes[-1].images[0].get_array().data).float()
    weights = model[7].weight[11].detach().reshape(16, 5, 5)
    assert torch.allclose(shown[5:10, 10:15], weights[6])
    explorer = feature_microscope(load_pretrained("mlp", "cpu"), layer=2, channel=3)
    shown = torch.tensor(explorer.figure.axes[-1].images[0].get_array().data).float()
    assert torch.allclose(
        shown, load_pretrained("mlp", "cpu")[1].weight[3].detach().reshape(28, 28)
    )


def test_touching_a_map_chooses_its_channel():
    explorer = feature_microscope(load_pretrained("lenet", "cpu"), layer=4)
    touch(explorer, 1, 11 * 2 + 4, 11 * 3 + 5)  # third column, fourth row of sixteen maps of ten
    assert explorer.values["channel"] == 14
    explorer.set(layer=12)
    touch(explorer, 1, 7.2, 1)
    assert explorer.values["channel"] == 7


def test_touching_the_chosen_map_and_the_digit_choose_the_place():
    explorer = feature_microscope(load_pretrained("lenet", "cpu"), layer=4)
    touch(explorer, 2, 7, 3)
    assert explorer.values["place"] == (3, 7)
    touch(explorer, 0, 12.5, 12.5)  # the middle of rows and columns 6 to 19
    assert explorer.values["place"] == (4, 4) or explorer.values["place"] == (3, 3)


def test_choosing_another_layer_keeps_channel_and_place_on_its_maps():
    explorer = feature_microscope(load_pretrained("lenet", "cpu"), layer=4, channel=15)
    explorer.set(place=(9, 9))
    explorer.controls["layer"].next.click()
    explorer.controls["layer"].next.click()
    assert explorer.values == {"layer": 6, "channel": 15, "place": (4, 4)}
    explorer.set(layer=1)
    assert explorer.values["channel"] == 5
    assert explorer.says.value.startswith("Layer 1 of 12")


def test_the_microscope_follows_a_pad():
    pad = DigitPad(load_pretrained("lenet", "cpu"))
    explorer = feature_microscope(load_pretrained("lenet", "cpu"), pad)
    assert explorer.says.value.startswith("The pad is empty")
    pad.draw(neat("4"))
    assert explorer.says.value.startswith("Layer 1")
    shown = torch.tensor(explorer.figure.axes[0].images[0].get_array().data).float()
    assert torch.allclose(shown, pad.image)


def test_pictures_in_colour_and_of_any_size_can_be_looked_at():
    model = nn.Sequential(nn.Conv2d(3, 4, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3))
    image = torch.rand(3, 20, 31, generator=torch.Generator().manual_seed(0))
    explorer = feature_microscope(model, image)
    assert "Conv2d: 4 × 8 × 14 numbers" in explorer.says.value
    explorer.set(layer=4)  # the last row is left over: 5 + 7 · 2 = 19
    assert "it sees 19 × 31 pixels" in explorer.says.value


def test_a_model_that_cannot_take_the_picture_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"put nn\.Flatten\(\) in front"):
        feature_microscope(nn.Linear(784, 10))
    with pytest.raises(ValueError, match=r"must be an nn\.Module, got function"):
        feature_microscope(F.relu)
