"""A run of stages on a cluster, in a process of its own that can be killed; it says what it made, as JSON.

usage: ray_driver.py FOLDER [ADDRESS TOKEN_FILE]      without an address: in this process

Every task on the cluster writes into FOLDER.ledger that it starts and ends. While there is a file FOLDER.STAGE, it
waits in between, but for as many tasks of that stage as the file says.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from curation.engines import cluster
from curation.engines.stages import LocalEngine, Stages, Task, do_task
from tamiz.settings import RaySettings

SHARDS, RANGES = 6, 4
LONGEST = 60  # seconds that a task waits


def signatures(inputs, settings):
    words = inputs[0]["words"]
    return {"keys": (words * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40), "words": words}


def bands(inputs, settings):
    keys = np.concatenate([one["keys"] for one in inputs])
    rows = np.flatnonzero(keys % np.uint64(RANGES) == settings["range"])
    order = rows[np.argsort(keys[rows], kind="stable")]
    same = keys[order][1:] == keys[order][:-1]
    return {"left": order[:-1][same], "right": order[1:][same]}


def components(inputs, settings):
    edges = np.concatenate([np.stack([one["left"], one["right"]], axis=1) for one in inputs])
    return {"edges": edges[np.lexsort(edges.T)]}


def decisions(inputs, settings):
    return {"removed": np.unique(inputs[0]["edges"][:, 1])}


def plan(stages: Stages) -> str:
    """The name of the last file."""
    words = np.random.default_rng(5).integers(0, 3000, 6000).astype(np.uint64)
    shards = [stages.put({"words": part}) for part in np.array_split(words, SHARDS)]
    signed = stages.run("signatures", [Task(function=signatures, inputs=(one,)) for one in shards])
    banded = stages.run(
        "bands", [Task(function=bands, inputs=tuple(signed), settings={"range": n}) for n in range(RANGES)]
    )
    joined = stages.run("components", [Task(function=components, inputs=tuple(banded))])
    return stages.run("decisions", [Task(function=decisions, inputs=tuple(joined))])[0]


def watched(folder: Path, task: Task) -> str:
    note(folder, task, "starts")
    stage = task.function.__name__
    for _ in range(LONGEST * 50):
        with contextlib.suppress(FileNotFoundError):
            if len(list(folder.glob(f"{stage}-*.arrays"))) >= int(folder.with_suffix(f".{stage}").read_text()):
                time.sleep(0.02)
                continue
        break
    file = do_task(folder, task)
    note(folder, task, "ends")
    return file


def note(folder: Path, task: Task, what: str) -> None:
    line = {"stage": task.function.__name__, "file": task.file, "what": what, "pid": os.getpid(), "node": os.getsid(0)}
    with folder.with_suffix(".ledger").open("a") as ledger:  # in one write each: lines of several processes stay whole
        ledger.write(json.dumps(line) + "\n")


def told(stages: Stages) -> str:
    digest = hashlib.sha256((stages.folder / plan(stages)).read_bytes()).hexdigest()
    return json.dumps({"digest": digest, "made": stages.made, "found": stages.found})


def main(folder: Path, address: str = "", token_file: str = "") -> str:
    if not address:
        with Stages.open(folder, LocalEngine()) as stages:
            return told(stages)
    import ray_driver  # by its name, so that workers find what is sent to them

    cluster.do_task = ray_driver.watched
    settings = RaySettings(address=address, token_file=token_file)
    with cluster.ray_engine(settings, folder) as engine, Stages.open(folder, engine) as stages:
        return ray_driver.told(stages)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), *sys.argv[2:]))
