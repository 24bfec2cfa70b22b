"""What is written on a made pair, so that its recipe and model can be told however it was edited since."""

from __future__ import annotations

import re

from tamiz.records import Pair

__all__ = ["is_augmentation", "is_refusal", "model_of", "pattern_of", "recipe_of"]

_PATTERN = re.compile(
    r"synth:(?P<recipe>[a-z0-9_-]+)(?P<augmentation> augmentation)?(?P<refusal> refusal)?(?: by (?P<model>.+))?",
    re.DOTALL,
)


def pattern_of(recipe: str, model: str = "", *, augmentation: bool = False, refusal: bool = False) -> str:
    """What a made pair has as its pattern; an edit keeps it.

    >>> pattern_of("paraphrase", "gemma-3-270m")
    'synth:paraphrase by gemma-3-270m'
    """
    marks = (" augmentation" if augmentation else "") + (" refusal" if refusal else "")
    return f"synth:{recipe}{marks}{f' by {model}' if model else ''}"


def recipe_of(pair: Pair) -> str:
    """The recipe that made the pair, "" where none did."""
    found = _found(pair)
    return found["recipe"] if found else ""


def model_of(pair: Pair) -> str:
    """The model that was asked for the pair, "" where none was."""
    found = _found(pair)
    return (found["model"] or "") if found else ""


def is_augmentation(pair: Pair) -> bool:
    """Whether the pair is a changed copy for training only, which no step mends and nobody reads as new content."""
    found = _found(pair)
    return bool(found and found["augmentation"])


def is_refusal(pair: Pair) -> bool:
    """Whether the pair's answer is an honest refusal, which no source has to bear out."""
    found = _found(pair)
    return bool(found and found["refusal"])


def _found(pair: Pair) -> re.Match[str] | None:
    return _PATTERN.fullmatch(pair.pattern) if pair.kind == "synthetic" else None
