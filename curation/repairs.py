"""The single repairs of a text: each finds the edits of one kind, and knows nothing of the others."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence, Set

from curation.edits import Edit, apply_edits
from curation.leftovers import BOILERPLATE, BOILERPLATE_ENDS, FURNITURE, ICONS, QUESTION_PREFIX, bbcode, tags
from tamiz.errors import MissingExtra
from tamiz.records import clean_unicode

__all__ = [
    "find_boilerplate",
    "find_composed",
    "find_control",
    "find_encoding",
    "find_entities",
    "find_icons",
    "find_markup",
    "find_prefix",
    "find_whitespace",
]

# LRM and RLM have a meaning in text that runs from right to left; joiners have one inside emoji and many scripts.
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2064\u206a-\u206f\u202a-\u202e\u2066-\u2069\ufeff]+")
_MARKS = re.compile("[\u200e\u200f\u061c]+")
_JOINERS = re.compile("(?<![^\\s\x21-\u024f])[\u200c\u200d]+(?![^\\s\x21-\u024f])")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WHITE = re.compile(r"(?P<end>[ \t]+(?=\n|\Z))|(?P<lines>\n{3,})|(?P<start>\A\s+)|(?<=\S)(?P<inner>[ \t]{2,}|\t)(?=\S)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WORD = re.compile(r"\S+")


def find_encoding(text: str) -> list[Edit]:
    """Text that was decoded with the wrong table, word by word where that gives the same as by line."""
    try:
        import ftfy
    except ImportError:
        raise MissingExtra("Cleaning", "curate", "ftfy") from None
    edits: list[Edit] = []
    offset = 0
    for line in text.split("\n"):
        if not line.isascii():
            fixed = ftfy.fix_encoding(line).replace("\n", " ")
            if fixed != line and "\ufffd" not in fixed.replace("\ufffd", "", line.count("\ufffd")):
                edits += _words_changed(line, fixed, offset, ftfy.fix_encoding)
        offset += len(line) + 1
    return edits


def _words_changed(line: str, fixed: str, offset: int, fix: Callable[[str], str]) -> list[Edit]:
    words = [(match.start(), match.end(), fix(match[0])) for match in _WORD.finditer(line)]
    edits = [Edit(s, e, after, "encoding", 0.98) for s, e, after in words if after != line[s:e]]
    if apply_edits(line, edits) != fixed:
        start, end, after = _difference(line, fixed)
        if line[start:end].strip() == "Ã":
            return []  # a letter of its own in Portuguese capitals; à is none in the languages of most sites
        edits = [Edit(start, end, after, "encoding", 0.98)]
    return [Edit(e.start + offset, e.end + offset, e.after, e.kind, e.confidence) for e in edits]


def _difference(before: str, after: str) -> tuple[int, int, str]:
    """The one stretch in which two texts differ."""
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    most = min(len(before), len(after)) - start
    end = next((i for i in range(most) if before[-1 - i] != after[-1 - i]), most)
    return start, len(before) - end, after[start : len(after) - end]


def find_control(text: str) -> list[Edit]:
    edits = [Edit(*m.span(), "\n", "control") for m in _NEWLINES.finditer(text)]
    patterns = [_CONTROL, _INVISIBLE, _JOINERS]
    if not _RIGHT_TO_LEFT.search(text):
        patterns.append(_MARKS)
    for pattern in patterns:
        edits += [Edit(*m.span(), "", "control") for m in pattern.finditer(text)]
    return sorted(edits, key=lambda edit: edit.start)


def find_entities(text: str) -> list[Edit]:
    found = [(match.span(), html.unescape(match[0])) for match in _ENTITY.finditer(text)]
    return [
        Edit(*span, clean_unicode(after), "entity", 0.97)
        for span, after in found
        if not after.endswith(";") and "\ufffd" not in after
    ]


def find_markup(text: str) -> list[Edit]:
    found = tags(text) or bbcode(text)
    return [Edit(start, end, after, "markup", 0.95) for start, end, after in found]


def find_icons(text: str) -> list[Edit]:
    return [Edit(*match.span(), "", "icon", 0.95) for match in ICONS.finditer(text)]


def find_prefix(text: str) -> list[Edit]:
    match = QUESTION_PREFIX.match(text)
    return [Edit(*match.span(), "", "boilerplate", 0.95)] if match and match.end() < len(text) else []


def find_boilerplate(text: str, patterns: Sequence[re.Pattern[str]], repeated: Set[str]) -> list[Edit]:
    """Whole lines that belong to the page, with their line break, and the same behind a sentence."""
    lines = text.split("\n")
    out = _page_lines(lines, patterns)
    last = max((n for n, line in enumerate(lines) if line.strip() and n not in out), default=0)
    often = {last} if last and lines[last].strip() in repeated else set()
    edits: list[Edit] = []
    offset = 0
    for number, line in enumerate(lines):
        end = offset + len(line)
        if number in out or number in often:
            start = max(offset - 1, edits[-1].end if edits else 0)
            sure = 0.95 if number in out else 0.8
            edits.append(Edit(start, end if offset else min(end + 1, len(text)), "", "boilerplate", sure))
        else:
            for match in BOILERPLATE_ENDS.finditer(line):
                edits.append(Edit(offset + match.start(), offset + match.end(), "", "boilerplate", 0.9))
        offset = end + 1
    return edits


def _page_lines(lines: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> set[int]:
    """The numbers of the lines to take out; names of links and buttons count at the beginning and end only."""
    words = [line.strip().strip("*_|·•-–— ") for line in lines]
    known = {
        n
        for n, line in enumerate(words)
        if line and (BOILERPLATE.fullmatch(line) or any(pattern.fullmatch(lines[n].strip()) for pattern in patterns))
    }
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        for n in order:
            if words[n] and n not in known:
                if not FURNITURE.fullmatch(words[n]):
                    break
                known.add(n)
    return known


def find_whitespace(text: str) -> list[Edit]:
    edits = [Edit(*match.span(), " ", "whitespace") for match in _SPACES.finditer(text)]
    if edits:
        return edits
    after = {"end": "", "lines": "\n\n", "start": "", "inner": " "}
    return [Edit(*match.span(), after[match.lastgroup or "end"], "whitespace") for match in _WHITE.finditer(text)]


def find_composed(text: str) -> list[Edit]:
    """What the record does to any text (NFC, no space around): told as an edit, so that nothing changes unseen."""
    after = clean_unicode(text).strip()
    return [Edit(*_difference(text, after), "control")] if after != text else []
