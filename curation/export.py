"""A dataset version: accepted pairs, divided, in one folder that is whole or not there.

exports/vNNN/ has manifest.json, README.md (the dataset card), pairs/ with the full record and lineage of every
line, and one folder for each format. A version never changes; the same pairs and settings give the same content
hash. The part of a pair is claimed in the store before a version is written, and later versions keep it.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tamiz
from curation.balance.count import balance_of
from curation.balance.kept import PICTURE, kept
from curation.balance.picture import balance_picture
from curation.card import dataset_card
from curation.card_configs import config_name
from curation.dividing import divide_accepted
from curation.formats.writing import write_formats
from curation.frozen import Known, asked_for
from curation.gate import Gate, look_at, masked_address, require_masked
from curation.gather import LeftOut, left_out_notes
from curation.preferences.gathering import Preferences, gather_preferences
from curation.proof import Proof
from curation.split import Splits, check_splits
from curation.stratify import PARTS
from curation.synthetic import Origin, refuse_leaks, synthetic_facts
from curation.version_facts import counted_by, left_out_of, sources_of
from curation.versions import newest_export, next_version
from tamiz.errors import InputError, SettingsError, TooFewPairs
from tamiz.files import aside, file_sha256
from tamiz.project import Project
from tamiz.records import Manifest, Page, Pair, Split, record_dict
from tamiz.settings import EXPORT_FORMATS
from tamiz.store import Store

__all__ = ["FORMATS", "export", "is_stale", "newest_export"]

FORMATS = EXPORT_FORMATS
WRITTEN = 2  # how lines are written; another number makes every version of before stale
TAKEN = (errno.ENOTEMPTY, errno.EEXIST)  # a folder of this name is there already


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version would hold: the parts, their rows, the proof, and a hash of what makes it what it is."""

    known: Known
    splits: Splits
    proof: Proof
    rows: Mapping[Split, Sequence[dict[str, Any]]]
    preferences: Preferences
    origins: Mapping[str, Origin]
    notes: tuple[str, ...]
    hash: str


def export(
    project: Project,
    store: Store,
    formats: Sequence[str] | None = None,
    *,
    again: bool = False,
    resplit: bool = False,
) -> Manifest:
    """Write the accepted pairs as the next version, and return its manifest.

    Where nothing has changed since the newest version that one is returned, unless `again` is set. Pairs keep
    the part of the split that an earlier version gave them; `resplit` assigns all anew.
    TooFewPairs when there are fewer than [export] min_pairs; PersonalData when they hold some that [export]
    max_risk does not let out; FrozenConflict where settings bind pairs together that were apart; SyntheticLeak
    when a synthetic pair is nearly the same as something in validation or test.
    """
    if project.exports.is_file() or (project.exports.is_symlink() and not project.exports.exists()):
        raise InputError(f"{project.exports} is no folder; move it away, dataset versions are written to it")
    chosen = _formats(project.settings.export.formats if formats is None else formats)
    pairs = _accepted(project, store)
    gate = look_at(project, store, pairs)
    require_masked(gate)
    while True:
        content = _content(project, store, pairs, chosen, resplit=resplit)
        newest = newest_export(project)
        same = newest if newest is not None and newest.content_hash == content.hash and not again else None
        if same is not None and (not resplit or content.known.holds(content.splits)):
            return same
        if content.known.claim(store, content.splits, asked_for(project.settings.export)):
            if same is not None:
                return same  # only pairs that are in no version have lost their part
            break  # else another export has assigned parts since: see what it left
    while True:
        version = next_version(project)
        try:
            return _write(project, store, version, chosen, content, gate)
        except OSError as error:
            if error.errno not in TAKEN:
                raise  # another export took the number first: take the next one


def is_stale(project: Project, store: Store) -> bool:
    """Whether an export now would differ from the newest one, in its formats; also when there is none."""
    newest = newest_export(project)
    if newest is None:
        return True
    formats = _formats(newest.settings.get("formats", project.settings.export.formats))
    pairs = [stored.pair for stored in store.pairs("accepted")]
    return _content(project, store, pairs, formats).hash != newest.content_hash


