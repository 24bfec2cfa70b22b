"""Finding duplicates: how fast, how complete and how right, beside datasketch and rensa, in one run.

    python benchmarks/dedupe.py [--quick] [--only speed,fidelity] [--json figures.json]

Sections
  speed      normal text to duplicate flags and raw text to decisions, one thread each; two threads beside one
             What peers flag is what their bands propose (rensa's deduplicator looks at signatures once more).
             "proposed flags" of ours are the same; "verified flags" are those where the exact similarity says so too.
  fidelity   recall and precision of the similar pairs against every pair compared, short and long texts, at 0.7 and 0.8
  decisions  what is removed, against the labels: by kind of edit, by kind of look-alike; other ways beside ours
  memory     the peak of a process of its own that divides a file of a million pairs into kept and removed ones
  index      adding a twentieth to an index on disk beside writing it anew, with the same decisions; bytes a pair
  bands      (only where named) what each form of bands finds and proposes, by threshold, length and n-gram

The corpora (duplicate_corpus.py, long_documents.py) are seeded and written here; nothing is downloaded. All peers get
the same folded texts "question answer", the same character 3-grams and the same threshold. Contestants take turns;
the table gives the median and the range of the rounds. Peers run on the first part of the corpus, which favours them:
their indexes are small then. Rates are given by processor time as well, for machines that do other work; ratios go by
it, the one for two threads by the clock. Compiling is done before and printed apart.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from duplicate_corpus import labelled_pairs
from duplicate_figures import Figure, as_columns, as_table, in_turns, machine, rates, ratios
from duplicate_index import index_figures
from duplicate_peers import PEERS, SYMMETRIC
from duplicate_proposed import band_figures, proposed_flags
from duplicate_quality import QUICK, THRESHOLD, Plan, decide, decisions, fidelity, folded_strings, texts_of
from duplicate_reference import exhaustive_pairs

SAMPLES = {"datasketch per shingle": 1000, "datasketch bulk": 6000}  # of the texts, for slow peers
DECIDED = "ours, raw to decisions"
PROPOSED = "ours, proposed flags"
VERIFIED = "ours, verified flags"


def compiled_seconds(plan: Plan) -> Figure:
    from curation.near.join import similar_flags, similar_pairs

    started = time.perf_counter()
    few = list(labelled_pairs(200, plan.seed))
    texts = texts_of([pair.question for pair in few])
    for threads in (1, 2):
        proposed_flags(texts, THRESHOLD, threads=threads)
        similar_flags(texts, THRESHOLD, threads=threads)
        similar_pairs(texts, THRESHOLD, threads=threads)
        decide(few, threads)
    return Figure(
        section="speed", name="compiling, or loading what was compiled", value=time.perf_counter() - started, unit="s"
    )


def speed(plan: Plan) -> list[Figure]:
    from curation.near.join import similar_flags

    figures = [compiled_seconds(plan)]
    pairs = list(labelled_pairs(plan.size, plan.seed))
    texts = texts_of([f"{pair.question}\n{pair.answer}" for pair in pairs])
    peers = folded_strings(texts, plan.peers)
    contestants: dict[str, tuple[int, Callable[[], object]]] = {}
    for name, flags_of in PEERS.items():
        part = peers[: SAMPLES.get(name, len(peers))]
        contestants[name] = (len(part), lambda flags_of=flags_of, part=part: flags_of(part, THRESHOLD, 3))
    for threads, suffix in ((1, ""), (2, ", two threads")):
        contestants[PROPOSED + suffix] = (len(texts), lambda n=threads: proposed_flags(texts, THRESHOLD, threads=n))
        contestants[VERIFIED + suffix] = (len(texts), lambda n=threads: similar_flags(texts, THRESHOLD, threads=n))
        contestants[DECIDED + suffix] = (len(pairs), lambda n=threads: decide(pairs, n))
    runs = in_turns(contestants, plan.rounds)
    figures += rates("speed", runs)
    for ours, peer, least in (
        (PROPOSED, "datasketch bulk", 60),
        (PROPOSED, "rensa strings, deduplicator", 6),
        (PROPOSED, "rensa strings, matrix", 6),
        (VERIFIED, "datasketch bulk", 60),
        (VERIFIED, "rensa strings, deduplicator", 6),
        (VERIFIED, "rensa strings, matrix", 6),
        (DECIDED, "datasketch bulk", 25),
    ):
        figures.append(ratios("speed", f"{ours} to {peer}", runs[ours], runs[peer], least))
    for ours in (PROPOSED, VERIFIED, DECIDED):
        name = f"{ours}: two threads to one, by the clock"
        figures.append(ratios("speed", name, runs[f"{ours}, two threads"], runs[ours], 1.6, clock=True))
    return figures + flag_fidelity(peers, texts)


def flag_fidelity(folded: list[str], texts: Any) -> list[Figure]:
    """How many of the right flags each sets, and how many of its flags are right; the truth is exhaustive."""
    from curation.near.join import similar_flags

    part = folded[:6000]
    own = texts.take(np.arange(len(part)))
    truth = exhaustive_pairs(part, THRESHOLD, 3)
    later, either = np.zeros(len(part), bool), np.zeros(len(part), bool)
    for one, other in truth:
        later[other] = either[one] = either[other] = True
    flagged = [(name, flags_of(part[: SAMPLES.get(name)], THRESHOLD, 3)) for name, flags_of in PEERS.items()]
    flagged += [(PROPOSED, proposed_flags(own, THRESHOLD)), (VERIFIED, similar_flags(own, THRESHOLD))]
    figures = []
    for name, flags in flagged:
        right = (either if name in SYMMETRIC else later)[: len(flags)]
        for what, of in (("recall", right.sum()), ("precision", flags.sum())):
            value = float((flags & right).sum() / max(1, of))
            figures.append(Figure(section="speed", name=f"{name}: {what} of flags", value=value))
    return figures


def memory(plan: Plan) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for pair in labelled_pairs(plan.million, plan.seed):
                lines.write(json.dumps({"question": pair.question, "answer": pair.answer}, ensure_ascii=False) + "\n")
        command = [sys.executable, __file__, "--child", str(path)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    gigabytes, name = told["peak_kib"] * 1024 / 1e9, f"{plan.million:,} pairs, file to files of kept and removed"
    return [
        Figure(
            section="memory", name=f"{name}: peak", value=gigabytes, unit="GB", aim="at most 1.2", met=gigabytes <= 1.2
        ),
        Figure(section="memory", name=f"{name}: time, two threads", value=told["seconds"], unit="s"),
        Figure(section="memory", name=f"{name}: removed", value=told["removed"]),
    ]


def child(path: str) -> None:
    """Take the copies out of a file of pairs, as `tamiz dedupe` does; the peak is the kernel's own count (VmHWM)."""
    from curation.dedupe_file import dedupe_file

    source, started = Path(path), time.perf_counter()
    found = dedupe_file(source, source.with_name("kept.jsonl"), source.with_name("removed.jsonl"), threads=2)
    seconds = time.perf_counter() - started
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps({"peak_kib": int(status["VmHWM"].split()[0]), "seconds": seconds, "removed": found.removed}))


