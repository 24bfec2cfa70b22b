"""How many tokens a model can read at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tamiz.settings import TuningSettings
from tuning.batches import LENGTH_STEP

__all__ = ["WHOLE", "more_room", "positions_of", "within_positions"]

WHOLE = 2**31  # tokens, for a model that names no limit


def positions_of(model: Any) -> int:
    """The tokens that the model was built for, question and answer together."""
    config = model.config
    named = int(getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or WHOLE)
    table = next((part for name, part in model.named_modules() if name.endswith(".position_embeddings")), None)
    before = getattr(table, "padding_idx", None)  # RoBERTa counts from behind its padding
    return named if before is None else named - before - 1


def within_positions(model: Any, settings: TuningSettings) -> TuningSettings:
    """The settings with max_tokens at what the model can read, padding to a whole LENGTH_STEP included."""
    most = _most_tokens(model)
    return settings if settings.max_tokens <= most else replace(settings, max_tokens=most)


def more_room(model: Any, settings: TuningSettings) -> str:
    """What to do where a text is longer than max_tokens."""
    if settings.max_tokens < _most_tokens(model):
        return "raise [tuning] max_tokens"
    return f"choose a base that reads more: {settings.base} reads {positions_of(model)} tokens at most"


def _most_tokens(model: Any) -> int:
    return positions_of(model) // LENGTH_STEP * LENGTH_STEP
