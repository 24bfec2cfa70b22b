"""Which pairs repeat others, in stages: the functions of curation.near.pairs, handing over through files.

prepared   a shard of the pairs each: normal texts, band keys, thumbs, sizes
whole      all shards in one file, which the next stages map into memory; which pairs have the very same texts
edges      one band of the questions each, and of that the keys in one range of hashes
decision   in the order of preference, which pairs are kept
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.duplicates import Duplicates, find_duplicates
from curation.engines.arrays import Arrays, flattened, restored
from curation.engines.stages import Stages, Task
from curation.near.bands import choose_bands
from curation.near.pairs import Decision, Edges, Prepared, decide, edges_of, joined_edges, prepare, same_texts
from curation.near.signatures import Counts
from tamiz.extras import needs_extra
from tamiz.progress import Job
from tamiz.settings import CurationSettings, NearSettings, RaySettings

__all__ = ["find_in_stages", "find_with_engine"]

SHARDS_A_RANGE = 8  # a task compares in one band what this many shards have; a band alone is little work


def find_in_stages(
    stages: Stages,
    questions: Sequence[str],
    answers: Sequence[str],
    *,
    near: NearSettings,
    order: Counts | None = None,
    settled: npt.NDArray[np.bool_] | None = None,
    family: Counts | None = None,
    shard_pairs: int = RaySettings().shard_pairs,
) -> Duplicates:
    """What `curation.duplicates.find_duplicates` finds, by the engine of the stages.

    The result's arrays lie in the files of the stages; what is mapped stays there when these are removed.
    """
    order = np.arange(len(questions)) if order is None else order
    limits = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}
    shards = []
    for start in range(0, max(1, len(questions)), shard_pairs):
        stop = start + shard_pairs
        asked, answered = questions[start:stop], answers[start:stop]
        shards.append(stages.put({**_packed("q", asked), **_packed("a", answered)}))
    parts = stages.run("preparing", [Task(function=prepared, inputs=(one,), settings=limits) for one in shards])
    [all_pairs] = stages.run("joining", [Task(function=whole, inputs=tuple(parts))])
    ranges = math.ceil(len(shards) / SHARDS_A_RANGE)
    places = [(band, part) for band in range(choose_bands(near.threshold, near.num_perm)[0]) for part in range(ranges)]
    tasks = [
        Task(function=edges, inputs=(all_pairs,), settings={**limits, "band": band, "range": part, "ranges": ranges})
        for band, part in places
    ]
    found = stages.run("comparing", tasks)
    preferred: dict[str, npt.NDArray[Any]] = {"order": order}
    preferred |= {} if settled is None else {"settled": settled}
    preferred |= {} if family is None else {"family": family}
    inputs = (all_pairs, stages.put(preferred), *found)
    [last] = stages.run("deciding", [Task(function=decision, inputs=inputs, settings=limits)])
    return Duplicates(
        prepared=restored(Prepared, stages.read(all_pairs)),
        node=stages.read(all_pairs)["node"],
        edges=joined_edges([restored(Edges, stages.read(name)) for name in found]),
        order=order,
        near=near,
        decision=restored(Decision, stages.read(last)),
        settled=settled,
        family=family,
    )


def find_with_engine(
    questions: Sequence[str],
    answers: Sequence[str],
    settings: CurationSettings,
    *,
    order: Counts | None = None,
    settled: npt.NDArray[np.bool_] | None = None,
    family: Counts | None = None,
    job: Job | None = None,
) -> Duplicates:
    """What `curation.duplicates.find_duplicates` finds, by the engine that the settings name; its folder is given."""
    told = {"near": settings.near, "order": order, "settled": settled, "family": family}
    if settings.engine == "local":
        return find_duplicates(questions, answers, **told)  # type: ignore[arg-type]
    from curation.engines.cluster import ray_engine

    folder = Path(settings.ray.folder) / "duplicates"
    with (
        needs_extra('[curation] engine = "ray"', "ray"),
        ray_engine(settings.ray, folder) as engine,
        Stages.open(folder, engine, job) as stages,
    ):
        shard_pairs = settings.ray.shard_pairs
        return find_in_stages(stages, questions, answers, **told, shard_pairs=shard_pairs)  # type: ignore[arg-type]


def prepared(inputs: Sequence[Arrays], near: Mapping[str, Any]) -> Arrays:
    pairs = prepare(_unpacked("q", inputs[0]), _unpacked("a", inputs[0]), **near)
    return flattened(replace(pairs, firsts=None))  # of a shard alone


def whole(inputs: Sequence[Arrays], _: Mapping[str, Any]) -> Arrays:
    joined = Prepared.joined([restored(Prepared, one) for one in inputs])
    return {**flattened(joined), "node": same_texts(joined)}


def edges(inputs: Sequence[Arrays], settings: Mapping[str, Any]) -> Arrays:
    pairs, node = restored(Prepared, inputs[0]), inputs[0]["node"]
    near = {name: settings[name] for name in ("threshold", "ngram", "num_perm")}
    nodes = np.flatnonzero(node == np.arange(len(node)))
    if settings["ranges"] > 1:
        keys = pairs.asked.keys[:, settings["band"]][nodes].astype(np.uint64)
        nodes = nodes[keys * np.uint64(settings["ranges"]) >> np.uint64(32) == settings["range"]]
    return flattened(edges_of(pairs, nodes, settings["band"], **near))


def decision(inputs: Sequence[Arrays], near: Mapping[str, Any]) -> Arrays:
    all_pairs, preferred, *found = inputs
    joined = joined_edges([restored(Edges, one) for one in found])
    pairs = restored(Prepared, all_pairs)
    told = {name: preferred[name] for name in ("settled", "family") if name in preferred}
    return flattened(decide(pairs, all_pairs["node"], joined, preferred["order"], **{**told, **near}))


def _packed(name: str, texts: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Texts as they came, as bytes: a task makes the same of them as this process would."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    return {name: np.frombuffer(b"".join(encoded), np.uint8), f"{name}_starts": starts}


def _unpacked(name: str, arrays: Arrays) -> list[str]:
    data, starts = arrays[name].tobytes(), arrays[f"{name}_starts"].tolist()
    return [data[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(starts)]
