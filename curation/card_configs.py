"""The YAML header of a dataset card: what each folder of a version holds, with the type of every column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from curation.formats.catalogue import CATALOGUE, TEXT, Feature
from tamiz.records import Manifest, Pair, Turn

__all__ = ["Feature", "config_name", "configs", "header", "pair_features"]

SCALARS = {str: "string", bool: "bool", int: "int64", float: "float64"}
OF_THE_PAGE = ("fetched_at", "final_url", "robots", "content_hash")


def header(manifest: Manifest) -> str:
    """The header; JSON strings and lists are YAML too, so no name can break out of it."""
    languages = [lang for lang in manifest.languages if re.fullmatch("[a-z]{2,3}", lang) and lang != "und"]
    lines = ["---", f"language: {json.dumps(languages)}", "task_categories:", "- question-answering", "configs:"]
    known = list(configs(manifest))
    for name, folder, ending, _ in known:
        lines += [f"- config_name: {name}", *(["  default: true"] if folder == "pairs" else []), "  data_files:"]
        for part in _parts_with_lines(manifest, folder):
            lines += [f"  - split: {part}", f"    path: {folder}/{part}.{ending}"]
    lines.append("dataset_info:")
    for name, _, _, features in known:
        lines += [f"- config_name: {name}", "  features:"]
        lines += [f"  - {json.dumps(feature)}" for feature in features]
    return "\n".join([*lines, "---", ""])


def config_name(content_hash: str) -> str:
    """How the names of a version's configurations begin.

    Loaders keep what they read by the name: what holds something else must have another one.
    """
    return f"tamiz-{content_hash[:12]}"


def configs(manifest: Manifest) -> Iterator[tuple[str, str, str, Sequence[Feature]]]:
    """(name, folder, ending, columns) of all that load_dataset reads here, the default one first.

    It reads all configurations of a folder with one reader, that of JSON, so the tables are not among them.
    """
    name = config_name(manifest.content_hash)
    yield name, "pairs", "jsonl", pair_features()
    for chosen in manifest.settings.get("formats", []):
        known = CATALOGUE.get(chosen)
        if known is not None and known.features and any(_parts_with_lines(manifest, chosen)):
            yield f"{name}-{chosen}", chosen, known.ending, known.features


def _parts_with_lines(manifest: Manifest, folder: str) -> Iterator[str]:
    facts = manifest.formats.get(folder)  # a version of an earlier tamiz has none
    counts = manifest.splits if facts is None else facts["lines"]
    return (part for part, count in counts.items() if count)


def pair_features() -> list[Feature]:
    """The columns of pairs/*.jsonl, in their order: those of a pair's record, then those of its page.

    >>> pair_features()[0]
    {'name': 'id', 'dtype': 'string'}
    """
    own = [{"name": name, **_feature(kind)} for name, kind in get_type_hints(Pair).items()]
    return [{"name": "id", **TEXT}, *own, *({"name": name, **TEXT} for name in OF_THE_PAGE)]


def _feature(kind: Any) -> Feature:
    """The column of a record's field; a list is a tuple of one kind there, and a turn a table of its fields."""
    inner = [one for one in get_args(kind) if one not in (NoneType, Ellipsis)]
    if get_origin(kind) is Literal:
        return TEXT
    if get_origin(kind) is tuple and inner == [Turn]:
        return {"list": [{"name": name, **_feature(of)} for name, of in get_type_hints(Turn).items()]}
    if get_origin(kind) is tuple:
        return {"list": SCALARS[inner[0]]}
    return {"dtype": SCALARS[inner[0] if inner else kind]}
