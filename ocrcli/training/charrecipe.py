"""``ocr train char --split NAME``: the whole recipe for one of EMNIST's splits, from its store."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ocrcli.errors import UsageError

# Passes over the training part. Some 20 million samples for the large splits; the small ones are
# passed more often, and are done sooner all the same.
EPOCHS = {"byclass": 30, "bymerge": 30, "balanced": 80, "letters": 80, "digits": 40, "mnist": 80}
BATCH = 512  # on one core it costs nothing against 256, and a GPU is kept busy
PATIENCE = 12  # evaluations; a cosine's last third is where it gains, so only a lost run stops early
STORES = Path("data")  # where `ocr preprocess emnist` puts them


def split_values(split: str, values: dict[str, Any], given: set[str]) -> dict[str, Any]:
    """The settings of the recipe, where the command line (``given``) does not say otherwise.

    Raises UsageError for a split that is unknown or not preprocessed, or data besides it.
    """
    if split not in EPOCHS:
        raise UsageError(f"--split {split}: not one of {', '.join(EPOCHS)}")
    if "data" in given:
        raise UsageError("--split takes its data from the store: leave --data out")
    store = STORES / f"emnist-{split}.h5"
    if not store.exists():
        made = f"ocr download emnist && ocr preprocess emnist --split {split}"
        raise UsageError(f"{store}: no such store; make it by {made}")
    from ocrcli.datasets.charstore import CharStore

    recipe: dict[str, Any] = {"data": (store,), "synth": False, "batch_size": BATCH, "patience": PATIENCE}
    if not given & {"steps", "minutes", "epochs"}:
        recipe["epochs"] = EPOCHS[split]
    batch = values["batch_size"] if "batch_size" in given else BATCH
    recipe["eval_every"] = max(1, math.ceil(CharStore(store).parts["train"] / batch))  # once an epoch
    return {**values, **{key: value for key, value in recipe.items() if key not in given}}
