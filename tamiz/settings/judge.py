"""A model that judges answers, behind an OpenAI-compatible server."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tamiz.settings.keys import key, require

__all__ = ["JudgeSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    url: str = key(
        "", "Address of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1; empty: nothing is judged."
    )
    model: str = key("", "The judge's name on that server.")
    key_env: str = key("TAMIZ_JUDGE_KEY", "Environment variable that holds the server's key, if it wants one.")
    questions: int = key(40, "Questions that are judged, at most; each is asked twice, with the answers swapped.")
    seconds: float = key(60.0, "How long to wait for a reply.")

    def __post_init__(self) -> None:
        good = not self.url or re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.url) is not None
        require(good, "[judge] url", self.url, "give an address such as https://host/v1, or nothing")
        require(not self.url or bool(self.model), "[judge] model", self.model, "name the judge's model")
        named = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.key_env) is not None
        require(named, "[judge] key_env", "(not shown)", "give the name of an environment variable, not the key")
        require(self.questions >= 1, "[judge] questions", self.questions, "give at least 1")
        require(self.seconds > 0, "[judge] seconds", self.seconds, "give more than 0")
