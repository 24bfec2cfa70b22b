"""One module for each screen; each has one function `show`."""

from __future__ import annotations

__all__ = ["SCREENS"]

# The module in ui.screens, which is also its address, and its icon; by the group it stands under.
SCREENS: dict[str, dict[str, str]] = {
    "": {"home": "home"},
    "gather": {"sources": "travel_explore"},
    "decide": {"review": "rate_review", "words": "spellcheck", "balance": "balance"},
}
