"""How fast the review desk is with many pairs: pages, filters, claims, decisions about many.

    python benchmarks/review.py --pairs 100000
    python benchmarks/review.py --pairs 1000000 --only store

Projects are seeded and kept (--cache), a copy of one is measured, so that every run starts from the same. Screens are
measured with Streamlit's AppTest and, where there is one, in Chromium.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from tamiz import schema
from tamiz.browse import Order, count, page
from tamiz.bulk import decide_many, freeze
from tamiz.bulkundo import take_back
from tamiz.database import Database
from tamiz.decisions import claim, decide
from tamiz.filters import Filter
from tamiz.migrations import MIGRATIONS
from tamiz.records import Finding, Pair, Verdict
from tamiz.store import Store, pair_row

SETTINGS = '[project]\nname = "bench"\ngoal = "Measure the desk."\nlanguages = ["es", "en"]\n'
WORDS = 20_000
CHUNK = 2_000
ROUNDS = 30
T = TypeVar("T")
AT = "2026-01-31T09:30:00.000+00:00"
BY = "person:reviewer-1"


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured how often, and its middle, 95th percentile and most, in milliseconds.

    `processor` is the same in time of the processor, which the work of others does not lengthen, where one process
    does it all.
    """

    name: str
    limit: float
    times: list[float]
    processor: list[float] = field(default_factory=list)

    def row(self) -> str:
        times = sorted(self.times)
        p95 = _p95(times)
        asked = f"{self.limit:,.0f}" if self.limit else ""
        middle = statistics.median(times)
        own = f"{_p95(self.processor):,.1f}" if self.processor else ""
        return f"| {self.name} | {len(times)} | {middle:,.1f} | {p95:,.1f} | {times[-1]:,.1f} | {own} | {asked} |"


def _p95(times: list[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.95), len(times) - 1)]


