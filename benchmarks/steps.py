"""What the steps of `tamiz curate` cost: for every installed step pairs a second of one core, memory, two processes.

    python benchmarks/steps.py [--pairs 20000] [--seconds 20] [--rounds 2] [--step NAME ...]

The pairs are those of duplicate_corpus.py (seeded, Spanish and English in equal parts). Each step is measured in an
interpreter of its own, with the settings of a new project. A step that needs longer than --seconds for a pass is
given as many batches as fit.

cold      pairs a second of processor time, with what the step learns from all pairs and reads from disk
warm      the same for a second pass of the same process: what is left when every word has been seen
memory    most resident memory beyond that of the interpreter with the pairs
two to one   by the clock, cold: one process against two, started and ended within the time; the median of the rounds,
             in turns. Other work on the machine makes it smaller, so the load is told
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from duplicate_corpus import labelled_pairs

from curation.engines.looks import packed_step, processes_looks
from curation.steps import ComparingStep, LearningStep, NotNow, Step, find_steps, step_names
from tamiz.errors import TamizError
from tamiz.records import Pair
from tamiz.settings import CurationSettings

BATCH = 500
MEGABYTE = 1024  # of the kilobytes that getrusage gives on Linux


def corpus(size: int) -> list[Pair]:
    return [
        Pair(
            question=one.question,
            answer=one.answer,
            lang=one.lang,
            url=f"https://ayuda.example/{one.id}",
            kind="faq",
            group=one.id,
            source="ayuda",
        )
        for one in labelled_pairs(size, seed=1)
    ]


def cut(pairs: Sequence[Pair]) -> list[Sequence[Pair]]:
    return [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]


def measured(name: str, pairs: list[Pair], seconds: float, rounds: int) -> dict[str, Any]:
    """What one step costs, in this process."""
    before = peak()
    start = time.process_time()
    [step] = find_steps(CurationSettings(), [name])
    try:
        if isinstance(step, LearningStep):
            step.learn(pairs)
        learnt = time.process_time() - start
        if isinstance(step, ComparingStep):
            return compared(step, pairs, learnt, before)
        packed = packed_step(step)  # as it has learnt, and before it has seen a pair
        looked, findings, cold = passed(step, pairs, seconds)
        _, _, warm = passed(step, pairs[:looked], float("inf"))
        told: dict[str, Any] = {"pairs": looked, "findings": findings, "learnt_seconds": learnt}
        told |= {"cold": 1 / (learnt / len(pairs) + cold / looked), "warm": looked / warm}
        told["memory_mb"] = (peak() - before) / MEGABYTE
        if packed:
            told["packed_mb"] = len(packed) / 1e6
            told["two_to_one"] = ratios(packed, pairs[:looked], rounds)
        return told
    finally:
        if hasattr(step, "close"):
            step.close()


def compared(step: ComparingStep, pairs: list[Pair], learnt: float, before: int) -> dict[str, Any]:
    """A step that takes all pairs at once."""
    costs, findings = [], 0
    for _ in range(2):
        start = time.process_time()
        findings = sum(1 for _ in step.look(pairs))
        costs.append(time.process_time() - start)
    cold, warm = costs[0] + learnt, costs[1]
    told = {"pairs": len(pairs), "findings": findings, "learnt_seconds": learnt, "memory_mb": (peak() - before) / 1024}
    return told | {"cold": len(pairs) / cold, "warm": len(pairs) / warm}


def passed(step: Step, pairs: Sequence[Pair], seconds: float) -> tuple[int, int, float]:
    """A pass: pairs looked at, findings, processor time."""
    looked = findings = 0
    start, begun = time.process_time(), time.monotonic()
    for batch in cut(pairs):
        findings += sum(1 for _ in step.look(batch))
        looked += len(batch)
        if time.monotonic() - begun > seconds:
            break
    return looked, findings, time.process_time() - start


def ratios(packed: bytes, pairs: Sequence[Pair], rounds: int) -> dict[str, Any]:
    """How many times sooner two processes are done than this one, and what they cost beside the look itself."""
    found = []
    for _ in range(rounds):
        step: Step = pickle.loads(packed)  # both begin with what was learnt, and without what was seen
        start = time.monotonic()
        one = [finding for batch in cut(pairs) for finding in step.look(batch)]
        middle, cpu = time.monotonic(), time.process_time()
        two = [finding for _, seen in processes_looks(step, packed, iter(cut(pairs)), 2) for finding in seen]
        assert one == two
        found.append(((middle - start) / (time.monotonic() - middle), (time.process_time() - cpu) / len(pairs)))
    times = [ratio for ratio, _ in found]
    return {
        "median": statistics.median(times),
        "range": [min(times), max(times)],
        "packing_microseconds_a_pair": 1e6 * statistics.median(cost for _, cost in found),
    }


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def all_measured(names: Sequence[str], arguments: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in names:
        sizes = [
            "--pairs",
            str(arguments.pairs),
            "--seconds",
            str(arguments.seconds),
            "--rounds",
            str(arguments.rounds),
        ]
        command = [sys.executable, __file__, "--alone", name, *sizes]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        failed = {"reason": f"ended with code {done.returncode}"}
        yield name, json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else failed


def alone(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    try:
        return measured(name, corpus(arguments.pairs), arguments.seconds, arguments.rounds)
    except (NotNow, TamizError) as reason:
        return {"reason": str(reason)}


def row(name: str, told: dict[str, Any]) -> str:
    if "reason" in told:
        return f"| {name} | not measured: {told['reason']} | | | | | |"
    two = told.get("two_to_one")
    ratio = f"{two['median']:.2f} ({two['range'][0]:.2f} to {two['range'][1]:.2f})" if two else "stays in one"
    return (
        f"| {name} | {told['pairs']:,} | {told['findings']:,} | {told['cold']:,.0f} | {told['warm']:,.0f} "
        f"| {told['memory_mb']:,.0f} | {ratio} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--step", action="append", default=[])
    parser.add_argument("--alone", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        print(json.dumps(alone(arguments.alone, arguments)))
        return
    cores = len(os.sched_getaffinity(0))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{arguments.pairs:,} pairs; {cores} cores, load before {load}; Python {sys.version.split()[0]}\n")
    print("| step | pairs | findings | cold, pairs/s of a core | warm | memory, MB | two processes to one |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, told in all_measured(arguments.step or step_names(), arguments):
        print(row(name, told), flush=True)
    print(f"\nload after {', '.join(f'{value:.1f}' for value in os.getloadavg())}")


if __name__ == "__main__":
    main()
