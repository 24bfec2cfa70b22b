"""Which sources a crawl is about: those of tamiz.toml, or one address."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from tamiz.errors import InputError, SettingsError
from tamiz.project import Project
from tamiz.settings import CrawlSettings, SourceSettings, source_name

__all__ = ["NO_LIMIT", "choose_sources", "most_pages", "start_address"]

NO_LIMIT = 1_000_000_000


def choose_sources(
    project: Project, names: Sequence[str] = (), *, url: str | None = None, allow_private: bool = False
) -> tuple[SourceSettings, ...]:
    """The sources to crawl, or SettingsError with the nearest name there is."""
    known = {source.name: source for source in project.settings.sources}
    if url is not None:
        same = next((source for source in known.values() if source.url.rstrip("/") == url.rstrip("/")), None)
        return (same or _source_of(url, allow_private),)
    chosen = tuple(known.get(name) or _saved_at(name, known) for name in dict.fromkeys(names)) or tuple(known.values())
    if not chosen:
        raise SettingsError("tamiz.toml has no [[sources]]; add one with a name and a url, or run: tamiz crawl URL")
    return tuple(_placed(project, source) for source in chosen)


def _saved_at(name: str, known: Collection[str]) -> SourceSettings:
    """A source for a file or folder of saved pages that is named instead of a source; SettingsError for neither."""
    path = Path(name)
    if not (path.exists() or os.sep in name):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        advice = f"there are: {', '.join(known)}" if known else "give a URL, or add [[sources]]"
        raise SettingsError(f"tamiz.toml has no source {name}; {f'did you mean {near[0]}?' if near else advice}")
    called = source_name(f"file://{path.name}") or "saved"
    return SourceSettings(name=called, spider="archive", path=str(path.resolve()))


def _placed(project: Project, source: SourceSettings) -> SourceSettings:
    """The source with its path from the project's folder on; InputError where no archive is there."""
    if source.spider != "archive":
        return source
    from crawlers.saved import check_path

    path = project.folder / source.path
    check_path(path)
    return replace(source, path=str(path.resolve()))


def most_pages(source: SourceSettings, crawl: CrawlSettings) -> int:
    """How many pages of a source are fetched; what is on disk is read whole unless the source says less."""
    return source.max_pages or (NO_LIMIT if source.spider == "archive" else crawl.max_pages)


def start_address(source: SourceSettings) -> str:
    """The address a crawl begins with: the source's, or that of its platform's API."""
    from crawlers.addresses import canonical_address
    from crawlers.apis import APIS

    api = APIS.get(source.spider)
    return api.first(source.url, source.api) if api else canonical_address(source.url)


def _source_of(url: str, allow_private: bool) -> SourceSettings:
    """A source for an address that is not in tamiz.toml, named after its host."""
    from crawlers.addresses import canonical_address

    if "@" in (before := url.partition("://")[2].partition("/")[0]):
        host = before.rpartition("@")[2]
        raise InputError(f"an address with a name or a password is not fetched; give that of {host} without them")
    if not canonical_address(url):
        raise InputError(f"{url} is no address to crawl; give one that begins with https:// or http://")
    return SourceSettings(name=source_name(url), url=url, allow_private=allow_private)
