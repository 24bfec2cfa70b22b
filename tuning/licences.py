"""What a base model says of its licence."""

from __future__ import annotations

import re
from importlib.metadata import Distribution
from pathlib import Path

__all__ = ["package_licence", "stated_licence"]

NOT_STATED = "not stated; see the model's own page"
LETTERS = 80  # of the free field, where some put the whole text


def stated_licence(folder: Path) -> str:
    """The licence in the front matter of a model card, or what to do."""
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace")[:5000] if card.is_file() else ""
    found = re.search(r"^license(?:_name)?:[ \t]*([\w.+-]+)", text, re.MULTILINE)
    return found[1] if found else NOT_STATED


def package_licence(installed: Distribution, folder: Path) -> str:
    """What a package says of its licence: the expression, else the model's card, the free field or the classifiers."""
    about = installed.metadata
    words = [about["License-Expression"]] if "License-Expression" in about else []
    if not words and (card := stated_licence(folder)) != NOT_STATED:
        words = [card]
    if not words and "License" in about and about["License"].strip() not in ("", "UNKNOWN"):
        words = [about["License"].strip().split("\n")[0][:80]]  # some put the whole text there
    if not words:
        named = [one.split(" :: ")[-1] for one in about.get_all("Classifier") or () if one.startswith("License :: ")]
        words = [", ".join(named)] if named else []
    return words[0] if words else NOT_STATED
