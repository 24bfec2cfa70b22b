"""The engines that a project asks, as one: what each proposes, and what both agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from curation.spelling.agreement import SUREST, agreed, capped
from curation.spelling.corrections import Correction, Text
from curation.spelling.glossary import Glossary, merged, read_glossary
from tamiz.language import UNKNOWN
from tamiz.settings import SpellingSettings

if TYPE_CHECKING:
    from curation.spelling.embedded import EmbeddedEngine
    from curation.spelling.languagetool.engine import LanguageToolEngine

__all__ = ["Checked", "Checker", "languagetool_found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in one text; `trouble` is why an engine could not check it, or ""."""

    corrections: list[Correction] = field(default_factory=list)
    trouble: str = ""


def languagetool_found(settings: SpellingSettings) -> bool:
    """Whether a LanguageTool is named or installed here; whether it works shows when it is asked."""
    if settings.engine == "embedded":
        return False
    if settings.engine == "languagetool" or settings.url:
        return True
    from curation.spelling.languagetool.installed import is_installed

    return is_installed()


class Checker:
    """The engines of these settings, which learn together and check with the glossary's terms kept.

    `kept_terms` are (language, term) beside those of the glossary's file. NotNow where LanguageTool is asked for
    and cannot be used.
    """

    def __init__(self, settings: SpellingSettings, *, cache: Path | None = None) -> None:
        self.settings = settings
        self.served = languagetool_found(settings)
        self.glossary = read_glossary(Path(settings.glossary)) if settings.glossary else Glossary()
        self._cache = cache
        self._languages: tuple[str, ...] = ()
        self._embedded: EmbeddedEngine | None = None
        self._languagetool: LanguageToolEngine | None = None

    def keep(self, terms: Iterable[tuple[str, str]]) -> None:
        """Protect these terms, (language, term), beside those of the glossary's file."""
        self.glossary = self.glossary.with_terms(terms)

    @property
    def embedded(self) -> EmbeddedEngine | None:
        if self._embedded is None and self.settings.engine != "languagetool":
            from curation.spelling.embedded import EmbeddedEngine

            self._embedded = EmbeddedEngine()
        return self._embedded

    @property
    def languagetool(self) -> LanguageToolEngine | None:
        if self._languagetool is None and self.served:
            from curation.spelling.languagetool.engine import connect_engine

            self._languagetool = connect_engine(self.settings, cache=self._cache, languages=self._languages)
        return self._languagetool

    @property
    def versions(self) -> dict[str, Mapping[str, str]]:
        """What each engine's answers depend on: {engine: {part: version}}."""
        engines = [engine for engine in (self.embedded, self.languagetool) if engine is not None]
        return {engine.name: dict(engine.versions) for engine in engines}

    def learn(self, texts: Iterable[Text], watch: Callable[[str], object] = lambda note: None) -> None:
        """Let the engines count over the corpus; a LanguageTool checks sentences in any language of it.

        `watch` is told of what takes long: word lists that have to be built first.
        """
        seen: Counter[str] = Counter()
        counted = self._counted(texts, seen, watch)
        corpus = list(counted) if self.served else counted
        self._languages = tuple(lang for lang, _ in seen.most_common() if lang != UNKNOWN)
        for engine in (self.embedded, self.languagetool):
            if engine is not None:
                engine.learn(corpus)

    def lacking(self, languages: Iterable[str]) -> list[str]:
        """Those of the languages that no engine here checks."""
        known: set[str] = set()
        if self.embedded is not None:
            from curation.spelling.dictionaries import languages as with_dictionary

            known.update(with_dictionary())
        tool = self.languagetool
        return [lang for lang in languages if lang not in known and not (tool is not None and tool.checks(lang))]

    def check(self, texts: Sequence[Text]) -> list[Checked]:
        """What is found in each text, in its order."""
        shown = [self._kept(text) for text in texts]
        embedded = self.embedded.check(shown) if self.embedded is not None else None
        if self.languagetool is None:
            return [Checked(corrections=_sure(found)) for found in embedded or []]
        served: list[list[Correction]] = self.languagetool.check(shown)
        refused: dict[int, str] = dict(self.languagetool.refused)
        result = []
        for place, text in enumerate(shown):
            mine = embedded[place] if embedded is not None else []
            trouble = refused.get(place, "")
            if embedded is None or not (trouble or self.languagetool.checks(text.lang)):
                found = _sure(served[place] if embedded is None else mine)
            else:
                found = agreed(mine, served[place], apply_at=self.settings.apply_at)
            result.append(Checked(corrections=found, trouble=trouble))
        return result

    def terms(self) -> dict[str, int]:
        """Words that several texts of the corpus use and no dictionary has, with the number of texts."""
        return self._embedded.terms() if self._embedded is not None else {}

    def close(self) -> None:
        """Let go of the engines, whatever happened."""
        engines, self._embedded, self._languagetool = (self._embedded, self._languagetool), None, None
        with ExitStack() as last:
            for engine in engines:
                if engine is not None:
                    last.callback(engine.close)

    def _counted(self, texts: Iterable[Text], seen: Counter[str], watch: Callable[[str], object]) -> Iterator[Text]:
        """The texts as they come; each language's dictionary is open, and its version fixed, before its first one."""
        for text in texts:
            if text.lang not in seen and self.embedded is not None:
                _open_dictionaries(self.embedded, text.lang, watch)
            seen[text.lang] += 1
            yield text

    def _kept(self, text: Text) -> Text:
        terms = self.glossary.places(text.text, text.lang)
        return replace(text, kept=merged((*text.kept, *terms))) if terms else text


def _open_dictionaries(engine: EmbeddedEngine, lang: str, watch: Callable[[str], object]) -> None:
    """Open those that texts in this language may need."""
    from curation.spelling.dictionaries import languages
    from curation.spelling.embedded import MEASURED
    from curation.spelling.lexicon import is_built

    for needed in sorted({*MEASURED, lang} & {*languages()}):
        if not is_built(needed):
            watch(f"building the word list of {needed}, once: half a minute or more")
        engine.lexicon(needed)


def _sure(found: Sequence[Correction]) -> list[Correction]:
    return [capped(one, SUREST) for one in found]
