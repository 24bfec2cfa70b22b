"""A value that fits a JSON schema, by chance: what the deterministic provider fills replies and arguments with."""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from curation.synthesis.schemas import whole

__all__ = ["value_of"]

DEEPEST = 12  # schemas within each other; a schema may hold itself
FORMATS = {
    "date": "2026-03-05",
    "time": "10:30:00Z",
    "date-time": "2026-03-05T10:30:00Z",
    "duration": "P3D",
    "email": "cliente@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://example.com/7",
    "uuid": "6f1c2f0e-7d5e-4c57-9a3f-2b8f6f0d1a47",
}
_KINDS = (("properties", "object"), ("items", "array"), ("minimum", "number"), ("maximum", "number"))


def value_of(schema: Any, texts: Sequence[str], chance: random.Random, *, root: Any = None, depth: int = 0) -> Any:
    """The value; texts without a form of their own are some of `texts`. Of what a schema may say, the common is kept:
    const, enum, local $ref, allOf, the first of anyOf and oneOf, types, bounds, patterns and formats."""
    root = schema if root is None else root
    schema = whole(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return chance.choice(list(schema["enum"]))
    for told in ("default", "examples"):
        if schema.get(told) not in (None, []):
            return schema[told][0] if told == "examples" else schema[told]
    kind = schema.get("type") or next((kind for key, kind in _KINDS if key in schema), "string")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        return _object(schema, texts, chance, root, depth)
    if kind == "array":
        least, most = int(schema.get("minItems", 1)), int(schema.get("maxItems", 3))
        many = 0 if depth > DEEPEST else max(least, min(2, most))
        return [value_of(schema.get("items", {}), texts, chance, root=root, depth=depth + 1) for _ in range(many)]
    if kind in ("integer", "number"):
        return _number(schema, kind, chance)
    if kind == "boolean":
        return chance.random() < 0.5
    return None if kind == "null" else _text(schema, texts, chance)


def _object(
    schema: Mapping[str, Any], texts: Sequence[str], chance: random.Random, root: Any, depth: int
) -> dict[str, Any]:
    """Every property while it is not deep, the required ones alone where it is."""
    required = set(schema.get("required", ()))
    wanted = {name: one for name, one in schema.get("properties", {}).items() if depth < 3 or name in required}
    made = {} if depth > DEEPEST else wanted
    return {name: value_of(one, texts, chance, root=root, depth=depth + 1) for name, one in made.items()}


def _number(schema: Mapping[str, Any], kind: str, chance: random.Random) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", min(1, schema.get("maximum", 1))))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 30))
    step = schema.get("multipleOf", 1)
    first = -(-low // step) * step  # the first multiple at or above it
    if "exclusiveMinimum" in schema and first <= low:
        first += step
    room = int((high - first) // step)
    if "exclusiveMaximum" in schema and first + room * step >= high:
        room -= 1
    found = first + step * chance.randint(0, max(0, min(room, 30)))
    if room < 0:  # no whole step between the bounds
        found = (low + high) / 2
    return int(found) if kind == "integer" or found == int(found) else found


def _text(schema: Mapping[str, Any], texts: Sequence[str], chance: random.Random) -> str:
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 500))
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if schema.get("pattern"):
        return _matching(str(schema["pattern"]), chance)
    text = chance.choice(texts)[:most].strip() or "x" * min(1, most)
    return text + "x" * (least - len(text))


def _matching(pattern: str, chance: random.Random) -> str:
    """A text that a regular expression matches, of those without looking ahead or back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the pattern's writer may have meant
        try:
            parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]  # the one parser of them that there is
        except re.error:
            return pattern
    return "".join(_of_part(op, told, chance) for op, told in parsed)


def _of_part(op: Any, told: Any, chance: random.Random) -> str:
    name = str(op)
    if name == "LITERAL":
        return chr(told)
    if name == "ANY":
        return "a"
    if name == "NOT_LITERAL":
        return "b" if chr(told) == "a" else "a"
    if name == "IN":
        return _of_set(told, chance)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = told
        many = chance.randint(least, max(least, min(int(most), least + 2)))
        return "".join(_of_part(one[0], one[1], chance) for _ in range(many) for one in inner)
    if name == "SUBPATTERN":
        return "".join(_of_part(one[0], one[1], chance) for one in told[-1])
    if name == "BRANCH":
        return "".join(_of_part(one[0], one[1], chance) for one in chance.choice(told[1]))
    return ""


def _of_set(members: Sequence[Any], chance: random.Random) -> str:
    """One of the letters and digits that a set in brackets takes; else any that it takes."""
    inside = [one for one in members if str(one[0]) != "NEGATE"]
    good = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ _-./:+@#"
    taken = [sign for sign in good if any(_takes(op, told, sign) for op, told in inside)]
    if len(inside) != len(members):
        taken = [sign for sign in good if sign not in taken]
    return chance.choice(taken) if taken else ""


def _takes(op: Any, told: Any, sign: str) -> bool:
    name = str(op)
    if name == "LITERAL":
        return ord(sign) == int(told)
    if name == "RANGE":
        return int(told[0]) <= ord(sign) <= int(told[1])
    kinds = {"CATEGORY_DIGIT": str.isdigit, "CATEGORY_SPACE": str.isspace}
    if str(told) in kinds:
        return kinds[str(told)](sign)
    return str(told) == "CATEGORY_WORD" and (sign.isalnum() or sign == "_")
