"""What the gates of synthesis catch, by rules alone: answers altered by hand, and pairs that don't stand alone.

python benchmarks/gates.py            the table, by kind and language; the held-out part by itself
python benchmarks/gates.py misses     every case of the part that the rules were written on which they get wrong
python benchmarks/gates.py speed

The cases (tests/cases/curation/gates) were written for this, sources, questions and answers. `tuned` are two thirds of
the 200 grounded and 200 altered answers, on which the rules were written; `held_out` is the third that was set apart
before the first rule was written. What was found in it changed the rules, so more was written: `blind` and `fresh`,
each measured once and then looked at too, and `last`, in which seven things were found at first. `reworded_1` to
`reworded_5` were written later, one after the other, with answers reworded as freely as support agents do; each was
measured before a rule was changed for it, so that the first look at it tells what to expect (docs/how-to/gates.md), and
what this prints tells what the rules know by now.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.synthesis.gates import GATES, look, reading
from curation.synthesis.gates.planting import orders_in
from tamiz.records import Finding, Pair

CASES = Path(__file__).parents[1] / "tests" / "cases" / "curation" / "gates"
REWORDED = ("reworded_1", "reworded_2", "reworded_3", "reworded_4", "reworded_5")
PARTS = ("tuned", "held_out", "blind", "fresh", "last", *REWORDED)


@dataclass(frozen=True, slots=True)
class Case:
    """`kind` is what was altered or is wrong; "" where nothing is to be found."""

    kind: str
    part: str
    source: str
    pair: Pair


def read_rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def grounding_cases() -> Iterator[Case]:
    """Answers beside their source: grounded ones, altered ones, and some altered with the source's own words."""
    for number, row in enumerate(read_rows("grounding")):
        groups = [("", row["grounded"]), (None, row["altered"]), ("beyond", row.get("beyond", []))]
        for kind, told in groups:
            for one in told:
                yield Case(
                    one["kind"] if kind is None else kind, row["part"], row["source"], pair_of(one, row["lang"], number)
                )


def alone_cases() -> Iterator[Case]:
    for number, row in enumerate(read_rows("alone")):
        yield Case(row["kind"], row["part"], "", pair_of(row, row["lang"], number))


def pair_of(row: dict[str, Any], lang: str, number: int) -> Pair:
    return Pair(
        question=row["question"],
        answer=row["answer"],
        lang=lang,
        url=f"https://cases.example/{number}",
        kind="synthetic",
        group=str(number),
    )


def found(case: Case, gate: str) -> list[Finding]:
    return [one for one in look(case.pair, case.source, (), None) if one.kind in GATES[gate]]


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share, by Wilson."""
    z = 1.959964
    share, n = hits / of, of
    middle, wide = share + z * z / (2 * n), z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    return (middle - wide) / (1 + z * z / n), (middle + wide) / (1 + z * z / n)


def table(cases: Sequence[Case], gate: str) -> dict[tuple[str, str, str], tuple[int, int]]:
    """(part, language, kind): how many were found, of how many. The kinds "" and "altered" are the sums."""
    counts: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for case in cases:
        hit = bool(found(case, gate))
        kinds = {case.kind} if case.kind in ("", "beyond") else {case.kind, "altered"}
        for part in (case.part, "all"):
            for lang in (case.pair.lang, "both"):
                for kind in kinds:
                    counts[part, lang, kind][0] += hit
                    counts[part, lang, kind][1] += 1
    return {key: (hits, of) for key, (hits, of) in counts.items()}


def print_table(title: str, cases: Sequence[Case], gate: str) -> None:
    counts = table(cases, gate)
    kinds = [*sorted({kind for _, _, kind in counts} - {"", "altered", "beyond"}), "altered", "beyond", ""]
    print(f"\n{title}\n")
    print("| found in | part | es | en | both | 95% interval |\n|---|---|---|---|---|---|")
    for kind in kinds:
        for part in (*PARTS, "all"):
            row = [counts.get((part, lang, kind)) for lang in ("es", "en", "both")]
            if row[2] is None:
                continue
            low, high = interval(*row[2])
            cells = [
                f"{hits}/{of}" if of < 10 else f"{hits}/{of} ({hits / of:.3f})"
                for hits, of in (one or (0, 0) for one in row)
            ]
            name = {"": "nothing wrong (false alarms)", "beyond": "altered with the source's own words"}.get(kind, kind)
            print(f"| {name} | {part} | {' | '.join(cells)} | {max(0.0, low):.3f} to {high:.3f} |")


def print_confidences(cases: Sequence[Case]) -> None:
    """What is left where only findings of a confidence count, as in a rule with `at_least`."""
    print("\nBy confidence: altered answers caught, and false alarms\n")
    print("| at least | part | altered caught | false alarms |\n|---|---|---|---|")
    for least in (0.0, 0.8, 0.9):
        for part in PARTS:
            cells = []
            for wrong in (True, False):
                mine = [
                    case for case in cases if case.part == part and case.kind != "beyond" and bool(case.kind) == wrong
                ]
                hits = sum(any(one.confidence >= least for one in found(case, "grounding")) for case in mine)
                low, high = interval(hits, len(mine))
                cells.append(f"{hits}/{len(mine)} ({hits / len(mine):.3f}; {max(0.0, low):.3f} to {high:.3f})")
            print(f"| {least} | {part} | {' | '.join(cells)} |")


def misses(cases: Sequence[Case], gate: str) -> None:
    for case in cases:
        if case.part == "tuned" and case.kind != "beyond":
            findings = found(case, gate)
            if bool(findings) != bool(case.kind):
                print(f"\n[{case.kind or 'GROUNDED'}] {case.pair.lang}: {case.pair.question} | {case.pair.answer}")
                print("   ", "; ".join(f"{one.kind}: {one.note}" for one in findings) or "nothing found")


def speed(cases: Sequence[Case]) -> None:
    """Pairs a second of one core's own time; reading the lists, which takes about a second, is not counted."""
    for case in cases[::7]:
        look(case.pair, case.source, (), None)
    for made in (reading.told, orders_in):
        made.cache_clear()
    start = time.process_time()
    for case in cases:
        look(case.pair, case.source, (), None)
    print(f"{len(cases) / (time.process_time() - start):,.0f} pairs a second, one core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="table", choices=["table", "misses", "speed"])
    what = parser.parse_args().what
    grounding, alone = list(grounding_cases()), list(alone_cases())
    if what == "misses":
        misses(grounding, "grounding")
        misses(alone, "alone")
    elif what == "speed":
        speed(grounding)
    else:
        print_table("Grounding: share of answers in which something was found", grounding, "grounding")
        print_confidences(grounding)
        print_table("Standing alone: share of pairs in which something was found", alone, "alone")


if __name__ == "__main__":
    main()
