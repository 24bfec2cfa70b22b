"""Which sources a crawl is about: those of tamiz.toml, or one address."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from tamiz.errors import InputError, SettingsError
from tamiz.project import Project
from tamiz.settings import SourceSettings

__all__ = ["choose_sources"]


def choose_sources(
    project: Project, names: Sequence[str] = (), *, url: str | None = None, allow_private: bool = False
) -> tuple[SourceSettings, ...]:
    """The sources to crawl, or SettingsError with the nearest name there is."""
    known = {source.name: source for source in project.settings.sources}
    if url is not None:
        same = next((source for source in known.values() if source.url.rstrip("/") == url.rstrip("/")), None)
        return (_with_spider(same or _source_of(url, allow_private)),)
    if not known:
        raise SettingsError("tamiz.toml has no [[sources]]; add one with a name and a url, or run: tamiz crawl URL")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise SettingsError(f"tamiz.toml has no source {name}; {advice}")
    chosen = tuple(known[name] for name in dict.fromkeys(names)) or tuple(known.values())
    return tuple(_with_spider(source) for source in chosen)


def _with_spider(source: SourceSettings) -> SourceSettings:
    """The source with "auto" replaced by what its address says."""
    from crawlers.addresses import looks_like_forum

    if source.spider != "auto":
        return source
    return replace(source, spider="forum" if looks_like_forum(source.url) else "faq")


def _source_of(url: str, allow_private: bool) -> SourceSettings:
    """A source for an address that is not in tamiz.toml, named after its host."""
    from crawlers.addresses import canonical_address

    if not canonical_address(url):
        raise InputError(f"{url} is no address to crawl; give one that begins with https:// or http://")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", urlsplit(url).netloc).strip("-.")[:64]
    return SourceSettings(name=name, url=url, allow_private=allow_private)
