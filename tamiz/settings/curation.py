"""Which steps are run, where, and what the written rules let happen."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from tamiz.records import FOR_PEOPLE, STEPS_FOR_PEOPLE, SYNTHESIS_STEPS, PairKind
from tamiz.settings.keys import key, require
from tamiz.settings.steps import (
    CleanSettings,
    LanguageSettings,
    MeaningSettings,
    NearSettings,
    PrivacySettings,
    QualitySettings,
    SpellingSettings,
)

__all__ = ["CurationSettings", "RaySettings", "RuleSettings"]


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
        looking = (*self.steps, *SYNTHESIS_STEPS)
        for rule in self.rules:
            for name in rule.steps:
                near = difflib.get_close_matches(name, looking, n=1, cutoff=0.5)
                advice = f"did you mean {near[0]}?" if near else "name a step of [curation] steps, or add it there"
                require(name in looking, f"[[curation.rules]] {rule.name}: steps", name, advice)
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
