"""What a command's exit code says, once for the program, its help and its documentation."""

from __future__ import annotations

__all__ = ["EXITS", "FAILED", "FOUND", "STOPPED", "USAGE"]

FAILED, USAGE, FOUND = 1, 2, 3
STOPPED = 130  # what shells give for Ctrl-C

EXITS = (
    (0, "all went well; a check found nothing"),
    (FAILED, "an error, in one line that says what to do"),
    (USAGE, "wrong usage: an option that is unknown, missing, or would do nothing"),
    (FOUND, "a check found what it looks for: dedupe --against without -o"),
    (STOPPED, "stopped with Ctrl-C; what is done is kept"),
)
