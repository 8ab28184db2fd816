"""Trainings that outlive their process: written down on the way, and taken up where they were.

What is written is all that the next step depends on: weights, the optimizer's moments, the
schedule, every stream of random numbers, the order of the epoch's samples and the place in it.
"""

from __future__ import annotations

import os
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from course_utils.datasets.saving import place_for
from course_utils.device import Stream
from course_utils.display import say
from course_utils.training.batches import Order, whole
from course_utils.training.evaluation import RunningMeans
from course_utils.training.history import History
from course_utils.training.schedules import Scheduler

KIND = "a training of the course, 1"  # begins every file; another form gets another number
UNREADABLE = (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError)


@dataclass(frozen=True)
class Checkpoint:
    """Where `fit` writes down how far it is, so that it can go on after its process has died.

    Where the file is there already, `fit` goes on from it: on the same device it ends with the
    weights, bit for bit, that it would have had without the interruption. A training that had
    ended comes back at once. Remove the file, or name another one, to begin anew.

    It is written after every `every` steps and after each epoch, beside its place and then moved
    there, so that a whole one lies there at any time. The one before it stays, with `.previous`
    at its end. Of several workers the first one writes, for all.

    Args:
        path: the file; its folder must be there.
        every: steps between two writings, at least 1.

    >>> fit(model, (X, y), n_epochs=20, checkpoint=Checkpoint("training.pt", every=50))
    """

    path: str | os.PathLike[str]
    every: int = 100

    def __post_init__(self) -> None:
        whole("every", self.every)
        place_for(self.path, "training.pt")


