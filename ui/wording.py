"""The words on the screens, in the languages that have a file in i18n/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

__all__ = ["FALLBACK", "LANGUAGES", "Words", "pick_language", "texts_of"]

LANGUAGES = {"es": "Español", "en": "English"}
FALLBACK = "en"
FOLDER = Path(__file__).parent / "i18n"


class Words:
    """The words of one language: words("review.accept"). A key that is not there is a KeyError."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = _texts(language)

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """The words for a name that a plugin may have given, or that name itself."""
        return self._texts.get(key, otherwise)


def pick_language(wanted: str, browser: str | None) -> str:
    """The language to begin with: the one of the settings, or for auto the browser's if we speak it.

    >>> pick_language("auto", "es-MX"), pick_language("auto", "fr"), pick_language("en", "es")
    ('es', 'en', 'en')
    """
    if wanted in LANGUAGES:
        return wanted
    code = (browser or "").split("-")[0].lower()
    return code if code in LANGUAGES else FALLBACK


def texts_of(language: str, group: str) -> dict[str, str]:
    """The texts of one group by their keys, the group in front, as the file has them."""
    return {key: text for key, text in _texts(language).items() if key.split(".")[0] == group}


@cache
def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts
