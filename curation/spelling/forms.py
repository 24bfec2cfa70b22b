"""Whether the words before ask for another form of a proposed word: then it was misspelt and misused, for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence

__all__ = ["another_form"]

_SINGULAR_SUBJECTS = frozenset("he she it everyone everybody someone somebody nobody".split())
_HELPERS = frozenset("let lets make makes made can could will would shall should may might must to do does did".split())
_PLURAL_EN = frozenset("these those many several few both two three four five six seven eight nine ten".split())
_ONE_EN = frozenset("a an one each every another".split())
_PLURAL_ES = frozenset(
    "los las unos unas estos estas esos esas muchos muchas varios varias mis tus sus dos tres".split()
)
_ONE_ES = frozenset("el la un una este esta ese esa cada mi tu su mucho mucha otro otra nuestro nuestra".split())
_WEAK_ES = frozenset(("me", "te", "se", "le", "les", "nos"))
_HERS = frozenset("la las una unas esta estas esa esas mucha muchas otra otras nuestra nuestras".split())
_HIS = frozenset("los un unos este estos ese esos mucho muchos otro otros nuestro nuestros".split())


def another_form(written: str, meant: str, others: Collection[str], before: Sequence[str], lang: str) -> bool:
    """Whether one of `others`, a form of `meant`, fits better behind the words `before`; all in lower case.

    >>> another_form("happenn", "happen", ["happens"], ["when", "it"], "en")
    True
    >>> another_form("timido", "tímido", ["tímida"], ["es", "una"], "es")
    True
    """
    if written.endswith("s") and not meant.endswith("s") and {meant + "s", meant + "es"} & set(others):
        return True
    if not before or not others:
        return False
    return _in_english(meant, others, before) if lang == "en" else _in_spanish(meant, others, before)


def _in_english(meant: str, others: Collection[str], before: Sequence[str]) -> bool:
    last = before[-1]
    if last in _ONE_EN:
        return meant.endswith("s") and meant[:-1] in others
    if not {meant + "s", meant + "es", meant[:-1] + "ies"} & set(others):
        return False
    if last in _PLURAL_EN:
        return True
    subject, helped = (before[-2], before[-3:-2]) if last.endswith("ly") and len(before) > 1 else (last, before[-2:-1])
    return subject in _SINGULAR_SUBJECTS and not _HELPERS & set(helped)


def _in_spanish(meant: str, others: Collection[str], before: Sequence[str]) -> bool:
    last = before[-1]
    if last in _WEAK_ES and meant.endswith(("ar", "er", "ir")):
        return True
    if last in _PLURAL_ES and {meant + "s", meant + "es"} & set(others):
        return True
    if last in _ONE_ES and meant.endswith("s") and meant[:-1] in others:
        return True
    ending = meant.removesuffix("s")[-1:]
    turned = {"o": "a", "a": "o"}.get(ending)
    if turned is None or (last not in _HERS if ending == "o" else last not in _HIS):
        return False
    at = len(meant.removesuffix("s")) - 1
    return meant[:at] + turned + meant[at + 1 :] in others
