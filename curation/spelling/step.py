"""The step `spelling`: what the engines propose, as findings, with code and the project's own words left alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from curation.edits import code_parts
from curation.spelling.checker import Checked, Checker
from curation.spelling.corrections import Correction, Text
from curation.spelling.glossary import merged
from tamiz.progress import Job
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["SpellingStep", "finding_engine", "finding_rule"]

VERSION = 2
SHOWN_ALTERNATIVES = 4


class SpellingStep:
    """Findings accent, spelling, grammar and style, each with its remedy where one is known.

    The witness of a finding is its engine and the engine's rule, as "embedded: accent". The kind not_checked
    says that LanguageTool refused a text. With questions = "keep" only answers are looked at.
    """

    name = "spelling"
    close: Callable[[], None]  # only where a server may have to be stopped: what has a close stays in one process

    def __init__(self, settings: CurationSettings) -> None:
        self._spelling = settings.spelling
        cache = Path(settings.spelling.cache) if settings.spelling.cache else None
        self._checker = Checker(settings.spelling, cache=cache)
        if self._checker.served:
            self.close = self._checker.close
        self._job: Job | None = None
        self._pairs: Counter[str] = Counter()

    def watch(self, job: Job) -> None:
        """Tell this job of what takes long before the first pair is looked at."""
        self._job = job

    def __getstate__(self) -> dict[str, Any]:
        """Another process tells no job."""
        return self.__dict__ | {"_job": None}

    @property
    def settings(self) -> dict[str, Any]:
        """What the findings depend on: engines with their versions, the glossary, and what is asked for."""
        asked: dict[str, Any] = {"version": VERSION, "questions": self._spelling.questions}
        if self._checker.served:
            asked["apply_at"] = self._spelling.apply_at  # what only one engine sees stays below it
        return asked | {"glossary": self._checker.glossary.hash, "engines": self._checker.versions}

    @property
    def protected(self) -> int:
        """How many terms the glossary and people's "never" protect."""
        return len(self._checker.glossary.terms)

    def terms(self) -> dict[str, int]:
        """Words that several texts of the corpus use and no dictionary has, with the number of texts."""
        return self._checker.terms()

    @property
    def versions(self) -> dict[str, Any]:
        return dict(self._checker.versions)

    def heed(self, nevers: Iterable[tuple[str, str]]) -> None:
        """Leave these words, (language, word), as they are: people have said "never"."""
        self._checker.keep(nevers)

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Count the words of all texts, questions included: a word of theirs may be a term."""
        self._pairs.clear()
        texts = (text for pair in self._counted(pairs) for text in (_question(pair), _answer(pair)))
        self._checker.learn(texts, self._say)

    def unchecked(self) -> dict[str, int]:
        """How many pairs of the corpus are in a language that no engine here checks, by language."""
        return {lang: self._pairs[lang] for lang in self._checker.lacking(sorted(self._pairs))}

    def _counted(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        for pair in pairs:
            self._pairs[pair.lang] += 1
            yield pair

    def _say(self, note: str) -> None:
        if self._job is not None:
            self._job.update(0, note=f"spelling: {note}")

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        places: list[tuple[Pair, str]] = []
        texts: list[Text] = []
        for pair in batch:
            if self._spelling.questions == "fix":
                places.append((pair, "question"))
                texts.append(_question(pair))
            places.append((pair, "answer"))
            texts.append(_answer(pair))
        for (pair, field), checked in zip(places, self._checker.check(texts) if texts else (), strict=True):
            yield from self._findings(pair, field, checked)

    def _findings(self, pair: Pair, field: str, checked: Checked) -> Iterator[Finding]:
        if checked.trouble:
            yield Finding(pair=pair.id, step=self.name, kind="not_checked", field=field, note=checked.trouble)
        for found in checked.corrections:
            yield Finding(
                pair=pair.id,
                step=self.name,
                kind=found.kind,
                field=field,
                start=found.start,
                end=found.end,
                before=found.before,
                after=found.after,
                confidence=found.confidence,
                witness=f"{found.engine}: {found.rule}",
                note=_note(found),
            )


def finding_engine(finding: Finding) -> str:
    """The engine of one of this step's findings.

    >>> finding_engine(Finding(pair="p", step="spelling", kind="accent", witness="embedded: accent"))
    'embedded'
    """
    return finding.witness.partition(": ")[0]


def finding_rule(finding: Finding) -> str:
    """The engine's own rule behind one of this step's findings."""
    return finding.witness.partition(": ")[2]


def _note(found: Correction) -> str:
    others = " / ".join(found.alternatives[:SHOWN_ALTERNATIVES])
    return "; ".join(filter(None, (found.note, f"~ {others}" if others else "")))


def _question(pair: Pair) -> Text:
    return Text(text=pair.question, lang=pair.lang)  # the pair's author is who answered


def _answer(pair: Pair) -> Text:
    kept = _code_places(pair.answer, code_parts(pair.answer_markdown))
    return Text(text=pair.answer, lang=pair.lang, kept=kept, author=pair.author)


def _code_places(text: str, codes: Sequence[str]) -> tuple[tuple[int, int], ...]:
    places: list[tuple[int, int]] = []
    for code in codes:
        head, tail = (r"(?<!\w)" if code[0].isalnum() else ""), (r"(?!\w)" if code[-1].isalnum() else "")
        places += [match.span() for match in re.finditer(head + re.escape(code) + tail, text)]
    return merged(places)
