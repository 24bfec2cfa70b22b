"""The step dedupe: which pairs repeat another, and which ask the same and are answered another way.

exact_duplicate   the same question and answer, in normal form
near_duplicate    question and answer are both nearly the same, and no guard sees another number, negation or word
same_question     nearly the same question with another answer: for people
contradiction     nearly the same question and answer, but for a number, a negation or an opposite: for people

The witness of a copy is a pair that is kept, and as similar to this very copy as the confidence says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict

from tamiz.extras import needs_extra
from tamiz.progress import Job
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["DedupeStep"]

VERSION = 2


class DedupeStep:
    """What pairs that are accepted already and those that are open repeat of each other; nothing about the accepted."""

    name = "dedupe"

    def __init__(self, settings: CurationSettings) -> None:
        self._settled: list[Pair] = []
        self._job: Job | None = None
        self._apart: Callable[[str, str], bool] | None = None
        self._curation = settings
        near = asdict(settings.near)
        if "source" not in settings.near.keep:
            del near["source_order"]
        self.settings = {"version": VERSION, **near}

    def remember(self, pairs: Iterable[Pair]) -> None:
        self._settled = list(pairs)

    def separate(self, apart: Callable[[str, str], bool]) -> None:
        """Say of no pair that it repeats one from which people have told it apart."""
        self._apart = apart

    def watch(self, job: Job) -> None:
        """Tell this job how far the comparing is."""
        self._job = job

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        if not batch:
            return
        with needs_extra("The step dedupe", "curate"):
            from curation.repeats import Compared
        known = {pair.id for pair in batch}
        settled = [pair for pair in self._settled if pair.id not in known]
        yield from Compared.of(settled, batch, self._curation, self._job).findings(self.name, self._apart)
