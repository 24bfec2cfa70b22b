"""Answers that say nothing by themselves: every sentence of them thanks, points elsewhere, agrees or asks back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from curation.quality.expected import DOUBTED, may_be_asked_for
from curation.quality.reading import Reading, Seen, Sentence, Text

__all__ = ["answers_nothing", "class_of", "furniture"]

MOST_WORDS = 30  # of a sentence that says nothing
_GREETINGS_WORDS = """
hola hi hello hey buenas buenos dias tardes noches saludos saludo cordial regards dear estimado estimada
"""
GREETINGS = frozenset(_GREETINGS_WORDS.split())

_URL = re.compile(r"(?:https?://|www\.)\S+")
_LINKED = re.compile(r"\[[^\]\n]{0,300}\]\((https?://[^)\s]{1,2000})\)")
_TO_DO = re.compile(r"\W*(?:TODO|TBD|FIXME|XXX)\b")  # in capitals: "todo" is a Spanish word
_AGREES = re.compile(r"\s*(?:\+\s?1+|\^+(?: ?this| ?esto)?|up+|bump|this|esto|idem|ditto)[\s.!]*")
_ASKS_FOR_A_PLACE = re.compile(
    r"\b(?:url|enlace|link|direccion web|pagina web|website|web ?site|sitio|pagina de|page)\b"
)
_ASKS_WHERE = re.compile(r"\W*(?:(?:hola|hi|hello|buenas)\W+)?(?:(?:de|desde|a|por) )?(?:donde|where)\b")
NEAR_CERTAIN = 0.95
_ASKING_WORDS = """
which what what's how have has did do does is are was were can could would will when where why who should any don't
didn't isn't que cual cuales habeis puedes podeis podrias podria cuando donde como cuanto cuantos quien tienes teneis
te sigues usas
"""
_ASKING = frozenset(_ASKING_WORDS.split())
_NAMES_OF_A_QUESTION_WORDS = """
question q pregunta p re rv fw fwd asunto subject title titulo
"""
_NAMES_OF_A_QUESTION = frozenset(_NAMES_OF_A_QUESTION_WORDS.split())
_QUOTES = re.compile(r"\"[^\"\n]*\"|«[^»\n]*»|“[^”\n]*”|'[^'\n]*'")


class Class(NamedTuple):
    core: re.Pattern[str]
    words: frozenset[str]


@cache
def _classes() -> dict[str, Class]:
    read = tomllib.loads((files("curation.quality") / "phrases.toml").read_text(encoding="utf-8"))
    filler = frozenset(read.pop("filler").split())
    made = {}
    for name, values in read.items():
        core = sorted(values["core"], key=len, reverse=True)
        words = {word for phrase in core for word in phrase.split()}
        pattern = re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, core))})(?!\S)")
        made[name] = Class(pattern, filler | words | frozenset(values["also"].split()))
    return made


_NAMES = ("thanks", "above", "me_too", "ignorance", "removed", "placeholder")


def class_of(sentence: Sentence, names: tuple[str, ...] = _NAMES) -> str:
    """Which of these classes the sentence belongs to by all of its words, or "". One name in it may be unknown."""
    words = sentence.words
    if not words or len(words) > MOST_WORDS:
        return ""
    line = ""
    for name in names:
        core, known = _classes()[name]
        strange = [word for word in words if word not in known]
        if len(strange) > 1 or (strange and not _is_name(sentence, strange[0])):
            continue
        line = line or " ".join(words)
        if core.search(line):
            return name
    return ""


def _is_name(sentence: Sentence, word: str) -> bool:
    place = sentence.folded.rfind(word)
    return place > 0 and sentence.text[place].isupper() and not any(sign.isdigit() for sign in sentence.text)


def furniture(text: Text) -> Iterator[Seen]:
    """Boilerplate: sentences that are about the page or site itself, whatever the question was."""
    for sentence in text.sentences:
        if len(sentence.words) >= 3 and class_of(sentence, ("furniture",)):
            note = "the page speaks of itself: cookies, newsletter, rights or signing in"
            yield Seen("boilerplate", "answer", sentence.start, sentence.end, 0.85, note)


def answers_nothing(reading: Reading) -> Iterator[Seen]:
    """At most one of link_only, question_repeated, see_above, asks_back, thanks_only and not_an_answer."""
    answer = reading.answer
    end = len(answer.text)
    if _is_link(reading):
        sure = DOUBTED if may_be_asked_for(reading, "link_only") else 0.95
        yield Seen("link_only", "answer", 0, end, sure, "nothing but an address, and words that point to it")
    elif _repeats(reading):
        yield Seen("question_repeated", "answer", 0, end, 0.97, "the answer is the question again")
    elif seen := _without_content(answer):
        kind, sure, note = seen
        if sure >= NEAR_CERTAIN and may_be_asked_for(reading, kind):
            sure, note = DOUBTED, f"{note}; the question may ask for just that"
        yield Seen(kind, "answer", 0, end, sure, note)


def _is_link(reading: Reading) -> bool:
    pair, answer = reading.pair, reading.answer
    if len(answer.text) > 600:
        return False
    text = answer.text
    linked = _LINKED.sub(r" \1 ", pair.answer_markdown) if "](" in pair.answer_markdown[:600] else ""
    return any(_is_links(one) for one in (text, linked) if one and len(one) < 3000) and not (
        (_ASKS_FOR_A_PLACE.search(reading.question.folded) or _ASKS_WHERE.match(reading.question.folded))
        and _is_links(text)
    )


def _is_links(text: str) -> bool:
    if not _URL.search(text):
        return False
    rest = Text(_URL.sub(" ", text))
    return all(
        not sentence.words or class_of(sentence, ("pointer", "thanks")) or set(sentence.words) <= GREETINGS
        for sentence in rest.sentences
    )


def _repeats(reading: Reading) -> bool:
    """Whether both say the same words, but for a greeting."""
    if len(reading.answer.text) > 2 * len(reading.question.text) + 40:
        return False
    asked, told = (_bare(text) for text in (reading.question, reading.answer))
    return bool(asked) and asked == told


def _bare(text: Text) -> list[str]:
    words = [word for sentence in text.sentences for word in re.findall(r"\w+", sentence.folded)]
    while words and words[0] in GREETINGS | _NAMES_OF_A_QUESTION:
        words.pop(0)
    while words and words[-1] in GREETINGS:
        words.pop()
    return words


_TOLD = {
    "removed": ("not_an_answer", 0.97, "a notice that the message was taken away"),
    "placeholder": ("not_an_answer", 0.95, "a text that keeps the place of an answer"),
    "ignorance": ("not_an_answer", 0.95, "it says that it does not know"),
    "above": ("see_above", 0.95, "it points to another message"),
    "me_too": ("see_above", 0.95, "it says that somebody else has the problem too"),
    "thanks": ("thanks_only", 0.97, "thanks, or says that it is solved, and nothing else"),
}


def _without_content(answer: Text) -> tuple[str, float, str] | None:
    if _AGREES.fullmatch(answer.folded):
        return "see_above", 0.97, "it agrees with another message"
    if len(answer.text) < 200 and _TO_DO.match(answer.text):
        return _TOLD["placeholder"]
    classes: set[str] = set()
    for sentence in answer.sentences:
        if not sentence.words:
            if any(sign.isdigit() for sign in sentence.text):
                return None
            continue
        if set(sentence.words) <= GREETINGS:
            classes.add("greeting")
            continue
        asks = _asks(sentence)
        name = class_of(sentence, ("me_too",) if asks else _NAMES) or ("question" if asks else _pleased(sentence))
        if not name or (any(sign.isdigit() for sign in sentence.text) and name != "question"):
            return None
        classes.add(name)
    if "question" in classes:
        if classes & {"removed", "placeholder", "ignorance"}:
            return None
        return "asks_back", 0.9, "it asks, and answers nothing"
    return next((told for name, told in _TOLD.items() if name in classes), None)


def _pleased(sentence: Sentence) -> str:
    """ "greeting" where every word is one of thanking ("It works now."), which says nothing beside thanks."""
    known = _classes()["thanks"].words
    return "greeting" if len(sentence.words) <= MOST_WORDS and all(word in known for word in sentence.words) else ""


def _asks(sentence: Sentence) -> bool:
    """Whether the sentence is a question from its beginning, and no order that quotes one at its end."""
    folded = _QUOTES.sub("", sentence.folded).rstrip(" )\"'»”")
    if not folded.endswith("?") or len(sentence.words) < 2:
        return False
    if "¿" in folded:
        return set(re.findall(r"\w+", folded.partition("¿")[0])) <= GREETINGS | {
            "y",
            "pero",
            "ok",
            "a",
            "ver",
            "perdon",
        }
    words = [word for word in sentence.words if word not in GREETINGS]
    return bool(_ASKING.intersection(words[:2]))
