"""What is left to do for originals that held personal data once the steps have run, and what to say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tamiz.project import Project
from tamiz.records import SealedPair
from tamiz.sealed import count_sealed, scrub, seal_rest
from tamiz.store import Store
from tamiz.vault import KEY_FILE

__all__ = ["originals_notes", "seal_originals"]

IN_SQLITE = "sqlite:///"
TRACES = (
    "another process has the database open, so traces of originals are left in its files: "
    "run tamiz curate once more when it has ended"
)


def seal_originals(project: Project, store: Store, before: Mapping[str, int]) -> list[str]:
    """Seal what is not sealed yet and leave no trace of it in the database; what to say where anything was sealed.

    `before` is how much was sealed before the run.
    """
    seal_rest(store)
    clean = scrub(store)
    after = count_sealed(store)
    if after == dict(before) and clean:
        return []
    traces = [] if clean else [TRACES]
    return [*originals_notes(project, store), *traces]


def originals_notes(project: Project, store: Store) -> list[str]:
    """How many originals are sealed, and where else their texts may still be."""
    sealed = count_sealed(store)
    if not sealed:
        return []
    encrypted, dropped = sealed.get("encrypt", 0), sealed.get("drop", 0)
    said = [f"{encrypted:,} encrypted ({KEY_FILE} opens them)"] * bool(encrypted) + [f"{dropped:,} dropped"] * bool(
        dropped
    )
    notes = [f"originals that a masked pair has replaced: {', '.join(said)}"]
    return [*notes, *(f"personal data of originals may also be in {place}" for place in _elsewhere(project, store))]


def _elsewhere(project: Project, store: Store) -> Iterator[str]:
    """Places that no masking changes."""
    if any(project.pages.glob("*.warc.gz")):
        yield f"{project.pages.name}/*.warc.gz: pages are kept as the site published them"
    if project.store_url.startswith(IN_SQLITE):
        path = project.folder / project.store_url.removeprefix(IN_SQLITE)
        for backup in sorted(path.parent.glob(f"{path.name}.backup-*")):
            yield f"{backup.name}: a backup from before an upgrade; delete it when you need it no more"
    else:
        yield "the PostgreSQL server's own write-ahead log and backups"
    held = _exports_with(project, store)
    if held:
        yield f"{project.exports.name}/ {', '.join(held)}: versions from before the masking, which never change"


def _exports_with(project: Project, store: Store) -> list[str]:
    """The dataset versions that hold a pair which is sealed now."""
    versions = sorted(path.parent for path in project.exports.glob("*/manifest.json"))
    if not versions:
        return []
    sealed = {one.pair.id for one in store.pairs("replaced", "withdrawn") if isinstance(one.pair, SealedPair)}
    found = []
    for version in versions:
        lines = (line for path in sorted((version / "pairs").glob("*.jsonl")) for line in path.open(encoding="utf-8"))
        if any(json.loads(line).get("id") in sealed for line in lines if line.strip()):
            found.append(version.name)
    return found
