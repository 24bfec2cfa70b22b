"""Question/answer pairs of a support site that never was, with planted copies and their labels.

    python benchmarks/duplicate_corpus.py [--size 3000] [--seed 1] > pairs.jsonl

Four of five pairs are originals, no two of which are the same, one of five is a copy of an original with a small
edit (duplicate_edits.py). Spanish and English in equal parts, in an order that mixes everything. Any pair can be
written by itself from its number and the seed, so a corpus of any size streams.

Among the originals are those that a deduplicator removes by mistake, in groups:
  numbered        one question and answer for many models, codes, versions, ports
  named           the same for products, colours, cities, systems, months
  opposites       activate and deactivate, prepaid and postpaid, with and without
  qualified       one of the two says a word more: the account, the company account
  contradictions  the same question, and an answer that says otherwise: 24 hours, 48 hours
  boilerplate     different questions that got one and the same answer
  hot             one question with many different answers
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from duplicate_edits import EDITS, Words

__all__ = ["HARD", "LANGUAGES", "TEMPLATES", "LabelledPair", "labelled_pairs", "spread", "words_of"]

LANGUAGES = ("en", "es")
# Originals of each kind in a thousand; plain are the rest.
HARD = {
    "boilerplate": 75,
    "hot": 35,
    "numbered": 50,
    "named": 40,
    "opposites": 20,
    "contradictions": 20,
    "qualified": 5,
}
TEMPLATES = ("numbered", "named", "opposites", "qualified")  # where question and answer are alike
SIBLINGS = {"numbered": 10, "named": 5, "opposites": 2, "contradictions": 2, "qualified": 2}
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXZ"
_EDITS = tuple(edit for edit, _ in EDITS)
_SHARES = tuple(share for _, share in EDITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """A pair with what is true of it.

    `id` is its place in the corpus. Pairs with the same `origin` are copies of each other; the original's kind is
    plain or one of HARD, a copy's kind is the name of its edit. Pairs of one `family` are the ones that look like
    each other and are not the same ("" for plain ones).
    """

    id: str
    question: str
    answer: str
    lang: str
    kind: str
    origin: int
    copy: bool
    family: str


@functools.cache
def words_of(lang: str) -> Words:
    words: Words = tomllib.loads(Path(__file__).with_name("duplicate_words.toml").read_text("utf-8"))[lang]
    return words


def spread(number: int, total: int, seed: int) -> int:
    """A place for each number below `total`, another for each, in an order that looks like none."""
    step = int(total * 0.6180339887) | 1
    while math.gcd(step, total) != 1:
        step += 2
    return (number * step + seed * 7919) % total


def labelled_pairs(size: int = 200_000, seed: int = 1) -> Iterator[LabelledPair]:
    """The corpus, pair by pair; the same for the same size and seed."""
    if not 20 <= size <= 2_000_000:
        raise ValueError(f"a corpus of {size} pairs; give 20 to 2,000,000, for which there are questions enough")
    originals = size - size // 5
    rng = random.Random()
    for place in range(size):
        item = spread(place, size, seed)
        if item < originals:
            lang, kind, family, question, answer = _original(item, originals, seed, rng)
            origin = item
        else:
            origin, kind, lang, family, question, answer = _copy(item, originals, seed, rng)
        yield LabelledPair(
            id=f"{place:07d}", question=question, answer=answer, lang=lang, kind=kind, origin=origin,
            copy=item >= originals, family=family,
        )  # fmt: skip


def _copy(item: int, originals: int, seed: int, rng: random.Random) -> tuple[int, str, str, str, str, str]:
    rng.seed(seed << 40 | item)
    # some questions are posted again and again
    origin = spread(rng.randrange(max(1, originals // 50)), originals, seed) if rng.random() < 0.3 else -1
    origin = rng.randrange(originals) if origin < 0 else origin
    lang, _, family, question, answer = _original(origin, originals, seed, rng)
    rng.seed(seed << 40 | item)
    words = words_of(lang)
    while True:
        edit = rng.choices(_EDITS, _SHARES)[0]
        edited = edit(question, answer, words, rng)
        if edited and edited != (question, answer):
            return origin, edit.__name__, lang, family, *edited


def _original(item: int, originals: int, seed: int, rng: random.Random) -> tuple[str, str, str, str, str]:
    """Language, kind, family, question and answer of the original with this number."""
    rng.seed(seed << 40 | item)
    start = 0
    for kind, share in HARD.items():
        end = start + originals * share // 1000
        if item < end:
            return _hard(kind, item - start, seed, rng)
        start = end
    number = item - start
    lang = LANGUAGES[number % 2]
    question, thing = _question(words_of(lang), number // 2, seed, rng)
    return lang, "plain", "", question, _answer(words_of(lang), thing, rng)


def _hard(kind: str, number: int, seed: int, rng: random.Random) -> tuple[str, str, str, str, str]:
    lang = LANGUAGES[number // SIBLINGS.get(kind, 1) % 2]
    words = words_of(lang)
    if kind == "boilerplate":
        question, _ = _question(words, number // 2, seed, rng, template=False)
        which = rng.randrange(len(words["boilerplate"]))
        return lang, kind, f"{lang} {kind} {which}", question, words["boilerplate"][which]
    if kind == "hot":
        which = rng.randrange(len(words["hot"]))
        thing = _pick(_pick(list(words["domains"].values()), rng)["things"], rng)
        return lang, kind, f"{lang} {kind} {which}", words["hot"][which], _answer(words, thing, rng, least=4)
    group, sibling = divmod(number, SIBLINGS[kind])
    rng.seed(seed << 40 | 1 << 39 | group)
    return lang, kind, f"{lang} {kind} {group}", *_sibling(kind, words, group // 2, sibling, seed, rng)


def _sibling(kind: str, words: Words, group: int, sibling: int, seed: int, rng: random.Random) -> tuple[str, str]:
    """One of a group of pairs that differ in a word; no two groups ask the same."""
    templates = words["hard"][kind]
    domains = list(words["domains"].values())
    sizes = (len(templates), len(domains), 10, len(words["conditions"]))
    which, domain, thing, condition = _digits(spread(group, math.prod(sizes), seed), sizes)
    question, answer, *pools = templates[which]
    slots = {"t": domains[domain]["things"][thing], "c": words["conditions"][condition]}
    slots |= {"menu": _pick(words["menus"], rng), "button": _pick(words["buttons"], rng)}
    if pools:
        value = _pick(pools[0].split("|"), rng).split("/")[sibling]
        slots |= dict.fromkeys(("verb", "x", "extra"), value)
    for name, values in words["names"].items():
        if f"{{{name}}}" in question:
            slots[name] = rng.sample(values, min(len(values), SIBLINGS["named"]))[sibling]
    if kind == "numbered":
        slots |= _codes(sibling, rng)
    return _tidy(question.format_map(slots)), _tidy(answer.format_map(slots))


def _codes(sibling: int, rng: random.Random) -> dict[str, str]:
    """Codes of every kind for one of ten siblings: in some groups far apart, in others a digit."""
    base, step = rng.randrange(1000, 8000), rng.choice((1, 1, 10, 100, 137))
    letters = rng.choice(_LETTERS) + rng.choice(_LETTERS)
    number = base + step * sibling
    return {
        "model": rng.choice((f"{letters}-{number}", f"{letters[0]}{number}", f"{letters[0]}-{number}")),
        "error": rng.choice((f"0x8007{number:04x}", f"E-{number}", f"{number}")),
        "version": rng.choice((f"{number // 1000}.{number % 1000}", f"{number // 100}.{number % 100}")),
        "plan": rng.choice((f"{letters}{number}", f"{letters[0]} {number % 1000}")),
        "port": str(number),
    }


def _question(words: Words, number: int, seed: int, rng: random.Random, *, template: bool = True) -> tuple[str, str]:
    """A question and the thing it is about; another one for each number.

    Without `template` no two of them ask about the same in other words either.
    """
    domains = list(words["domains"].values())
    how, why = words["how"], words["why"]
    ways = len(how) * 10 + len(why) * 8 if template else 18
    sizes = (len(words["conditions"]), ways, 10, len(domains))
    condition, way, thing, domain = _digits(spread(number, math.prod(sizes), seed), sizes)
    domain_words = domains[domain]
    about, when = domain_words["things"][thing], words["conditions"][condition]
    if template:
        is_how = way < len(how) * 10
        index = way // len(how) if is_how else (way - len(how) * 10) // len(why)
        shape = how[way % len(how)] if is_how else why[(way - len(how) * 10) % len(why)]
    else:
        is_how = way < 10
        index = way if is_how else way - 10
        shape = _pick(how if is_how else why, rng)
    clause = domain_words["actions" if is_how else "faults"][index].format(t=about)
    return _tidy(shape.format(a=clause, f=clause, F=clause[0].upper() + clause[1:], c=when)), about


def _answer(words: Words, thing: str, rng: random.Random, least: int = 2) -> str:
    """60 to 400 characters that sound like an answer."""
    chance = rng.random
    parts = [_pick(words["openers"], rng)] if chance() < 0.3 else []
    parts += [_pick(words["steps"], rng) for _ in range(1 + (chance() < 0.2))]
    parts += [_remark(words, rng) for _ in range(int(chance() * 4))]
    parts += [_pick(words["facts"], rng)] if chance() < 0.3 else []
    parts += [_pick(words["closings"], rng)] if chance() < 0.3 else []
    while len(parts) < least:
        parts.append(_remark(words, rng))
    told = [
        part if "{" not in part else part.format(
            t=thing, menu=_pick(words["menus"], rng), button=_pick(words["buttons"], rng),
            hours=12 * (1 + int(chance() * 8)), days=2 + int(chance() * 40), money=1 + int(chance() * 60),
            few=2 + int(chance() * 9),
        )
        for part in dict.fromkeys(parts)
    ]  # fmt: skip
    while len(told) > 2 and sum(map(len, told)) > 390:
        told.pop()
    return _tidy(("\n" if chance() < 0.1 else " ").join(told))


def _remark(words: Words, rng: random.Random) -> str:
    """One of some million sentences that somebody may add, so that answers differ nearly as much as real ones do."""
    who, does, when = (_pick(words[part], rng) for part in ("who", "does", "when"))
    if rng.random() < 0.2:
        return f"{who} {does} {_pick(words['what'], rng)} {when}."
    noun, adjective = _pick(words["nouns"], rng), _pick(words["adjectives"], rng)
    return f"{who} {does} {f'the {adjective} {noun}' if words is words_of('en') else f'{noun} {adjective}'} {when}."


def _digits(number: int, sizes: Sequence[int]) -> list[int]:
    digits = []
    for size in sizes:
        number, digit = divmod(number, size)
        digits.append(digit)
    return digits


def _pick(values: Sequence[Any], rng: random.Random) -> Any:
    return values[int(rng.random() * len(values))]


def _tidy(text: str) -> str:
    """Spanish contracts de + el and a + el."""
    text = text.replace(" de el ", " del ").replace(" a el ", " al ")
    return text[0].upper() + text[1:] if text[0] != "¿" else f"¿{text[1].upper()}{text[2:]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for pair in labelled_pairs(given.size, given.seed):
        print(json.dumps(asdict(pair), ensure_ascii=False))


if __name__ == "__main__":
    main()