class Watch:
    """Times by the clock and by the processor, in milliseconds."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.processor: list[float] = []

    def of(self, work: Callable[[], T]) -> T:
        started, own = time.perf_counter(), time.process_time()
        done = work()
        self.processor.append(1000 * (time.process_time() - own))
        self.times.append(1000 * (time.perf_counter() - started))
        return done

    def figure(self, name: str, limit: float = 0) -> Figure:
        return Figure(name, limit, self.times, self.processor)


def build(folder: Path, size: int) -> None:
    """A project of so many pairs, two thirds of them waiting, with findings on one of six."""
    folder.mkdir(parents=True)
    (folder / "tamiz.toml").write_text(SETTINGS, encoding="utf-8")
    chance = random.Random(size)
    words = _vocabulary(chance)
    sums = list(accumulate(1 / (n + 2) for n in range(WORDS)))  # as words are spread in texts
    url = f"sqlite:///{folder / 'tamiz.db'}"
    before = Database.open(url, MIGRATIONS[:5])  # the indexes of words and the counters are made at the end, at once
    seq = 0
    for start in range(0, size, CHUNK):
        rows = []
        for number in range(start, min(start + CHUNK, size)):
            row = pair_row(_pair(number, chance, words, sums), at=AT, state="waiting" if number % 3 else "new")
            version = {"version": 2 if number % 3 else 1}
            rows.append({name: value for name, value in row.items() if name != "need"} | version)
        before.write(lambda connection, rows=rows, seq=seq: _insert(connection, rows, seq))  # type: ignore[misc]
        seq += len(rows)
    before.close()
    with Store.open(url) as store:
        needs = "UPDATE pair SET need = (seq * 7919 % 1000) / 1000.0"
        store.database.write(lambda connection: connection.exec_driver_sql(needs))
    for path in folder.glob("*.backup-*"):
        path.unlink()


def _insert(connection: sa.Connection, rows: list[dict[str, Any]], seq: int) -> None:
    connection.execute(sa.insert(schema.pair), rows)
    common = {"at": AT, "reason": "", "makes": "", "undoes": "", "action": ""}
    events, looks, findings = [], [], []
    for number, row in enumerate(rows, start=seq + 1):
        arrived = {"actor": "source:bench", "move": "arrive", "from_state": "", "to_state": "new", "version": 1}
        events.append(common | arrived | {"pair": row["id"]})
        if row["state"] == "waiting":
            sieved = {"actor": "step:sieve", "move": "sieve", "from_state": "new", "to_state": "waiting", "version": 2}
            events.append(common | sieved | {"pair": row["id"]})
        looks.append({"seq": number, "pair": row["id"], "step": "quality", "settings": "s", "at": AT})
        if number % 6 == 0 or number % 5000 == 1:
            kind = "asks_back" if number % 5000 == 1 else "too_short"
            found = Finding(pair=row["id"], step="quality", kind=kind, confidence=0.5)
            findings.append({"id": found.id, "look": number, **asdict(found)})
    connection.execute(sa.insert(schema.event), events)
    connection.execute(sa.insert(schema.look), looks)
    connection.execute(sa.insert(schema.finding), findings)
    assert connection.execute(sa.select(sa.func.max(schema.pair.c.seq))).scalar_one() == seq + len(rows)


def _vocabulary(chance: random.Random) -> list[str]:
    return [f"{chance.choice('bcdfglmnprst')}{chance.choice('aeiou')}{number:x}" for number in range(WORDS)]


def _pair(number: int, chance: random.Random, words: list[str], sums: list[float]) -> Pair:
    question, answer = (" ".join(chance.choices(words, cum_weights=sums, k=k)) for k in (9, 35))
    source = chance.choices(("foro", "ayuda", "wiki", "raro"), (60, 30, 9.9, 0.1))[0]
    return Pair(
        question=f"¿{question} {number}?",
        answer=answer,
        lang=chance.choices(("es", "en", "und"), (60, 39.9, 0.1))[0],
        url=f"https://{source}.example/{number}",
        kind=chance.choice(("faq", "forum")),
        group=f"g{number // 3}",
        source=source,
        label=f"tema {chance.randrange(40)}",
        confidence=chance.choice((0.4, 0.7, 0.9, 1.0)),
    )


FILTERS = {
    "everything": Filter(),
    "to review": Filter(states=("waiting",)),
    "two states": Filter(states=("waiting", "new")),
    "a source": Filter(sources=("foro",)),
    "a rare source": Filter(sources=("raro",), states=("waiting",)),
    "source, language, label": Filter(sources=("foro",), langs=("es",), labels=("tema 7",), states=("waiting",)),
    "rare language of a source": Filter(langs=("und",), sources=("ayuda",)),
    "a common word": Filter(text="*W0*"),
    "a common word, to review, a source": Filter(text="*W0*", states=("waiting",), sources=("wiki",)),
    "two common words": Filter(text="*W0* *W1*"),
    "a rare word": Filter(text="*W9999*", states=("waiting", "new")),
    "a phrase": Filter(text='"*W0* *W1*"'),
    "the beginning of a word": Filter(text="ba1*", states=("waiting",)),
    "a common finding": Filter(finding=("quality", "too_short"), states=("waiting",)),
    "a rare finding": Filter(finding=("quality", "asks_back")),
    "confidence": Filter(most_confidence=0.5, states=("waiting",), sources=("ayuda",)),
}
NEEDED = {"to review", "a source", "source, language, label", "a common word", "a common finding"}


def queries(store: Store, size: int) -> Iterator[Figure]:
    """Pages and counts of every filter: the first pages and some in the middle."""
    words = _vocabulary(random.Random(size))
    pages, counts, slowest = Watch(), Watch(), ("", 0.0)
    for name, given in FILTERS.items():
        text = given.text
        for number in (9999, 0, 1):
            text = text.replace(f"*W{number}*", words[number])
        chosen = Filter.from_dict(given.as_dict() | {"text": text})
        mine = Watch()
        for order in ("newest", "need") if name in NEEDED else ("newest",):
            _pages(store, chosen, order, size, mine)
        pages.times += mine.times
        pages.processor += mine.processor
        slowest = max(slowest, (name, _p95(mine.processor)), key=lambda one: one[1])
        for _ in range(5):
            counts.of(lambda chosen=chosen: count(store, chosen))  # type: ignore[misc]
    yield pages.figure(f"a page of 50 by {len(FILTERS)} filters (most of the processor: {slowest[0]})", 50)
    yield counts.figure("how many there are, by the same filters", 50)


def _pages(store: Store, chosen: Filter, order: Order, size: int, watch: Watch) -> None:
    for begin in (None, (-size / 2.0, size // 2) if order == "newest" else (-0.5, 0)):
        after = begin
        for _ in range(ROUNDS // 3):
            found = watch.of(lambda after=after: page(store, chosen, order=order, after=after))  # type: ignore[misc]
            after = found.after or begin


def claims(store: Store) -> Iterator[Figure]:
    """The next pair, and what a decision takes in the store."""
    claiming, deciding = Watch(), Watch()
    for _ in range(ROUNDS):
        held = claiming.of(lambda: claim(store, BY, lease_seconds=300))
        assert held is not None
        verdict = Verdict(pair=held.pair.id, version=held.version, decision="accept", by=BY)
        deciding.of(lambda verdict=verdict: decide(store, verdict))  # type: ignore[misc]
    yield claiming.figure("the next pair, claimed")
    yield deciding.figure("a decision")


def many(store: Store) -> Iterator[Figure]:
    """10,000 pairs rejected and taken back."""
    previews, rejects, undos = Watch(), Watch(), Watch()
    for _ in range(3):
        frozen, _ = previews.of(lambda: freeze(store, Filter(states=("waiting",), sources=("foro",))))
        some = replace(frozen, numbers=frozen.numbers[:10_000], versions=frozen.versions[:10_000])
        done = rejects.of(lambda some=some: decide_many(store, some, "reject", BY, reason="measured"))  # type: ignore[misc]
        back = undos.of(lambda done=done: take_back(store, done.action, BY))  # type: ignore[misc]
        assert (done.done, back.back) == (10_000, 10_000)
    yield previews.figure(f"preview of {len(frozen):,} pairs")
    yield rejects.figure("10,000 rejected, with an event each", 3000)
    yield undos.figure("10,000 taken back", 3000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "tamiz-benchmarks")
    parser.add_argument("--only", choices=("store", "screens", "team"), help="measure a part")
    asked = parser.parse_args()
    kept = asked.cache / f"review-{asked.pairs}"
    if not (kept / "tamiz.db").exists():
        unfinished = asked.cache / f"unfinished-{asked.pairs}-{os.getpid()}"
        started = time.perf_counter()
        build(unfinished, asked.pairs)
        unfinished.rename(kept)
        print(f"built {asked.pairs:,} pairs in {time.perf_counter() - started:,.0f} s")
    folder = asked.cache / f"run-{os.getpid()}"
    shutil.copytree(kept, folder)
    try:
        _report(folder, asked.pairs, asked.only)
    finally:
        shutil.rmtree(folder)


def _report(folder: Path, size: int, only: str | None) -> None:
    before = os.getloadavg()
    figures: list[Figure] = []
    if only in (None, "store"):
        with Store.open(f"sqlite:///{folder / 'tamiz.db'}") as store:
            for part in (queries(store, size), claims(store), many(store)):
                figures += part
    if only != "store":
        from review_screens import screens, team

        figures += screens(folder) if only in (None, "screens") else []
        figures += team(folder) if only in (None, "team") else []
    load = ", ".join(f"{one:.1f}" for one in (*before[:1], *os.getloadavg()[:1]))
    print(f"\n{size:,} pairs; {os.cpu_count()} cores; load at the beginning and at the end: {load}\n")
    print("| what | times | median, ms | p95, ms | most, ms | p95, ms of the processor | at most, ms |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for figure in figures:
        print(figure.row())


if __name__ == "__main__":
    main()
