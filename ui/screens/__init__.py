"""One module for each screen; each has one function `show`."""

from __future__ import annotations

__all__ = ["ICONS", "SCREENS"]

# The module in ui.screens, which is also its address, and its icon; by the group it stands under.
SCREENS: dict[str, dict[str, str]] = {
    "": {"home": "home"},
    "gather": {"sources": "travel_explore"},
    "decide": {
        "review": "rate_review",
        "pairs": "table_rows",
        "adjudicate": "gavel",
        "duplicates": "content_copy",
        "words": "spellcheck",
        "balance": "balance",
    },
    "train": {
        "synthesis": "auto_awesome",
        "dataset": "dataset",
        "training": "model_training",
        "compare": "compare_arrows",
        "chat": "forum",
    },
    "project": {"lineage": "account_tree", "settings": "tune"},
}

ICONS = {name: icon for screens in SCREENS.values() for name, icon in screens.items()}
