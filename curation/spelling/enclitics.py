"""Spanish verbs with pronouns at their end (configúrelo, enviárselo): dictionaries hold few of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from curation.spelling.distance import fold
from curation.spelling.frequencies import AS_IS
from curation.spelling.lexicon import Lexicon

__all__ = ["Enclitics"]

_ONE = ("me", "te", "se", "lo", "la", "le", "los", "las", "les", "nos", "os")
_TWO = tuple(first + second for first, second in product(("me", "te", "se", "nos"), ("lo", "la", "los", "las", "le")))
_ENDINGS = sorted((*_ONE, *_TWO), key=len, reverse=True)
_STRONG, _WEAK, _ACUTE = "aeoáéó", "iuü", dict(zip("aeiou", "áéíóú", strict=True))
_SHORT = frozenset(("da", "di", "ve", "pon", "ten", "ven", "haz", "sal"))
_HIATUS = re.compile("([iu])([ae]n?)$")
_SILENT = re.compile("(?<=[qg])u(?=[eiéí])")  # the u of que and gui is no vowel
_NUCLEUS = re.compile(rf"[{_WEAK}]?[{_STRONG}][{_WEAK}]?(?![{_WEAK}íú])|[íú]|[{_WEAK}]+|[{_STRONG}]")


class Enclitics:
    """Which such words are right, and how one is written that lacks only its accent."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def written(self, word: str) -> set[str]:
        """The right spellings of a word in lower case that differ by accents at most; empty if it is none.

        >>> Enclitics(Lexicon("es")).written("desactivelo")
        {'desactívelo'}
        """
        found: set[str] = set()
        plain = fold(word) if "ñ" not in word else word.translate(_PLAIN)
        for ending in _ENDINGS:
            if plain.endswith(ending) and len(plain) - len(ending) >= 2:
                found.update(self._forms(plain[: -len(ending)], ending))
        return found

    def _forms(self, base: str, ending: str) -> Iterator[str]:
        if base in _SHORT:
            yield _accented(base, ending, 1)
        elif len(base) == 2:
            return
        elif base.endswith(("ar", "er", "ir")) and self._is(base):
            yield _accented(base, ending, len(base) - 2)
        elif base.endswith(("ando", "endo")) and self._is(base):
            yield _accented(base, ending, len(base) - 4)
        elif base[-1] in "aen":
            if self._is(base) and self._verb(base):
                places = [match.start() for match in _nuclei(base)]
                if len(places) > 1:
                    yield _accented(base, ending, _stressed(base, places[-2]))
            apart = _HIATUS.sub(lambda vowels: _ACUTE[vowels[1]] + vowels[2], base)
            if apart != base and self._is(apart):  # reenvía, continúen: the accent parts two vowels, and stays
                yield apart + ending
            acute = base[:-1] + _ACUTE.get(base[-1], "")
            if base[-1] in "ae" and self._is(acute) and self._says_vos(acute):
                yield base + ending if ending in _ONE else _accented(base, ending, len(base) - 1)

    def _is(self, base: str) -> bool:
        return self._lexicon.status(base) == AS_IS

    def _verb(self, base: str) -> bool:
        return any(stem.endswith(("ar", "er", "ir", "ír")) for stem in self._lexicon.dictionary.stems(base))

    def _says_vos(self, base: str) -> bool:
        infinitive = {"á": "ar", "é": "er"}[base[-1]]
        return self._lexicon.status(base[:-1] + infinitive) == AS_IS


_PLAIN = {ord(accented): plain for plain, accented in _ACUTE.items()}


def _nuclei(word: str) -> Iterator[re.Match[str]]:
    return _NUCLEUS.finditer(_SILENT.sub("-", word))


def _stressed(base: str, nucleus: int) -> int:
    """Which vowel of the nucleus bears the stress."""
    if base[nucleus] in "iu" and base[nucleus + 1 : nucleus + 2] in tuple("aeo"):
        return nucleus + 1
    return nucleus


def _accented(base: str, ending: str, vowel: int) -> str:
    """Base and ending with the accent that the stress on that vowel asks for."""
    whole = base + ending
    later = sum(1 for match in _nuclei(whole) if match.end() > vowel + 1 and match.start() > vowel)
    if later >= 2:
        return whole[:vowel] + _ACUTE.get(whole[vowel], whole[vowel]) + whole[vowel + 1 :]
    return whole
