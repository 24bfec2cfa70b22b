"""Numbers with their words, as people read them."""

from __future__ import annotations

__all__ = ["plural"]


def plural(count: int, word: str, many: str = "") -> str:
    """The number with its word; `many` is the word's plural where it is not formed with s.

    >>> plural(1, "pair"), plural(1200, "pair"), plural(1, "row repeats", "rows repeat")
    ('1 pair', '1,200 pairs', '1 row repeats')
    """
    return f"{count:,} {word if count == 1 else many or f'{word}s'}"
