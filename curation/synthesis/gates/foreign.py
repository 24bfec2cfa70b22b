"""What an answer says that its source does not: words of content that the source has in no form and no synonym.

Not every such word tells something new. Verbs are reworded far more often than things are, and very common words say
little; both weigh half. One thing that the source does not know is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.lexicon import lexicon_of
from curation.synthesis.gates.polarity import is_cue
from curation.synthesis.gates.quantities import rates_in
from curation.synthesis.gates.reading import Clause, Told, Word
from curation.synthesis.gates.units import MONEY, units
from tamiz.extras import needs_extra

__all__ = ["foreign_facts"]

_NAMES_OF = {
    "voltage": "voltage voltaje tension", "mass": "weight weighs weigh peso pesa pesar",
    "temperature": "temperature temperatura", "length": "length distance size largo distancia medida altura anchura",
    "money": "price cost costs charge fee amount precio coste importe tarifa cuesta",
    "time": "duration time duracion tiempo plazo", "months": "duration time duracion tiempo plazo",
    "share": "percentage share porcentaje", "pressure": "pressure presion",
    "volume": "capacity volume capacidad volumen", "data": "size storage tamano memoria almacenamiento",
    "power": "power potencia",
}  # fmt: skip
LEAST_SHARE = 0.34  # of a sentence's words of content that the source has; below it is made up or told too freely
LEAST_WORDS = 6  # of content in a sentence, to say so
ENOUGH = 1.0  # weight of what the source has not, in one clause
REWORDING = 0.2  # weight of a word that rewords
HALF = 0.5  # of a verb, and of a very common word
COMMON = 5.45  # Zipf frequency from which a word is very common: one in 3,500 words
REACH = 2  # words between a negation and what it denies
_DENIES = frozenset(["without", "no", "not", "never", "nor", "sin", "ni", "ningun", "ninguna", "nunca", "tampoco"])
_CONDITION = re.compile(
    r"\W*(?:unless|except (?:if|when)|only if|salvo (?:que|si|cuando)|a menos que|excepto (?:si|cuando))\b"
)
_VERB_FORM = re.compile(r"(?:[ai]d[oa]s?|[ae]n|[ai]r[ae]n?|aba[ns]?|ando|iendo|aron|ieron)$")
_OBJECT = re.compile(r"(?:se|me|te|nos|os|no) (?:l[ao]s?|les?)")
_OR_OTHER = re.compile(r" (?:or|and|y|u) (?:other|similar|otr[oa]s?)\b")
_INFINITIVE = re.compile(r"\w{2}[aei]r(?:se|l[aeo]s?)?$")
_VERB_ENDINGS = {
    "en": ("ed", "ing"),
    "es": ("ar", "er", "ir", "ando", "iendo", "arse", "erse", "irse", "arlo", "arla", "erlo", "erla", "irlo", "irla"),
}


def foreign_facts(answer: Told, source: Told, asked: Told) -> Iterator[Fault]:
    """Clauses with a telling word that is neither in the source nor asked; a clause is told once."""
    measured = _measured(answer) | _dimensions(answer, source)
    told: set[int] = set()
    for clause in answer.clauses:
        missing = [
            (word, _weight(word, place, clause, answer))
            for place, word in enumerate(clause.words)
            if _tells(word, measured) and not source.has(word) and not asked.has(word)
        ]
        if sum(weight for _, weight in missing) >= ENOUGH:
            told.add(clause.sentence)
            word = max(missing, key=lambda one: one[1])[0]
            sure = 0.9 if len(missing) > 1 else 0.75
            yield Fault(
                kind="foreign_fact", field="answer", start=word.start, end=word.end, what=word.text, confidence=sure
            )
    yield from _unsupported(answer, source, asked, told, measured)


def _weight(word: Word, place: int, clause: Clause, answer: Told) -> float:
    """How much it tells that the source has not this word."""
    if _CONDITION.match(answer.plain.lower(), clause.start) and word.stem not in answer.lexicon.weak:
        return ENOUGH  # a condition that the source has not: "unless it snows"
    if word.stem in answer.lexicon.weak or is_cue(word, answer.lexicon.lang):
        return REWORDING
    verb = _is_verb(word, place, clause, answer.lexicon.lang)
    if _denied(word, place, clause):
        return HALF  # "without any danger": a thing that is not is seldom a new one
    if (
        place > 1
        and answer.lexicon.lang == "es"
        and _OBJECT.fullmatch(f"{clause.words[place - 2].folded} {clause.words[place - 1].folded}")
    ):
        return HALF  # "se la sustituyen"
    if place and _predicates(word, clause.words[place - 1], answer.lexicon.lang):
        return HALF
    if _OR_OTHER.match(answer.plain, word.end):
        return HALF  # an example: "flip-flops or other bathing shoes"
    if place and answer.lexicon.lang == "es" and _INFINITIVE.search(clause.words[place - 1].folded):
        return HALF  # "regar justo después"
    adverb = len(word.folded) > 5 and word.folded.endswith("mente" if answer.lexicon.lang == "es" else "ly")
    return HALF if verb or adverb or _frequency(word.folded, answer.lexicon.lang) >= COMMON else 1.0


def _predicates(word: Word, before: Word, lang: str) -> bool:
    """Whether the word says what something does or had done to it: a form of a verb behind what is no article."""
    if before.folded in lexicon_of(lang).before_nouns:
        return False
    if lang == "es":
        return len(word.folded) > 4 and _VERB_FORM.search(word.folded) is not None
    return not before.free and len(word.folded) > 4 and word.folded.endswith("s") and not word.folded.endswith("ss")


def _denied(word: Word, place: int, clause: Clause) -> bool:
    return any(one.folded in _DENIES for one in clause.words[max(0, place - REACH) : place])


def _is_verb(word: Word, place: int, clause: Clause, lang: str) -> bool:
    """As far as can be told by the word before it, its ending, and whether it begins an order."""
    if place == 0 and word.text[0].isupper():
        return lang == "en" or word.folded.endswith(("a", "e", "an", "en", "lo", "la", "los", "las", "le", "se"))
    if place == 0:
        return False
    if clause.words[place - 1].folded in lexicon_of(lang).before_verbs:
        return True
    return len(word.folded) > 4 and word.folded.endswith(_VERB_ENDINGS[lang])


@lru_cache(maxsize=50_000)
def _frequency(word: str, lang: str) -> float:
    with needs_extra("The gates of synthesis", "curate"):
        from wordfreq import zipf_frequency
    return zipf_frequency(word, lang)


def _unsupported(answer: Told, source: Told, asked: Told, told: set[int], measured: frozenset[int]) -> Iterator[Fault]:
    """Sentences of which little is in the source, whatever the words are."""
    for number, (start, end) in enumerate(answer.sentences):
        clauses: list[Clause] = [one for one in answer.clauses if one.sentence == number]
        content = [word for one in clauses for word in one.words if _tells(word, measured)]
        if number in told or len(content) < LEAST_WORDS:
            continue
        share = sum(source.has(word) for word in content) / len(content)
        if share < LEAST_SHARE and not all(asked.has(word) for word in content):
            yield Fault(
                kind="unsupported", field="answer", start=start, end=end, what=answer.text[start:end], confidence=0.7
            )


def _tells(word: Word, measured: frozenset[int]) -> bool:
    """Whether the word has content of its own; units and number words are looked at as quantities."""
    return not word.free and len(word.folded) > 2 and word.start not in measured and word.folded not in units()


def _dimensions(answer: Told, source: Told) -> frozenset[int]:
    """Words for what the source measures: of 600 V it may be said that the voltage is 600 V."""
    known = {name for one in source.quantities for name, _ in one.units}
    words = {word for name in known for word in _NAMES_OF.get("money" if name in MONEY else name, "").split()}
    return frozenset(word.start for word in answer.words if word.folded in words)


def _measured(answer: Told) -> frozenset[int]:
    spans = [(one.start, one.end) for one in answer.quantities]
    spans += [(start, end) for start, end, _ in rates_in(answer.plain)]
    return frozenset(word.start for word in answer.words for start, end in spans if start <= word.start < end)
