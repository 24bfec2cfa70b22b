"""Questions that point at what nobody sees: "How do I turn it off?", "¿Cuál es la segunda opción?"."""

from __future__ import annotations

import re
from functools import cache

from curation.quality.reading import fold
from curation.synthesis.gates.reading import Told, Word
from curation.synthesis.gates.stems import stem

__all__ = ["points_nowhere"]

_GENERIC = (
    r"(?:steps?|options?|process|procedure|one|ones|cases?|section|points?|example|problem|issue|thing|method|"
    r"things|way|"
    r"pasos?|opcion|opciones|procesos?|procedimiento|casos?|apartado|puntos?|ejemplo|problema|cosas?|metodo|"
    r"formas?|manera)"
)
_POINTS = {
    "en": re.compile(
        r"\b(?:it|they|them|he|she|him)\b"
        rf"|\b(?:this|that|these|those)\b(?= {_GENERIC}\b|\s*[?.,]|\s+(?:is|are|was|be|work|works|mean|happen|"
        rf"cost|do|does|with|in|on|for|from|again|also|too|possible|apply|cover|last|really|affect|take|"
        rf"include)\b)"
        rf"|\b(?:do|does|did|is|are|can|should|would|will|was|has|have) (?:this|that|these|"
        rf"those)\b(?= (?!\w+(?:'s)? \w*(?:s|data)\b)\w+)"
        rf"|\bthe (?:other|first|second|third|next|last|former|latter|same)(?: {_GENERIC})\b|\bthe (?:former|"
        rf"latter)\b|\b(?:then|there)\s*\?"
    ),
    "es": re.compile(
        r"\b(?:esto|eso|aquello|ellos|ellas)\b|\blo\b(?! (?:que|mismo|antes|mas|menos|siguiente|unico|primero|cual)\b)"
        r"|(?:^|[¿, ])(?:como|donde|cuando|se|cuanto|quien|no|y|me|te) (?:la|los|las) \w+(?:[oae]n?|mos|[oae]s)\s*\?"
        r"|\b\w+(?:[aei]r|[aie]ndo)(?:lo|la|los|las)\b"
        rf"|\b(?:est|es)(?:e|a|os|as)\b(?= {_GENERIC}\b|\s*[?.,])"
        rf"|\b(?:el|la|los|las) (?:otr[oa]s?|primer[oa]?s?|segund[oa]s?|tercer[oa]?s?|siguientes?|"
        rf"ultim[oa]s?)(?: {_GENERIC}\b| de es[oa]s\b|\s*\?)|\b(?:alli|ahi)\b"
    ),
}
_EXPLETIVE = re.compile(
    r"\b(?:(?:is|was|will|would|does|can|could|how (?:much|long)|if|when|what time|what|why|as) )?(?:does |is |"
    r"do |will |would )?it (?:be |is )?(?:possible|necessary|okay|ok|safe|true|allowed|normal|free|better|"
    r"enough|"
    r"worth|take|takes|cost|costs|rain|rains|snow|seems|mean if|matter|too late|easy|hard|legal|mandatory|"
    r"required|compulsory)\b|\bit (?:says|shows|reads|displays)(?= [\"'“‘«])"
)
_SUBJECTS = frozenset(
    [
        "i",
        "you",
        "we",
        "they",
        "one",
        "to",
        "should",
        "can",
        "could",
        "must",
        "may",
        "will",
        "would",
        "do",
        "does",
        "puedo",
        "se",
    ]
)
# What tells little of what an answer says, and yet what a question is about: "¿Qué hago si no tengo internet?"
_TOPICS = {
    "en": ("internet", "website", "app", "account", "mobile"),
    "es": ("internet", "web", "app", "aplicación", "móvil", "tarifa"),
}
_AFTER_ARTICLES = frozenset(["lot", "bit", "few", "while", "little", "moment", "one", "poco", "rato", "momento", "vez"])
_ARTICLES = frozenset(["a", "an", "my", "your", "our", "un", "una", "mi", "tu", "su"])


def points_nowhere(question: Told) -> tuple[int, int] | None:
    """Where the question points at something that it has not named, or the whole of one that names nothing."""
    folded = fold(question.text)
    lang = question.lexicon.lang
    hidden = _EXPLETIVE.sub(lambda match: " " * len(match[0]), folded)
    match = _POINTS[lang].search(hidden)
    if match is not None and not _named_before(question, match):
        return match.span()
    if not question.marks and not any(_anchors(word, question) for word in question.words) and not _has_number(folded):
        return 0, len(question.text)
    return None


def _has_number(folded: str) -> bool:
    return any(sign.isdigit() for sign in folded)


def _named_before(question: Told, match: re.Match[str]) -> bool:
    """Whether something stands before it that it may mean: a noun, as far as can be told, or a name."""
    for mark in question.marks:
        if mark.start < match.start():
            return True
    row = [word for word in question.words if word.end <= match.start()]
    for place, word in enumerate(row):
        verb = place > 0 and row[place - 1].folded in _SUBJECTS
        if not word.free and len(word.folded) > 2 and not verb:
            return True
    return False


def _anchors(word: Word, question: Told) -> bool:
    """Whether the word says what is asked about."""
    if len(word.folded) < 2:
        return False
    before = question.text[: word.start].split()
    own = bool(before) and fold(before[-1]).strip("¿¡(\"'") in _ARTICLES
    if word.free:  # "How do I write a will?"
        return own and word.end >= question.words[-1].end and word.folded not in _AFTER_ARTICLES
    return own or word.stem not in question.lexicon.weak or word.stem in _topics(question.lexicon.lang)


@cache
def _topics(lang: str) -> frozenset[str]:
    return frozenset(stem(word, lang) for word in _TOPICS[lang])
