"""Eight processes claim and decide 10,000 pairs of one SQLite store; some of them are killed on the way.

Run: python benchmarks/claims.py [PAIRS]. It fails if a pair is given twice or left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tamiz.decisions import mark_sieved
from tamiz.records import Pair
from tamiz.store import Store

PROCESSES = 8
KILLED = 2
LEASE = 30.0
WORKER = """
import sys
from tamiz.decisions import claim, decide
from tamiz.errors import Conflict
from tamiz.records import Verdict
from tamiz.store import Store
with Store.open(sys.argv[1]) as store:
    while held := claim(store, sys.argv[2], lease_seconds=float(sys.argv[3])):
        try:
            decide(store, Verdict(pair=held.pair.id, version=held.version, decision="accept", by=sys.argv[2]))
        except Conflict:  # on a machine that stood still for a whole lease
            continue
        print(held.pair.id, flush=True)
"""


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'tamiz.db'}"
        fill(url, number)
        start = time.perf_counter()
        told = work(url, Path(folder), [f"person:{name}" for name in range(PROCESSES)], kill=KILLED)
        seconds = time.perf_counter() - start
        time.sleep(LEASE)  # what the killed ones held
        told += work(url, Path(folder), ["person:last"])
        with Store.open(url) as store:
            counts = store.counts()
            decided = Counter(event.pair for event in store.events() if event.move == "accept")
    assert counts == {"accepted": number}, counts
    assert set(decided.values()) == {1}, "a pair was decided twice"
    assert len(told) == len(set(told)), "a pair was given twice"
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{number:,} claims by {PROCESSES} processes, {KILLED} of them killed: none twice, none left behind")
    print(f"{number / seconds:,.0f} claims with decisions a second, the start of the processes included")
    print(f"on {os.cpu_count()} cores, load {load}")


def fill(url: str, number: int) -> None:
    made = [
        Pair(question=f"¿Pregunta {n}?", answer=f"Respuesta {n}.", lang="es", url=f"u{n}", kind="faq", group=str(n))
        for n in range(number)
    ]
    with Store.open(url) as store:
        store.add_pairs(made, "import:benchmark")
        mark_sieved(store, [pair.id for pair in made])


def work(url: str, folder: Path, names: list[str], *, kill: int = 0) -> list[str]:
    """The pairs that each process says it has decided; the first `kill` of them are killed on the way."""
    files = [(folder / f"{name.partition(':')[2]}.txt").open("w+") for name in names]
    command = [sys.executable, "-c", WORKER, url]
    workers = [
        subprocess.Popen([*command, name, str(LEASE)], stdout=file) for name, file in zip(names, files, strict=True)
    ]
    while any(os.fstat(file.fileno()).st_size == 0 for file in files[:kill]):  # in the middle of their work
        time.sleep(0.05)
    for worker in workers[:kill]:
        worker.send_signal(signal.SIGKILL)
    codes = [worker.wait() for worker in workers]
    assert codes[kill:] == [0] * (len(codes) - kill), codes
    said = []
    for file in files:
        file.seek(0)
        said += file.read().split()
        file.close()
    return said


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
