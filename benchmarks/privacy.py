"""How much personal data is found in the written texts, by kind, and how many pairs a second one core reads.

.venv/bin/python benchmarks/privacy.py            the table
.venv/bin/python benchmarks/privacy.py --misses   and what was missed or found too much
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from curation.privacy import KINDS, Personal, find_personal

CASES = Path(__file__).parent.parent / "tests" / "cases" / "privacy"
_MARKED = re.compile(r"\{\{(?P<kind>[a-z_]+):(?P<value>.+?)\}\}(?!\})", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """A text with the spans of what is personal in it."""

    lang: str
    text: str
    marked: tuple[tuple[str, int, int], ...]


@dataclass
class Score:
    found: Counter[str] = field(default_factory=Counter)  # of the marked
    marked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)  # of the reported
    reported: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found.total() / self.marked.total()

    @property
    def precision(self) -> float:
        return self.right.total() / self.reported.total()


def read_cases(path: Path) -> list[Case]:
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, _, written = line.partition("\t")
            cases.append(_case(lang, written.replace("¬", "").replace("\\n", "\n")))
    return cases


def _case(lang: str, written: str) -> Case:
    text, marked, last = "", [], 0
    for match in _MARKED.finditer(written):
        text += written[last : match.start()]
        marked.append((match["kind"], len(text), len(text) + len(match["value"])))
        text += match["value"]
        last = match.end()
    return Case(lang, text + written[last:], tuple(marked))


def score(cases: list[Case], *, apply_at: float = 0.6) -> Score:
    """Found is what is covered whole by spans of its kind; right is what overlaps a marked one of its kind."""
    total = Score()
    for case in cases:
        found = [one for one in find_personal(case.text, case.lang) if one.confidence >= apply_at]
        for kind, start, end in case.marked:
            total.marked[kind] += 1
            if _covered(found, kind, start, end):
                total.found[kind] += 1
            else:
                total.misses.append(f"missed {kind}: {case.text[start:end]!r} in {case.text!r}")
        for one in found:
            total.reported[one.kind] += 1
            if any(kind == one.kind and one.start < end and start < one.end for kind, start, end in case.marked):
                total.right[one.kind] += 1
            else:
                total.misses.append(f"too much {one.kind}: {case.text[one.start : one.end]!r} in {case.text!r}")
    return total


def _covered(found: list[Personal], kind: str, start: int, end: int) -> bool:
    return any(one.kind == kind and one.start <= start and end <= one.end for one in found)


def print_table(total: Score) -> None:
    print(f"{'kind':14} {'marked':>6} {'recall':>7} {'reported':>8} {'precision':>9}")
    for kind in KINDS:
        if total.marked[kind] or total.reported[kind]:
            recall = total.found[kind] / total.marked[kind] if total.marked[kind] else 1
            precision = total.right[kind] / total.reported[kind] if total.reported[kind] else 1
            marked, reported = total.marked[kind], total.reported[kind]
            print(f"{kind:14} {marked:6} {recall:7.3f} {reported:8} {precision:9.3f}")
    print(f"{'all':14} {total.marked.total():6} {total.recall:7.3f} {total.reported.total():8} {total.precision:9.3f}")


def pairs_per_second(cases: list[Case], seconds: float = 3.0) -> float:
    """Pairs (two texts of the set each) a second, in the processor time of one core."""
    texts, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for case in cases:
            find_personal(case.text, case.lang)
        texts += len(cases)
    return texts / 2 / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("files", nargs="*", type=Path, default=sorted(CASES.glob("*.txt")))
    chosen = parser.parse_args()
    everything: list[Case] = []
    for path in chosen.files:
        cases = read_cases(path)
        everything += cases
        total = score(cases)
        print(f"\n{path.name}: {len(cases)} texts, {sum(not case.marked for case in cases)} without personal data")
        print_table(total)
        if chosen.misses:
            print("\n".join(total.misses))
    mean = 2 * sum(len(case.text) for case in everything) / len(everything)
    print(f"\n{pairs_per_second(everything):,.0f} pairs a second on one core (pairs of {mean:.0f} characters)")


if __name__ == "__main__":
    main()
