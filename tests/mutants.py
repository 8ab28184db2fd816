"""Faults of devices, put into the course one at a time: each must be caught on the twin.

    python tests/mutants.py [word ...]        only those whose place or words hold one of them

Every place of the package that carries something to a device or back is taken out in turn, and
some faults are put in by hand: a generator of another device, numbers in double precision, a
device that is not given back. Then `test_course_on_twin.py` is run, in this process, in which the
functions of that file have been given the code of the changed one; and once more the test that has
failed, when they have their own again: it must pass. Lessons are changed likewise, and their solved
editions run on the twin. A table says which test or cell has caught the fault; the exit status is 1
if one was caught by none.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TRIED = ROOT / "tests" / "test_course_on_twin.py"
# What is taken out: a way to the CPU, a way to a device, a device where a tensor is made.
TAKEN_OUT = re.compile(
    r"\.cpu\(\)|, device=[\w.]+|\.to\((?:there|(?:[\w.]*device(?:_of\(\w+\))?|get_device\(\w+\))"
    r"(?P<more>, [^()]*)?)\)"
)
NOT_HERE = ("exercises/lesson", "device.py", "doctor.py", "__main__.py", "exercises/clean.py")
"""Answers are checked on the CPU; the rest has faults put in by hand below."""

# Taken out, these change nothing that can be seen; why, by a part of their place.
ALIKE = {
    "training/batches.py: y_batch.to(device)": "`prepared` has brought the labels there",
    "training/evaluation.py: y.to(device)": "`batches` brings each batch of labels there",
    "models/translation.py: return torch.cat(letters, dim=1).cpu()": "asked for as a list",
    "models/translation.py: return torch.cat(words, dim=1).cpu()": "asked for as a list",
    "explorers/gates.py: logits[:, :N_SYMBOLS].softmax(1).cpu()": "drawn by `to_numpy`",
    "explorers/handwriting.py: torch.as_tensor(images[:12]).detach().cpu()": "drawn by `to_numpy`",
    "explorers/softmax.py: (predict(image[None, None])).detach().cpu()": "drawn by `to_numpy`",
    "explorers/feature_maps.py: module.weight[channel].detach().cpu()": "drawn by `to_numpy`",
    "training/evaluation.py: floats(part.detach(), dtype).to(there)": "`to_input` brings batches",
}
# Which tests look at a folder of the package; all of them where it is not named.
TESTS = {
    "models": "training or asked or shipped or goes_on or gan or moved or explorer",
    "device.py": "found or streams or proved",
    "training": "training or asked or looked_for or gan or refused or double or answer or tried",
    "explorers": "explorer",
    "ink": "bends or rain or training or disturbed",
    "canvas": "pad or asked or read",
    "microscope": "answer or explorer",
    "figures": "figures or explorer",
    "exercises": "answer or clean_room",
}


def tests_of(path: str) -> list[str]:
    """Return which tests look at a file of the package, as options of pytest."""
    folder = Path(path).parts[1]
    text = (ROOT / path).read_text(encoding="utf-8")
    made = re.findall(r"^def ([a-z]\w+)\((?:(?!\ndef ).)*?\) -> Explorer", text, re.M | re.S)
    chosen = " or ".join([*made, "wherever"]) if folder == "explorers" else TESTS.get(folder)
    return ["-k", chosen] if chosen else []


class Mutant(NamedTuple):
    """A fault to put in: where, what stands there, what is put in its place."""

    path: str
    old: str
    new: str
    at: int
    why: str

    @property
    def line(self) -> str:
        text = (ROOT / self.path).read_text(encoding="utf-8")
        start = text.rfind("\n", 0, self.at) + 1
        return text[start : text.find("\n", self.at)].strip()

    @property
    def place(self) -> str:
        return f"{self.path.removeprefix('course_utils/')}: {self.line}"

    def text(self) -> str:
        text = (ROOT / self.path).read_text(encoding="utf-8")
        return text[: self.at] + self.new + text[self.at + len(self.old) :]


def by_hand(path: str, old: str, new: str, why: str) -> Mutant:
    """Return a fault at the one place of a file where `old` stands."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{path} holds {text.count(old)} times: {old}")
    return Mutant(path, old, new, text.index(old), why)


def places(path: Path) -> Iterator[Mutant]:
    """Yield a mutant for each way to a device, or from it, in the code of a file."""
    text = path.read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    words = [
        range(starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1])
        for t in tokenize.generate_tokens(io.StringIO(text).readline)
        if t.type in (tokenize.STRING, tokenize.COMMENT)
    ]
    for found in TAKEN_OUT.finditer(text):
        if not any(found.start() in word for word in words):
            more = found["more"]
            new = f".to({more[2:]})" if more else ""
            name = path.relative_to(ROOT).as_posix()
            yield Mutant(name, found[0], new, found.start(), f"`{found[0]}` taken out")


