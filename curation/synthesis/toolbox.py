"""A tool list in the OpenAI form: read, checked, and what a call of it must look like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tamiz.errors import InputError, MissingExtra

__all__ = ["Tool", "call_turns", "read_tools", "wrong_arguments"]

MOST_TOOLS = 64
EXTRA = "synth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One function that an assistant may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.parameters.get("required", ()))


def read_tools(text: str) -> tuple[Tool, ...]:
    """The functions of a tool list; InputError says which entry is none, and what is wrong with it."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("the tool list is no JSON; give a list as in OpenAI's `tools`") from None
    if not isinstance(entries, list) or not entries or len(entries) > MOST_TOOLS:
        raise InputError(f"the tool list is no list of 1 to {MOST_TOOLS} tools, as in OpenAI's `tools`")
    tools = tuple(_tool(entry, number) for number, entry in enumerate(entries, start=1))
    names = [tool.name for tool in tools]
    if doubled := next((name for name in names if names.count(name) > 1), ""):
        raise InputError(f"two tools are named {doubled!r}; give each its own name")
    return tools


def _tool(entry: Any, number: int) -> Tool:
    function = (
        entry.get("function") if isinstance(entry, dict) and entry.get("type", "function") == "function" else None
    )
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
        raise InputError(f'tool {number} has no name; give {{"type": "function", "function": {{"name": ...}}}}')
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    wrong = _wrong_schema(parameters)
    if wrong or not isinstance(parameters, dict) or parameters.get("type", "object") != "object":
        raise InputError(f"the parameters of the tool {function['name']!r} are no JSON schema of an object: {wrong}")
    described = function.get("description") or ""
    return Tool(name=function["name"], description=str(described), parameters=parameters)


def _wrong_schema(schema: Any) -> str:
    jsonschema = _jsonschema()
    try:
        jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator).check_schema(schema)
    except jsonschema.SchemaError as error:
        return str(error.message)[:200]
    return ""


def wrong_arguments(tool: Tool, arguments: Any) -> str:
    """Why the tool cannot be called with these arguments, "" where it can.

    Arguments that the schema does not name are wrong as well, unless it says that it takes any.
    """
    jsonschema = _jsonschema()
    schema = dict(tool.parameters)
    schema.setdefault("type", "object")
    if "additionalProperties" not in schema and not ({"allOf", "anyOf", "oneOf", "$ref"} & schema.keys()):
        schema["additionalProperties"] = False
    checker = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    found = sorted(checker(schema, format_checker=checker.FORMAT_CHECKER).iter_errors(arguments), key=_place)
    if not found:
        return ""
    where = "/".join(str(part) for part in found[0].absolute_path)
    return f"{tool.name}({where}): {found[0].message}"[:200]


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
