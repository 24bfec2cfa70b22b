"""Dataset versions of a few rows, as `tamiz export` writes them, without a project or a store: for what measures and
tests tuning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tamiz.records import Manifest, record_dict

Row = dict[str, Any]


def row(
    question: str, answer: str, *, lang: str = "en", label: str = "", group: str = "", context: Sequence[Row] = ()
) -> Row:
    """One line of an export; what has no group is a group of its own."""
    number = hashlib.sha256(f"{question}{answer}".encode()).hexdigest()[:32]
    return {
        "id": number,
        "question": question,
        "answer": answer,
        "lang": lang,
        "label": label,
        "kind": "faq",
        "source": "toy",
        "url": "https://toy.example/faq",
        "group": group or question,
        "context": list(context),
    }


def write_export(folder: Path, **splits: Sequence[Row]) -> Path:
    """An export folder with its manifest; give train, validation and test."""
    (folder / "pairs").mkdir(parents=True)
    files = {}
    for split, rows in splits.items():
        path = folder / "pairs" / f"{split}.jsonl"
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
        files[f"pairs/{split}.jsonl"] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": len(rows)}
    nothing: dict[str, Any] = {name: {} for name in ("settings", "languages", "kinds", "labels", "sources", "left_out")}
    manifest = Manifest(
        version=folder.name,
        content_hash=hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest(),
        created_at="2026-01-31T09:30:00+00:00",
        tamiz_version="0",
        seed=13,
        splits={split: len(rows) for split, rows in splits.items()},
        files=files,
        **nothing,
    )
    (folder / "manifest.json").write_text(json.dumps(record_dict(manifest)), encoding="utf-8")
    return folder
