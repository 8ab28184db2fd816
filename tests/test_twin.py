"""The pretended accelerator itself: what it forbids, what it allows, and that it computes right."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lessons_on_twin import without_kernel
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

twin = pytest.importorskip("twin", reason="this PyTorch has no back ends in Python")
TWIN = "twin"


@pytest.fixture(autouse=True)
def plugged_in():
    twin.install()
    yield
    twin.remove()


X = torch.arange(12.0).view(3, 4)
LENGTHS = torch.tensor([4, 3, 2])
FORBIDDEN = {
    "a sum": lambda there: X + there,
    "a product": lambda there: X @ there.T,
    "a layer of the CPU": lambda there: nn.Linear(4, 2)(there),
    "an input of the CPU": lambda there: nn.Linear(4, 2).to(TWIN)(X),
    "labels of the CPU": lambda there: F.cross_entropy(there, torch.arange(3)),
    "weights of classes of the CPU": lambda there: F.cross_entropy(
        there, torch.arange(3, device=TWIN), weight=torch.ones(4)
    ),
    "indices of the device": lambda there: X[torch.tensor([0, 1], device=TWIN)],
    "rows by indices of the CPU": lambda there: there.index_select(0, torch.tensor([0])),
    "gathered by the CPU": lambda there: there.gather(1, torch.zeros(3, 1, dtype=torch.int64)),
    "words of the CPU": lambda there: F.embedding(torch.tensor([0, 1]), there),
    "values of the CPU written": lambda there: there.index_put((torch.tensor([0]),), X[0]),
    "a mask of the CPU filled": lambda there: there.masked_fill(X > 3, 0),
    "numpy": lambda there: there.numpy(),
    "numpy that follows a gradient": lambda there: there.requires_grad_().detach().numpy(),
    "an array": lambda there: np.asarray(there),
    "an array of numbers": lambda there: np.array([there.sum(), there.mean()]),
    "a generator": lambda there: torch.rand(3, device=TWIN, generator=torch.Generator()),
    "an order": lambda there: torch.randperm(3, device=TWIN, generator=torch.Generator()),
    "a draw": lambda there: there.multinomial(1, generator=torch.Generator()),
    "in place": lambda there: X.clone().add_(there),
    "a number in place": lambda there: torch.tensor(0.0).add_(there.sum()),
    "a list": lambda there: torch.cat([X, there]),
    "a list of numbers": lambda there: torch.stack([there.sum(), torch.tensor(0.0)]),
    "compared": lambda there: torch.equal(X, there),
    "close": lambda there: torch.allclose(X, there),
    "lengths of the device": lambda there: pack_padded_sequence(
        there[:, :, None], LENGTHS.to(TWIN), batch_first=True
    ),
    "a state of the CPU": lambda there: nn.LSTM(4, 2).to(TWIN)(
        there, (torch.zeros(1, 2), torch.zeros(1, 2))
    ),
}


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_device_forbids_what_a_graphics_card_forbids(forbidden):
    with pytest.raises((RuntimeError, TypeError), match=r"same device|numpy|generator|CPU int64"):
        forbidden(X.to(TWIN))


ALLOWED = {
    "a number": lambda there: there * torch.tensor(2.0),
    "a number in double precision": lambda there: there * torch.tensor(2.0, dtype=torch.float64),
    "a number filled in": lambda there: there.masked_fill(there > 3, torch.tensor(1.0)),
    "an index": lambda there: there[torch.tensor([0, 2])],
    "indices of both": lambda there: there[torch.arange(3), (there[:, 0] > 3).long()],
    "a mask of the CPU": lambda there: there[X > 3],
    "a value written": lambda there: there.clone().index_put_((torch.tensor([0]),), X[0, 0]),
    "rows written": lambda there: there.clone().index_put_((torch.tensor([0]),), there[1]),
    "a copy": lambda there: there.clone().copy_(X + 1),
    "a copy of another kind": lambda there: there.clone().copy_(X.double() + 1),
    "a mask": lambda there: there[there > 3],
    "there and back": lambda there: there.cpu() * 2,
    "back in double precision": lambda there: there.to("cpu", torch.float64),
    "a number out": lambda there: torch.tensor([there.sum().item(), float(there[1, 1])]),
    "a list out": lambda there: torch.tensor(there.tolist()),
    "sequences of different lengths": lambda there: pad_packed_sequence(
        pack_padded_sequence(there[:, :, None], LENGTHS, batch_first=True)
    )[0],
}


@pytest.mark.parametrize("allowed", ALLOWED.values(), ids=ALLOWED)
@pytest.mark.parametrize("float64", [True, False])
def test_the_device_allows_what_a_graphics_card_allows(allowed, float64):
    twin.install(float64=float64)
    assert torch.equal(allowed(X.to(TWIN)).cpu(), allowed(X))


WITHOUT_FLOAT64 = {
    "carried over": lambda there: X.double().to(TWIN),
    "turned into it": lambda there: there.double(),
    "a sum in it": lambda there: there.sum(dtype=torch.float64),
    "made in it": lambda there: torch.zeros(3, dtype=torch.float64, device=TWIN),
    "an array of NumPy": lambda there: torch.tensor(np.zeros(3), device=TWIN),
    "a number of it with one of the device": lambda there: torch.mul(
        there.sum(), torch.tensor(2.0).double()
    ),
    "a layer": lambda there: nn.Linear(4, 2).double().to(TWIN),
}


@pytest.mark.parametrize("forbidden", WITHOUT_FLOAT64.values(), ids=WITHOUT_FLOAT64)
def test_double_precision_can_be_refused(forbidden):
    forbidden(X.to(TWIN))
    twin.install(float64=False)
    with pytest.raises(TypeError, match="float64"):
        forbidden(X.to(TWIN))


FATAL = {
    "a class that there is not": lambda there: F.cross_entropy(
        there, torch.tensor([9, 0, 0], device=TWIN)
    ),
    "a word that there is not": lambda there: F.embedding(torch.tensor([7], device=TWIN), there),
    "a row that there is not": lambda there: there[torch.tensor([7], device=TWIN)],
    "a column that there is not": lambda there: there.gather(1, torch.full((3, 1), 9, device=TWIN)),
    "no probability": lambda there: F.binary_cross_entropy(there, there),
    "no chances": lambda there: (-there - 1).multinomial(1),
}


@pytest.mark.parametrize("fatal", FATAL.values(), ids=FATAL)
def test_a_number_out_of_range_ends_the_device_as_it_ends_cuda(fatal):
    there = X.to(TWIN)
    with pytest.raises((IndexError, RuntimeError)):
        fatal(there)
    with pytest.raises(RuntimeError, match="device-side assert"):
        there + 1
    twin.install()
    assert (there + 1).sum() == 78


def test_an_error_that_is_found_before_the_device_computes_does_not_end_it():
    there = X.to(TWIN)
    for wrong in (
        lambda: there[7],
        lambda: there @ there,
        lambda: there.view(5),
        lambda: there + X,
    ):
        with pytest.raises((IndexError, RuntimeError)):
            wrong()
    assert (there + 1).sum() == 78


def test_views_share_their_numbers():
    there = X.to(TWIN)
    there[1].zero_()
    there.view(-1)[0] = 7
    assert there.cpu()[1].sum() == 0
    assert there[0, 0].item() == 7
    assert X[0, 0] == 0


def test_the_device_draws_from_a_generator_of_its_own():
    torch.manual_seed(0)
    ours = torch.rand(3)
    torch.manual_seed(0)
    theirs = torch.rand(3, device=TWIN)
    assert torch.equal(theirs.cpu(), ours)
    assert torch.equal(torch.rand(3), ours)


def test_moved_parameters_stay_the_same_objects_and_copies_are_others():
    model = nn.Linear(4, 2)
    weight, optimizer = model.weight, torch.optim.SGD(model.parameters(), lr=0.1)
    assert model.to(TWIN).weight is weight
    twice = copy.deepcopy(model)
    model(X.to(TWIN)).sum().backward()
    optimizer.step()
    assert not torch.equal(model.weight.cpu(), twice.weight.cpu())


@pytest.mark.parametrize(("wanted", "where"), [("cpu", "cpu"), (None, TWIN)])
def test_what_is_saved_comes_back_where_it_is_wanted(wanted, where):
    model = nn.Linear(4, 2).to(TWIN)
    optimizer = torch.optim.Adam(model.parameters())
    model(X.to(TWIN)).sum().backward()
    optimizer.step()
    torch.save([model.state_dict(), optimizer.state_dict()], file := io.BytesIO())
    file.seek(0)
    weights, state = torch.load(file, map_location=wanted, weights_only=True)
    assert {part.device.type for part in weights.values()} == {where}
    assert state["state"][0]["exp_avg"].device.type == where
    assert torch.equal(weights["weight"].cpu(), model.weight.detach().cpu())
    assert pickle.loads(pickle.dumps(X.to(TWIN))).device.type == "twin"


def test_numbers_can_be_a_little_off():
    twin.install(noise=1e-6)
    product = (X.to(TWIN) @ X.to(TWIN).T).cpu()
    assert not torch.equal(product, X @ X.T)
    torch.testing.assert_close(product, X @ X.T, rtol=1e-5, atol=0)
    assert torch.equal(X.to(TWIN).cpu(), X)


def test_factors_can_have_ten_bits():
    twin.install(bits=10)
    factor = torch.tensor([[1 + 2.0**-10, 1 + 2.0**-12, -1 - 2.0**-12, -1 - 3 * 2.0**-12]])
    one = torch.eye(4, device=TWIN)
    expected = torch.tensor([[1 + 2.0**-10, 1, -1, -1 - 2.0**-10]])
    assert torch.equal((factor.to(TWIN) @ one).cpu(), expected)
    assert torch.equal((factor.to(TWIN) + 0).cpu(), factor)


def test_autocast_computes_products_in_halves_and_losses_in_floats():
    layer = nn.Linear(4, 3).to(TWIN)
    with torch.autocast(TWIN, dtype=torch.bfloat16):
        logits = layer(X.to(TWIN))
        loss = F.cross_entropy(logits, torch.arange(3, device=TWIN))
    loss.backward()
    assert logits.dtype == torch.bfloat16
    assert loss.dtype == layer.weight.grad.dtype == torch.float32


LAYERS = {
    "linear": (lambda: nn.Linear(4, 3), (5, 4)),
    "convolution": (lambda: nn.Conv2d(1, 3, 3), (2, 1, 8, 8)),
    "transposed": (lambda: nn.ConvTranspose2d(2, 1, 3, stride=2), (2, 2, 4, 4)),
    "batch norm": (lambda: nn.BatchNorm2d(2), (3, 2, 4, 4)),
    "pooling": (lambda: nn.MaxPool2d(2), (2, 1, 6, 6)),
    "RNN": (lambda: nn.RNN(3, 4, batch_first=True), (2, 5, 3)),
    "LSTM": (lambda: nn.LSTM(3, 4, 2, batch_first=True), (2, 5, 3)),
    "LSTM without bias": (lambda: nn.LSTM(3, 4, bias=False), (5, 2, 3)),
    "LSTM cell": (lambda: nn.LSTMCell(3, 4), (2, 3)),
    "GRU": (lambda: nn.GRU(3, 4, bidirectional=True), (5, 2, 3)),
    "GRU without bias": (lambda: nn.GRU(3, 4, bias=False), (5, 2, 3)),
    "LSTM over sequences of different lengths": (lambda: Packed(), (3, 4, 3)),
}


class Packed(nn.Module):
    """An LSTM that reads sequences of different lengths."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)

    def forward(self, X):
        read, _ = self.lstm(pack_padded_sequence(X, LENGTHS, batch_first=True))
        return pad_packed_sequence(read, batch_first=True)


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
def test_layers_and_their_gradients_are_those_of_the_cpu(make, shape):
    torch.manual_seed(0)
    here, inputs = make(), torch.randn(shape)
    there = copy.deepcopy(here).to(TWIN)
    results = []
    for layer, came in ((here, inputs), (there, inputs.to(TWIN))):
        came = came.requires_grad_()
        answer = layer(came)
        answer = answer[0] if isinstance(answer, tuple) else answer
        assert answer.device.type == came.device.type
        gradients = torch.autograd.grad(answer.square().sum(), [came, *layer.parameters()])
        results.append([part.cpu() for part in (answer, *gradients)])
    torch.testing.assert_close(*results)


def test_it_is_known_for_which_operations_mps_has_a_kernel():
    assert without_kernel(["aten.mm.default", "aten._thnn_fused_lstm_cell.default"], "MPS") == []
    assert without_kernel(["aten.linalg_eig.default"], "MPS") == ["linalg_eig"]
