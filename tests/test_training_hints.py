"""What `fit` advises, obeyed to the letter, gives the right training or another refusal."""

import ast
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.training import evaluate, fit, predict

generator = torch.Generator().manual_seed(0)
Y = torch.arange(30) % 3
POINTS = 4 * F.one_hot(Y, 4).float() + torch.randn(30, 4, generator=generator)  # 3 clouds
PICTURES = POINTS.reshape(30, 1, 2, 2)
YES = (Y == 0).long()
LETTERS = torch.stack([Y, Y], dim=1)  # (N, T), numbers of letters


def points():
    return nn.Linear(4, 3)


def one_output():
    return nn.Linear(4, 1)


def pictures(channels=1):
    return nn.Sequential(nn.Conv2d(channels, 8, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))


def reader_of_letters(rows=3):
    return nn.Sequential(nn.Embedding(rows, 4), nn.Flatten(), nn.Linear(8, 3))


class Recurrent(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.rnn, self.head = nn.RNN(size, 16, batch_first=True), nn.Linear(16, 3)

    def forward(self, X):
        return self.head(self.rnn(X)[0][:, -1])


NAMES = {"torch": torch, "F": F, "nn": nn, "np": np}
SETTINGS = ("loss_fn", "lr", "batch_size")


def codes(message, names):
    """Yield the expressions that a message holds, each as long as can be, that use the names."""
    done = 0
    for word in re.finditer(r"(?<![\w.])[\w(]", message):
        if word.start() < done:
            continue
        for end in range(len(message), word.end(), -1):
            text = message[word.start() : end]
            try:
                tree = ast.parse(text, mode="eval").body
            except (SyntaxError, ValueError):
                continue
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            if isinstance(tree, ast.Call | ast.Subscript | ast.BinOp) and used & set(names):
                done = end
                yield text
            break


def obeyed(message, case):
    """Yield what a learner has who does one of the things that a message says."""
    model, X, y, settings = case
    names = NAMES | {"X": X, "y": y, "model": model, **settings}
    for text in codes(message, ("X", "y", "model")):
        value = eval(text, names)
        if value is model or isinstance(value, nn.Module):
            yield text, (value, X, y, settings)
        elif re.search(r"\bX\b", text):
            yield text, (model, value, y, settings)
        else:
            yield text, (model, X, value, settings)
    for name in SETTINGS:
        for text in re.findall(rf"\b{name}=([\w.]+(?:\([^()]*\))?)", message):
            yield f"{name}={text}", (model, X, y, settings | {name: eval(text, names)})
    for text in re.findall(r"put (nn\.\w+\(\)) in front of", message):
        yield text, (nn.Sequential(eval(text, names), model), X, y, settings)
    for text in re.findall(r"make it (nn\.\w+\([\d, ]+\))", message):
        layers = [*model.children()] or [model]
        place = 1 if isinstance(layers[0], nn.Flatten) else 0
        layers[place] = eval(text, names)
        yield text, (nn.Sequential(*layers), X, y, settings)
    for text in re.findall(r"give the last layer (\d+) outputs", message):
        yield text, (nn.Linear(4, int(text)), X, y, settings)


def train(case):
    model, X, y, settings = case
    torch.manual_seed(0)
    for layer in model.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    settings = {"lr": 0.05} | settings
    return fit(model, (X, y), n_epochs=80, progress=False, device="cpu", **settings)


def refusal(case):
    try:
        train(case)
    except ValueError as error:
        return str(error)
    return None


BCE = {"loss_fn": F.binary_cross_entropy_with_logits}
# what is given, what is wrong with it, and the share of right answers that mending it reaches
CASES = {
    "float labels": (points(), POINTS, Y.float(), {}),
    "float64 labels": (points(), POINTS, Y.double(), {}),
    "labels (N, 1)": (points(), POINTS, Y[:, None], {}),
    "float labels (N, 1)": (points(), POINTS, Y[:, None].float(), {}),
    "one-hot whole numbers": (points(), POINTS, F.one_hot(Y), {}),
    "one-hot bool": (points(), POINTS, F.one_hot(Y).bool(), {}),
    "one-hot floats for nll": (
        nn.Sequential(points(), nn.LogSoftmax(1)), POINTS, F.one_hot(Y).float(),
        {"loss_fn": nn.NLLLoss()},
    ),
    "labels from 1": (points(), POINTS, Y + 1, {}),
    "labels from -1": (points(), POINTS, Y - 1, {}),
    "labels from 5": (points(), POINTS, Y + 5, {}),
    "too few outputs": (nn.Linear(4, 2), POINTS, Y, {}),
    "numpy X": (points(), POINTS.numpy(), Y, {}),
    "numpy float64 X": (points(), POINTS.double().numpy(), Y, {}),
    "list y": (points(), POINTS, Y.tolist(), {}),
    "list of tensors": (points(), list(POINTS), Y, {}),
    "list of numbers as tensors": (points(), POINTS, list(Y), {}),
    "whole numbers for a Linear": (points(), (10 * POINTS).long(), Y, {}),
    "bool for a Linear": (points(), POINTS > 1, Y, {}),
    "pictures for a Linear": (points(), PICTURES, Y, {}),
    "pictures for too small a Linear": (nn.Linear(2, 3), PICTURES, Y, {}),
    "too few features": (nn.Linear(3, 3), POINTS, Y, {}),
    "no channel axis": (pictures(), PICTURES[:, 0], Y, {}),
    "no channel axis, three wanted": (pictures(3), PICTURES[:, 0], Y, {}),
    "one channel, three wanted": (pictures(3), PICTURES, Y, {}),
    "channels last": (pictures(3), PICTURES.expand(-1, 3, -1, -1).permute(0, 2, 3, 1), Y, {}),
    "rows for a Conv2d": (pictures(), POINTS, Y, {}),
    "float letters": (reader_of_letters(), LETTERS.float(), Y, {}),
    "numbers at each step": (Recurrent(1), POINTS, Y, {}),
    "pictures for an RNN": (Recurrent(2), PICTURES, Y, {}),
    "steps last": (Recurrent(4), POINTS[:, :, None].expand(-1, -1, 3), Y, {}),
    "half": (points().half(), POINTS, Y, {}),
    "half and half": (nn.Sequential(points().double(), nn.Linear(3, 3)), POINTS, Y, {}),
    "yes or no by the cross-entropy": (one_output(), POINTS, YES, {}),
    "signs by the binary cross-entropy": (one_output(), POINTS, 2 * YES - 1, BCE),
    "1 and 2 by the binary cross-entropy": (one_output(), POINTS, YES + 1, BCE),
    "0 and 1 by the soft margin": (one_output(), POINTS, YES, {"loss_fn": nn.SoftMarginLoss()}),
    "classes by the binary cross-entropy": (points(), POINTS, Y, BCE),
    "several yes or no by classes": (points(), POINTS, F.one_hot(Y) | F.one_hot(1 - YES, 3), {}),
    "logits by the binary cross-entropy": (one_output(), POINTS, YES, {"loss_fn": nn.BCELoss()}),
    "lr as a tensor": (points(), POINTS, Y, {"lr": torch.tensor(0.05)}),
    "frozen": (points().requires_grad_(False), POINTS, Y, {}),
    "frozen head of a class": (nn.Sequential(points()).requires_grad_(False), POINTS, Y, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_hint_that_is_obeyed_gives_the_right_training_or_another_hint(name):
    """Follow every path of hints to its end; at least one ends in a good training."""
    paths, seen, ends = [((), CASES[name])], set(), []
    assert refusal(CASES[name]) is not None
    while paths:
        path, case = paths.pop()
        assert len(path) < 5, path
        message = refusal(case)
        if message is None:
            accuracy = evaluate(*case[:3], loss_fn=case[3].get("loss_fn", F.cross_entropy)).accuracy
            ends.append((path, accuracy))
            continue
        for hint, better in obeyed(message, case):
            if path == () or (hint, message) not in seen:
                paths.append(((*path, hint), better))
            seen.add((hint, message))
    assert ends, refusal(CASES[name])
    # numbers instead of classes have no accuracy: that is said, and not hidden
    right = [accuracy for _, accuracy in ends if accuracy == accuracy]
    assert right, ends
    assert min(right) > 0.85, ends


def test_soft_labels_are_taken_as_they_are():
    """The share of each class: neither cut down to 0 nor taken for its largest."""
    X, y = torch.zeros(2, 1), torch.tensor([[0.9, 0.1], [0.9, 0.1]])
    model = nn.Linear(1, 2)
    fit(model, (X, y), n_epochs=300, lr=0.1, progress=False, device="cpu")
    assert torch.allclose(predict(model, X).softmax(1), y, atol=0.02)


@pytest.mark.parametrize(
    ("y", "loss_fn"),
    [
        (torch.rand(30, 3) + 1, F.cross_entropy),
        (torch.rand(30), F.cross_entropy),
        (torch.rand(30, 3), nn.NLLLoss()),
        (torch.full((30,), -100), F.cross_entropy),
        (Y.float() + 0.5, F.binary_cross_entropy_with_logits),
        (torch.full((30, 3), torch.nan), F.mse_loss),
    ],
)
def test_labels_that_no_hint_can_save_are_told_what_they_are_taken_for(y, loss_fn):
    message = refusal((points(), POINTS, y, {"loss_fn": loss_fn}))
    assert message
    assert not list(codes(message, ("y",)))


def test_a_hint_names_the_layer_that_fails_and_not_the_first():
    model = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(7, 3))
    with pytest.raises(ValueError, match=r"layer 2, Linear, wants \(N, 7\).*nn\.Linear\(2, 3\)"):
        predict(model, PICTURES)
    assert not any(layer._forward_hooks for layer in model.modules())


def test_letters_beyond_the_table_are_found_wherever_they_stand():
    far = LETTERS.clone()
    far[17] = 8
    with pytest.raises(ValueError, match=r"up to 8: make it nn\.Embedding\(9, 4\)"):
        predict(reader_of_letters(), far)


def test_samples_and_labels_in_the_wrong_order_are_told_so():
    with pytest.raises(ValueError, match="Were X and y swapped"):
        fit(points(), (Y, POINTS), progress=False, device="cpu")
