"""What the source denies and an answer affirms, where clauses laid beside each other do not show it.

"If you lose a paper card, we cannot replace it" denies that it is replaced; an answer that replaces lost cards has
its words in another order, in one clause. So what stands behind a negation is looked for in the sentences of the
answer, all of it, in a sentence that denies nothing. And what the source has for one thing only, no answer gives to
others "too".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.synthesis.gates.parts import Part
from curation.synthesis.gates.polarity import Negation, fails, negations
from curation.synthesis.gates.reading import Told, Word

__all__ = ["affirmed", "denied_words", "readmitted", "widened"]

_NO_NEED = re.compile(
    r"\b(?:(?:not|n't|no|nunca|never) (?:\w+ )?(?:need|have to|has to|required|necessary|obliged|obligatory|compulsory|"
    r"mandatory|hace falta|necesit\w+|(?:tiene[sn]?|tener) que|es (?:necesari|obligatori)\w+|obligatori\w+|"
    r"se requiere)|"
    r"needn't|without (?:having|needing) to|sin (?:tener que|necesidad))\b"
)
_NEED = re.compile(
    r"\b(?:need\w*|must|ha(?:ve|s) to|required|necessary|obligatory|compulsory|mandatory|hace falta|necesit\w+|"
    r"tiene[sn]? que|debe\w*|hay que|necesari\w+|obligatori\w+|imprescindible)\b"
)
_LIMIT = re.compile(
    r"\b(?:after|before|until|once|unless|except|within|outside|while|when|if not|despues|antes|hasta|salvo|excepto|"
    r"mientras|cuando|fuera|dentro|menos|otherwise|otro|other|else|another|mas de|more than|less than)\b"
)
_SUPPOSES = re.compile(r"\W*(?:aunque|incluso si|si|cuando|even if|although|though|if|when)\b")
_ONLY = re.compile(r"\b(?:only|exclusively|solely|nothing but|solo|solamente|unicamente|exclusivamente)\b")
_ALSO = re.compile(r"\b(?:too|also|as well|even|likewise|both|tambien|incluso|ademas|igualmente|asimismo)\b")
_WITH = re.compile(r"\b(?:including|includes?|included|incluid[oa]s?|incluye)\b")
_BUT = re.compile(
    r"\b(?:menos (?=en |los? |las? |el )|salvo|excepto|a excepcion de|except(?: for)?|apart from|other than|but not|"
    r"but (?=the ))"
)
NEAR = 16  # signs between "except" and what is excepted
_ONE_WORD = re.compile(r"(?:without|sin|non)\b")
_ENDS = re.compile(r"[,;:.()]|\b(?:or|nor|and|but|ni|o|y|pero)\b")
SHARED = 2  # telling words that make it plain that two sentences speak of the same


def denied_words(text: str, clause: Part, telling: Sequence[Word], cue: Negation) -> tuple[Word, ...]:
    """What a negation is about: the telling words behind it up to the next mark or conjunction, or those before it."""
    first = text[cue.at : cue.after]
    end = _ENDS.search(text, cue.after, clause.end)
    stop = end.start() if end else clause.end
    behind = tuple(word for word in telling if cue.after <= word.start < stop)
    if _ONE_WORD.match(first):
        return behind[:1]
    return behind or cue.nearest[:1]


def affirmed(
    answer: Part, answer_text: str, clause: Part, source_text: str, asked: Told, others: Sequence[Part]
) -> bool:
    """Whether a sentence of the answer affirms what the clause of the source denies."""
    lang = clause.text.lexicon.lang
    line = source_text[clause.start : clause.end]
    if _SUPPOSES.match(line) or _LIMIT.search(line) or _LIMIT.search(answer_text, answer.start, answer.end):
        return False
    if _NO_NEED.search(line) and not _NEED.search(answer_text, answer.start, answer.end):
        return False
    if fails(answer_text, answer.start, answer.end, lang, _stems(clause)):
        return False
    telling = [word for word in clause.words if not word.free and len(word.folded) > 2]
    for cue in negations(source_text, clause.words, clause.start, clause.end, lang):
        denied = denied_words(source_text, clause, telling, cue)
        if not denied or not all(answer.has(word) for word in denied):
            continue
        if any(all(word.stem in one.stems for word in denied) for one in others):
            continue
        if _same_matter(answer, clause, denied, asked):
            return True
    return False


def _stems(clause: Part) -> frozenset[str]:
    start, end = clause.sentence
    return frozenset(word.stem for word in clause.text.words if start <= word.start < end)


def _same_matter(answer: Part, clause: Part, denied: Sequence[Word], asked: Told) -> bool:
    """Whether the answer or its question has another word of the sentence, or what is denied tells enough by itself."""
    start, end = clause.sentence
    weak = clause.text.lexicon.weak
    about = [
        word
        for word in clause.text.words
        if start <= word.start < end and not word.free and len(word.folded) > 2 and word not in denied
    ]
    also = {word.stem for word in about if word.stem not in weak and (answer.has(word) or asked.has(word))}
    itself = any(word.stem in answer.stems for word in denied)
    if len(also) >= (1 if itself else SHARED):
        return True
    return any(word.stem in answer.stems and word.stem not in weak for word in denied)


def readmitted(answer: Part, answer_text: str, clause: Part, source_text: str) -> bool:
    """Whether the answer includes what the clause of the source excepts: "all but Basic", "Basic too"."""
    also = _ALSO.search(answer_text, answer.start, answer.end) or _WITH.search(answer_text, answer.start, answer.end)
    if not also or _BUT.search(answer_text, answer.start, answer.end):
        return False
    for match in _BUT.finditer(source_text, clause.start, clause.sentence[1]):
        behind = [
            word for word in clause.text.words if match.end() <= word.start < clause.sentence[1] and not word.free
        ]
        if behind and behind[0].start - match.end() < NEAR and behind[0].stem in answer.stems:
            return True
    return False


def widened(answer: Part, answer_text: str, clause: Part, source_text: str) -> bool:
    """Whether the answer gives to something "too" what the clause of the source gives to one thing only."""
    if not _ALSO.search(answer_text, answer.start, answer.end) or _ONLY.search(answer_text, answer.start, answer.end):
        return False
    if not _ONLY.search(source_text, clause.start, clause.end):
        return False
    shared = [word for word in answer.content if clause.has(word)]
    telling = [word for word in shared if word.stem in clause.stems]
    return len(shared) >= SHARED and bool(telling) and any(not clause.has(word) for word in answer.content)