def package_mutants() -> Iterator[Mutant]:
    """Yield what is taken out of the package, and what is put into it."""
    for path in sorted((ROOT / "course_utils").rglob("*.py")):
        if not any(name in path.as_posix() for name in NOT_HERE):
            yield from places(path)
    p = "course_utils/"
    yield by_hand(
        p + "device.py",
        "return [torch.default_generator, _OtherGenerator(device)]",
        "return [torch.default_generator]",
        "the device's generator forgotten",
    )
    yield by_hand(
        p + "exercises/clean.py",
        "generators.append((module.get_rng_state, module.set_rng_state))",
        "pass",
        "the clean room moves the device's generator",
    )
    yield by_hand(
        p + "ink/rain.py",
        "_drops(X.numel() // (H * W), H, W, round(amount * MOST), generator)",
        "_drops(X.numel() // (H * W), H, W, round(amount * MOST), generator, X.device)",
        "a generator of another device",
    )
    yield by_hand(p + "ink/disturbances.py", "noise.to(images)", "noise", "noise stays on the CPU")
    yield by_hand(
        p + "training/generative.py",
        "return torch.randn(n, model.n_codes, generator=generator)",
        "return torch.randn(n, model.n_codes, generator=generator, "
        "device=next(model.parameters()).device)",
        "a generator of another device",
    )
    yield by_hand(
        p + "ink/augment.py",
        "waves = torch.randn(N, 2, 25, device=X.device, dtype=X.dtype)",
        "waves = torch.randn(N, 2, 25, device=X.device, dtype=torch.float64).to(X.dtype)",
        "double precision, which MPS has not",
    )
    yield by_hand(
        p + "training/loop.py",
        "value = loss.item()",
        "value = loss.double().item()",
        "double precision, which MPS has not",
    )
    yield by_hand(
        p + "models/pretrained.py",
        "return model.to(get_device(device), torch.float32).eval()",
        "return model.double().to(get_device(device)).float().eval()",
        "double precision, which MPS has not",
    )
    yield by_hand(
        p + "models/lending.py",
        "        _move(model, home)\n",
        "",
        "the model does not come back",
    )
    yield by_hand(
        p + "models/lending.py",
        "        _move(model, device)\n        yield",
        "        yield",
        "the model is not moved",
    )
    yield by_hand(
        p + "models/lending.py",
        "    number = tensor.device.index if device.index is None else device.index\n",
        "    number = device.index\n",
        "a model that is there is moved",
    )
    yield by_hand(
        p + "models/lending.py",
        "(parameter.device for parameter in model.parameters())",
        "(torch.device('cpu') for parameter in model.parameters())",
        "asked on the CPU, wherever it is",
    )
    yield by_hand(
        p + "training/history.py",
        'v.detach().to("cpu", copy=True)',
        "v.detach().clone()",
        "the best weights stay on the device",
    )
    yield by_hand(
        p + "microscope/layers.py",
        'output.detach().to("cpu", torch.float32, copy=True)',
        "output.detach().to(torch.float32, copy=True)",
        "maps stay on the device",
    )
    yield by_hand(
        p + "training/checks.py",
        '    if any(part.device.type != "cpu" and not part.is_floating_point() for part in parts):',
        "    if False:",
        "a number out of range reaches the device",
    )


class LessonMutant(NamedTuple):
    """A fault in a lesson's source: its number, what stands there, what is put in its place."""

    lesson: str
    old: str
    new: str

    @property
    def place(self) -> str:
        return f"lesson {self.lesson}: {self.old}"

    @property
    def why(self) -> str:
        return f"`{self.new}`"


LESSON_MUTANTS = (
    LessonMutant("01", "learned = perceptron.w.cpu()", "learned = perceptron.w"),
    LessonMutant("01", "zeros(n_features + 1, device=device)", "zeros(n_features + 1)"),
    LessonMutant("02", "[:, 1:].to(device), y_class.to(device)", "[:, 1:], y_class.to(device)"),
    LessonMutant("02", "(reader(X_test.to(device)))[:, 0].cpu()", "(reader(X_test))[:, 0].cpu()"),
    LessonMutant("03", "W_own, b_own = W_own.cpu(), b_own.cpu()", "pass"),
    LessonMutant("03", "zeros(10, X.shape[1], device=X.device)", "zeros(10, X.shape[1])"),
    LessonMutant("06", "zeros(1, 1, 28, 28, device=device)", "zeros(1, 1, 28, 28)"),
    LessonMutant("06", "    return X.grad[0, 0].cpu()", "    return X.grad[0, 0].numpy()"),
    LessonMutant("09", "encode_names(names.test).to(device)", "encode_names(names.test)"),
    LessonMutant("09", "source_tensor(dates_train).to(device)", "source_tensor(dates_train)"),
    LessonMutant("10", "(X_train - mean).to(device)", "(X_train - mean)"),
    LessonMutant("10", "mean.clamp(0.001, 0.999).to(device)", "mean.clamp(0.001, 0.999)"),
    LessonMutant(
        "10",
        "fake = G(torch.randn(64, 32).to(device))  # G's turn",
        "fake = G(torch.randn(64, 32, device=device, generator=lot))",
    ),
)  # fmt: skip


