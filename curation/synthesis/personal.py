"""Personal data in what a model would be shown: by the rules of the export, since it leaves the house as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.gate import ORDER, MaxRisk, Settled, examine, settled_in
from curation.privacy import RISKS
from curation.privacy.masks import find_in_texts, mask_texts
from tamiz.project import Project
from tamiz.records import Pair
from tamiz.store import Store

__all__ = ["Cleared"]

NOBODY = Pair(question="-", answer="-", lang="und", url="", kind="faq", group="")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What [export] max_risk, the company's contacts and what people let stand say of a text."""

    settled: Settled
    max_risk: MaxRisk

    @classmethod
    def of(cls, project: Project, store: Store, pairs: Sequence[Pair]) -> Cleared:
        return cls(settled_in(project, store, pairs), project.settings.export.max_risk)

    def pair(self, pair: Pair) -> bool:
        """Whether an export would let the pair out as it is."""
        return not examine([pair], self.settled, max_risk=self.max_risk).refused

    def masked(self, text: str, lang: str) -> str:
        """The text with a mask in the place of what an export would refuse."""
        texts = {"answer": text}
        found = [
            one
            for one in find_in_texts(texts, lang)
            if ORDER.index(RISKS[one.personal.kind]) > ORDER.index(self.max_risk)
            and not self.settled.why(NOBODY, text, one.personal)
        ]
        return mask_texts(texts, found)["answer"]
