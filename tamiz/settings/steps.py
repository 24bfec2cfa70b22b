"""What the steps of `tamiz curate` look for."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from tamiz.records import PairKind
from tamiz.settings.keys import key, require

__all__ = [
    "KEEP_POLICIES",
    "PERSONAL_KINDS",
    "CleanSettings",
    "ForumLengthSettings",
    "LanguageSettings",
    "LengthSettings",
    "MeaningSettings",
    "NearSettings",
    "PrivacySettings",
    "QualitySettings",
    "SpellingSettings",
    "SyntheticLengthSettings",
    "TableLengthSettings",
    "TranscriptLengthSettings",
]

# What [curation.privacy] kinds may name; curation.privacy.kinds says what each is.
PERSONAL_KINDS = (
    "email",
    "phone",
    "name",
    "address",
    "dni",
    "cif",
    "curp",
    "rfc",
    "cuit",
    "rut",
    "cpf",
    "nit",
    "id_number",
    "ssn",
    "passport",
    "birth_date",
    "iban",
    "bank_account",
    "card",
    "ip",
    "mac",
    "imei",
    "plate",
    "reference",
    "password",
    "secret",
    "private_key",
    "credentials",
)


KEEP_POLICIES = ("accepted", "votes", "longest", "newest", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSettings:
    boilerplate: tuple[str, ...] = key(
        (), "Regular expressions of lines to take out of answers, beside the known ones."
    )
    boilerplate_repeats: int = key(8, "A last line that ends this many answers of one source is boilerplate.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearSettings:
    threshold: float = key(0.7, "Jaccard similarity of character n-grams from which two texts count as the same.")
    ngram: int = key(3, "Length of the character n-grams.")
    num_perm: int = key(128, "Number of MinHash permutations.")
    keep: tuple[str, ...] = key(
        ("accepted", "votes", "longest", "newest"),
        "Which of several copies is kept, the first difference decides: accepted, votes, longest (answer), newest, "
        "source.",
    )
    source_order: tuple[str, ...] = key(
        (), "For keep's source: names of sources, the preferred ones first; empty: the order of [[sources]]."
    )

    def __post_init__(self) -> None:
        for name in self.keep:
            near = difflib.get_close_matches(name, KEEP_POLICIES, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"name some of: {', '.join(KEEP_POLICIES)}"
            require(name in KEEP_POLICIES, "[curation.near] keep", name, advice)
        require(len(set(self.keep)) == len(self.keep), "[curation.near] keep", self.keep, "name each policy once")
        good = 0 < self.threshold <= 1
        require(good, "[curation.near] threshold", self.threshold, "give a share above 0 and up to 1, such as 0.7")
        require(1 <= self.ngram <= 32, "[curation.near] ngram", self.ngram, "give 1 to 32")
        require(16 <= self.num_perm <= 1024, "[curation.near] num_perm", self.num_perm, "give 16 to 1024")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeaningSettings:
    method: Literal["tfidf", "encoder"] = key(
        "tfidf",
        "How questions are compared: by the letters of their words, in any language, or by a small encoder (English).",
    )
    threshold: float = key(0.0, "Similarity from which a pair is shown to people; 0: the measured one of the method.")
    neighbours: int = key(3, "Other pairs that are named with a pair, at most.")

    def __post_init__(self) -> None:
        advice = "give a share from 0.2 to 1, or 0 for the method's own"
        good = self.threshold == 0 or 0.2 <= self.threshold <= 1
        require(good, "[curation.meaning] threshold", self.threshold, advice)
        require(1 <= self.neighbours <= 20, "[curation.meaning] neighbours", self.neighbours, "give 1 to 20")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSettings:
    languages: tuple[str, ...] = key(
        (), "ISO 639-1 codes that texts may be in; empty: those of [project] languages. All others are the wrong ones."
    )

    def __post_init__(self) -> None:
        for code in self.languages:
            good, advice = re.fullmatch("[a-z]{2}", code) is not None, "give ISO 639-1 codes such as es or en"
            require(good, "[curation.language] languages", code, advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthSettings:
    """Limits for pairs of one kind; those of FAQs."""

    kind: ClassVar[PairKind] = "faq"
    min_question: int = key(8, "Characters a question should have at least.")
    max_question: int = key(500, "Characters a question should have at most.")
    min_answer: int = key(20, "Characters an answer should have at least.")
    max_answer: int = key(6000, "Characters an answer should have at most.")

    def __post_init__(self) -> None:
        for name in ("question", "answer"):
            least, most = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            where = f"[curation.quality.{self.kind}] min_{name} and max_{name}"
            require(0 <= least < most, where, (least, most), "give a minimum from 0 and a larger maximum")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumLengthSettings(LengthSettings):
    kind: ClassVar[PairKind] = "forum"
    max_question: int = key(4000, "Characters a question should have at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLengthSettings(LengthSettings):
    kind: ClassVar[PairKind] = "transcript"
    min_question: int = key(2, "Characters a question should have at least.")
    max_question: int = key(2000, "Characters a question should have at most.")
    min_answer: int = key(2, "Characters an answer should have at least.")
    max_answer: int = key(3000, "Characters an answer should have at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLengthSettings(LengthSettings):
    kind: ClassVar[PairKind] = "table"
    max_question: int = key(2000, "Characters a question should have at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticLengthSettings(LengthSettings):
    kind: ClassVar[PairKind] = "synthetic"
    max_answer: int = key(3000, "Characters an answer should have at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    today: str = key("", "The day by which deadlines are judged, such as 2026-01-31; empty: the day of the run.")
    boilerplate_share: float = key(
        0.05, "A sentence that so many of a source's answers have, and [curation.clean] boilerplate_repeats, is one."
    )
    encoder: bool = key(
        False,
        "Where question and answer share no telling word, compare them by meaning, too (English; the extra semantic).",
    )
    faq: LengthSettings = LengthSettings()
    forum: ForumLengthSettings = ForumLengthSettings()
    transcript: TranscriptLengthSettings = TranscriptLengthSettings()
    table: TableLengthSettings = TableLengthSettings()
    synthetic: SyntheticLengthSettings = SyntheticLengthSettings()

    def __post_init__(self) -> None:
        where, advice = "[curation.quality] boilerplate_share", "give a share above 0 and up to 1, such as 0.05"
        require(0 < self.boilerplate_share <= 1, where, self.boilerplate_share, advice)
        require(
            _is_day(self.today), "[curation.quality] today", self.today, "give a day such as 2026-01-31, or nothing"
        )


def _is_day(text: str) -> bool:
    try:
        return text == "" or (re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text)))
    except ValueError:  # such as 2026-02-31
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellingSettings:
    engine: Literal["auto", "embedded", "languagetool"] = key(
        "auto",
        "embedded: dictionaries and word frequencies, nothing to install; languagetool: a LanguageTool server; auto: "
        "the embedded one, and a LanguageTool too where one is named or installed.",
    )
    apply_at: float = key(
        0.9,
        "Share from which a change of spelling or accents is made unseen, by the rule `spelling`; 1: none is, people "
        "decide about every word. A rule of your own that names the step spelling replaces it.",
    )
    questions: Literal["keep", "fix"] = key(
        "keep", "keep: questions stay as people write them and are not looked at; fix: they are corrected as answers."
    )
    glossary: str = key("glossary.txt", "File in the project with words that are right as they are, one a line.")
    url: str = key("", "Address of a running LanguageTool server; empty looks for one installed on this machine.")
    start_seconds: float = key(60.0, "Give up on a LanguageTool that has not started after this time.")
    cache: str = key("", "Folder for LanguageTool's answers; empty: work/languagetool in the project.")

    def __post_init__(self) -> None:
        where, advice = "[curation.spelling] apply_at", "give a share above 0, such as 0.9; 1 changes nothing unseen"
        require(0 < self.apply_at <= 1, where, self.apply_at, advice)
        where, advice = "[curation.spelling] start_seconds", "give more than 0"
        require(self.start_seconds > 0, where, self.start_seconds, advice)
        good = self.url == "" or urlsplit(self.url).scheme in ("http", "https")
        require(good, "[curation.spelling] url", self.url, "give an http or https address, or leave it empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    originals: Literal["encrypt", "drop"] = key(
        "encrypt",
        "What happens to a text that a masked one has replaced: encrypt (with privacy.key) or drop it for good.",
    )
    kinds: tuple[str, ...] = key(
        (),
        "Kinds of personal data that are looked for, such as email; empty: all. docs/how-to/personal-data.md has them.",
    )
    apply_at: float = key(
        0.6,
        "Share from which a mask is put by the rule `privacy`; below it, people decide. A rule of your own that names "
        "the step privacy replaces it.",
    )
    keep: tuple[str, ...] = key(
        (), "The company's own contacts that stay: e-mail addresses, their domains, telephone numbers."
    )
    known_pages: int = key(
        5, "A contact in the answers of this many pages is taken for the company's own, and stays; 0: none is."
    )

    def __post_init__(self) -> None:
        for name in self.kinds:
            near = difflib.get_close_matches(name, PERSONAL_KINDS, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"name some of: {', '.join(PERSONAL_KINDS)}"
            require(name in PERSONAL_KINDS, "[curation.privacy] kinds", name, advice)
        where, advice = "[curation.privacy] apply_at", "give a share above 0, such as 0.6; 1 masks nothing unseen"
        require(0 < self.apply_at <= 1, where, self.apply_at, advice)
        where, advice = "[curation.privacy] known_pages", "give 0, or at least 2: one page makes nothing known"
        require(self.known_pages == 0 or self.known_pages >= 2, where, self.known_pages, advice)

    @property
    def looked_for(self) -> tuple[str, ...]:
        """The kinds that are looked for, all of them where none is named."""
        return self.kinds or PERSONAL_KINDS