def _formats(names: Sequence[str]) -> tuple[str, ...]:
    wanted = [name.strip() for given in names for name in given.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        said = " and ".join(repr(name) for name in unknown)
        are = "is no export format" if len(unknown) == 1 else "are no export formats"
        raise SettingsError(f"{said} {are}; give one or more of: {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in wanted)


def _prefers(formats: Sequence[str]) -> bool:
    return "dpo" in formats or "kto" in formats


def _accepted(project: Project, store: Store) -> list[Pair]:
    pairs = [stored.pair for stored in store.pairs("accepted")]
    least, counts = project.settings.export.min_pairs, store.counts()
    if len(pairs) >= least:
        return pairs
    new, waiting = counts.get("new", 0), sum(counts.get(state, 0) for state in ("waiting", "skipped", "disputed"))
    following = "Run: tamiz curate" if new else "Run: tamiz review" if waiting else "Bring more: tamiz crawl or import"
    raise TooFewPairs(
        f"{len(pairs)} pairs are accepted and [export] min_pairs asks for {least}; "
        f"{new} are new and {waiting} wait for a decision. {following}"
    )


def _content(
    project: Project, store: Store, pairs: Sequence[Pair], formats: Sequence[str], *, resplit: bool = False
) -> Content:
    """The accepted pairs as they would be divided now, beside those that were divided before."""
    settings, near = project.settings.export, project.settings.curation.near
    divided = divide_accepted(project, store, pairs, resplit=resplit)
    known, splits = divided.known, divided.splits
    refuse_leaks(divided.leaks, divided.origins)
    proof = check_splits(splits, near, by_author=settings.group_by_author)
    preferred = gather_preferences(project, store, splits.parts, known.frozen.parts) if _prefers(formats) else None
    wanted = {pair.page for pair in pairs if pair.page}
    pages = {page.id: page for page in store.pages() if page.id in wanted} if wanted else {}
    rows = {part: [_row(pair, pages.get(pair.page)) for pair in splits.parts[part]] for part in PARTS}
    # Not when a page was fetched: the same texts crawled again are the same dataset.
    timeless = {part: [{**row, "fetched_at": ""} for row in many] for part, many in rows.items()}
    left_out = [asdict(one) for one in splits.left_out]
    covered: dict[str, Any] = {"pairs": timeless, "left_out": left_out, "settings": _settings(project, formats)}
    covered["written"] = WRITTEN
    if preferred is not None:
        covered["unwanted"] = {part: [[o.id, o.pair.id] for o in many] for part, many in preferred.unwanted.items()}
    text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Content(
        known=known,
        splits=splits,
        proof=proof,
        rows=rows,
        preferences=preferred or Preferences(),
        origins=divided.origins,
        notes=(*splits.notes, *known.notes(splits, settings), *left_out_notes(splits.left_out)),
        hash=hashlib.sha256(text.encode()).hexdigest(),
    )


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
        "final_url": masked_address(page.final_url) if page else "",
        "robots": page.robots if page else "",
        "content_hash": page.content_hash if page else "",
    }
    licence = pair.licence or (page.licence if page else "")
    shown = {name: masked_address(getattr(pair, name)) for name in ("url", "group")}
    return {**record_dict(pair), **shown, "licence": licence, **where}


def _write(
    project: Project, store: Store, version: str, formats: Sequence[str], content: Content, gate: Gate
) -> Manifest:
    splits, rows = content.splits, content.rows
    with aside(project.exports / version) as folder:
        counted = _write_pairs(folder / "pairs", rows)
        counted |= _write_left_out(folder, splits.left_out)
        written = write_formats(
            folder,
            formats,
            splits.parts,
            rows,
            content.preferences,
            version=version,
            config=config_name(content.hash),
        )
        counted |= written.files
        balance = balance_of(pair for part in PARTS for pair in splits.parts[part])
        (folder / PICTURE).write_text(balance_picture(balance), encoding="utf-8")
        counted[PICTURE] = 0
        pairs = [row for part in PARTS for row in rows[part]]
        manifest = Manifest(
            version=version,
            content_hash=content.hash,
            created_at=store.timestamp(),
            tamiz_version=tamiz.__version__,
            seed=project.settings.export.seed,
            splits=splits.sizes(),
            files={path: {"sha256": file_sha256(folder / path), "rows": counted[path]} for path in sorted(counted)},
            settings=_settings(project, formats),
            languages=counted_by(pairs, "lang"),
            kinds=counted_by(pairs, "kind"),
            labels=counted_by(pairs, "label"),
            sources=sources_of(pairs),
            left_out=left_out_of(store, splits.left_out),
            notes=(*content.notes, *written.notes()),
            proof={**asdict(content.proof), "kept_part": splits.kept, "new_part": len(pairs) - splits.kept},
            siblings=asdict(splits.siblings),
            privacy=gate.facts(),
            balance=kept(balance),
            formats=written.formats,
            synthetic=synthetic_facts(splits.parts, content.origins),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
        (folder / "manifest.json").write_bytes(text.encode() + b"\n")
        (folder / "README.md").write_bytes(dataset_card(manifest).encode())
    return manifest


def _write_pairs(folder: Path, rows: Mapping[Split, Sequence[dict[str, Any]]]) -> dict[str, int]:
    folder.mkdir(parents=True)
    for part in PARTS:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[part])
        (folder / f"{part}.jsonl").write_bytes(lines.encode())
    return {f"pairs/{part}.jsonl": len(rows[part]) for part in PARTS}


def _write_left_out(folder: Path, left_out: Sequence[LeftOut]) -> dict[str, int]:
    """The pairs that were accepted and could not be divided, with their ties."""
    lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in left_out)
    (folder / "left_out.jsonl").write_bytes(lines.encode())
    return {"left_out.jsonl": len(left_out)}
