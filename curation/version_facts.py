"""What the manifest of a version counts: values of fields, sources, and pairs that are in no version, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from curation.gather import LeftOut
from tamiz.store import Store

__all__ = ["counted_by", "left_out_of", "sources_of"]

LEFT_OUT = {
    "new": "not curated yet",
    "waiting": "waiting for a decision",
    "skipped": "skipped in review",
    "disputed": "reviewers disagree",
}


def counted_by(rows: Sequence[dict[str, Any]], name: str) -> dict[str, int]:
    """How many rows have each value of this field."""
    return dict(sorted(Counter(str(row[name]) for row in rows).items()))


def sources_of(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
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


def left_out_of(store: Store, undivided: Sequence[LeftOut]) -> dict[str, int]:
    """How many pairs are not in the export, by reason; pairs that an edit replaced are not counted."""
    counts = store.counts()
    reasons = Counter({reason: counts[state] for state, reason in LEFT_OUT.items() if counts.get(state)})
    reasons.update(one.reason for one in undivided)
    if counts.get("rejected"):
        rejected = {stored.pair.id for stored in store.pairs("rejected")}
        by = {event.pair: event.actor for event in store.events() if event.to_state == "rejected"}
        reasons.update(_rejected_by(by.get(pair, "")) for pair in rejected)
    return dict(sorted(reasons.items()))


def _rejected_by(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return f"rejected by rule {name}" if kind == "rule" else "rejected in review"
