"""What happens to a question and its answer when somebody posts them once more: small edits, each by name.

An edit takes both texts and gives both back; None where it has nothing to change. None of them changes what is
said: no number, code, name or negation is touched.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["EDITS", "Edited", "Words", "sentences"]

Words = Mapping[str, Any]  # the texts of one language, as in duplicate_words.toml
Edited = tuple[str, str] | None
Edit = Callable[[str, str, Words, random.Random], Edited]

_NEAR_KEYS = {"a": "s", "e": "r", "i": "o", "o": "p", "s": "d", "r": "t", "n": "m", "t": "y", "l": "k", "c": "v"}
_WORD = re.compile(r"[a-záéíóúñü]{5,}")
_LINK = "https://help.example.org/"


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def case_and_punctuation(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    way = rng.randrange(5)
    if way == 0:
        return question.lower(), answer
    if way == 1:
        return question.upper(), answer
    if way == 2:
        return question.strip("¿?").replace(",", "") + "???", answer.replace(";", ",")
    if way == 3:
        return question.title(), answer.rstrip(".") + "!"
    return question.replace("¿", "").rstrip("?."), answer.lower().replace(",", "")


def spacing(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    way = rng.randrange(4)
    if way == 0:
        return question.replace(" ", "  "), "\n".join(sentences(answer))
    if way == 1:
        return f"\u00a0{question} ", answer.replace(" ", "\u00a0", 3)
    if way == 2:
        return f"{question}\n", "\n\n".join(sentences(answer)) + "\n"
    return question.replace(" ", "\t", 1), answer.replace(". ", " .  ")


def accents_lost(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    plain = [
        "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
        for text in (question, answer)
    ]
    if plain == [question, answer]:
        plain = [text.replace("'", "’") for text in plain]  # English has few accents, but curly apostrophes
    return None if plain == [question, answer] else (plain[0], plain[1])


def typos(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    whole = f"{question}\0{answer}"
    for _ in range(rng.randint(1, 3)):
        found = list(_WORD.finditer(whole))
        word = found[int(rng.random() * len(found))]
        place = rng.randrange(word.start() + 1, word.end() - 1)
        whole = whole[:place] + _slip(whole[place : place + 2], rng) + whole[place + 2 :]
    first, _, second = whole.partition("\0")
    return None if (first, second) == (question, answer) else (first, second)


def _slip(two: str, rng: random.Random) -> str:
    """Two letters as a quick finger types them: swapped, one lost, one doubled, or the key beside it."""
    way = rng.randrange(4)
    if way == 0 and two[0] != two[1]:
        return two[1] + two[0]
    if way == 1:
        return two[1]
    if way == 2:
        return two[0] + two
    return _NEAR_KEYS.get(two[0], two[0] + two[0]) + two[1]


def greeting(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """A greeting before the question, thanks after it, or both."""
    way = rng.randrange(5)
    if way in (0, 1, 4):
        question = rng.choice(words["greetings"]) + question[0].lower() + question[1:]
    if way in (2, 3, 4):
        question += rng.choice(words["thanks"])
    return question, answer


def signature(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    way = rng.randrange(3)
    if way != 1:
        answer = rng.choice(words["answer_greetings"]) + answer
    if way != 0:
        answer += rng.choice(words["answer_thanks"])
    return question, answer


def word_order(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """The clause that says when or where moves to the front of the question, or two sentences change places."""
    clause = next((c for c in words["conditions"] if f" {c}" in question), "")
    if clause and rng.random() < 0.5:
        rest = re.sub(r"^¿", "", question.replace(f" {clause}", "", 1))
        return f"{clause[0].upper()}{clause[1:]}, {rest[0].lower()}{rest[1:]}", answer
    parts = sentences(answer)
    if len(parts) < 2:
        return None
    place = rng.randrange(len(parts) - 1)
    parts[place], parts[place + 1] = parts[place + 1], parts[place]
    return question, " ".join(parts)


def synonym(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """One or two words replaced by others that say the same."""
    two, changed = [question, answer], 0
    for entry in rng.sample(words["synonyms"], len(words["synonyms"])):
        one, other = entry.split("|")
        for place, text in enumerate(two):
            new = re.sub(rf"\b{one}\b", other, text, count=1)
            new = new if new != text else re.sub(rf"\b{one.title()}\b", other.title(), text, count=1)
            if new != text and changed < 2:
                two[place], changed = new, changed + 1
                break
    return (two[0], two[1]) if changed else None


def appended(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    return question, f"{answer} {rng.choice(words['appended'])}"


def cut(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """The last sentence of the answer is missing, where the rest still answers."""
    parts = sentences(answer)
    return (question, " ".join(parts[:-1])) if len(parts) >= 3 else None


def markdown(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """Marks of a forum's or a page's source that were left in the text."""
    way = rng.randrange(6)
    parts = sentences(answer)
    if way == 0:
        return f"### {question}", answer
    if way == 1:
        return f"**{question}**", re.sub(r"(?<=[a-z,] )([A-ZÁÉÍÓÚ]\w+)", r"**\1**", answer)
    if way == 2:
        return question, "\n".join(f"- {part}" for part in parts)
    if way == 3:
        return question, re.sub(r"(?<=[a-z,] )([A-ZÁÉÍÓÚ]\w+)", r"`\1`", answer) + "\n\n---"
    if way == 4:
        return question, "> " + "\n> ".join(parts)
    return question, re.sub(r"(?<=[a-z,] )([A-ZÁÉÍÓÚ]\w+)", rf"[\1]({_LINK})", answer, count=1)


def numbering(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    parts = sentences(answer)
    if len(parts) < 2:
        return None
    mark = rng.choice(("{}. ", "{}) ", "{}.- "))
    return question, "\n".join(mark.format(number) + part for number, part in enumerate(parts, 1))


def title_marks(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    """What a site puts around a thread's title."""
    return rng.choice(("Re: {}", "{} | FAQ", "{} [SOLVED]", "FAQ: {}", "{} - Help")).format(question), answer


def two_edits(question: str, answer: str, words: Words, rng: random.Random) -> Edited:
    one, other = rng.sample((case_and_punctuation, accents_lost, typos, greeting, signature, appended, markdown), 2)
    for edit in (one, other):
        question, answer = edit(question, answer, words, rng) or (question, answer)
    return question, answer


EDITS: Sequence[tuple[Edit, int]] = (  # with how many of a hundred copies are of that kind
    (case_and_punctuation, 12),
    (spacing, 7),
    (accents_lost, 6),
    (typos, 15),
    (greeting, 10),
    (signature, 8),
    (word_order, 5),
    (synonym, 5),
    (appended, 7),
    (cut, 5),
    (markdown, 7),
    (numbering, 4),
    (title_marks, 3),
    (two_edits, 6),
)
