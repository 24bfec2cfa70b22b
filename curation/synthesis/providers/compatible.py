"""Any server that speaks OpenAI's chat API, through the `openai` package; base_url is all that differs."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from curation.synthesis.providers.contract import Busy, Refused, Reply, Trouble, WrongServer
from curation.synthesis.recipe import Ask
from tamiz.errors import MissingExtra, SettingsError
from tamiz.records import Turn
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["CompatibleProvider", "is_local", "wait_asked_for"]

NO_KEY = "none"  # what servers without keys are sent: the header has to hold something
LONGEST_REASON = 300
SECRET = "***"  # noqa: S105  what stands where the key stood
# What a server may not know, in the order in which it is done without: named in its complaint, it is left out.
OPTIONAL = ("response_format", "seed", "temperature")
ABOUT_FORM = ("response_format", "json_schema", "json_object", "guided", "grammar", "schema")
_PREFIX = re.compile(r"^Error code: \d+ - ")
USED_UP = ("insufficient_quota", "billing_hard_limit_reached", "credit balance", "exceeded your current quota")


class CompatibleProvider:
    """One client for all threads. The key is read from the environment and kept nowhere else."""

    name = "openai"

    def __init__(self, settings: SynthesisSettings) -> None:
        if not settings.model:
            raise SettingsError(
                "[synthesis] model is empty; give the name by which the server knows the model, or --model NAME"
            )
        self.model = settings.model
        self.address = settings.base_url.rstrip("/")
        self.local = is_local(self.address)
        self._secret = os.environ.get(settings.key_env, "").strip()
        self._key_env = settings.key_env
        self._timeout = settings.timeout_seconds
        self._form = "schema" if settings.structured == "auto" else settings.structured
        self._adapts = settings.structured == "auto"
        self._without: set[str] = set()
        self._newer_limit = False
        self._lock = threading.Lock()
        self._client = _client(self.address, self._secret or NO_KEY, self._timeout, local=self.local)

    def close(self) -> None:
        self._client.close()

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        while True:
            values = self._values(ask, temperature, seed)
            try:
                return _reply(self._complete(values), tools=bool(ask.tools))
            except _Unknown as complaint:
                if not self._do_without(values, str(complaint)):
                    raise Refused(str(complaint)) from None

    def _values(self, ask: Ask, temperature: float, seed: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            "model": self.model,
            "messages": [_message(turn) for turn in ask.messages],
            "max_completion_tokens" if self._newer_limit else "max_tokens": ask.max_tokens,
            "temperature": temperature,
            "seed": seed,
        }
        if ask.tools:
            values["tools"] = list(ask.tools)
        elif self._form == "schema":
            form = {"name": "reply", "schema": ask.schema, "strict": _is_strict(ask.schema)}
            values["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self._form == "json":
            values["response_format"] = {"type": "json_object"}
        return {name: value for name, value in values.items() if name not in self._without}

    def _do_without(self, sent: Mapping[str, Any], complaint: str) -> bool:
        """Leave out, from now on, what the server says it does not know; False where that is nothing of these."""
        said = complaint.casefold()
        with self._lock:
            if "max_tokens" in sent and "max_completion_tokens" in said:
                self._newer_limit = True
                return True
            if "response_format" in sent and self._adapts and any(word in said for word in ABOUT_FORM):
                if sent["response_format"]["type"] == "json_schema":
                    self._form = "json" if self._form == "schema" else self._form
                else:
                    self._form = "off"
                return True
            for name in OPTIONAL:
                if name in sent and name in said and name != "response_format":
                    self._without.add(name)
                    return True
        return False

    def _complete(self, values: dict[str, Any]) -> Any:
        import openai

        try:
            # the raw text, so that a server's own way to write an answer breaks nothing
            said = self._client.chat.completions.with_raw_response.create(**values)
            return json.loads(said.text if isinstance(said.text, str) else said.text())
        except openai.APITimeoutError:
            raise Trouble(f"no reply within {self._timeout:g} s") from None
        except openai.APIConnectionError as error:
            raise Trouble(f"unreachable: {self._clean(error.__cause__ or error)}") from None
        except openai.APIStatusError as error:
            raise self._problem(error.status_code, dict(error.response.headers), self._clean(error)) from None
        except (ValueError, openai.OpenAIError) as error:
            raise Trouble(f"its answer is no answer of a chat API ({self._clean(error)})") from None

    def _problem(self, status: int, headers: Mapping[str, str], said: str) -> Exception:
        """What a status other than success means for the call, or for all calls."""
        if status == 429:
            if any(word in said.casefold() for word in USED_UP):
                return WrongServer(f"{self.address} says that the account is used up: {said}")
            return Busy(f"busy (429): {said}", wait_asked_for(headers))
        if status >= 500 or status in (408, 409, 425):
            return Trouble(f"server error {status}: {said}", wait_asked_for(headers))
        if status in (401, 403):
            key = (
                f"the key in {self._key_env}" if self._secret else f"a call without a key ({self._key_env} is not set)"
            )
            return WrongServer(f"{self.address} refuses {key}: {said}. Set it in the environment and run again")
        if status == 404:
            return WrongServer(f"{self.address} has no model {self.model!r}, or no chat API there: {said}")
        if 300 <= status < 400:
            return WrongServer(f"{self.address} sends us elsewhere ({status}); give the address it names as base_url")
        return _Unknown(f"refused ({status}): {said}")

    def _clean(self, error: BaseException) -> str:
        """What an error says, without the key and in one line."""
        text = " ".join(_PREFIX.sub("", _told(error)).split())
        if self._secret:
            text = text.replace(self._secret, SECRET)
            for size in (8, 6, 4):  # servers repeat the ends of a key that they refuse
                if len(self._secret) > 2 * size:
                    text = text.replace(self._secret[:size], SECRET).replace(self._secret[-size:], SECRET)
        return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def _told(error: BaseException) -> str:
    """The message of a server's error, where it is where OpenAI has it; else all it says."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) and message else str(error)


