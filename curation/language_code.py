"""What in a text is code: between backticks, or lines that no one would speak."""

from __future__ import annotations

import re

from curation.edits import code_parts

__all__ = ["code_share", "without_code"]

LONGEST = 20_000

_TICKS = re.compile(r"```.*?(?:```|\Z)|(?<!`)`[^`\n]+`(?!`)", re.DOTALL)
_COMMAND = re.compile(
    r"\s*(?:[$#>] \S|(?:sudo|apt(?:-get)?|yum|dnf|brew|npm|npx|yarn|pip3?|git|docker|kubectl|systemctl|service|"
    r"cd|ls|cp|mv|rm|cat|grep|sed|awk|"
    r"chmod|chown|mkdir|ssh|scp|curl|wget|ping|ipconfig|ifconfig|netsh|nslookup|python3?|node|php|java|make|"
    r"export|echo|tar|ps|kill|mount|conda)"
    r"(?: +(?:-{1,2}\w|[\w./~:@=*$-]*[./~:@=*$_-][\w./~:@=*$-]*|\w+)){1,8}\s*$)"
)
_SPOKEN = re.compile(
    r"(?:^|\s)(?:y|el|la|los|las|de|que|para|con|en|un|una|and|the|to|of|for|with|then|you|your|is|are|a|por|se|"
    r"tu|su)(?=\s|[,.]|$)"
)
_STATEMENT = re.compile(
    r"\s*(?:(?:def|class|import|from|return|function|const|let|var|public|private|static|void|int|elif|else|"
    r"try:|except|#include|using|namespace|package|"
    r"<\?php|echo|print|console\.|if ?\(|for ?\(|while ?\(|with open|@\w+|//|/\*|\*/)[^.?!]*[({=;:>)]|(?:SELECT|"
    r"INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT)\b.*\b(?:FROM|INTO|SET|TABLE|WHERE|ON|VALUES|DATABASE)\b|"
    r"[\w$.\[\]'\"]+ ?[-+*]?=[^=].*|[\w$.]+\([^)]*\)[;:{)]*\s*$|import [\w.]+\s*$|"
    r"from [\w.]+ import [\w., *]+\s*$|</?[a-zA-Z][^>]*>.*|[.#]?[\w-]+ ?\{.*|[})\];,]+\s*$)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def _is_code(line: str) -> bool:
    stripped = line.strip()
    if len(stripped) > 400 or not stripped:
        return False
    if stripped[-1] in "{};" and len(_WORD.findall(stripped)) < 12 and any(sign in stripped for sign in "{}()=;"):
        return len(_SPOKEN.findall(stripped)) < 3
    if _COMMAND.match(line):
        return len(_SPOKEN.findall(stripped)) == 0
    return _STATEMENT.match(line) is not None and len(_SPOKEN.findall(stripped)) < 2


def _places(text: str) -> list[tuple[int, int]]:
    """What is code, from where to where, in order."""
    places = [match.span() for match in _TICKS.finditer(text)]
    at, next_ticks = 0, 0
    for line in text.split("\n"):
        end = at + len(line)
        while next_ticks < len(places) and places[next_ticks][1] <= at:
            next_ticks += 1
        inside = next_ticks < len(places) and places[next_ticks][0] < end
        if not inside and _is_code(line):
            places.insert(next_ticks, (at, end))
        at = end + 1
    return places


def without_code(text: str) -> str:
    """The text with every character of code turned into a space; line breaks stay, so places stay the same."""
    places = _places(text)
    if not places:
        return text
    parts, last = [], 0
    for start, end in places:
        parts += [text[last:start], re.sub(r"[^\n]", " ", text[start:end])]
        last = max(last, end)
    return "".join([*parts, text[last:]])


def code_share(text: str, markdown: str = "") -> tuple[float, int]:
    """(share of the characters that are code, words that are none); the Markdown tells of code that is not marked."""
    text = text[:LONGEST]
    rest = without_code(text)
    for code in code_parts(markdown[:LONGEST]) if "`" in markdown or "~~~" in markdown else ():
        if len(code) >= 8:
            rest = rest.replace(code, " ")
    signs, left = len("".join(text.split())), len("".join(rest.split()))
    return ((signs - left) / signs if signs else 0.0, len(_WORD.findall(rest)))
