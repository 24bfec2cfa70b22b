"""How adapters are served to programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tamiz.settings.keys import key, require

__all__ = ["ServingSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingSettings:
    host: str = key("127.0.0.1", "Address to listen on; anything but loopback needs a key in TAMIZ_SERVE_KEY.")
    port: int = key(8808, "Port to listen on; 0 takes a free one.")
    at_once: int = key(8, "Answers that are made together, in one batch.")
    waiting: int = key(32, "Requests that may wait behind those; more are refused (429).")
    max_prompt_tokens: int = key(2048, "A longer dialogue is refused (400), never cut.")
    max_answer_tokens: int = key(512, "The most tokens a request may ask for.")
    max_request_kb: int = key(256, "A larger request is refused (413).")
    origins: tuple[str, ...] = key((), "Web pages that may ask, such as https://help.example.org; empty: none.")
    router: str = key("", "A classifier's name: requests for the model auto go where its label points.")
    routes: dict[str, str] = key({}, 'Label to adapter, such as billing = "support-billing".')  # noqa: RUF009
    default: str = key("", "The adapter for labels without a route; empty: the newest one that answers.")

    def __post_init__(self) -> None:
        require(0 <= self.port < 65536, "[serving] port", self.port, "give 0 to 65535")
        for name in ("at_once", "max_prompt_tokens", "max_answer_tokens", "max_request_kb"):
            require(getattr(self, name) >= 1, f"[serving] {name}", getattr(self, name), "give at least 1")
        require(self.waiting >= 0, "[serving] waiting", self.waiting, "give 0 or more")
        for origin in self.origins:
            good = re.fullmatch(r"https?://[^/?#@\s*]+", origin) is not None
            require(good, "[serving] origins", origin, "give scheme and host, such as https://help.example.org")
        alone = bool(self.router) or not (self.routes or self.default)
        require(alone, "[serving] routes", dict(self.routes) or self.default, "name the classifier as [serving] router")
