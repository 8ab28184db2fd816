"""Train the letter by letter model of names that comes with the course.

`train_pretrained.py` calls it.
"""

from __future__ import annotations

import time

import torch
from torch import nn

from course_utils.datasets.names import NAMES_SHA256, encode_names, load_names
from course_utils.device import seeded
from course_utils.models.language import name_loss
from course_utils.models.pretrained import NETWORKS, round_weights
from course_utils.training import bits_per_character, fit, one_cycle

SEED, N_EPOCHS = 0, 20
CPU = torch.device("cpu")


def names() -> tuple[nn.Module, dict[str, object]]:
    """Return the model of names, trained, its weights rounded, and what its card says."""
    start, data = time.process_time(), load_names()
    rows = encode_names(data.train)
    with seeded(SEED, CPU):
        model = NETWORKS["names"]()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.02)
    fit(
        model,
        (rows[:, :-1], rows[:, 1:]),
        n_epochs=N_EPOCHS,
        batch_size=32,
        optimizer=optimizer,
        loss_fn=name_loss,
        schedule=one_cycle,
        seed=SEED,
        device=CPU,
        progress=False,
    )
    round_weights(model)
    return model, {
        "architecture": "embedding (24), LSTM (64) over letters, dropout 0.25, linear",
        "data": f"first names of the US Census of 1990, each once: {len(data.train):,} to train, "
        f"{len(data.val):,} to validate, {len(data.test):,} to test",
        "data_sha256": NAMES_SHA256,
        "augmentation": "none",
        "epochs": N_EPOCHS,
        "seed": SEED,
        "cpu_seconds": round(time.process_time() - start),
        "measure": "bits per character, the end of a name counted as one",
        "validation": round(bits_per_character(model, data.val), 4),
        "test": round(bits_per_character(model, data.test), 4),
    }
