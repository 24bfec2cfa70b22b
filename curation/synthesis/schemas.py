"""JSON schemas that somebody else wrote: what they refer to, put into another schema, and made strict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["pointed", "references", "strict", "under", "whole"]

DEEPEST = 12  # schemas that refer to one another
_TOGETHER = frozenset({"allOf", "anyOf", "oneOf", "$ref", "$dynamicRef", "not", "if"})


def whole(schema: Any, root: Any) -> dict[str, Any]:
    """A schema with what it refers to and all of its parts together, of alternatives the first.

    >>> whole({"$ref": "#/$defs/a"}, {"$defs": {"a": {"type": "string"}}})
    {'type': 'string'}
    """
    found: dict[str, Any] = dict(schema) if isinstance(schema, Mapping) else {}
    for _ in range(DEEPEST):
        if "$ref" in found:
            more = [pointed(root, str(found.pop("$ref")))]
        elif "allOf" in found:
            more = list(found.pop("allOf"))
        elif several := next((key for key in ("anyOf", "oneOf") if key in found), ""):
            more = [one for one in found.pop(several) if whole(one, root).get("type") != "null"][:1]
        else:
            break
        for one in more:
            _put_into(found, one if isinstance(one, Mapping) else {})
    return found


def _put_into(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if key == "properties":
            found[key] = {**found.get(key, {}), **value}
        elif key == "required":
            found[key] = [*found.get(key, []), *value]
        else:
            found[key] = value


def pointed(root: Any, reference: str) -> Any:
    """What a local reference names, None where it names nothing here."""
    if not reference.startswith("#") or (reference != "#" and reference[1] != "/"):
        return None
    at = root
    for part in reference[1:].split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or part not in at:
            return None
        at = at[part]
    return at


def references(schema: Any) -> Iterator[str]:
    """Every `$ref` in a schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for one in schema.values():
            yield from references(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from references(one)


def under(schema: Any, place: str) -> Any:
    """The schema as it is inside of another one, at `place` ("#/properties/arguments"): its references go there."""
    if isinstance(schema, Mapping):
        moved = {key: under(one, place) for key, one in schema.items() if key not in ("$id", "$schema")}
        if isinstance(schema.get("$ref"), str):
            moved["$ref"] = place + schema["$ref"].removeprefix("#")
        return moved
    return [under(one, place) for one in schema] if isinstance(schema, list) else schema


def strict(schema: Any) -> Any:
    """The schema with nothing allowed in its objects that they do not name, unless they say otherwise.

    What is only a part of another one (in allOf, or referred to) is left as it is: alone it does not know all names.
    """
    if not isinstance(schema, Mapping):
        return schema
    made = dict(schema)
    for key in ("properties", "patternProperties"):
        if isinstance(made.get(key), Mapping):
            made[key] = {name: strict(one) for name, one in made[key].items()}
    if isinstance(made.get("items"), Mapping):
        made["items"] = strict(made["items"])
    is_object = made.get("type") == "object" or "properties" in made
    if is_object and "additionalProperties" not in made and not _TOGETHER & made.keys():
        made["additionalProperties"] = False
    return made
