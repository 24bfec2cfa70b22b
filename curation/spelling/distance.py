"""How far one word is from another, in slips that people make: the likelier a slip, the less it counts."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["cased", "distance", "fold", "only_accents", "spelt_alike"]

# A missed letter is one slip in one place, a wrong one is one of five keys around: so each of these counts more.
ACCENT, TILDE, SOUND, DOUBLED, SWAPPED, MISSED, KEY, EXTRA, OTHER = 0.15, 0.3, 0.5, 0.45, 0.5, 0.65, 0.85, 0.95, 1.3
FIRST = 0.35  # on top, where the first letter differs: people seldom get it wrong
VOWEL = 0.8

_ROWS = ("qwertyuiop", "asdfghjklñ", "zxcvbnm")
_SOUNDS = {
    "es": ("bv", "sc", "sz", "cz", "yi", "gj", "ck", "ks", "mn", "sx", "ou"),
    "en": ("ie", "sc", "sz", "ck", "ea", "fv", "gj", "yi", "ao", "qk"),
}
# Letters that sound alike with others, by language: (written, meant)
_GROUPS = {
    "es": (("ll", "y"), ("y", "ll"), ("k", "qu"), ("qu", "k"), ("cc", "x"), ("x", "cc"), ("s", "sc"), ("sc", "s"),
           ("w", "gu"), ("hu", "gu"), ("gu", "hu"), ("n", "m"), ("cs", "x"), ("qu", "c"), ("c", "qu")),
    "en": (("f", "ph"), ("ph", "f"), ("k", "ck"), ("x", "cs"), ("ei", "ie"), ("ie", "ei"), ("y", "ie"), ("ant", "ent"),
           ("ent", "ant"), ("able", "ible"), ("ible", "able"), ("ence", "ance"), ("ance", "ence"), ("shun", "tion"),
           ("sion", "tion"), ("er", "re"), ("ys", "ies"), ("s", "c"), ("s", "sc"), ("us", "ous")),
}  # fmt: skip
_PLAIN = {
    ord(letter): fold for letter, fold in zip("áéíóúüñàèìòùâêîôûäëïöçãõ", "aeiouunaeiouaeiouaeiocao", strict=True)
}


def fold(word: str) -> str:
    """The word in lower case and without accents.

    >>> fold("Señal")
    'senal'
    """
    plain = word.lower().translate(_PLAIN)
    if plain.isascii():
        return plain
    return "".join(mark for mark in unicodedata.normalize("NFD", plain) if not unicodedata.combining(mark))


def only_accents(one: str, other: str) -> bool:
    """Whether two different words are the same but for accents."""
    return one != other and fold(one) == fold(other)


def distance(written: str, meant: str, lang: str) -> float:
    """What it costs to have written `written` where `meant` was meant; both in lower case.

    >>> distance("energia", "energía", "es") < distance("enerjía", "energía", "es")
    True
    """
    if written == meant:
        return 0.0
    start, end = _shared(written, meant)
    cost = _cost(written[start : len(written) - end], meant[start : len(meant) - end], written, meant, start, lang)
    grouped = _group(written, meant, start, end, lang)
    first = FIRST if fold(written[:1]) != fold(meant[:1]) else 0.0
    return min(cost, grouped) + first


def _shared(one: str, other: str) -> tuple[int, int]:
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, end


def _group(written: str, meant: str, start: int, end: int, lang: str) -> float:
    """The cost of one slip between letters that sound alike, if that is all that differs; infinite otherwise."""
    for before, after in _GROUPS.get(lang, ()):
        for at in range(max(0, start - len(before) + 1), start + 1):
            if written.startswith(before, at):
                spelt = written[:at] + after + written[at + len(before) :]
                if spelt == meant:
                    return SOUND
                if only_accents(spelt, meant):
                    return SOUND + ACCENT
    return float("inf")


def spelt_alike(word: str, lang: str) -> set[str]:
    """The word without accents, with one group of letters in the place of one that sounds like it.

    >>> "conexion" in spelt_alike("conecsion", "es")
    True
    """
    plain, found = fold(word), set[str]()
    for before, after in _GROUPS.get(lang, ()):
        at = plain.find(before)
        while at >= 0:
            found.add(plain[:at] + after + plain[at + len(before) :])
            at = plain.find(before, at + 1)
    return found


def _cost(written: str, meant: str, whole: str, whole_meant: str, offset: int, lang: str) -> float:
    """Weighted optimal string alignment of what differs; `offset` is where that starts in the whole words."""
    rows = [[0.0] * (len(meant) + 1) for _ in range(len(written) + 1)]
    for i in range(1, len(written) + 1):
        rows[i][0] = rows[i - 1][0] + _extra(whole, offset + i - 1)
    for j in range(1, len(meant) + 1):
        rows[0][j] = rows[0][j - 1] + _missed(whole_meant, offset + j - 1, lang)
    for i, one in enumerate(written, start=1):
        for j, other in enumerate(meant, start=1):
            best = min(
                rows[i - 1][j - 1] + replaced(one, other, lang),
                rows[i - 1][j] + _extra(whole, offset + i - 1),
                rows[i][j - 1] + _missed(whole_meant, offset + j - 1, lang),
            )
            if i > 1 and j > 1 and one == meant[j - 2] and written[i - 2] == other and one != other:
                best = min(best, rows[i - 2][j - 2] + SWAPPED)
            rows[i][j] = best
    return rows[-1][-1]


def _extra(word: str, at: int) -> float:
    """A letter too many: cheap where it doubles its neighbour."""
    neighbours = word[at - 1 : at] if at else ""
    neighbours += word[at + 1 : at + 2]
    if word[at] in neighbours:
        return DOUBLED
    return SOUND if word[at] == "h" else EXTRA - (0.1 if any(_near(word[at], other) for other in neighbours) else 0)


def _missed(word: str, at: int, lang: str) -> float:
    """A letter too few: cheap where it stands twice."""
    if at and word[at] == word[at - 1]:
        return DOUBLED
    if word[at : at + 1] == word[at + 1 : at + 2]:
        return DOUBLED
    return SOUND if word[at] == "h" or (lang == "en" and word[at] == "e" and at == len(word) - 1) else MISSED


@lru_cache(maxsize=8192)
def replaced(one: str, other: str, lang: str) -> float:
    """The cost of one letter in place of another."""
    if one == other:
        return 0.0
    plain, meant = fold(one), fold(other)
    if plain == meant:
        return TILDE if "ñ" in (one, other) else ACCENT
    extra = ACCENT if one != plain or other != meant else 0.0
    if any({plain, meant} == set(pair) for pair in _SOUNDS.get(lang, ())):
        return SOUND + extra
    if _near(plain, meant):
        return KEY + extra
    if plain in "aeiou" and meant in "aeiou":
        return VOWEL + extra
    return OTHER + extra


@lru_cache(maxsize=4096)
def _near(one: str, other: str) -> bool:
    """Whether two keys touch each other on a QWERTY keyboard."""
    places = {letter: (row, column + row * 0.5) for row, line in enumerate(_ROWS) for column, letter in enumerate(line)}
    if one not in places or other not in places:
        return False
    (row, column), (other_row, other_column) = places[one], places[other]
    return one != other and abs(row - other_row) <= 1 and abs(column - other_column) <= 1


def cased(word: str, like: str) -> str:
    """The word with the capitals and the apostrophes of another."""
    if "’" in like:
        word = word.replace("'", "’")
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
