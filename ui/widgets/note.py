"""What a job says of its progress, in the language of the screen: "12 pairs  3.1 pages/s  /faq".

Jobs say it in English, as terminals and logs have it. What is not ours in it (an address, a plugin's step) stays.
"""

from __future__ import annotations

import re

from ui.wording import Words

__all__ = ["COUNTED", "SAID", "note_in_words"]

COUNTED = {"pairs": "pairs", "new pairs": "new_pairs", "in queue": "in_queue", "pages/s": "pages_s"}
COUNTED |= {"pairs made": "pairs_made", "ok": "ok", "failed": "failed", "at a time": "at_a_time"}
SAID: tuple[str, ...] = (
    "clean",
    "privacy",
    "language",
    "dedupe",
    "meaning",
    "quality",
    "spelling",
    "preparing",
    "joining",
)
SAID += ("comparing", "deciding", "looking", "answering", "rows")
NUMBER = re.compile(r"([\d.,]+) (.+)")
PARTS = re.compile(r"  |, (?=[\d$])")
LEFT = re.compile(r"[\d:]+ left")  # the screen tells that itself


def note_in_words(note: str, words: Words) -> str:
    """The parts of a note, each in the words of the screen."""
    parts = (part.strip() for part in PARTS.split(note))
    return " · ".join(_part(part, words) for part in parts if part and not LEFT.fullmatch(part))


def _part(part: str, words: Words) -> str:
    counted = NUMBER.fullmatch(part)
    if counted and counted[2] in COUNTED:
        return words(f"note.{COUNTED[counted[2]]}", number=counted[1])
    if part.startswith("loss "):
        return words("note.loss", number=part.removeprefix("loss "))
    return words(f"note.{part}") if part in SAID else part
