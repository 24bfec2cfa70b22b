"""What a base model may do beside being plain numbers: nothing, unless the project's settings name that very model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tamiz.settings import TuningSettings

__all__ = ["NOTHING", "PERMISSIONS", "Allowed", "allowed_by", "code_refusal", "permission"]

# They stand in tamiz.toml alone. A run's card and its folder have them on record, but may come from elsewhere, so
# that nothing is allowed by them.
PERMISSIONS = ("allow_pickle", "trust_remote_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The base models whose pickled weights may be opened, and those whose own code may run."""

    pickle: tuple[str, ...] = ()
    code: tuple[str, ...] = ()

    def may_unpickle(self, name: str) -> bool:
        return _names(self.pickle, name)

    def may_run_code(self, name: str) -> bool:
        return _names(self.code, name)


NOTHING = Allowed()


def allowed_by(settings: TuningSettings) -> Allowed:
    """What [tuning] allow_pickle and trust_remote_code say."""
    return Allowed(pickle=settings.allow_pickle, code=settings.trust_remote_code)


def permission(key: str, name: str) -> str:
    """The line for tamiz.toml that allows it for this model alone.

    >>> permission("allow_pickle", "owner/name")
    '[tuning] allow_pickle = ["owner/name"]'
    """
    return f"[tuning] {key} = [{json.dumps(name, ensure_ascii=False)}]"


def code_refusal(name: str, place: str) -> str:
    """Why a model that brings code is refused, and the line that allows it; `place` says where it asks for the code."""
    return (
        f"{name} brings its own code (auto_map in {place}), and tamiz runs none: trust_remote_code is off. "
        "Choose a base whose architecture and tokenizer are part of transformers (tamiz models); or read that code, "
        "and if it may do all that you may do on this machine, name the model: " + permission("trust_remote_code", name)
    )


def _names(allowed: tuple[str, ...], name: str) -> bool:
    """Whether one of them is this model: the same name, or the same folder written in another way."""
    if name in allowed:
        return True
    place = Path(name).expanduser()
    return place.is_dir() and place.resolve() in {Path(one).expanduser().resolve() for one in allowed}
