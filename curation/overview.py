"""How a project stands as a whole: the funnel from pages to accepted pairs, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curation.review import Progress
from curation.spelling.words import list_words
from curation.versions import newest_export
from tamiz.activity import count_sources, has_more_findings, last_decision
from tamiz.project import Project
from tamiz.store import Store
from tamiz.wordplaces import STEP as WORD_STEP

__all__ = ["Funnel", "NextStep", "StepName", "next_steps", "read_funnel", "words_waiting"]

FINDINGS_COUNTED = 200_000  # of spelling; the words of more take longer to group than a screen may
StepName = Literal[
    "name_sources", "crawl", "extract", "curate", "review", "words", "many_words", "more", "export", "tune"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Pages, and the pairs that came of them; each stage is a part of the one before, from `pairs` on."""

    pages: int
    progress: Progress

    @property
    def pairs(self) -> int:
        return self.progress.new + self.checked

    @property
    def checked(self) -> int:
        return self.progress.open + self.decided

    @property
    def decided(self) -> int:
        return self.progress.decided

    @property
    def accepted(self) -> int:
        return self.progress.accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something to do now, and how many pairs or words it is about."""

    name: StepName
    number: int = 0


def read_funnel(store: Store) -> Funnel:
    """Where the project's pages and pairs are, from counters."""
    pages = sum(one.pages for one in count_sources(store))
    return Funnel(pages=pages, progress=Progress.of(store.counts()))


def words_waiting(store: Store, *, limit: int) -> int | None:
    """How many words wait for a decision, up to `limit`; None where counting them would take longer than a look."""
    if has_more_findings(store, WORD_STEP, FINDINGS_COUNTED):
        return None
    return len(list_words(store, limit=limit))


def next_steps(project: Project, store: Store, funnel: Funnel, *, words: int | None = 0) -> list[NextStep]:
    """What to do now, the most pressing first; `words` is how many wait for a decision, None for not counted."""
    if not funnel.pairs:
        if funnel.pages:
            return [NextStep(name="extract", number=funnel.pages)]
        sources = len(project.settings.sources)
        return [NextStep(name="crawl", number=sources) if sources else NextStep(name="name_sources")]
    progress, least = funnel.progress, project.settings.export.min_pairs
    steps = [
        NextStep(name="curate", number=progress.new),
        NextStep(name="review", number=progress.open),
        NextStep(name="words", number=words or 0),
    ]
    steps = [step for step in steps if step.number]
    if words is None and progress.open:
        steps.append(NextStep(name="many_words"))
    if progress.accepted < least:
        return [*steps, NextStep(name="more", number=least - progress.accepted)]
    exported = _newest_export_at(project)
    if not exported or exported < last_decision(store):
        steps.append(NextStep(name="export", number=progress.accepted))
    if exported:
        steps.append(NextStep(name="tune", number=progress.accepted))
    return steps


def _newest_export_at(project: Project) -> str:
    """When the newest dataset version was written; "" where there is none."""
    newest = newest_export(project)
    return newest.created_at if newest else ""
