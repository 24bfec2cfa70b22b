"""The looks of one step at many pairs, in stages: each task takes a shard of the pairs and has the step look at it.

What a task reads and writes is text (JSON, one record a line) in a file of arrays. The step itself goes with the
task over the cluster's own, authenticated connection, and is in no file.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from curation.engines.arrays import Arrays
from curation.engines.looks import Batch, Looked, packed_step
from curation.engines.stages import Stages, Task
from curation.steps import Step, fingerprint
from tamiz.extras import needs_extra
from tamiz.progress import Job
from tamiz.records import Finding, Pair
from tamiz.settings import RaySettings

__all__ = ["looked", "looks_in_stages", "looks_on_ray"]


def looks_in_stages(stages: Stages, step: Step, shards: Iterable[Batch]) -> Generator[Looked, None, None]:
    """Each shard with all the step's findings about it, in order; one shard at a time is in memory."""
    packed, named = packed_step(step), {"step": fingerprint(step)}
    names = [stages.put({"pairs": _lines(asdict(pair) for pair in shard)}) for shard in shards]
    tasks = [Task(function=looked, inputs=(name,), settings=named, carried=packed) for name in names]
    for name, file in zip(names, stages.run("looking", tasks), strict=True):
        pairs = [Pair.from_dict(values) for values in _records(stages.read(name)["pairs"])]
        yield pairs, [Finding.from_dict(values) for values in _records(stages.read(file)["findings"])]


def looks_on_ray(
    step: Step, shards: Iterable[Batch], settings: RaySettings, job: Job | None
) -> Generator[Looked, None, None]:
    """The same on the cluster that the settings name; their folder is given."""
    from curation.engines.cluster import ray_engine

    folder = Path(settings.folder) / "looks"
    with (
        needs_extra('[curation] engine = "ray"', "ray"),
        ray_engine(settings, folder) as engine,
        Stages.open(folder, engine, job) as stages,
    ):
        yield from looks_in_stages(stages, step, shards)


def looked(inputs: Sequence[Arrays], settings: Mapping[str, Any]) -> Arrays:
    step: Step = pickle.loads(settings["carried"])  # noqa: S301 -- came with the task, see above
    pairs = [Pair.from_dict(values) for values in _records(inputs[0]["pairs"])]
    return {"findings": _lines(asdict(finding) for finding in step.look(pairs))}


def _lines(records: Iterable[Mapping[str, Any]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    text = "".join(json.dumps(record) + "\n" for record in records)
    return np.frombuffer(text.encode("ascii"), np.uint8)


def _records(array: Any) -> Iterator[dict[str, Any]]:
    for line in array.tobytes().splitlines():
        yield json.loads(line)