# ---- trying them


def caught_in_package(mutant: Mutant) -> str:
    """Return which test fails on the changed package, and not on the right one; "" where none."""
    before = put_in(mutant)
    try:
        by = failing(tests_of(mutant.path))
    finally:
        for function, code in before:
            function.__code__ = code
    if by and failing([], by):
        raise SystemExit(f"{by} fails also where all is as it was, after: {mutant.place}")
    return by


def put_in(mutant: Mutant) -> list[tuple[FunctionType, CodeType]]:
    """Give the functions of the mutant's file, which others have imported, the changed code.

    Returns:
        What was changed, and the code that it had.
    """
    module = importlib.import_module(mutant.path.removesuffix(".py").replace("/", "."))
    fresh = dict(vars(module))
    exec(compile(mutant.text(), str(ROOT / mutant.path), "exec"), fresh)
    pairs = [(value, fresh[name]) for name, value in list(vars(module).items())]
    before = [changed for old, new in pairs for changed in swapped(old, new)]
    if not before:
        raise SystemExit(f"not put in: {mutant.place}")
    return before


def swapped(old: object, new: object) -> Iterator[tuple[FunctionType, CodeType]]:
    """Give a function, or each method of a class, the code of another; yield what differed."""
    if isinstance(old, type) and isinstance(new, type) and old is not new:
        for name, part in list(vars(old).items()):
            yield from swapped(part, vars(new).get(name))
    old, new = (getattr(it, "fget", None) or getattr(it, "__func__", it) for it in (old, new))
    old, new = (inspect.unwrap(it) if callable(it) else it for it in (old, new))
    functions = isinstance(old, FunctionType) and isinstance(new, FunctionType)
    if functions and old.__code__ != new.__code__:
        yield old, old.__code__
        old.__code__ = new.__code__


def failing(chosen: list[str], name: str = "") -> str:
    """Return which of the tests fails first; "" where none does."""
    import pytest

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        options = ["-x", "-q", "-n0", "-p", "no:cacheprovider", *chosen]
        status = pytest.main([*options, f"{TRIED}::{name}" if name else str(TRIED)])
    failed = re.search(r"^(?:FAILED|ERROR) \S+?::(.+?)(?: - .*)?$", said.getvalue(), re.M)
    return "" if status == 0 else failed[1] if failed else f"pytest's status {status}"


def caught_in_lesson(mutant: LessonMutant) -> str:
    """Return what the changed lesson's solved edition raises on the twin; "" where nothing."""
    from lessons_on_twin import run_on_twin

    (source,) = (ROOT / "notebooks" / "source").glob(f"{mutant.lesson}_*.py")
    text = source.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise SystemExit(
            f"lesson {mutant.lesson} holds {text.count(mutant.old)} times: {mutant.old}"
        )
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / source.name
        changed.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return run_on_twin(changed).fault


def main(words: list[str]) -> int:
    """Try the mutants, print the table; return 1 where one was not caught."""

    def chosen(mutants: Iterator) -> list:
        told = [(m, f"{m.place} {m.why}") for m in mutants]
        return [m for m, text in told if not words or any(word in text for word in words)]

    missed = 0
    print("| fault | where | caught by |\n|---|---|---|", flush=True)
    package = chosen(package_mutants())
    if package and (by := failing([])):
        raise SystemExit(f"the tests fail without any fault: {by}")
    for mutant in package:
        alike = [why for place, why in ALIKE.items() if told(place, mutant)]
        by = caught_in_package(mutant)
        missed += not (by or alike)
        print(f"| {mutant.why} | `{mutant.place}` | {by or line_of(alike)} |", flush=True)
    for mutant in chosen(iter(LESSON_MUTANTS)):
        by = caught_in_lesson(mutant)
        missed += not by
        print(f"| {mutant.why} | {mutant.place} | {by or line_of([])} |", flush=True)
    return int(missed > 0)


def told(place: str, mutant: Mutant) -> bool:
    """Tell whether a place, the file and the code up to what is taken out, is that of a mutant."""
    path, _, code = place.partition(": ")
    before = (ROOT / mutant.path).read_text(encoding="utf-8")[: mutant.at + len(mutant.old)]
    return mutant.path.endswith(path) and before.endswith(code)


def line_of(alike: list[str]) -> str:
    return f"none: {alike[0]}" if alike else "**none**"


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]
    sys.exit(main(sys.argv[1:]))
