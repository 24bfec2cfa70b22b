"""A tool list in the OpenAI form: read, checked, and what a call of it must look like."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.synthesis.schemas import pointed, references, strict, whole
from tamiz.errors import InputError, MissingExtra

__all__ = ["Tool", "call_turns", "read_tools", "to_be_told", "tools_text", "wrong_call"]

MOST_TOOLS = 64
MOST_BYTES = 1_000_000  # of a tool list
EXTRA = "synth"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as OpenAI wants it
FORM = '{"type": "function", "function": {"name": "...", "description": "...", "parameters": {...}}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One function that an assistant may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(whole(self.parameters, self.parameters).get("required", ()))


def tools_text(path: Path) -> str:
    """The text of a file with a tool list, checked; InputError says what is wrong with it."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} has {path.stat().st_size:,} bytes; a tool list has {MOST_BYTES:,} at most")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text: {error}") from None
    try:
        read_tools(text)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return text


def read_tools(text: str) -> tuple[Tool, ...]:
    """The functions of a tool list; InputError says which entry is none, and what is wrong with it."""
    if len(text) > MOST_BYTES:
        raise InputError(f"the tool list has {len(text):,} characters; give {MOST_BYTES:,} at most")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("the tool list is no JSON; give a list as in OpenAI's `tools`") from None
    if not isinstance(entries, list) or not entries or len(entries) > MOST_TOOLS:
        raise InputError(
            f"the tool list is no list of tools; give 1 to {MOST_TOOLS} as in OpenAI's `tools`: [{FORM}, ...]"
        )
    tools = tuple(_tool(entry, number) for number, entry in enumerate(entries, start=1))
    names = [tool.name for tool in tools]
    if doubled := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(f"two tools are named {doubled!r}; give each its own name")
    return tools


def _tool(entry: Any, number: int) -> Tool:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(function, dict) or entry.get("type", "function") != "function":
        raise InputError(f"tool {number} is no function in OpenAI's form; give {FORM}")
    name = function.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        told = "has no name" if not name else f"is named {str(name)[:80]!r}"
        raise InputError(f"tool {number} {told}; give it 1 to 64 letters, digits, _ and -")
    parameters = function.get("parameters")
    parameters = {"type": "object", "properties": {}} if parameters is None else parameters
    try:
        wrong = _wrong_schema(parameters)
    except RecursionError:
        wrong = "it is nested too deep"
    if wrong:
        raise InputError(f"the parameters of the tool {name!r} are no JSON schema of an object: {wrong}")
    return Tool(name=name, description=str(function.get("description") or ""), parameters=parameters)


def _wrong_schema(schema: Any) -> str:
    if not isinstance(schema, dict):
        return f"they are {json.dumps(schema, ensure_ascii=False)[:60]}"
    jsonschema = _jsonschema()
    try:
        jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator).check_schema(schema)
    except jsonschema.SchemaError as error:
        return " ".join(str(error.message).split())[:200]
    if lost := next((one for one in references(schema) if pointed(schema, one) is None), ""):
        return f"$ref {lost[:80]!r} names nothing in them"
    together = whole(schema, schema)
    if together.get("type", "object") != "object":
        return f"their type is {together['type']!r}"
    known, more = together.get("properties", {}), {"additionalProperties", "patternProperties"} & together.keys()
    lost = next((one for one in together.get("required", ()) if one not in known and not more), "")
    return f"{lost!r} is required and not among the properties" if lost else ""


def wrong_call(tools: Sequence[Tool], name: str, arguments: Any) -> str:
    """Why a call is wrong, "" where it is right: no such tool, arguments that are no object, or that do not fit.

    Arguments are an object, or its JSON text as in OpenAI's form.
    """
    tool = next((one for one in tools if one.name == name), None)
    if tool is None:
        return f"there is no tool {name[:80]!r}; there are {', '.join(one.name for one in tools)}"
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return f"{name}: the arguments are no JSON"
    if not isinstance(arguments, Mapping):
        return f"{name}: the arguments are no object"
    return _misfit(tool, arguments)


def _misfit(tool: Tool, arguments: Any) -> str:
    """Why the tool cannot be called with these arguments, "" where it can.

    Arguments that the schema does not name are wrong as well, at any depth, unless it says that it takes any.
    """
    jsonschema = _jsonschema()
    schema = strict({"type": "object", **tool.parameters})
    checker = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    found = sorted(checker(schema, format_checker=checker.FORMAT_CHECKER).iter_errors(arguments), key=_place)
    if not found:
        return ""
    where = "/".join(str(part) for part in found[0].absolute_path)
    return f"{tool.name}({where}): {found[0].message}"[:200]


def to_be_told(tool: Tool, arguments: Any) -> Iterator[tuple[str, str | int | float]]:
    """The values that a customer has to tell, by where they stand; not those of closed lists, which are chosen."""
    waiting: list[tuple[str, Any, Any]] = [("", tool.parameters, arguments)]
    while waiting:
        place, part, value = waiting.pop()
        schema = whole(part, tool.parameters)
        if isinstance(value, Mapping):
            named = schema.get("properties", {})
            waiting += [(f"{place}/{name}".strip("/"), named.get(name, {}), one) for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(place, schema.get("items", {}), one) for one in value]
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and not _is_chosen(schema, value):
            yield place, value


def _is_chosen(schema: Mapping[str, Any], value: Any) -> bool:
    return bool(schema.get("enum")) or "const" in schema or value == schema.get("default")


def _place(error: Any) -> tuple[int, str]:
    return (len(error.absolute_path), str(error.message))


def _jsonschema() -> Any:
    """jsonschema looks nothing up on the network: a `$ref` to elsewhere is an error."""
    try:
        import jsonschema  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("a recipe with tools", EXTRA, "jsonschema") from error
    return jsonschema


def call_turns(tool: Tool, arguments: Mapping[str, Any], result: Any, *, said: str = "") -> Sequence[dict[str, str]]:
    """The assistant's call and what the tool returned, as the fields of two turns. The id follows from the call."""
    told = json.dumps(arguments, ensure_ascii=False)
    name = "call_" + hashlib.sha256(f"{tool.name}\0{told}".encode()).hexdigest()[:12]
    call = {"id": name, "type": "function", "function": {"name": tool.name, "arguments": told}}
    return (
        {"role": "assistant", "content": said, "tool_calls": json.dumps([call], ensure_ascii=False)},
        {"role": "tool", "content": json.dumps(result, ensure_ascii=False), "tool_call_id": name},
    )
