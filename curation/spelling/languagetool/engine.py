"""LanguageTool as a spelling engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from curation.spelling.corrections import Correction, Text
from curation.spelling.languagetool.client import Refused, Server, connect
from curation.spelling.languagetool.judgement import judge
from tamiz.settings import SpellingSettings

__all__ = ["LanguageToolEngine", "connect_engine"]

VARIANTS = {"en": "en-US", "pt": "pt-PT", "de": "de-DE", "ca": "ca-ES"}  # without a variant no words are checked


class LanguageToolEngine:
    """Proposals of a LanguageTool server.

    NotNow where the server cannot be used at the moment: its texts are for a later run. After each check,
    `refused` says of which texts the server could not be had to check, by their place, and why;
    `unsupported` counts the texts whose language it lacks, since the start.
    """

    def __init__(self, server: Server, *, cache: Path | None = None) -> None:
        self._server = server
        self._languages = server.languages()
        self.refused: dict[int, str] = {}
        self.unsupported: Counter[str] = Counter()

    @property
    def name(self) -> str:
        return "languagetool"

    @property
    def versions(self) -> Mapping[str, str]:
        """The server's version."""
        return {}

    def learn(self, texts: Iterable[Text]) -> None:
        """Nothing: LanguageTool knows no corpus."""

    def check(self, texts: Sequence[Text]) -> list[list[Correction]]:
        """The proposals for each text; none overlap, none touch what is kept."""
        self.refused = {}
        return [self._check(place, text) for place, text in enumerate(texts)]

    def close(self) -> None:
        """Stop the server, if it was started here."""
        self._server.close()

    def _check(self, place: int, text: Text) -> list[Correction]:
        language = VARIANTS.get(text.lang, text.lang)
        if language not in self._languages:
            self.unsupported[text.lang] += 1
            return []
        try:
            matches = self._server.check(text.text, language)
        except Refused as reason:
            self.refused[place] = f"LanguageTool: {reason}"
            return []
        return judge(text, matches)


def connect_engine(settings: SpellingSettings, *, cache: Path | None) -> LanguageToolEngine:
    """The engine at the address of the settings, or on a server that is found on this machine and started.

    Answers are kept in the folder `cache`, None: nowhere. NotNow says what is missing and how to bring it;
    SettingsError that the address is one that must not be asked.
    """
    server = connect(settings.url, start_seconds=settings.start_seconds)
    try:
        return LanguageToolEngine(server, cache=cache)
    except BaseException:
        server.close()
        raise
