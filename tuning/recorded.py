"""Settings read back from where a run wrote them down."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from tamiz.settings import LoraSettings, TuningSettings

__all__ = ["settings_from"]


def settings_from(values: dict[str, Any]) -> TuningSettings:
    """Settings out of JSON, where tuples have become lists; what is no setting is passed over."""

    def plain(table: dict[str, Any], kind: type) -> dict[str, Any]:
        known = {f.name for f in fields(kind)}
        return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items() if k in known}

    return TuningSettings(
        **{**plain(values, TuningSettings), "lora": LoraSettings(**plain(values["lora"], LoraSettings))}
    )
