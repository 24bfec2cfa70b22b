"""glossary.txt: words and phrases that are right as they are, one a line.

    # our products
    HomeBox
    fibra óptica
    es: aparcabicis      # in Spanish texts only

A term stands for itself in any case (homebox, HOMEBOX) and as a whole word or phrase.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tamiz.errors import InputError
from tamiz.files import write_whole

__all__ = ["Glossary", "add_term", "merged", "parse_glossary", "read_glossary", "remove_term"]

LONGEST = 100  # characters of a term
MOST_BYTES = 16 * 2**20
SHOWN = 40
HEAD = "# Words that stay as they are, one a line\n"
_COMMENT = re.compile(r"^\s*#.*$|\s#(?:\s.*)?$")
_LANGUAGE = re.compile(r"([a-z]{2}):\s+(\S.*)")
_RUN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms as (language, term); the language is "" for a term of every one.

    >>> Glossary((("", "HomeBox"), ("es", "router wifi"))).places("Un homebox o un router wifi.", "es")
    [(3, 10), (16, 27)]
    """

    terms: tuple[tuple[str, str], ...] = ()
    _index: dict[str, list[tuple[str, str, int]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, list[tuple[str, str, int]]] = {}
        for lang, term in self.terms:
            first = _RUN.search(term)
            if first is not None:
                index.setdefault(first[0].casefold(), []).append((lang, term.casefold(), first.start()))
        object.__setattr__(self, "_index", index)

    @property
    def hash(self) -> str:
        """The same for the same terms, in whatever order they are written."""
        lines = sorted({f"{lang}:{term}" for lang, term in self.terms})
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def with_terms(self, more: Iterable[tuple[str, str]]) -> Glossary:
        return Glossary(tuple(dict.fromkeys((*self.terms, *more))))

    def places(self, text: str, lang: str) -> list[tuple[int, int]]:
        """Where terms of this language, or of every one, stand in the text."""
        found = []
        for run in _RUN.finditer(text) if self._index else ():
            for of, term, lead in self._index.get(run[0].casefold(), ()):
                start = run.start() - lead
                end = start + len(term)
                if of in ("", lang) and start >= 0 and text[start:end].casefold() == term and _whole(text, start, end):
                    found.append((start, end))
        return found


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on over either edge."""
    left = start == 0 or not (_is_word(text[start - 1]) and _is_word(text[start]))
    return left and (end >= len(text) or not (_is_word(text[end - 1]) and _is_word(text[end])))


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def read_glossary(path: Path, *, must_exist: bool = False) -> Glossary:
    """The terms of a file; none where there is no file. InputError names the line that is no term."""
    return parse_glossary(_read(path, must_exist=must_exist), str(path))


def parse_glossary(text: str, name: str) -> Glossary:
    terms = []
    for number, line in enumerate(text.split("\n"), start=1):
        entry = _entry(line)
        if entry is None:
            continue
        trouble = _trouble(entry[1])
        if trouble:
            shown = ascii(line[:SHOWN])
            raise InputError(f"{name}, line {number}: {shown} {trouble}. Give one term a line; # begins a comment")
        terms.append(entry)
    return Glossary(tuple(dict.fromkeys(terms)))


def add_term(path: Path, term: str, *, lang: str = "") -> bool:
    """Write a term under the others; whether it was not there yet. InputError where it cannot be one."""
    term = unicodedata.normalize("NFC", term)
    line = f"{lang}: {term}" if lang else term
    trouble = _trouble(term)
    if trouble or _entry(line) != (lang, term):
        raise InputError(
            f"{term[:SHOWN]!r} {trouble or 'would not be read as that term again'}, so it cannot stand in {path.name}. "
            "Decide about it pair by pair"
        )
    text = _read(path)
    glossary = parse_glossary(text, str(path))
    if (lang, term) in glossary.terms or ("", term) in glossary.terms:
        return False
    lead = HEAD if not text else "" if text.endswith("\n") else "\n"
    try:
        _append(path, f"{lead}{line}\n".encode())
    except OSError as error:
        raise InputError(
            f"{term[:SHOWN]!r} cannot be written into {path} ({error.strerror}). Free some space, or check the file's "
            "rights, and decide again"
        ) from None
    return True


def _append(path: Path, line: bytes) -> None:
    """Write the whole line or nothing: half a term would be another one."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)  # two people at once both find their line
    try:
        before = os.fstat(handle).st_size
        try:
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)


def remove_term(path: Path, term: str, *, lang: str = "") -> bool:
    """Take out the lines that hold this term for this language; whether there were any."""
    text = _read(path)
    lines = text.split("\n")
    kept = [line for line in lines if _entry(line) != (lang, unicodedata.normalize("NFC", term))]
    if len(kept) == len(lines):
        return False
    write_whole(path, "\n".join(kept))
    return True


def _read(path: Path, *, must_exist: bool = False) -> str:
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than {MOST_BYTES // 2**20} MB, no list of terms. Give another file")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if must_exist:
            raise InputError(f"{path} is not there. Give a file with one term a line") from None
        return ""
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Check the name and the file's rights") from None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def _entry(line: str) -> tuple[str, str] | None:
    """What a line says: (language or "", term), or nothing."""
    term = _COMMENT.sub("", line).strip()
    if not term:
        return None
    prefixed = _LANGUAGE.fullmatch(term)
    return (prefixed[1], prefixed[2].strip()) if prefixed else ("", term)


def _trouble(term: str) -> str:
    if len(term) > LONGEST:
        return f"has {len(term)} characters, more than the {LONGEST} of a term"
    if not term.isprintable():
        return "has characters that nobody can see"
    return "" if any(map(str.isalnum, term)) else "has neither a letter nor a digit"


def merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans in order, those that touch as one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)