SECTIONS = {
    "speed": speed,
    "fidelity": fidelity,
    "decisions": decisions,
    "memory": memory,
    "index": index_figures,
    "bands": band_figures,
}


def main() -> None:
    os.environ["RAYON_NUM_THREADS"] = "1"  # rensa's threads
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", default="speed,fidelity,decisions,memory,index", help="sections, separated by commas")
    for field in dataclasses.fields(Plan):
        parser.add_argument(f"--{field.name}", type=int)
    parser.add_argument("--json", type=Path, help="write the figures into this file too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child)
        return
    set_by_hand = {
        f.name: getattr(given, f.name) for f in dataclasses.fields(Plan) if getattr(given, f.name) is not None
    }
    plan = dataclasses.replace(QUICK if given.quick else Plan(), **set_by_hand)
    figures = [figure for name in given.only.split(",") for figure in SECTIONS[name](plan)]
    print(f"{' '.join(sys.argv[1:])}\n{machine()}\n")
    for shown, rows in (
        (as_table, [figure for figure in figures if figure.section != "bands"]),
        (as_columns, [figure for figure in figures if figure.section == "bands"]),
    ):
        if rows:
            print(shown(rows))
    if given.json:
        given.json.write_text(json.dumps([dataclasses.asdict(figure) for figure in figures], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
