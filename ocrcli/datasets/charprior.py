"""How often each character is to be drawn for training, however often the data hold it.

The data at hand are lopsided: ten thousand vowels, four sets of digits. A network learns those
frequencies as if they were the world's, and then takes a round ring for an O because rings were
mostly called O. What decides between 0, O and o, or 1, l and I, is how often each is written.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# In a thousand characters on the forms of NIST SD19: counted on 2,903 samples of EMNIST ByClass's
# training part, eight added to each class, so that a rare one is not judged by ten samples.
FREQUENCIES = {
    **dict(zip("0123456789", (39, 50, 44, 45, 45, 43, 41, 43, 44, 42), strict=True)),
    **dict(zip("ABCDEFGHIJKLM", (8, 6, 13, 11, 9, 15, 6, 5, 19, 7, 5, 6, 15), strict=True)),
    **dict(zip("NOPQRSTUVWXYZ", (11, 33, 12, 5, 8, 24, 13, 18, 9, 9, 6, 9, 6), strict=True)),
    **dict(zip("abcdefghijklm", (13, 9, 7, 16, 36, 4, 7, 15, 5, 5, 5, 21, 5), strict=True)),
    **dict(zip("nopqrstuvwxyz", (19, 7, 6, 8, 16, 6, 29, 8, 6, 6, 8, 4, 7), strict=True)),
}
OTHER = 5  # of a character that is not in the table: about the rarest letter
# Exponent of the frequencies of digits and letters: 1 draws as people write, 0 draws all alike. Between
# them: a network is asked for running forms and for single rare letters.
BALANCE = 0.5


def class_shares(characters: str) -> NDArray[np.float64]:
    """The share of each character in the training samples (n,), summing to 1.

    The two cases of a letter share what the letter gets as people write them. Where they look
    alike, once all are of one size (c, o, s, …), how often each is written is all there is to go by.
    """
    written = np.array([FREQUENCIES.get(c, OTHER) for c in characters], np.float64)
    lowered = [c.lower() for c in characters]
    letter = np.array([lowered.index(c) for c in lowered], np.intp)  # the letter's first class
    letters = np.bincount(letter, written**BALANCE)
    shares = letters[letter] * written / np.bincount(letter, written)[letter]
    return shares / shares.sum()


def sampling_weights(classes: NDArray[np.intp], characters: str) -> NDArray[np.float64]:
    """The chance of each sample (n,) to be drawn, so that its class gets its share; summing to 1.

    ``classes`` (n, 2) are the two right classes of a sample, mostly the same; a sample that is right
    in either case counts half for each, and is drawn as often as the mean of the two.
    """
    held = np.bincount(classes.ravel(), minlength=len(characters)) / 2  # samples of each class
    wanted = class_shares(characters) / np.maximum(held, 0.5)
    weights = wanted[classes].mean(1)
    return weights / weights.sum()