class _Unknown(Exception):
    """A 400 or 422: perhaps about something that can be left out."""


def _client(address: str, key: str, timeout: float, *, local: bool) -> Any:
    try:
        import openai
    except ImportError:
        raise MissingExtra("Asking a server", "synth", "openai") from None
    # No redirects: a key goes to the address that was given and nowhere else. No proxy for this machine.
    transport = openai.DefaultHttpxClient(
        base_url=address, timeout=timeout, follow_redirects=False, trust_env=not local
    )
    return openai.OpenAI(
        api_key=key,
        base_url=address,
        organization="",
        project="",
        timeout=timeout,
        max_retries=0,
        http_client=transport,
    )


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.tool_calls:
        message["tool_calls"] = json.loads(turn.tool_calls)
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def _reply(body: Any, *, tools: bool) -> Reply:
    """The reply in a completion, whatever else the server put beside it."""
    try:
        choice = body["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        text = message.get("content") or ""
        calls = message.get("tool_calls") or []
        usage = body.get("usage") or {}
        counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
        if tools:
            made = [{"name": one["function"]["name"], "arguments": one["function"]["arguments"]} for one in calls]
            text = json.dumps({"content": _text(text), "tool_calls": [_arguments(one) for one in made]})
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise Trouble(f"its answer is no answer of a chat API (it lacks {error})") from None
    if finish == "content_filter":
        raise Refused("the server's filter kept the reply back")
    return Reply(text=_text(text), cut=finish == "length", prompt_tokens=counts[0], completion_tokens=counts[1])


def _text(content: Any) -> str:
    """The text of a message, which some servers give in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def _arguments(call: dict[str, Any]) -> dict[str, Any]:
    """A call with its arguments as an object; as they are where they are no JSON."""
    try:
        return {**call, "arguments": json.loads(call["arguments"])}
    except (TypeError, ValueError):
        return call


def _is_strict(schema: Any) -> bool:
    """Whether a schema is one of those that OpenAI's strict mode takes: everything required, nothing else allowed."""
    if isinstance(schema, list):
        return all(_is_strict(one) for one in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        named = set(schema.get("properties", {}))
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != named:
            return False
    return all(_is_strict(one) for one in schema.values())


def is_local(address: str) -> bool:
    """Whether an address is one of this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def wait_asked_for(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The pause that a server asks for, in seconds; None where it names none.

    >>> wait_asked_for({"Retry-After": "7"})
    7.0
    """
    named = {name.casefold(): value.strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(named[name]) / unit)
        except (KeyError, ValueError):
            continue
    try:
        until = parsedate_to_datetime(named["retry-after"])
    except (KeyError, ValueError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
