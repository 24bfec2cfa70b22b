"""A dataset version: accepted pairs, divided, in one folder that is whole or not there.

exports/vNNN/ has manifest.json, pairs/ with the full record and lineage of every line, and one folder for
each format. A version never changes; the same pairs and settings give the same content hash.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import tamiz
from curation.formats import chat, hf
from curation.formats import json as plain
from curation.split import Splits, check_splits, split_pairs
from tamiz.errors import InputError, SettingsError, TooFewPairs
from tamiz.files import aside, file_sha256
from tamiz.project import Project
from tamiz.records import Manifest, Page, Pair, Split, record_dict
from tamiz.store import Store

__all__ = ["FORMATS", "export", "is_stale", "newest_export"]

FORMATS = ("json", "chat", "hf")
PARTS: tuple[Split, ...] = get_args(Split)
LEFT_OUT = {"new": "not curated yet", "waiting": "waiting for a decision", "skipped": "skipped in review"}
TAKEN = (errno.ENOTEMPTY, errno.EEXIST)  # a folder of this name is there already


def export(project: Project, store: Store, formats: Sequence[str] | None = None, *, again: bool = False) -> Manifest:
    """Write the accepted pairs as the next version, and return its manifest.

    Where nothing has changed since the newest version that one is returned, unless `again` is set.
    TooFewPairs when there are fewer than [export] min_pairs.
    """
    chosen = _formats(project.settings.export.formats if formats is None else formats)
    pairs = _accepted(project, store)
    splits, rows, content_hash = _content(project, store, pairs, chosen)
    newest = newest_export(project)
    if newest is not None and newest.content_hash == content_hash and not again:
        return newest
    while True:
        version = _next_version(project)
        try:
            return _write(project, store, version, chosen, splits, rows, content_hash)
        except OSError as error:
            if error.errno not in TAKEN:
                raise  # another export took the number first: take the next one


def newest_export(project: Project) -> Manifest | None:
    """The manifest of the latest version, or None before the first."""
    versions = _versions(project)
    if not versions:
        return None
    path = project.exports / versions[-1] / "manifest.json"
    try:
        return Manifest.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read as a manifest ({error}). Move that folder away and export again"
        ) from None


def is_stale(project: Project, store: Store) -> bool:
    """Whether an export now would differ from the newest one, in its formats; also when there is none."""
    newest = newest_export(project)
    if newest is None:
        return True
    formats = _formats(newest.settings.get("formats", project.settings.export.formats))
    pairs = [stored.pair for stored in store.pairs("accepted")]
    return _content(project, store, pairs, formats)[2] != newest.content_hash


def _formats(names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise SettingsError(f"{unknown[0]!r} is no export format; give one or more of: {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in names)


def _accepted(project: Project, store: Store) -> list[Pair]:
    pairs = [stored.pair for stored in store.pairs("accepted")]
    least, counts = project.settings.export.min_pairs, store.counts()
    if len(pairs) >= least:
        return pairs
    new, waiting = counts.get("new", 0), counts.get("waiting", 0) + counts.get("skipped", 0)
    following = "Run: tamiz curate" if new else "Run: tamiz review" if waiting else "Bring more: tamiz crawl or import"
    raise TooFewPairs(
        f"{len(pairs)} pairs are accepted and [export] min_pairs asks for {least}; "
        f"{new} are new and {waiting} wait for a decision. {following}"
    )


def _content(
    project: Project, store: Store, pairs: Sequence[Pair], formats: Sequence[str]
) -> tuple[Splits, dict[Split, list[dict[str, Any]]], str]:
    """The parts, their canonical rows, and the hash of everything that makes this version what it is."""
    settings = project.settings
    splits = split_pairs(pairs, settings.export, settings.curation.near)
    check_splits(splits, settings.curation.near)
    wanted = {pair.page for pair in pairs if pair.page}
    pages = {page.id: page for page in store.pages() if page.id in wanted} if wanted else {}
    rows = {part: [_row(pair, pages.get(pair.page)) for pair in splits.parts[part]] for part in PARTS}
    # Not when a page was fetched: the same texts crawled again are the same dataset.
    timeless = {part: [{**row, "fetched_at": ""} for row in many] for part, many in rows.items()}
    covered = {"pairs": timeless, "settings": _settings(project, formats)}
    text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return splits, rows, hashlib.sha256(text.encode()).hexdigest()


def _settings(project: Project, formats: Sequence[str]) -> dict[str, Any]:
    settings = project.settings
    values = {name: value for name, value in asdict(settings.export).items() if name not in ("formats", "min_pairs")}
    about = {"project": settings.project.name, "goal": settings.project.goal}
    whole = {**about, "export": values, "near": asdict(settings.curation.near), "formats": list(formats)}
    return json.loads(json.dumps(whole))  # type: ignore[no-any-return]


def _row(pair: Pair, page: Page | None) -> dict[str, Any]:
    """The full record of a pair, with the page it was read from."""
    where = {
        "fetched_at": page.fetched_at if page else "",
        "final_url": page.final_url if page else "",
        "robots": page.robots if page else "",
        "content_hash": page.content_hash if page else "",
    }
    licence = pair.licence or (page.licence if page else "")
    return {**record_dict(pair), "licence": licence, **where}


def _write(
    project: Project,
    store: Store,
    version: str,
    formats: Sequence[str],
    splits: Splits,
    rows: Mapping[Split, Sequence[dict[str, Any]]],
    content_hash: str,
) -> Manifest:
    with aside(project.exports / version) as folder:
        counted = _write_pairs(folder / "pairs", rows)
        for name in formats:
            counted |= _write_format(folder / name, name, splits)
        pairs = [row for part in PARTS for row in rows[part]]
        manifest = Manifest(
            version=version,
            content_hash=content_hash,
            created_at=store.timestamp(),
            tamiz_version=tamiz.__version__,
            seed=project.settings.export.seed,
            splits=splits.sizes(),
            files={path: {"sha256": file_sha256(folder / path), "rows": counted[path]} for path in sorted(counted)},
            settings=_settings(project, formats),
            languages=_counted(pairs, "lang"),
            kinds=_counted(pairs, "kind"),
            labels=_counted(pairs, "label"),
            sources=_sources(pairs),
            left_out=_left_out(store),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
        (folder / "manifest.json").write_bytes(text.encode() + b"\n")
    return manifest


def _write_pairs(folder: Path, rows: Mapping[Split, Sequence[dict[str, Any]]]) -> dict[str, int]:
    folder.mkdir(parents=True)
    for part in PARTS:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[part])
        (folder / f"{part}.jsonl").write_bytes(lines.encode())
    return {f"pairs/{part}.jsonl": len(rows[part]) for part in PARTS}


def _write_format(folder: Path, name: str, splits: Splits) -> dict[str, int]:
    folder.mkdir()
    if name == "hf":
        counted = hf.write(folder, {part: splits.parts[part] for part in PARTS})
    else:
        write = plain.write if name == "json" else chat.write
        counted = {}
        for part in PARTS:
            counted |= write(folder, part, splits.parts[part])
    return {f"{name}/{path}": rows for path, rows in counted.items()}


def _counted(rows: Sequence[dict[str, Any]], name: str) -> dict[str, int]:
    return dict(sorted(Counter(str(row[name]) for row in rows).items()))


def _sources(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each source its pairs, pages and stated licences."""
    return {
        source: {
            "pairs": len(mine),
            "pages": len({row["page"] or row["url"] for row in mine}),
            "licences": sorted({row["licence"] for row in mine if row["licence"]}),
        }
        for source in sorted({row["source"] for row in rows})
        for mine in [[row for row in rows if row["source"] == source]]
    }


def _left_out(store: Store) -> dict[str, int]:
    """How many pairs are not in the export, by reason; pairs that an edit replaced are not counted."""
    counts = store.counts()
    reasons = Counter({reason: counts[state] for state, reason in LEFT_OUT.items() if counts.get(state)})
    if counts.get("rejected"):
        rejected = {stored.pair.id for stored in store.pairs("rejected")}
        by = {event.pair: event.actor for event in store.events() if event.to_state == "rejected"}
        reasons.update(_rejected_by(by.get(pair, "")) for pair in rejected)
    return dict(sorted(reasons.items()))


def _rejected_by(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return f"rejected by rule {name}" if kind == "rule" else "rejected in review"


def _versions(project: Project) -> list[str]:
    found: Iterator[Path] = project.exports.glob("v*") if project.exports.is_dir() else iter(())
    names = [path.name for path in found if re.fullmatch(r"v\d{3,}", path.name)]
    return sorted(names, key=lambda name: int(name[1:]))


def _next_version(project: Project) -> str:
    versions = _versions(project)
    return f"v{int(versions[-1][1:]) + 1 if versions else 1:03d}"
