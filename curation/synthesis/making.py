"""What a recipe made as pairs, looked at by the gates and kept with where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from curation.synthesis.gates import Novelty, look
from curation.synthesis.gates.findings import STEP as GATES_STEP
from curation.synthesis.marks import is_augmentation, is_refusal, pattern_of
from curation.synthesis.recipe import Left, Made, Material
from tamiz.decisions import judge
from tamiz.records import Finding, Pair, Verdict
from tamiz.store import Store
from tamiz.synthmade import keep_made

__all__ = ["AUGMENTATION_RULE", "Keeper", "pair_of"]

AUGMENTATION_RULE = "rule:augmentation"
OF_A_MODEL, OF_A_RULE = 0.5, 1.0  # how sure it is that such an answer is right, before anybody has looked
LONGEST_NOTE = 200


def pair_of(material: Material, made: Made, *, recipe: str, model: str = "", prompt: str = "") -> Pair:
    """A made pair: of the group of what it was made from, so that it never leaves the training part."""
    told = [made.note[:LONGEST_NOTE], f"prompt {prompt}" if prompt else ""]
    return Pair(
        question=made.question,
        answer=made.answer,
        lang=made.lang,
        url=material.url,
        kind="synthetic",
        group=material.group,
        source=material.source,
        context=made.context,
        tools=made.tools,
        label=made.label or material.label,
        pattern=pattern_of(recipe, model, augmentation=made.augmentation, refusal=made.refusal),
        confidence=OF_A_MODEL if model else OF_A_RULE,
        reason="; ".join(one for one in told if one),
        page=material.page,
        licence=material.licence,
        made_from=made.made_from or material.made_from,
        made_by=f"synth:{recipe}" + (f" by {model}" if model else ""),
    )


@dataclass(slots=True)
class Keeper:
    """Keeps what is made, one material after the other, and counts it.

    `made` are pairs that are new, `known` those that were there already, `empty` things that are no pairs (a question
    without words); `found` counts new pairs by what the gates found in them, `left` what recipes left out.
    """

    store: Store
    run: str
    recipe: str
    model: str
    near: Novelty | None
    accept_augmentations: bool = False
    made: int = 0
    known: int = 0
    empty: int = 0
    clean: int = 0
    accepted: int = 0
    found: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def keep(self, material: Material, made: Sequence[Made | Left], *, call: int = 0, prompt: str = "") -> None:
        """Keep what came of a material, with what the gates say of it."""
        pairs: dict[str, Pair] = {}
        quotes: dict[str, tuple[str, ...]] = {}
        for one in made:
            if isinstance(one, Left):
                self.left[one.why] += 1
                continue
            if not one.question.strip() or not one.answer.strip():
                self.empty += 1
                continue
            pair = pair_of(material, one, recipe=self.recipe, model=self.model, prompt=prompt)
            pairs.setdefault(pair.id, pair)
            quotes.setdefault(pair.id, one.quotes)
        there = self.store.pairs_by_id(list(pairs))
        findings: dict[str, list[Finding]] = {}
        for name, pair in pairs.items():
            if name not in there:
                findings[name] = self._look(pair, material, quotes[name])
                self._remember(pair)
        new = keep_made(
            self.store,
            call=call,
            run=self.run,
            recipe=self.recipe,
            material=material.key,
            pairs=list(pairs.values()),
            looks={GATES_STEP: findings},
        )
        if new is None:
            return
        self.made += len(new)
        self.known += len(pairs) - len(new)
        for name in new:
            kinds = {finding.kind for finding in findings.get(name, ())}
            self.found.update(kinds)
            self.clean += not kinds
        self._accept([pairs[name] for name in new])

    def _look(self, pair: Pair, material: Material, quotes: Sequence[str]) -> list[Finding]:
        """What the gates find in it. An honest refusal has no source: what it was made of is not what it tells."""
        refusal = is_refusal(pair)
        source = "" if refusal else material.text
        accepted = {one.answer for one in (material.pair, *material.pairs) if one is not None}
        return look(
            pair, source, quotes, self.near, augmentation=is_augmentation(pair), refusal=refusal, accepted=accepted
        )

    def _remember(self, pair: Pair) -> None:
        if self.near is not None and not is_augmentation(pair):
            self.near.add(pair)

    def _accept(self, pairs: Sequence[Pair]) -> None:
        """Accept changed copies of accepted pairs at once, where the settings say so."""
        if not self.accept_augmentations:
            return
        reason = "rule augmentation: [synthesis] accept_augmentations"
        verdicts = [
            Verdict(pair=pair.id, version=1, decision="accept", by=AUGMENTATION_RULE, reason=reason)
            for pair in pairs
            if is_augmentation(pair)
        ]
        if verdicts:
            self.accepted += judge(self.store, verdicts).done
