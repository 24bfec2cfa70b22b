"""Answers of a LanguageTool server kept on disk, so that no sentence is asked about twice.

One file for each server version, language and rules; a line of it is a sentence's hash and what was noticed. The
sentences themselves are not in it, but the replacements and messages can show words of them: the folder lies in
the project, and goes with it. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from curation.spelling.languagetool.matches import Match

__all__ = ["AnswerCache"]

logger = logging.getLogger(__name__)
NOTHING = "[]"


class AnswerCache:
    """What was answered in one language; in memory, and in `folder` where there is one."""

    def __init__(self, folder: Path | None, language: str, depends: Mapping[str, object]) -> None:
        self._lines: dict[str, str] = {}
        self._file: Path | None = None
        if folder is not None:
            print_ = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:16]
            self._file = folder / f"{language}-{print_}.tsv"
            self._load(self._file)

    def get(self, key: str) -> list[Match] | None:
        """What was noticed, None where it was not asked yet."""
        line = self._lines.get(key)
        if line is None or line is NOTHING:
            return None if line is None else []
        try:
            return [Match.of(values) for values in json.loads(line)]
        except (ValueError, TypeError):  # a line that was cut off; it is asked again
            return None

    def add(self, answers: Sequence[tuple[str, Sequence[Match]]]) -> None:
        """Keep answers, on disk too where it takes them."""
        lines = []
        for key, matches in answers:
            line = json.dumps([match.plain() for match in matches]) if matches else NOTHING
            self._lines[key] = line
            lines.append(f"{key}\t{line}\n")
        if self._file is not None and lines:
            try:
                _append(self._file, "".join(["\n", *lines]).encode("ascii"))
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        logger.warning("%s cannot be used (%s); answers of LanguageTool are not kept", self._file, error)
        self._file = None

    def _load(self, file: Path) -> None:
        try:
            kept = file.open(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            self._give_up(error)
            return
        with kept:
            for row in kept:
                key, tab, line = row.rstrip("\n").partition("\t")
                if tab and row.endswith("]\n"):  # else the end of a write that was cut off
                    self._lines[key] = NOTHING if line == NOTHING else line


def _append(file: Path, lines: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, lines)  # in one go: other processes add to it as well
    finally:
        os.close(handle)
