"""A project: a folder with a tamiz.toml, and where everything in it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tamiz.files import sweep_aside
from tamiz.settings import Settings, read_settings
from tamiz.vault import Vault

__all__ = ["Project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The folder, its settings, and the paths that follow from it."""

    folder: Path
    settings: Settings

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Read tamiz.toml once; NoProject or SettingsError says what is wrong with it."""
        folder = folder.resolve()
        project = cls(folder=folder, settings=read_settings(folder))
        for place in (folder, project.pages, project.exports, project.runs, project.adapters, project.comparisons):
            sweep_aside(place)
        return project

    @property
    def store_url(self) -> str:
        return self.settings.store.url or f"sqlite:///{self.folder / 'tamiz.db'}"

    @property
    def vault(self) -> Vault:
        """What seals the originals that masked pairs have replaced."""
        return Vault(self.folder, self.settings.curation.privacy.originals)

    @property
    def pages(self) -> Path:
        return self.folder / "pages"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def jobs(self) -> Path:
        return self.folder / "jobs"

    @property
    def adapters(self) -> Path:
        return self.folder / "adapters"

    @property
    def comparisons(self) -> Path:
        return self.folder / "compare"
