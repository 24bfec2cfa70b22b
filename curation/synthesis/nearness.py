"""What made pairs must not repeat: training pairs, those made before, and above all those of validation and test."""

from __future__ import annotations

from curation.synthesis.gates import Novelty
from curation.synthesis.marks import is_augmentation, recipe_of
from curation.synthesis.training import Training
from tamiz.moves import State
from tamiz.project import Project
from tamiz.store import Store

__all__ = ["known_texts"]

STANDING: tuple[State, ...] = ("new", "waiting", "skipped", "disputed", "accepted", "rejected")


def known_texts(project: Project, store: Store, training: Training) -> Novelty:
    """All pairs that a new one is compared with; changed copies for training only are like their origins anyway."""
    novelty = Novelty.of(training.pairs, training.held_out, project.settings.curation.near)
    made = [one.pair for one in store.pairs(*STANDING, kinds=["synthetic"])]
    novelty.hold("made", [pair for pair in made if recipe_of(pair) and not is_augmentation(pair)])
    return novelty
