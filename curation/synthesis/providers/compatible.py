"""Any server that speaks OpenAI's chat API, through the `openai` package; base_url is all that differs."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from curation.synthesis.providers.contract import Refused, Reply, Trouble, Unreachable
from curation.synthesis.providers.messages import is_strict, message_of, reply_of
from curation.synthesis.providers.statuses import Asked, Unknown, no_api, problem_of
from curation.synthesis.recipe import Ask
from tamiz.errors import MissingExtra, SettingsError
from tamiz.settings.synthesis import SynthesisSettings

__all__ = ["CompatibleProvider", "is_local"]

NO_KEY = "none"  # what servers without keys are sent: the header has to hold something
LONGEST_REASON = 300
SECRET = "***"  # noqa: S105  what stands where the key stood
# What a server may not know, in the order in which it is done without: named in its complaint, it is left out.
OPTIONAL = ("response_format", "seed", "temperature")
ABOUT_FORM = ("response_format", "json_schema", "json_object", "guided", "grammar", "schema")
_PREFIX = re.compile(r"^Error code: \d+ - ")
LISTING_SECONDS, LONGEST_NAME = 5.0, 80
NOT_CONNECTED = ("ConnectError", "ConnectTimeout")  # httpx's, which comes with openai and is no dependency of ours


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
        self._newer_limit = self._answered = False
        self._lock = threading.Lock()
        self._client = _client(self.address, self._secret or NO_KEY, self._timeout, local=self.local)

    def close(self) -> None:
        self._client.close()

    def send(self, ask: Ask, *, temperature: float, seed: int) -> Reply:
        while True:
            values = self._values(ask, temperature, seed)
            try:
                reply = reply_of(self._complete(values), tools=bool(ask.tools))
            except Unknown as complaint:
                if not self._do_without(values, str(complaint)):
                    raise Refused(str(complaint)) from None
            else:
                self._answered = True
                return replace(reply, text=self._without_key(reply.text))

    def _values(self, ask: Ask, temperature: float, seed: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            "model": self.model,
            "messages": [message_of(turn) for turn in ask.messages],
            "max_completion_tokens" if self._newer_limit else "max_tokens": ask.max_tokens,
            "temperature": temperature,
            "seed": seed,
        }
        if ask.tools:
            values["tools"] = list(ask.tools)
        elif self._form == "schema":
            form = {"name": "reply", "schema": ask.schema, "strict": is_strict(ask.schema)}
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
            text = said.text if isinstance(said.text, str) else said.text()
            if text.lstrip().startswith("<") and not self._answered:
                raise no_api(self._asked(), "it answers with a web page")
            return json.loads(text)
        except openai.APIConnectionError as error:  # a timeout is one, too
            raise self._unconnected(error) from None
        except openai.APIStatusError as error:
            headers, said = dict(error.response.headers), self._clean(error)
            raise problem_of(error.status_code, headers, said, self._asked()) from None
        except (ValueError, openai.OpenAIError) as error:
            raise Trouble(
                f"its answer is no answer of a chat API ({self._clean(error).replace(': ', ', ')})", worked=True
            ) from None

    def _unconnected(self, error: Exception) -> Trouble:
        """No connection, or one that was lost or given up when the server may have been at work."""
        import openai

        cause = error.__cause__ or error
        if type(cause).__name__ in NOT_CONNECTED:
            return Unreachable(
                f"no server answers at {self.address}. Start it, or give its address as --base-url or [synthesis] "
                f"base_url. What happened: {self._clean(cause)}"
            )
        if isinstance(error, openai.APITimeoutError):
            return Trouble(f"no reply within {self._timeout:g} s", worked=True)
        return Trouble(f"connection lost: {self._clean(cause)}", worked=True)

    def _asked(self) -> Asked:
        return Asked(
            address=self.address,
            model=self.model,
            key_env=self._key_env,
            has_key=bool(self._secret),
            answered=self._answered,
            models=self._models,
        )

    def _models(self) -> list[str]:
        """The names of the server's models, none where it does not tell them quickly."""
        import openai

        try:
            listed = self._client.with_options(timeout=min(LISTING_SECONDS, self._timeout)).models.list().data
            return [self._clean(ValueError(str(one.id)))[:LONGEST_NAME] for one in listed]
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            return []

    def _without_key(self, text: str) -> str:
        """What a server said, in which it may have repeated the key."""
        return text.replace(self._secret, SECRET) if self._secret else text

    def _clean(self, error: BaseException) -> str:
        """What an error says, without the key and in one line."""
        text = " ".join(_PREFIX.sub("", _told(error)).split())
        text = self._without_key(text)
        if self._secret:
            for size in (8, 6, 4):  # servers repeat the ends of a key that they refuse
                if len(self._secret) > 2 * size:
                    text = text.replace(self._secret[:size], SECRET).replace(self._secret[-size:], SECRET)
        return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def _told(error: BaseException) -> str:
    """The message of a server's error, where it is where OpenAI has it; else all it says."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) and message else str(error)


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


def is_local(address: str) -> bool:
    """Whether an address is one of this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
