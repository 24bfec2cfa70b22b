"""The project, its database, the review app and the exports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from tamiz.settings.keys import key, require

__all__ = ["EXPORT_FORMATS", "ExportFormat", "ExportSettings", "ProjectSettings", "ReviewSettings", "StoreSettings"]

ExportFormat = Literal[
    "json", "chat", "hf", "openai", "sharegpt", "alpaca", "prompt-completion", "dpo", "kto", "parquet"
]
EXPORT_FORMATS: tuple[str, ...] = get_args(ExportFormat)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    name: str = key("my-support", "The project's name; it names the model card and the user agent.")
    goal: str = key("", "What the model is for, in a sentence. Reviewers see it.")
    languages: tuple[str, ...] = key(("es", "en"), "ISO 639-1 codes that texts may be in, most common first.")

    def __post_init__(self) -> None:
        require(bool(self.languages), "[project] languages", self.languages, 'give at least one, such as ["es"]')
        for code in self.languages:
            advice = "give ISO 639-1 codes such as es or en"
            require(re.fullmatch("[a-z]{2}", code) is not None, "[project] languages", code, advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    url: str = key("", 'Empty for tamiz.db in this folder; "postgresql+psycopg://..." for a team.')

    def __post_init__(self) -> None:
        good = self.url == "" or self.url.startswith(("sqlite:///", "postgresql+psycopg://"))
        advice = "leave it empty, or give sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
        require(good, "[store] url", re.sub(r"://[^@/]*@", "://...@", self.url), advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    language: Literal["auto", "es", "en"] = key("auto", "Language of the screens; auto takes the browser's.")
    host: str = key("127.0.0.1", "Address the review app listens on; anything but loopback needs people: tamiz people.")
    port: int = key(8501, "Port the review app listens on.")
    address: str = key("", "Where browsers reach the app behind a proxy, such as https://review.example.org.")
    lease_seconds: int = key(300, "How long a shown pair is kept for its reviewer.")
    order: Literal["need", "newest", "oldest", "source", "random", "balance"] = key(
        "need",
        "Which pairs come first: what needs a person most, the newest, the oldest, by source, shuffled, or the label "
        "with the fewest accepted pairs.",
    )
    double: float = key(0.0, "Share of pairs on which several people decide, each without seeing what others said.")
    reviewers: int = key(2, "How many opinions such a pair gets; where they differ, somebody else decides.")

    def __post_init__(self) -> None:
        require(0 < self.port < 65536, "[review] port", self.port, "give 1 to 65535")
        good = not self.address or re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", self.address) is not None
        require(good, "[review] address", self.address, "give it as https://review.example.org")
        require(self.lease_seconds >= 10, "[review] lease_seconds", self.lease_seconds, "give at least 10")
        require(0 <= self.double <= 1, "[review] double", self.double, "give a share from 0 to 1, such as 0.1")
        require(self.reviewers >= 2, "[review] reviewers", self.reviewers, "give at least 2")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    formats: tuple[ExportFormat, ...] = key(
        ("json", "chat"),
        "What a version is written as, beside its full records: json (question and answer), alpaca, sharegpt, chat "
        "(messages, as chat templates and TRL read them), openai (messages, as fine-tuning services read them), "
        "prompt-completion, dpo and kto (from what reviewers edited and rejected), hf (a Hugging Face datasets "
        "folder), parquet.",
    )
    kto_reasons: tuple[str, ...] = key(
        ("wrong", "outdated", "no-answer", "unreadable"),
        "Answers that a person rejected for one of these reasons are undesirable ones in kto; the others say "
        "nothing of the answer.",
    )
    validation: float = key(0.1, "Share of pairs for validation; a change of it divides new pairs only.")
    test: float = key(0.1, "Share of pairs for the test; a change of it divides new pairs only.")
    seed: int = key(13, "Seed of the split; a change of it divides new pairs only.")
    group_by_author: bool = key(False, "Keep all pairs that one author answered in one part of the split.")
    min_pairs: int = key(20, "Refuse to export fewer accepted pairs than this.")
    max_risk: Literal["none", "low", "medium", "high"] = key(
        "low",
        "Refuse to export personal data that would do more harm than this: none refuses all that is found, high "
        "nothing.",
    )

    def __post_init__(self) -> None:
        for name in ("validation", "test"):
            value = getattr(self, name)
            require(0 <= value < 1, f"[export] {name}", value, "give a share from 0 and below 1, such as 0.1")
        total = self.validation + self.test
        require(total < 1, "[export] validation and test", total, "leave a share for training")
        require(self.min_pairs >= 1, "[export] min_pairs", self.min_pairs, "give at least 1")
