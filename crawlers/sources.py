"""Which sources a crawl is about: those of tamiz.toml, or one address."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from tamiz.errors import InputError, SettingsError
from tamiz.project import Project
from tamiz.settings import SourceSettings, source_name

__all__ = ["choose_sources", "start_address"]


def choose_sources(
    project: Project, names: Sequence[str] = (), *, url: str | None = None, allow_private: bool = False
) -> tuple[SourceSettings, ...]:
    """The sources to crawl, or SettingsError with the nearest name there is."""
    known = {source.name: source for source in project.settings.sources}
    if url is not None:
        same = next((source for source in known.values() if source.url.rstrip("/") == url.rstrip("/")), None)
        return (same or _source_of(url, allow_private),)
    if not known:
        raise SettingsError("tamiz.toml has no [[sources]]; add one with a name and a url, or run: tamiz crawl URL")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise SettingsError(f"tamiz.toml has no source {name}; {advice}")
    return tuple(known[name] for name in dict.fromkeys(names)) or tuple(known.values())


def start_address(source: SourceSettings) -> str:
    """The address a crawl begins with: the source's, or that of its platform's API."""
    from crawlers.addresses import canonical_address
    from crawlers.apis import APIS

    api = APIS.get(source.spider)
    return api.first(source.url, source.api) if api else canonical_address(source.url)


def _source_of(url: str, allow_private: bool) -> SourceSettings:
    """A source for an address that is not in tamiz.toml, named after its host."""
    from crawlers.addresses import canonical_address

    if not canonical_address(url):
        raise InputError(f"{url} is no address to crawl; give one that begins with https:// or http://")
    return SourceSettings(name=source_name(url), url=url, allow_private=allow_private)
