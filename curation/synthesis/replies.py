"""What a model said as JSON that fits its schema: as it stands, else repaired, else said to be unreadable.

A repair only takes away what is not JSON (fences, words around it, a thought before it) and mends marks; it makes up
no words. A reply that was cut off loses the text it was cut in, never keeps half of one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from tamiz.errors import TamizError
from tamiz.records import clean_unicode

__all__ = ["SAID_NOTHING", "Unreadable", "mend_json", "read_reply"]

CUT_AT_ONCE, NOTHING = "cut off before anything was said", "nothing said"
SAID_NOTHING = (CUT_AT_ONCE, NOTHING)  # what is wrong with an empty reply
LONGEST = 400_000  # characters; no recipe asks for that much
DEEPEST = 64  # objects and lists within each other
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z0-9]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}


class Unreadable(TamizError):
    """A reply that is no JSON of the form that was asked for; the message says what is wrong with it."""


def read_reply(text: str, schema: Mapping[str, Any], *, cut: bool = False) -> Any:
    """The value in a reply, which fits the schema; Unreadable where there is none.

    >>> read_reply('Sure! {"question": "¿Cómo pago?",}', {"type": "object", "required": ["question"]})
    {'question': '¿Cómo pago?'}
    """
    if not text.strip():
        raise Unreadable(CUT_AT_ONCE if cut else NOTHING)
    if len(text) > LONGEST:
        raise Unreadable(f"{len(text):,} characters, which is no reply")
    try:
        value = _cleaned(_loads(text, cut=cut))
    except RecursionError:
        raise Unreadable("not JSON (nested too deep)") from None
    value = _in_its_place(value, schema)
    problem = _misfit(value, schema)
    if problem:
        raise Unreadable(f"cut off: {problem}" if cut else f"does not fit the schema: {problem}")
    return value


def _loads(text: str, *, cut: bool) -> Any:
    try:
        return _strictly(text)
    except ValueError:
        return mend_json(text, cut=cut)


def _strictly(text: str) -> Any:
    def no_number(name: str) -> Any:
        raise ValueError(f"{name} is no number of JSON")

    return json.loads(text, strict=False, parse_constant=no_number)


def mend_json(text: str, *, cut: bool = False) -> Any:
    """The first object or list in a text, mended where it has to be; Unreadable where there is none."""
    bare = _THOUGHT.sub("", text.lstrip("\ufeff"))
    fenced = None if bare.lstrip()[:1] in ("{", "[") else _FENCE.search(bare)
    candidates = [*([fenced[1]] if fenced else []), bare]
    for candidate in candidates:
        start = min((place for mark in "{[" if (place := candidate.find(mark)) >= 0), default=-1)
        if start < 0:
            continue
        body, whole = _balanced(candidate[start:])
        for mended in (body, _tidied(body)):
            try:
                return _strictly(mended)
            except ValueError:
                continue
        literal = _literal(body) if whole else None
        if literal is not None:
            return literal
    raise Unreadable("cut off" if cut else "not JSON")


def _balanced(text: str) -> tuple[str, bool]:
    """The value at the start of a text, closed where the text ends too early, and whether it was whole.

    What was being said when it ended (a text, a number, a name without its value) is left out.
    """
    open_marks: list[str] = []
    in_text = value_next = False
    safe = 0  # up to here, with these marks open, whole members stand
    safe_marks: list[str] = []
    for place, letter in enumerate(text):
        if in_text:
            in_text = letter != '"' or _is_escaped(text, place)
            if not in_text and (value_next or open_marks[-1] == "["):
                safe, safe_marks = place + 1, list(open_marks)
            continue
        if letter == '"':
            in_text = True
        elif letter in "{[":
            open_marks.append(letter)
            value_next = False
            if len(open_marks) > DEEPEST:
                raise Unreadable("not JSON (nested too deep)")
            safe, safe_marks = place + 1, list(open_marks)
        elif letter in "}]":
            if not open_marks or _CLOSING[open_marks[-1]] != letter:
                break
            open_marks.pop()
            safe, safe_marks = place + 1, list(open_marks)
            if not open_marks:
                return text[: place + 1], True
        elif letter == ":":
            value_next = True
        elif letter == ",":
            value_next = False
            safe, safe_marks = place, list(open_marks)
    return text[:safe] + "".join(_CLOSING[mark] for mark in reversed(safe_marks)), False


def _is_escaped(text: str, place: int) -> bool:
    """Whether the mark at this place has an odd number of backslashes before it."""
    count = 0
    while place - count - 1 >= 0 and text[place - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def _tidied(text: str) -> str:
    """Without commas before a closing mark, and with JSON's names for Python's True, False and None."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    for number in range(0, len(parts), 2):
        part = re.sub(r",(\s*[}\]])", r"\1", parts[number])
        for python, name in (("True", "true"), ("False", "false"), ("None", "null")):
            part = re.sub(rf"\b{python}\b", name, part)
        parts[number] = part
    return "".join(parts)


def _literal(text: str) -> Any:
    """A value written with single quotes, as Python writes it; None where it is none."""
    try:
        value = ast.literal_eval(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return None
    return value if isinstance(value, dict | list) else None


def _cleaned(value: Any) -> Any:
    """The same without what no database can hold."""
    if isinstance(value, str):
        return clean_unicode(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {clean_unicode(str(name)): _cleaned(one) for name, one in value.items()}
    return value


def _in_its_place(value: Any, schema: Mapping[str, Any]) -> Any:
    """A bare list, or one member alone, where the schema wants an object that holds nothing but a list of these."""
    named = schema.get("properties", {})
    if schema.get("type") != "object" or len(named) != 1:
        return value
    name, inner = next(iter(named.items()))
    if inner.get("type") != "array" or (isinstance(value, dict) and name in value):
        return value
    return {name: value if isinstance(value, list) else [value]}


def _misfit(value: Any, schema: Mapping[str, Any]) -> str:
    """Why a value does not fit a schema, in a line; "" where it does."""
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    error = next(iter(sorted(Draft202012Validator(dict(schema)).iter_errors(value), key=_depth)), None)
    if error is None:
        return ""
    where = "/".join(str(part) for part in error.absolute_path)
    said = " ".join(str(error.message).split())
    return f"{where}: {said}"[:200] if where else said[:200]


def _depth(error: Any) -> tuple[int, str]:
    return len(error.absolute_path), str(error.message)
