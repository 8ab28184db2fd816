"""What every layer of a model makes of an input, and which pixels a value can see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.models.lending import borrowed, device_of
from course_utils.training import to_input, try_model


class Layer(NamedTuple):
    """What one call of one module gave to a batch of pictures.

    Attributes:
        name: where the module is in the model, such as "0" or "features.3"; with "(2)" behind it
            where it is called for the second time.
        module: the module itself.
        maps: its output, (N, C, h, w); a vector of n numbers has C = n and h = w = 1.
        flat: whether it was such a vector.
    """

    name: str
    module: nn.Module
    maps: Tensor
    flat: bool

    @property
    def kind(self) -> str:
        """The class of the module, such as "Conv2d"."""
        return type(self.module).__name__

    @property
    def size(self) -> str:
        """The shape of the output for one picture, in words."""
        channels, height, width = self.maps.shape[1:]
        return f"{channels}" if self.flat else f"{channels} × {height} × {width}"


@torch.no_grad()
def layers_of(model: nn.Module, X: Tensor) -> list[Layer]:
    """Return what every layer of a model gives to some pictures, in the order of their calls.

    All modules without parts of their own are listed, a shared one once for each call; of modules
    with parts, those whose output none of their parts gave, such as the sum in a residual block.
    Outputs whose first axis is not the pictures are left out. The model is asked in eval mode;
    its mode, its own hooks and gradients stay as they are.

    Args:
        model: any module that takes X.
        X: (N, C, H, W), floats or uint8 pixels.

    Raises:
        ValueError: the model cannot take X.

    >>> [layer.kind for layer in layers_of(lenet5(), torch.zeros(1, 1, 28, 28))][:3]
    ['Conv2d', 'ReLU', 'MaxPool2d']
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be an nn.Module, got {type(model).__name__}")
    found: list[Layer] = []
    with borrowed(model) as asked:
        X = to_input(X, device_of(asked))
        try_model(asked, X[:1])
        with _listening(asked, dict(model.named_modules()), found, len(X)):
            asked(X)
    return found


@contextmanager
def _listening(
    model: nn.Module, own: dict[str, nn.Module], found: list[Layer], n: int
) -> Iterator[None]:
    """Note in `found` what the modules give, as layers of whose they are, while the block lasts."""
    names = {module: name for name, module in model.named_modules()}
    calls: dict[nn.Module, int] = {}
    given: list[Tensor] = []  # outputs already noted, by identity; kept, so that none is reused

    def note(module: nn.Module, _inputs: object, output: object) -> None:
        output = _first_tensor(output)
        composite = any(True for _ in module.children())
        if output is None or (composite and any(output is one for one in given)):
            return
        given.append(output)
        maps = _as_maps(output, n)
        if maps is None:
            return
        calls[module] = calls.get(module, 0) + 1
        again = f" ({calls[module]})" if calls[module] > 1 else ""
        name = names[module]
        found.append(Layer((name or "model") + again, own[name], *maps))

    hooks = [module.register_forward_hook(note) for module in names]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _first_tensor(output: object) -> Tensor | None:
    """Return the tensor that a module gives; the first one of several, as of an LSTM."""
    while isinstance(output, tuple | list) and output:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def _as_maps(output: Tensor, n: int) -> tuple[Tensor, bool] | None:
    """Return an output as maps (N, C, h, w) on the CPU, and whether it is a flat vector."""
    if output.ndim < 2 or len(output) != n or not output.numel():
        return None
    values = output.detach().to("cpu", torch.float32, copy=True)
    if values.ndim == 2:
        return values[:, :, None, None], True
    return (values[:, None] if values.ndim == 3 else values.flatten(3)), False


class Fields(NamedTuple):
    """Which pixels each place of a layer can see.

    Attributes:
        rows: (H, h, w) bool: whether a row of the picture is seen at each place of the map.
        columns: (W, h, w) bool: and whether a column is.
    """

    rows: Tensor
    columns: Tensor

    def at(self, place: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """Return the first row and column seen from a place, and how many; None for no pixel."""
        seen = [lines[:, place[0], place[1]].nonzero().flatten() for lines in self]
        if not all(map(len, seen)):
            return None
        (top, bottom), (left, right) = ((int(lines[0]), int(lines[-1])) for lines in seen)
        return top, left, bottom - top + 1, right - left + 1

    def nearest(self, row: float, column: float) -> tuple[int, int]:
        """Return the place whose field has its middle nearest to a pixel."""
        middles = [
            (torch.arange(len(lines))[:, None, None] * lines).sum(0) / lines.sum(0).clamp(min=1)
            for lines in self
        ]
        far = (middles[0] - row) ** 2 + (middles[1] - column) ** 2
        return divmod(int(far.argmin()), far.shape[1])


def receptive_fields(model: nn.Module, shape: Sequence[int]) -> list[Fields]:
    """Return, for each of `layers_of`, which pixels each of its numbers can see.

    A whole row, or column, of the picture is set to nan, which is "not a number": whatever is
    computed from it becomes nan as well. So this holds for any module, and needs no formula.

    Args:
        model: see `layers_of`.
        shape: of the picture, (C, H, W).

    >>> receptive_fields(lenet5(), (1, 28, 28))[3].at((4, 4))  # of the second convolution
    (6, 6, 14, 14)
    """
    channels, height, width = shape
    X = torch.zeros(height + width, channels, height, width)
    X[range(height), :, range(height)] = torch.nan
    X[range(height, height + width), :, :, range(width)] = torch.nan
    nnpack = torch.backends.nnpack.flags(enabled=False)
    cudnn = torch.backends.cudnn.flags(enabled=False)
    with nnpack, cudnn:  # their fast convolutions mix numbers of neighbouring windows
        layers = layers_of(model, X)
    return [
        Fields(*layer.maps.isnan().any(1).split([height, width]))
        if not layer.flat
        else Fields(*layer.maps[..., 0, 0].isnan()[:, :, None].split([height, width]))
        for layer in layers
    ]
