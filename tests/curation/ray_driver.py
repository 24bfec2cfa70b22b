"""A search for duplicates on a cluster, in a process of its own that can be killed; it says what it made, as JSON.

usage: ray_driver.py FOLDER [ADDRESS TOKEN_FILE]      without an address: in this process

Every task on the cluster writes into FOLDER.ledger that it starts and ends. While there is a file FOLDER.STAGE, it
waits in between, but for as many tasks of that stage as the file says.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sys
import time
from pathlib import Path

from curation.duplicates import Duplicates, find_duplicates
from curation.engines import cluster
from curation.engines.duplicates import find_in_stages
from curation.engines.stages import Stages, Task, do_task
from tamiz.settings import NearSettings, RaySettings

SHARD = 100  # pairs
LONGEST = 60  # seconds that a task waits


def pairs() -> tuple[list[str], list[str]]:
    """600 questions and answers; every fourth one is a lightly edited copy of another."""
    rng = random.Random(5)
    words = ["".join(rng.choices("abcdefghilmnoprstu", k=rng.randint(3, 9))) for _ in range(2000)]
    texts = [(" ".join(rng.choices(words, k=9)) + "?", " ".join(rng.choices(words, k=30))) for _ in range(450)]
    texts += [(question.upper(), f"{answer}!") for question, answer in rng.sample(texts, 75)]
    texts += [(question, answer[: -len(answer) // 12]) for question, answer in rng.sample(texts, 75)]
    rng.shuffle(texts)
    return [question for question, _ in texts], [answer for _, answer in texts]


def digest(found: Duplicates) -> str:
    decision = found.decision
    columns = (decision.kept_by, decision.rule, decision.question, decision.answer, found.edges.left, found.edges.right)
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


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
    found = find_in_stages(stages, *pairs(), near=NearSettings(), shard_pairs=SHARD)
    return json.dumps({"digest": digest(found), "made": stages.made, "found": stages.found})


def main(folder: Path, address: str = "", token_file: str = "") -> str:
    if not address:
        found = find_duplicates(*pairs())
        return json.dumps({"digest": digest(found), "removed": len(found)})
    import ray_driver  # by its name, so that workers find what is sent to them

    cluster.do_task = ray_driver.watched
    settings = RaySettings(address=address, token_file=token_file)
    with cluster.ray_engine(settings, folder) as engine, Stages.open(folder, engine) as stages:
        return told(stages)


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), *sys.argv[2:]))
