"""A balance in English words and rows, for whatever shows it. Names from sources are given as they are: whoever
shows them has to make them inert."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from curation.balance.count import Balance, Dimension, Topic
from curation.balance.dominant import LEAST_PAIRS, Dominant, dominants
from tamiz.wording import plural

__all__ = ["Row", "Section", "balance_lines", "one_line", "said_of", "sections"]

LONGEST = 60  # characters of a name in a line
MOST_ROWS = 8  # of a section in the terminal
TITLES = {
    "source": "Sources",
    "label": "Labels",
    "language": "Languages",
    "kind": "Kinds",
    "author": "Authors of the answers",
    "region": "Regional words",
    "treatment": "How the reader is spoken to",
    "register": "Formal and informal",
    "tone": "Tone",
    "gender": "Gendered words",
}
NAMES = {
    "ES": "Spain",
    "MX": "Mexico",
    "AR": "Argentina (and who else says vos)",
    "CO": "Colombia",
    "CL": "Chile",
    "PE": "Peru",
    "americas": "Spanish America",
    "US": "US",
    "UK": "UK",
    "tu": "tú",
    "mixed": "two of tú, usted, vos in one text",
    "apology": "apologies",
    "exclamation": "exclamation marks",
    "imperative": "imperatives that begin a sentence",
    "both": "both or neither",
}
# What is said of what dominates; the names of dimensions come from sources.
SAID = {
    "source": "One source gives {share:.0%} of the pairs: {name}",
    "label": "One label has {share:.0%} of the labelled pairs: {name}",
    "language": "{share:.0%} of the pairs are in one language: {name}",
    "kind": "{share:.0%} of the pairs are of one kind: {name}",
    "author": "One author wrote {share:.0%} of the answers whose author is known",
    "region": "Of the pairs with regional words ({language}) {share:.0%} have words of {name}",
    "treatment": "Of the answers that speak to the reader ({language}) {share:.0%} say {name}",
    "gender": "Of the pairs with gendered words ({language}) {share:.0%} have {name} ones",
    "mixed": "Of the answers that speak to the reader ({language}) {share:.0%} mix tú, usted or vos in one text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value or group. `questions` and `answers` are counted for words only; `examples` are ours, and safe."""

    name: str
    pairs: int
    share: float
    questions: int = 0
    answers: int = 0
    examples: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A dimension or a topic of one language. Every share is of `of` pairs, as `note` says."""

    name: str
    title: str
    note: str
    of: int
    of_words: bool
    rows: tuple[Row, ...]


def said_of(one: Dominant, shown: Callable[[str], str] = str) -> str:
    """What dominates as a sentence; `shown` makes the name fit to stand there."""
    name = NAMES.get(one.name, one.name) if one.language else shown(one.name)
    text = SAID["mixed" if one.name == "mixed" and one.language else one.topic]
    sentence = text.format(share=one.share, name=name, language=one.language)
    return f"{sentence} ({one.pairs:,} of {one.of:,}; told from {one.limit:.0%} on)"


def sections(balance: Balance) -> tuple[Section, ...]:
    """All that was counted and is there, in rows."""
    found = [_of_dimension(dimension) for dimension in balance.dimensions if dimension.pairs]
    found += [_of_topic(topic) for topic in balance.topics if topic.any.pairs]
    return tuple(found)


def _of_dimension(dimension: Dimension) -> Section:
    without = f"; {dimension.without:,} pairs have none" if dimension.without else ""
    note = (
        f"Of {dimension.pairs:,} pairs, {dimension.distinct:,} different: as even as {dimension.effective:,.1f} of the "
        f"same size would be (entropy {dimension.entropy:.2f} bits){without}."
    )
    rows = tuple(Row(name=name, pairs=n, share=n / dimension.pairs) for name, n in dimension.values.items())
    return _section(dimension.name, TITLES[dimension.name], note, dimension.pairs, rows, of_words=False)


def _of_topic(topic: Topic) -> Section:
    note = (
        f"Of {topic.pairs:,} pairs in {topic.language}, {topic.any.pairs:,} have words of this. A pair may be in "
        "several rows."
    )
    rows = tuple(
        Row(
            name=NAMES.get(name, name),
            pairs=use.pairs,
            share=use.pairs / topic.pairs,
            questions=use.questions,
            answers=use.answers,
            examples=", ".join(f"{term} ({n:,})" for term, n in use.examples.items()),
        )
        for name, use in topic.groups.items()
    )
    title = f"{TITLES[topic.name]} ({topic.language})"
    return _section(f"{topic.name}-{topic.language}", title, note, topic.pairs, rows, of_words=True)


def _section(name: str, title: str, note: str, of: int, rows: tuple[Row, ...], *, of_words: bool) -> Section:
    return Section(name=name, title=title, note=note, of=of, of_words=of_words, rows=rows)


def one_line(text: str) -> str:
    """A name from a source as one short line without controls, for a terminal or a picture.

    >>> one_line("\\x1b[31mred\\u202e\\n")
    '[31mred'
    """
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    line = " ".join(seen.split()) or "(none)"
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def balance_lines(title: str, balance: Balance) -> Iterator[str]:
    """The balance as lines of a terminal."""
    yield f"{title}: {plural(balance.pairs, 'pair')}"
    if balance.unread:
        yield f"  {balance.unread:,} of them are in languages for which there are no words"
    for section in sections(balance):
        yield f"\n  {section.title}. {section.note}"
        for row in section.rows[:MOST_ROWS]:
            fields = f"  questions {row.questions:,}, answers {row.answers:,}" if section.of_words else ""
            examples = f"  {row.examples}" if row.examples else ""
            yield f"  {row.pairs:>8,}  {row.share:>6.1%}  {one_line(row.name)}{fields}{examples}"
        if len(section.rows) > MOST_ROWS:
            yield f"  {'':>8}  and {len(section.rows) - MOST_ROWS:,} more, see --json"
    if balance.lengths:
        yield "\n  Lengths in characters"
    for one in balance.lengths:
        yield (
            f"    {one.field}: {one.least:,} to {one.most:,}, median {one.median:,}, mean {one.mean:,.1f}; "
            f"nine of ten from {one.tenth:,} on, nine of ten up to {one.ninetieth:,}"
        )
    if balance.pairs:
        yield "\n  What dominates"
        said = [said_of(one, one_line) for one in dominants(balance)]
        yield from (f"    {sentence}" for sentence in said or [f"nothing that {LEAST_PAIRS} pairs or more would show"])
