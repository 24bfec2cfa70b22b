"""A balance in the manifest, and as a section of the dataset card with a picture beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from curation.balance.count import Balance, Dimension, Lengths, Topic, Use
from curation.balance.dominant import LEAST_PAIRS, dominants
from curation.balance.said import Section, said_of, sections

__all__ = ["PICTURE", "balance_section", "kept", "restored"]

PICTURE = "balance.svg"
MOST_ROWS = 10  # of a section in the card; the manifest has more
T = TypeVar("T")


def kept(balance: Balance) -> dict[str, Any]:
    """The balance as it is read back from JSON."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(balance)))
    return values


def restored(values: Mapping[str, Any]) -> Balance:
    """The balance that was kept."""
    return Balance(
        pairs=values["pairs"],
        unread=values["unread"],
        dimensions=tuple(_made(Dimension, one) for one in values["dimensions"]),
        topics=tuple(_topic(one) for one in values["topics"]),
        lengths=tuple(_made(Lengths, one) for one in values["lengths"]),
    )


def balance_section(values: Mapping[str, Any], inert: Callable[[str], str]) -> str:
    """What a reader of the card should know before using the data; `inert` makes names from sources mere text."""
    balance = restored(values)
    said = [said_of(one, inert) for one in dominants(balance)]
    lines = [f"- {sentence}.\n" for sentence in said]
    lines = lines or [f"Nothing dominates, as far as {LEAST_PAIRS} pairs or more show.\n"]
    unread = f" {balance.unread:,} pairs are in other languages." if balance.unread else ""
    about = (
        f"Counted in {balance.pairs:,} pairs. Words are counted in English and Spanish, by lists of whole words that "
        f"are part of tamiz; a share is that of the pairs in which one of them stands.{unread} These are facts about "
        "the texts, not faults.\n"
    )
    tables = "\n".join(_table(section, inert) for section in sections(balance) if section.of_words)
    spread = "\n".join(_spread(balance))
    return f"## Balance\n\n{about}\n{''.join(lines)}\n![Shares as bars]({PICTURE})\n\n{spread}\n\n{tables}"


def _spread(balance: Balance) -> Iterator[str]:
    yield "| spread over | pairs that have one | different | as even as | largest share |\n|---|---|---|---|---|"
    for one in balance.dimensions:
        if one.pairs:
            yield (
                f"| {one.name} | {one.pairs:,} of {balance.pairs:,} | {one.distinct:,} | {one.effective:,.1f} "
                f"| {one.top_share:.1%} |"
            )
    yield "\n| characters | least | a tenth up to | half up to | nine tenths up to | most |\n|---|---|---|---|---|---|"
    for size in balance.lengths:
        numbers = (size.least, size.tenth, size.median, size.ninetieth, size.most)
        yield f"| {size.field} | {' | '.join(f'{number:,}' for number in numbers)} |"


def _table(section: Section, inert: Callable[[str], str]) -> str:
    rows = [row for row in section.rows if row.pairs][:MOST_ROWS]
    lines = [
        f"| {section.title} | pairs | of {section.of:,} | questions | answers | such as |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.pairs:,} | {row.share:.1%} | {row.questions:,} | {row.answers:,} "
        f"| {inert(row.examples)} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _made(cls: type[T], values: Mapping[str, Any]) -> T:
    """What a later version may have added is left out."""
    names = [one.name for one in fields(cls)]  # type: ignore[arg-type]
    return cls(**{name: values[name] for name in names})


def _topic(values: Mapping[str, Any]) -> Topic:
    uses: Mapping[str, Mapping[str, Any]] = values["groups"]
    of_groups = {name: _made(Use, one) for name, one in uses.items()}
    return _made(Topic, {**values, "any": _made(Use, values["any"]), "groups": of_groups})
