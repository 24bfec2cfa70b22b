"""Plain JSON: a list of {"question", "answer"} for each part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tamiz.records import Pair

__all__ = ["write"]


def write(folder: Path, part: str, pairs: Sequence[Pair]) -> dict[str, int]:
    """Write one part; {file name: rows}."""
    rows = [{"question": pair.question, "answer": pair.answer} for pair in pairs]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (folder / f"{part}.json").write_bytes(text.encode() + b"\n")
    return {f"{part}.json": len(rows)}
