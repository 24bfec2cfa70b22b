"""A chat completion's request: JSON from anybody, read into something that can be answered, or refused with reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tamiz.records import Turn

__all__ = ["ApiError", "ChatRequest", "read_chat"]

MOST_MESSAGES = 256
MOST_STOPS = 4
STOP_LETTERS = 200
ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}

# Fields that change nothing here, and are not refused: clients send them by themselves.
WITHOUT_EFFECT = {
    "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls",
}  # fmt: skip
# Fields that would change the answer, and the values with which they don't.
ONLY: dict[str, tuple[Any, ...]] = {
    "n": (None, 1),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "presence_penalty": (None, 0),
    "frequency_penalty": (None, 0),
    "logit_bias": (None, {}),
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "response_format": (None, {"type": "text"}),
    "modalities": (None, ["text"]),
}
WHY = {  # they are not read
    "n": "a request gets one answer; ask it several times",
    "logprobs": "the chances of tokens are not told",
    "tools": "answers are words, and no tool is called",
    "response_format": "answers are text, and no form is forced on them",
}
READ = {"model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stop", "stream"}


class ApiError(Exception):
    """What is wrong with a request, in the form of OpenAI's errors."""

    def __init__(
        self, status: int, message: str, *, kind: str = "invalid_request_error", code: str = "", param: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.code, self.param = status, message, kind, code, param

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        about = {"message": self.message, "type": self.kind, "param": self.param or None, "code": self.code or None}
        return {"error": about}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A request that can be answered. `turns` end with the user's question; `most` is None where none was given."""

    model: str
    turns: tuple[Turn, ...]
    most: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stops: tuple[str, ...] = ()
    stream: bool = False
    with_usage: bool = False

    @property
    def question(self) -> str:
        return self.turns[-1].content


def read_chat(body: bytes) -> ChatRequest:
    """The request in `body`; ApiError names the field that is wrong and what to give."""
    values = _object(body)
    for name, value in values.items():
        if name in ONLY and not any(value == good and type(value) is type(good) for good in ONLY[name]):
            why = f": {WHY[name]}" if name in WHY else ""
            message = f"{name} is not supported here{why}; leave it out"
            raise ApiError(400, message, code="unsupported_parameter", param=name)
        if name not in READ | WITHOUT_EFFECT | ONLY.keys() | {"stream_options"}:
            raise _wrong(name[:80], f"unknown field {name[:80]!r}; leave it out", code="unknown_parameter")
    model = values.get("model")
    if not isinstance(model, str) or not model:
        raise _wrong("model", "give the name of a model; GET /v1/models lists them")
    stream = _yes(values, "stream")
    most = _whole(values, "max_completion_tokens", 1, 2**31)
    return ChatRequest(
        model=model,
        turns=_turns(values.get("messages")),
        most=_whole(values, "max_tokens", 1, 2**31) if most is None else most,
        temperature=_number(values, "temperature", 0.0, 2.0, 0.0),
        top_p=_number(values, "top_p", 0.0, 1.0, 1.0),
        seed=_whole(values, "seed", -(2**63), 2**63),
        stops=_stops(values.get("stop")),
        stream=stream,
        with_usage=stream and _yes(_table(values, "stream_options"), "include_usage"),
    )


def _object(body: bytes) -> dict[str, Any]:
    def refuse(number: str) -> Any:
        raise ValueError(f"{number} is no JSON")

    try:
        text = body.decode("utf-8")
        values = json.loads(text, parse_constant=refuse)
        json.dumps(values, ensure_ascii=False).encode()  # a lone surrogate is no text, wherever it stands
    except RecursionError:
        raise ApiError(400, "the request is nested too deeply") from None
    except ValueError as error:
        raise ApiError(400, f"the request is no JSON in UTF-8 ({str(error)[:200]})") from None
    if not isinstance(values, dict):
        raise ApiError(400, 'the request must be an object, such as {"model": "...", "messages": [...]}')
    return values


def _turns(messages: Any) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", 'give a list of messages, such as [{"role": "user", "content": "..."}]')
    if len(messages) > MOST_MESSAGES:
        raise _wrong("messages", f"{len(messages)} messages are too many; give {MOST_MESSAGES} at most")
    turns = tuple(_turn(message, f"messages.{n}") for n, message in enumerate(messages))
    if turns[-1].role != "user" or not turns[-1].content.strip():
        raise _wrong("messages", "the last message must be the user's question, and say something")
    return turns


def _turn(message: Any, where: str) -> Turn:
    if not isinstance(message, dict):
        raise _wrong(where, "a message is an object with role and content")
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise _wrong(f"{where}.role", f"give one of: {', '.join(ROLES)}; tools are not called here")
    if message.get("tool_calls") or message.get("function_call"):
        raise _wrong(where, "tool calls are not supported here", code="unsupported_parameter")
    return Turn(role=ROLES[role], content=_content(message.get("content"), f"{where}.content"))  # type: ignore[arg-type]


def _content(content: Any, where: str) -> str:
    """Text, or parts of text put together."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise _wrong(where, "give text, or a list of parts of type text")
    texts = []
    for part in content:
        if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise _wrong(where, "only parts of type text are read here: no pictures, sounds or files")
        texts.append(part["text"])
    return "\n".join(texts)


def _stops(stop: Any) -> tuple[str, ...]:
    stops = [] if stop is None else [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or len(stops) > MOST_STOPS:
        raise _wrong("stop", f"give a text, or a list of up to {MOST_STOPS}")
    for one in stops:
        if not isinstance(one, str) or not 0 < len(one) <= STOP_LETTERS:
            raise _wrong("stop", f"a stop word is a text of 1 to {STOP_LETTERS} letters")
    return tuple(stops)


def _yes(values: Mapping[str, Any], name: str) -> bool:
    value = values.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong(name, "give true or false")
    return bool(value)


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    if value is not None and not isinstance(value, dict):
        raise _wrong(name, "give an object")
    return value or {}


def _whole(values: Mapping[str, Any], name: str, least: int, below: int) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < below:
        raise _wrong(name, f"give a whole number from {least}")
    return value


def _number(values: Mapping[str, Any], name: str, least: float, most: float, usual: float) -> float:
    value = values.get(name)
    if value is None:
        return usual
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most:  # which NaN and infinities are not
        raise _wrong(name, f"give a number from {least:g} to {most:g}")
    return float(value)


def _wrong(param: str, message: str, *, code: str = "") -> ApiError:
    return ApiError(400, f"{param}: {message}", code=code or "invalid_value", param=param)
