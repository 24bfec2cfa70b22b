"""Pairs with mistakes, and the step as a project has it, with the embedded engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curation.spelling.step import SpellingStep
from tamiz.records import Pair
from tamiz.settings import CurationSettings, SpellingSettings

EMBEDDED = SpellingSettings(engine="embedded", glossary="")


@pytest.fixture(autouse=True)
def no_languagetool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No LanguageTool that happens to be installed takes part, unless a test names one."""
    monkeypatch.setenv("LTP_PATH", str(tmp_path / "no-languagetool"))


@pytest.fixture
def spelling_step() -> Callable[..., SpellingStep]:
    def make(**changes: object) -> SpellingStep:
        return SpellingStep(CurationSettings(spelling=replace(EMBEDDED, **changes)))  # type: ignore[arg-type]

    return make


@pytest.fixture
def pair_of() -> Callable[..., Pair]:
    def make(answer: str, **changes: object) -> Pair:
        values = {"question": "¿Qué hago ahora?", "lang": "es", "url": "u", "kind": "faq", "group": "g", **changes}
        return Pair(answer=answer, **values)  # type: ignore[arg-type]

    return make
