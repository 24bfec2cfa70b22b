"""The words of words.toml in texts: whole words only, and not in code, addresses and the like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["LANGUAGES", "TOPICS", "Found", "groups", "terms_in"]

Found = dict[tuple[str, str], set[str]]  # (topic, group) -> what of it a text has

LANGUAGES = ("en", "es")
TOPICS = ("region", "treatment", "register", "tone", "gender")
UNLESS_OTHER = "treatment_unless_other"
ADDRESSING = ("tu", "usted", "vos")  # to one reader: two of them in one text do not go together
SHORT = 4  # letters: WORDS in capitals up to here are taken for abbreviations
EXCLAMATION = "!"

# What is read by machines and not by people; as long as it was, so that words on its two sides stay apart.
_UNREAD = re.compile(r"```.*?```|`[^`\n]+`|https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+", re.DOTALL)
_TOKEN = re.compile(r"\w+(?:'\w+)*|[/@]|[.:;!?¡¿\n•]")
_ENDS = frozenset(".:;!?¡¿\n•")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Words in a row that belong to groups of one topic."""

    term: str
    words: tuple[str, ...]
    topic: str
    groups: tuple[str, ...]

    def stands_at(self, tokens: list[str], place: int) -> bool:
        there = tokens[place : place + len(self.words)]
        return len(there) == len(self.words) and all(map(_is_word, self.words, there))


def groups(topic: str, lang: str) -> tuple[str, ...]:
    """The groups of a topic, in the order in which they are told."""
    listed = tuple(_lists().get(topic, {}).get(lang, {}))
    more = {"tone": ("exclamation", "imperative"), "treatment": ("mixed",) if listed else ()}
    return listed + more.get(topic, ())


def terms_in(text: str, lang: str) -> Found:
    """What of each group this text has; nothing in a language that has no lists.

    >>> sorted(terms_in("Usted puede llamar a un usuario.", "es"))
    [('gender', 'masculine'), ('register', 'formal'), ('treatment', 'usted')]
    """
    if lang not in LANGUAGES:
        return {}
    tokens = _TOKEN.findall(_UNREAD.sub(" . ", text).replace("\u2019", "'"))
    found: Found = {}
    for topic, group, term in _matches(tokens, lang):
        found.setdefault((topic, group), set()).add(term)
    if EXCLAMATION in tokens:
        found["tone", "exclamation"] = {EXCLAMATION}
    if orders := set(_imperatives(tokens, lang)):
        found["tone", "imperative"] = orders
    return _addressed(found)


def _matches(tokens: list[str], lang: str) -> Iterator[tuple[str, str, str]]:
    """(topic, group, term), where the longest entry of a topic counts at each place."""
    index = _index(lang)
    free: dict[str, int] = {}
    for place, token in enumerate(tokens):
        for entry in index.get(token.casefold(), ()):
            if place >= free.get(entry.topic, 0) and entry.stands_at(tokens, place):
                free[entry.topic] = place + len(entry.words)
                for group in entry.groups:
                    yield entry.topic, group, entry.term


def _addressed(found: Found) -> Found:
    """With what says tú only where nothing says otherwise, and with texts that mix what does not go together."""
    doubtful = [(group, found.pop((topic, group))) for topic, group in list(found) if topic == UNLESS_OTHER]
    others = {group for topic, group in found if topic == "treatment"}
    for group, terms in doubtful:
        if not others & {"vos", "vosotros"}:
            found.setdefault(("treatment", group), set()).update(terms)
    used = [group for group in ADDRESSING if ("treatment", group) in found]
    if len(used) > 1:
        found["treatment", "mixed"] = {" + ".join(used)}
    return found


def _imperatives(tokens: list[str], lang: str) -> Iterator[str]:
    words = _imperative_words(lang)
    for place, token in enumerate(tokens):
        if (place == 0 or tokens[place - 1] in _ENDS) and token.casefold() in words:
            yield token.casefold()


def _is_word(entry: str, token: str) -> bool:
    if entry != entry.lower():
        return token == entry
    return token.casefold() == entry and not (token.isupper() and 1 < len(token) <= SHORT)


@cache
def _lists() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


@cache
def _imperative_words(lang: str) -> frozenset[str]:
    words: Iterable[str] = _lists()["imperative"][lang]
    return frozenset(words)


@cache
def _index(lang: str) -> Mapping[str, tuple[_Entry, ...]]:
    """The entries by their first word, the longer ones first."""
    belong: dict[tuple[str, str], list[str]] = {}
    for topic in (*TOPICS, UNLESS_OTHER):
        for group, terms in _lists().get(topic, {}).get(lang, {}).items():
            for term in terms:
                belong.setdefault((topic, term), []).append(group)
    index: dict[str, list[_Entry]] = {}
    for (topic, term), of in belong.items():
        words = tuple(_TOKEN.findall(term))
        index.setdefault(words[0].casefold(), []).append(_Entry(term, words, topic, tuple(of)))
    return {word: tuple(sorted(entries, key=lambda one: -len(one.words))) for word, entries in index.items()}
