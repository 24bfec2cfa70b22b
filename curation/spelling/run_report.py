"""What a run did to spelling: changes by word, what is protected, what waits for people, and which engines said so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from curation.edits import usable
from curation.rules import matching
from curation.spelling.words import MOST
from tamiz.files import write_whole
from tamiz.records import Finding
from tamiz.settings import RuleSettings, SpellingSettings
from tamiz.store import Event, Store
from tamiz.worddecisions import WordCount, edits_since, standing_words, word_counts

__all__ = ["ChangedWord", "SpellingReport", "WaitingWord", "report_lines", "spelling_report", "write_report"]

SLICE = 500
SHOWN = 8  # words of each list in the terminal
LISTED = 200  # in the readable file


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedWord:
    """A change that was made, in how many places, by which rule or person."""

    lang: str
    before: str
    after: str
    kind: str
    times: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWord:
    """A word type that waits for people, in how many pairs and places."""

    lang: str
    before: str
    after: str | None
    kind: str
    pairs: int
    times: int
    confidence: float
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellingReport:
    """One run. `waiting_share` is the part of the proposals, made or waiting, that is left to people, 0 to 1.

    `terms` are words that no dictionary has, that several texts use and that nobody doubts, with the number of texts:
    the first ones of `terms_found`. `unchecked` counts the pairs whose language no engine here checks, by language
    ("und": it could not be told). `protected` counts the glossary's terms, `nevers` how often people said "never".
    """

    pairs_looked: int
    unchecked: dict[str, int]
    changes: tuple[ChangedWord, ...]
    waiting: tuple[WaitingWord, ...]
    changed_times: int
    waiting_times: int
    waiting_share: float
    apply_at: float
    questions: str
    terms: dict[str, int]
    terms_found: int
    protected: int
    nevers: int
    engines: dict[str, Any]


def spelling_report(
    store: Store,
    *,
    since: int,
    rules: Sequence[RuleSettings],
    looked: int,
    unchecked: Mapping[str, int],
    engines: Mapping[str, Any],
    protected: int,
    corpus_terms: Mapping[str, int],
    settings: SpellingSettings,
) -> SpellingReport:
    """What happened after event number `since`, and what waits now."""
    changes = _changes(store, since, rules)
    waiting = [_waiting(count) for count in _all_counts(store)]
    made, left = sum(changes.values()), sum(one.times for one in waiting)
    nevers = sum(one.decision == "never" for one in standing_words(store).values())
    doubted = {before.lower() for _, before, *_ in changes} | {one.before.lower() for one in waiting}
    terms = sorted((item for item in corpus_terms.items() if item[0] not in doubted), key=lambda one: (-one[1], one[0]))
    return SpellingReport(
        pairs_looked=looked,
        unchecked=dict(unchecked),
        changes=tuple(_changed(key, times) for key, times in changes.most_common()),
        waiting=tuple(waiting),
        changed_times=made,
        waiting_times=left,
        waiting_share=left / max(1, made + left),
        apply_at=settings.apply_at,
        questions=settings.questions,
        terms=dict(terms[:LISTED]),
        terms_found=len(terms),
        protected=protected,
        nevers=nevers,
        engines=dict(engines),
    )


def write_report(report: SpellingReport, folder: Path) -> list[Path]:
    """Write spelling.json, with everything, and spelling.md, to read; the paths."""
    paths = [folder / "spelling.json", folder / "spelling.md"]
    write_whole(paths[0], json.dumps(asdict(report), ensure_ascii=False, indent=2) + "\n")
    write_whole(paths[1], _markdown(report))
    return paths


def report_lines(report: SpellingReport) -> list[str]:
    """The run in a few lines for the terminal."""
    lines = [_unchecked(report)] if report.unchecked and report.pairs_looked else []
    if not (report.changes or report.waiting):
        return lines
    words = len({(one.lang, one.before, one.after) for one in report.changes})
    lines += [
        f"spelling: {words:,} words changed in {report.changed_times:,} places, {len(report.waiting):,} words in "
        f"{report.waiting_times:,} places wait for people ({report.waiting_share:.0%})"
    ]
    lines += [f"  {one.times:>6,}  {_arrow(one.before, one.after)}" for one in report.changes[:SHOWN]]
    if report.waiting:
        lines.append("decide about words with: tamiz words, or in tamiz review")
    return lines


def _unchecked(report: SpellingReport) -> str:
    told = ", ".join(f"{lang} {pairs:,}" for lang, pairs in report.unchecked.items())
    return f"spelling: not checked, for there is no dictionary of their language (pairs): {told}"


def _changes(store: Store, since: int, rules: Sequence[RuleSettings]) -> Counter[tuple[str, str, str, str, str]]:
    """How often (language, before, after, kind, by whom) was changed."""
    known = {rule.name: rule for rule in rules}
    chosen = {one.action: one.becomes for one in standing_words(store).values()}
    changes: Counter[tuple[str, str, str, str, str]] = Counter()
    events = edits_since(store, since)
    while part := list(islice(events, SLICE)):
        ids = [event.pair for event in part]
        pairs, found = store.pairs_by_id(ids), store.findings(ids)
        for event in part:
            pair = pairs[event.pair].pair
            for finding in usable(pair, _taken(event, found[event.pair], known, chosen)):
                if finding.step == "spelling":
                    changes[pair.lang, finding.before, finding.after or "", finding.kind, event.actor] += 1
    return changes


def _taken(
    event: Event, findings: Iterable[Finding], rules: Mapping[str, RuleSettings], chosen: Mapping[str, str]
) -> list[Finding]:
    """The findings that this edit carried out."""
    rule = rules.get(event.actor.removeprefix("rule:"))
    if rule is not None:
        return matching(rule, findings)
    becomes = chosen.get(event.action)
    if becomes is None:
        return []
    before = event.reason.removesuffix(": always").removesuffix(f" > {becomes}")
    mine = [finding for finding in findings if finding.step == "spelling" and finding.before == before]
    return [replace(finding, after=becomes) for finding in mine]


def _all_counts(store: Store) -> Iterator[WordCount]:
    last: WordCount | None = None
    while counts := word_counts(store, limit=MOST, after=last):
        yield from counts
        last = counts[-1]


def _changed(key: tuple[str, str, str, str, str], times: int) -> ChangedWord:
    lang, before, after, kind, by = key
    return ChangedWord(lang=lang, before=before, after=after, kind=kind, times=times, by=by)


def _waiting(count: WordCount) -> WaitingWord:
    return WaitingWord(
        lang=count.word.lang,
        before=count.word.before,
        after=count.word.after,
        kind=count.kind,
        pairs=count.pairs,
        times=count.findings,
        confidence=count.confidence,
        engine=count.witness.partition(": ")[0],
    )


def _arrow(before: str, after: str | None) -> str:
    return f"{before} > {after}" if after is not None else f"{before} > ?"


def _markdown(report: SpellingReport) -> str:
    lines = [
        "# Spelling",
        "",
        f"{report.changed_times:,} places changed by rule or by a decision on the word, {report.waiting_times:,} left "
        f"to people: {report.waiting_share:.1%} of all. {report.pairs_looked:,} pairs were looked at; questions: "
        f"{report.questions}; applied from {report.apply_at:g} on; {report.protected:,} terms protected, "
        f"{report.nevers:,} of them because people said never.",
        "",
        *([f"{_unchecked(report)}.", ""] if report.unchecked else []),
        "## Changes",
        "",
        "| places | language | before | after | kind | by |",
        "|---:|---|---|---|---|---|",
        *(
            f"| {one.times:,} | {one.lang} | {_cell(one.before)} | {_cell(one.after)} | {one.kind} | {_cell(one.by)} |"
            for one in report.changes[:LISTED]
        ),
        "",
        "## Waiting for people",
        "",
        "| places | pairs | language | before | proposed | kind | confidence | engine |",
        "|---:|---:|---|---|---|---|---:|---|",
        *(
            f"| {one.times:,} | {one.pairs:,} | {one.lang} | {_cell(one.before)} | {_cell(one.after or '?')} | "
            f"{one.kind} | {one.confidence:.2f} | {one.engine} |"
            for one in report.waiting[:LISTED]
        ),
        "",
        f"## Terms found: {report.terms_found:,}",
        "",
        "Words that no dictionary has and that several texts use. Put those that are right into glossary.txt.",
        "",
        ", ".join(f"{_cell(word)} {texts:,}" for word, texts in report.terms.items()),
        "",
        "## Engines",
        "",
    ]
    for engine, parts in report.engines.items():
        lines += [f"- {engine}: " + "; ".join(f"{part} {value}" for part, value in parts.items())]
    more = max(0, len(report.changes) - LISTED) + max(0, len(report.waiting) - LISTED)
    return "\n".join([*lines, "", *([f"{more:,} more words are in spelling.json.", ""] if more else [])])


def _cell(text: str) -> str:
    """Crawled words in a Markdown table: as code, in one line, with nothing that ends the cell or the code."""
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "¦")[:80] + "`"