@dataclass
class Progressing:
    """A training under way: what changes from step to step, and where it is.

    Attributes:
        model, optimizer, scheduler, stream, order, history: what the training uses.
        epoch: how many epochs are finished.
        indices: the samples of the epoch under way, in their order; None between two epochs.
        n_batches: how many batches of it are learned from.
        epoch_lr: the learning rate with which it began.
        running: what was measured in it.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: Scheduler | None
    stream: Stream
    order: Order
    history: History
    running: RunningMeans
    epoch: int = 0
    indices: Tensor | None = None
    n_batches: int = 0
    epoch_lr: float = 0.0

    def begin_epoch(self) -> None:
        """Draw the order of the next epoch, and measure anew."""
        self.indices, self.n_batches = self.order.of_epoch(self.epoch), 0
        self.epoch_lr = self.optimizer.param_groups[0]["lr"]
        self.running = RunningMeans(self.running.answers)

    def end_epoch(self) -> None:
        """Be between two epochs."""
        self.epoch, self.indices, self.n_batches = self.epoch + 1, None, 0

    def common(self) -> dict[str, object]:
        """Return what all workers share."""
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": self.scheduler}
        return {
            **{name: part.state_dict() for name, part in parts.items() if part is not None},
            "history": vars(self.history),
            **{name: getattr(self, name) for name in ("epoch", "n_batches", "epoch_lr")},
        }

    def own(self) -> dict[str, object]:
        """Return what each worker has for itself."""
        return {
            "stream": self.stream.states,
            "order": self.order.state,
            "indices": self.indices,
            "running": vars(self.running) | {"answers": None},
        }

    def put_back(self, common: dict, own: dict) -> None:
        """Become what `common` and `own` gave."""
        for name in ("model", "optimizer", "scheduler"):
            if (part := getattr(self, name)) is not None:
                part.load_state_dict(common[name])
        vars(self.history).update(common["history"])
        for name in ("epoch", "n_batches", "epoch_lr"):
            setattr(self, name, common[name])
        self.stream.states, self.order.state = own["stream"], own["order"]
        self.indices = own["indices"]
        vars(self.running).update(own["running"] | {"answers": self.running.answers})


class Keeper:
    """Writes a training down as a `Checkpoint` says, and takes it up again.

    Args:
        checkpoint: what the learner gave; None writes nothing.
        training: what is kept.
        settings: what must be the same when it is taken up, by name.
        together: whether the training is one of several workers.

    Raises:
        ValueError: the file is no checkpoint, or one of another training.
    """

    def __init__(
        self,
        checkpoint: Checkpoint | None,
        training: Progressing,
        settings: dict[str, object],
        together: bool,
    ) -> None:
        self.checkpoint, self.training, self.together = checkpoint, training, together
        self.settings = settings | {"n_workers": dist.get_world_size() if together else 1}
        self.rank = dist.get_rank() if together else 0
        if checkpoint is not None:
            check_checkpoint(checkpoint, training.scheduler)
            self.place = place_for(checkpoint.path, "training.pt")
            self._take_up()

    def after_step(self, n: int) -> None:
        """Write the training down, if it is time; `n` steps are done."""
        if self.checkpoint is not None and n % self.checkpoint.every == 0:
            self.write()

    def write(self) -> None:
        """Write the training down as it is."""
        if self.checkpoint is None:
            return
        workers = [self.training.own()]
        if self.together:
            workers *= self.settings["n_workers"]
            dist.all_gather_object(workers, self.training.own())
        if self.rank == 0:
            common = self.training.common()
            _save([KIND, self.settings, common, workers], self.place)

    def _take_up(self) -> None:
        """Put the training back to where the file says, if there is one."""
        found: list[object] = [None]
        if self.rank == 0:
            try:
                found = [self._found()]
            except ValueError as error:  # all workers raise it, and none waits
                found = [error]
        if self.together:
            dist.broadcast_object_list(found, src=0)
        if isinstance(found[0], ValueError):
            raise found[0]
        if found[0] is not None:
            _, _, common, workers = found[0]
            self._put_back(common, workers[self.rank])

    def _found(self) -> list | None:
        """Return what was written of this training; None where nothing was."""
        state = _load(self.place)
        settings = self.settings if state is None else state[1]
        for name, wanted in self.settings.items():
            if settings.get(name) != wanted:
                raise ValueError(
                    f"{self.place} is a training with {name}={settings.get(name)!r}, and this one "
                    f"has {wanted!r}: give the same to go on with it; name another file, or "
                    "remove it, to begin anew"
                )
        return state

    def _put_back(self, common: dict, own: dict) -> None:
        try:
            self.training.put_back(common, own)
        except UNREADABLE as error:
            first = str(error).partition("\n")[0]
            raise ValueError(
                f"{self.place} is of another model or optimizer ({first}); name another file, or "
                "remove it, to begin anew"
            ) from error


def check_checkpoint(checkpoint: object, scheduler: object) -> None:
    """Raise ValueError for what is no checkpoint, and for a schedule that cannot be kept."""
    if not isinstance(checkpoint, Checkpoint):
        raise ValueError(
            f'checkpoint must be such as checkpoint=Checkpoint("training.pt"), got {checkpoint!r}'
        )
    if scheduler is not None and not hasattr(scheduler, "load_state_dict"):
        raise ValueError(
            f"a {type(scheduler).__name__} cannot be written down: it has no state_dict and "
            "load_state_dict; take one of torch.optim.lr_scheduler, or leave checkpoint out"
        )


def previous(place: Path) -> Path:
    """Return where the checkpoint before the last one lies."""
    return place.with_name(place.name + ".previous")


def _save(state: object, place: Path) -> None:
    """Write a file beside its place, down to the disk, and only then move it there.

    A training goes on where it cannot be written down.
    """
    part = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with open(part, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            os.replace(place, previous(place))
        os.replace(part, place)
    except (OSError, RuntimeError) as error:  # torch.save tells a full disk by RuntimeError
        part.unlink(missing_ok=True)
        warnings.warn(
            f"{place} could not be written ({str(error).partition(chr(10))[0]}); the training "
            "goes on, and what was written before is as it was",
            stacklevel=2,
        )


def _load(place: Path) -> list | None:
    """Return the last good state; None where there is no file. Raise ValueError where none is."""
    there = [path for path in (place, previous(place)) if path.exists()]
    for path in there:
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except UNREADABLE as error:
            say(f"{path} cannot be read ({type(error).__name__}): it was cut off or damaged.")
            continue
        if not (isinstance(state, list) and state[:1] == [KIND]):
            raise ValueError(f"{path} was not written by fit; name another file as checkpoint")
        if path != place:
            say(f"The training goes on from {path}.")
        return state
    if there:
        raise ValueError(
            f"none of {' and '.join(map(str, there))} can be read; remove them to begin anew"
        )
    return None
