"""How pairs are synthesised: whom is asked, how fast, and what it may cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from tamiz.settings.keys import key, require

__all__ = ["PriceSettings", "SynthesisSettings"]

POSITIVE = ("concurrency", "tries", "chunk_characters")
NOT_NEGATIVE = ("max_calls", "max_tokens", "max_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSettings:
    input: float = key(0.0, "US dollars for a million tokens of the question.")
    output: float = key(0.0, "US dollars for a million tokens of the reply.")

    def __post_init__(self) -> None:
        for name in ("input", "output"):
            value = getattr(self, name)
            require(0 <= value < 1e6, f"[synthesis.prices] {name}", value, "give dollars for a million tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisSettings:
    provider: Literal["openai", "transformers", "deterministic"] = key(
        "openai",
        "openai asks any server that speaks OpenAI's chat API (vLLM, Ollama, llama.cpp, LM Studio, hosted ones); "
        "transformers loads the model here; deterministic needs none and only tries things out.",
    )
    base_url: str = key("http://127.0.0.1:8000/v1", "The server's address, up to and with /v1.")
    model: str = key("", "The model's name as the server knows it, or its folder for transformers.")
    key_env: str = key(
        "TAMIZ_SYNTH_KEY", "The environment variable that holds the server's key; it is never written down."
    )
    structured: Literal["auto", "schema", "json", "off"] = key(
        "auto", "How replies are held to their form; auto takes the best that the server accepts."
    )
    concurrency: int = key(8, "Calls at the same time at most; fewer while the server says that it is busy.")
    timeout_seconds: float = key(120.0, "How long a reply may take.")
    tries: int = key(5, "How often a call is sent while the server fails, cannot be reached or takes too long.")
    backoff_seconds: float = key(1.0, "The first pause before a call is sent again; each next one is twice as long.")
    patience_seconds: float = key(600.0, "How long a call waits for a server that says it is busy (429).")
    temperature: float = key(0.7, "How freely the model chooses its words, unless the recipe says it.")
    seed: int = key(13, "Seed of every choice that a recipe makes.")
    max_calls: int = key(0, "Calls that one run may make; 0: no limit.")
    max_tokens: int = key(0, "Tokens, of questions and replies, that one run may use; 0: no limit.")
    max_usd: float = key(0.0, "US dollars that one run may cost; 0: no limit.")
    stop_at_failures: float = key(0.5, "Share of failed calls, of the last 20, from which a run stops by itself.")
    chunk_characters: int = key(1500, "About how many characters of a page are given to a recipe at a time.")
    accept: Literal["people", "clean"] = key(
        "people",
        "people: somebody decides on each made pair; clean: those in which no gate and no step finds anything are "
        "accepted.",
    )
    accept_augmentations: bool = key(
        False, "Accept changed copies of accepted pairs (typing noise) at once; they are for training only."
    )
    prices: dict[str, PriceSettings] = key({}, "Prices by model; what runs on this machine costs nothing.")  # noqa: RUF009

    def __post_init__(self) -> None:
        where = "[synthesis]"
        _require_address(self.base_url)
        good = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", self.key_env) is not None
        # what looks like a key itself is not repeated
        require(good, f"{where} key_env", "...", "name an environment variable, such as OPENAI_API_KEY")
        for name in POSITIVE:
            require(getattr(self, name) >= 1, f"{where} {name}", getattr(self, name), "give at least 1")
        for name in NOT_NEGATIVE:
            require(getattr(self, name) >= 0, f"{where} {name}", getattr(self, name), "give 0 (no limit) or more")
        require(self.concurrency <= 512, f"{where} concurrency", self.concurrency, "give 1 to 512")
        require(self.timeout_seconds > 0, f"{where} timeout_seconds", self.timeout_seconds, "give more than 0")
        for name in ("backoff_seconds", "patience_seconds"):
            require(getattr(self, name) >= 0, f"{where} {name}", getattr(self, name), "give 0 or more")
        require(0 <= self.temperature <= 2, f"{where} temperature", self.temperature, "give 0 to 2")
        share = self.stop_at_failures
        require(0 < share <= 1, f"{where} stop_at_failures", share, "give a share above 0 and up to 1")


def _require_address(address: str) -> None:
    """Refuse what is no address of a server, and one that holds a password or a key."""
    where, advice = "[synthesis] base_url", "give it as http://127.0.0.1:8000/v1"
    try:
        parts = urlsplit(address)
        open_text = parts.username is None and parts.password is None and not parts.query and not parts.fragment
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        open_text, good = True, False
    require(open_text, where, "...", f"it holds a name, password or key, which belong to the environment; {advice}")
    require(good, where, address, advice)
