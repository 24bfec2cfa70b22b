"""Section `index` of dedupe.py: adding a twentieth to an index on disk, beside writing all of it anew."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from duplicate_corpus import LabelledPair, labelled_pairs
from duplicate_figures import Figure, Run, rates, ratios
from duplicate_quality import THRESHOLD, Plan, decide

__all__ = ["index_figures"]

Told = dict[str, tuple[str, str, float, float]]
SHARE = 20  # one of so many pairs is new


def index_figures(plan: Plan) -> list[Figure]:
    """One thread. Adding is measured with the opening of the index, checksums included; each round from a copy."""
    pairs = list(labelled_pairs(plan.size, plan.seed))
    old, new = pairs[: len(pairs) - len(pairs) // SHARE], pairs[len(pairs) - len(pairs) // SHARE :]
    names = [f"add {len(new):,} to {len(old):,}", "of it opening", f"write the index of {len(pairs):,} anew"]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        before, grown, whole, tried = (Path(folder) / name for name in ("before", "grown", "whole", "tried"))
        for start in (0, 100):  # compiles what is not compiled yet
            _add(tried, pairs[start : start + 100])
        _add(before, old)
        for _ in range(plan.rounds):
            for path in (grown, whole):
                shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(before, grown)
            took, opening = _add(grown, new)
            again, _ = _add(whole, pairs)
            for name, run in zip(names, (took, opening, again), strict=True):
                runs[name].append(run)
        told, anew = _told(grown), _told(whole)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            resident, touched = child.submit(_resident, whole).result()
        sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in (grown, whole)}
    figures = _seconds(runs) + rates("index", {names[2]: runs[names[2]]})
    for clock, by in ((False, "processor time"), (True, "the clock")):
        alike = [[Run(1, run.wall, run.cpu) for run in runs[name]] for name in (names[0], names[2])]
        figures.append(ratios("index", f"adding beside writing anew, by {by}", *alike, least=8, clock=clock))
    figures += _differences(pairs, told, anew)
    for path, name in ((grown, "added to"), (whole, "written at once")):
        value = sizes[path] / len(pairs)
        figures.append(
            Figure(
                section="index", name=f"bytes a pair, {name}", value=value, aim="at most 1,000", met=value <= 1000
            )
        )  # fmt: skip
    for name, value in (("when it is open", resident), ("after all is told", touched)):
        figures.append(Figure(section="index", name=f"resident MB of {len(pairs):,} {name}", value=value / 1e6))
    return figures


def _resident(folder: Path) -> tuple[int, int]:
    """Bytes that a process of its own holds more than before it opened the index: at once, and after reading it all.

    Pages of mapped files are counted too; the system takes these back where memory is short.
    """
    from curation.near.index import Index
    from tamiz.settings import NearSettings

    before = _bytes_resident()
    with Index.open(folder, NearSettings(threshold=THRESHOLD), read_only=True) as index:
        opened = _bytes_resident() - before
        for _ in index.duplicates():
            pass
        return opened, _bytes_resident() - before


def _bytes_resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _add(folder: Path, pairs: Sequence[LabelledPair]) -> tuple[Run, Run]:
    """The whole run, and what opening takes of it."""
    from curation.near.index import Index
    from tamiz.settings import NearSettings

    ids, questions = [pair.id for pair in pairs], [pair.question for pair in pairs]
    answers = [pair.answer for pair in pairs]
    wall, cpu = time.perf_counter(), time.process_time()
    with Index.open(folder, NearSettings(threshold=THRESHOLD), threads=1) as index:
        opening = Run(1, time.perf_counter() - wall, time.process_time() - cpu)
        index.add(ids, questions, answers)
    return Run(len(pairs), time.perf_counter() - wall, time.process_time() - cpu), opening


def _told(folder: Path) -> Told:
    from curation.near.index import Index
    from tamiz.settings import NearSettings

    with Index.open(folder, NearSettings(threshold=THRESHOLD), read_only=True) as index:
        return {one.id: (one.kept, one.rule, one.question, one.answer) for one in index.duplicates()}


def _seconds(runs: dict[str, list[Run]]) -> list[Figure]:
    figures = []
    for name, taken in runs.items():
        for unit, values in (("CPU s", [run.cpu for run in taken]), ("s", [run.wall for run in taken])):
            figures.append(
                Figure(
                    section="index", name=name, value=median(values), low=min(values), high=max(values), unit=unit

                )
            )  # fmt: skip
    return figures


def _differences(pairs: Sequence[LabelledPair], told: Told, anew: Told) -> list[Figure]:
    """Decisions of the grown index that are other than those of one written at once, and of a search without any."""
    found = {pairs[one.pair].id: (pairs[one.kept].id, one.rule, one.question, one.answer) for one in decide(pairs)}
    figures = [Figure(section="index", name="pairs that repeat a kept one", value=len(told))]
    for name, others in (("an index written at once", anew), ("a search among all", found)):
        other = sum(told.get(one) != others.get(one) for one in told.keys() | others.keys())
        figures.append(
            Figure(
                section="index", name=f"decisions other than those of {name}", value=other, aim="0", met=not other
            )
        )  # fmt: skip
    return figures
