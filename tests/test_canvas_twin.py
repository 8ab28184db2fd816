"""The page's JavaScript and its twin in Python: the same drawings, digits, networks for both."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import PATIENCE
from torch import nn

from course_utils.canvas.network import pack
from course_utils.canvas.widget import encode, script
from course_utils.datasets import MNIST_SAMPLE, load_mnist
from course_utils.ink.normalize import check_strokes, normalize_drawing, rasterize
from course_utils.models import READERS, load_pretrained

NODE = shutil.which("node")
DRAWINGS = Path(__file__).parent / "js" / "drawings.json"
STROKES = [[[0.2, 0.3], [0.5, 0.25], [0.4, 0.9]], [[0.6, 0.6]]]


def drawings():
    return json.loads(DRAWINGS.read_text())


@pytest.mark.parametrize("case", drawings(), ids=lambda case: case["name"])
def test_the_shared_drawings_give_the_shared_pictures(case):
    options = {"crop": "crop", "keepAspect": "keep_aspect", "center": "center"}
    switches = {options[name]: on for name, on in case["options"].items()}
    seen = normalize_drawing(rasterize(case["strokes"], brush=case["brush"]), **switches)
    wanted = np.frombuffer(base64.b64decode(case["picture"]), np.uint8).reshape(28, 28)
    assert np.abs(np.rint(255 * seen) - wanted).max() <= 2


@pytest.fixture(scope="module")
def sample():
    return load_mnist(MNIST_SAMPLE).test_images


def on_canvas(digit, rng):
    """Lay a digit, scaled and thickened, somewhere on a canvas of any shape."""
    size = int(rng.integers(20, 200))
    ink = F.interpolate(digit[None, None].float(), size=(size, size), mode="bilinear")
    width = 2 * int(rng.integers(0, 1 + size // 40)) + 1
    ink = F.max_pool2d(ink, width, 1, width // 2)[0, 0].round().to(torch.uint8).numpy()
    height, width = (int(n) for n in rng.integers(size, 300, 2))
    canvas = np.zeros((height, width), np.uint8)
    top, left = rng.integers(0, height - size + 1), rng.integers(0, width - size + 1)
    canvas[top : top + size, left : left + size] = ink
    return canvas


def networks():
    torch.manual_seed(0)
    convolutions = nn.Sequential(
        nn.Conv2d(1, 4, (5, 3), stride=(2, 1), padding=(2, 1)),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        nn.Sequential(nn.Conv2d(4, 6, 3, padding="same", bias=False), nn.Sigmoid(), nn.Dropout()),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.LazyLinear(20),
        nn.BatchNorm1d(20, affine=False),
        nn.Tanh(),
        nn.Linear(20, 10, bias=False),
    )
    convolutions(torch.rand(64, 1, 28, 28))  # moves the running means of the batch norms
    shipped = {name: load_pretrained(name, "cpu") for name in READERS if name != "rnn"}
    odd = nn.Sequential(nn.Conv2d(1, 3, 4, 3), nn.Identity(), nn.Flatten(), nn.LazyLinear(10))
    odd(torch.zeros(1, 1, 28, 28))
    return {"all layers": convolutions, "odd sizes": odd, **shipped}


@pytest.fixture(scope="module")
def cases(tmp_path_factory, sample):
    """Write what Python computes into a folder for node."""
    folder, rng = tmp_path_factory.mktemp("cases"), np.random.default_rng(0)
    shutil.copy(DRAWINGS, folder)
    (folder / "pad.mjs").write_text(script(), encoding="utf-8")
    inks = [on_canvas(digit, rng) for digit in sample[:1000]]
    pictures = [np.rint(255 * normalize_drawing(ink)).astype(np.uint8) for ink in inks]
    (folder / "digits.json").write_text(json.dumps({"shapes": [ink.shape for ink in inks]}))
    (folder / "digits.ink").write_bytes(b"".join(ink.tobytes() for ink in inks))
    (folder / "digits.pictures").write_bytes(b"".join(p.tobytes() for p in pictures))

    models, chosen = networks(), sample[::25]
    layers, weights = pack(models)
    with torch.no_grad():
        X = chosen[:, None].float() / 255
        logits = {name: model.eval()(X).tolist() for name, model in models.items()}
    case = {"layers": layers, "logits": logits, "n": len(chosen)}
    (folder / "networks.json").write_text(json.dumps(case))
    (folder / "networks.weights").write_bytes(weights)
    (folder / "networks.pictures").write_bytes(chosen.numpy().tobytes())
    (folder / "strokes.json").write_text(json.dumps(STROKES))
    (folder / "strokes.bytes").write_bytes(encode(check_strokes(STROKES)))
    return folder


@pytest.mark.skipif(
    NODE is None and not os.environ.get("COURSE_NO_SKIPS"), reason="no node on this machine"
)
def test_javascript_agrees_with_python(cases):
    tests = Path(__file__).parent / "js" / "pad.test.mjs"
    places = {"PAD": (cases / "pad.mjs").as_uri(), "CASES": str(cases)}
    done = subprocess.run(
        [NODE or "node", "--test", str(tests)],
        env=os.environ | places,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout
    assert "# pass 12" in done.stdout or "ℹ pass 12" in done.stdout, done.stdout[-500:]
