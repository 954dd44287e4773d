"""Labels that do not tell the case of letters: ``ocr train word --caseless``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ocrcli.alphabet import Alphabet
from ocrcli.datasets.words import LabelledStrip, WordRecipe
from ocrcli.training.settings import TrainSettings
from ocrcli.training.word import WordTask, with_either_case

ALPHABET = Alphabet("Aab1C")


def test_letters_of_both_cases_have_a_class_for_either() -> None:
    assert ALPHABET.cases == ((2, 1),)  # C and b have one case alone
    assert ALPHABET.encode_either_case("aA1bC") == [6, 6, 4, 3, 5]


def test_either_case_is_as_likely_as_both_together() -> None:
    probabilities = torch.tensor([[0.3, 0.2, 0.1, 0.25, 0.1, 0.05]])
    found = with_either_case(probabilities.log(), ALPHABET).exp()
    torch.testing.assert_close(found, torch.tensor([[0.3, 0.2, 0.1, 0.25, 0.1, 0.05, 0.3]]))


def test_an_alphabet_without_letters_stays_as_it_is() -> None:
    log_probs = torch.zeros(2, 3, 4)
    assert with_either_case(log_probs, Alphabet("012")).shape == (2, 3, 4)


class Fixed(torch.nn.Module):
    """Says the same of every image: (N, T, classes)."""

    def __init__(self, probabilities: torch.Tensor) -> None:
        super().__init__()
        self.log_probs = probabilities.log()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.log_probs.expand(len(image), -1, -1)


@pytest.mark.parametrize(("caseless", "expected"), [(True, 0.3), (False, 0.1)])
def test_the_loss_of_caseless_data_asks_for_either_case(caseless: bool, expected: float) -> None:
    recipe = WordRecipe("Aab1C", 4)
    chunk = recipe.pack([LabelledStrip(np.zeros((32, 8), np.uint8), "a", caseless)])
    batch = {key: torch.from_numpy(value) for key, value in recipe.collate(chunk, np.array([0])).items()}
    task = WordTask(TrainSettings(Path("run"), alphabet="Aab1C", caseless=caseless))
    network = Fixed(torch.tensor([[[0.3, 0.2, 0.1, 0.25, 0.1, 0.05]]]))
    loss = task.loss(network, batch)["loss"]
    assert float(loss) == pytest.approx(-np.log(expected), abs=1e-5)


def test_labelled_data_alone_are_caseless(tmp_path: Path) -> None:
    Image.new("L", (64, 32)).save(tmp_path / "a.png")
    (tmp_path / "labels.tsv").write_text("a.png\tA\n")
    recipe = WordRecipe("Aab1C", 4, data=(tmp_path / "labels.tsv",), caseless=True)
    sample = recipe.open()(np.random.default_rng(0))
    assert sample.caseless
    assert recipe.pack([sample])["classes"].tolist() == [6]
