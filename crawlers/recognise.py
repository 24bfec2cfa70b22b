"""Which platform a page was made with, by what it says of itself: its generator, headers, markup and scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crawlers.addresses import looks_like_forum

__all__ = ["Recognised", "recognise"]

MOST_CHARACTERS = 400_000  # of a page; what names a platform stands at its beginning or end


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A platform, the spider that reads it, and the mark it was known by; `platform` is "" for none known."""

    platform: str
    spider: str
    mark: str

    def sentence(self, url: str) -> str:
        """What a person reads about it."""
        how = {
            "faq": "following its help pages",
            "forum": "following its boards and threads",
        }.get(self.spider, "reading its JSON API")
        if not self.platform:
            return f"no known platform at {url}: {how} ({self.mark})"
        return f"recognised {self.platform} at {url} ({self.mark}): {how}"


@dataclass(frozen=True, slots=True)
class _Mark:
    """One way to know a platform: `where` is "generator", "html", "url" or the name of a header."""

    platform: str
    spider: str
    where: str
    pattern: re.Pattern[str]


def _mark(platform: str, spider: str, where: str, pattern: str) -> _Mark:
    return _Mark(platform, spider, where, re.compile(pattern, re.IGNORECASE))


# Bounded repeats: a page of half tags must not cost the square of its length.
# Those read through an API first: some of their pages bear the marks of others as well.
_MARKS = (
    _mark("Discourse", "discourse", "generator", r"^discourse\b"),
    _mark("Discourse", "discourse", "html", r"<meta[^<>]{1,400}id=\"?data-discourse-setup|<discourse-assets\b"),
    _mark("Discourse", "discourse", "x-discourse-route", r"."),
    _mark("Stack Exchange", "stackexchange", "html", r"https?://cdn\.sstatic\.net/(?:Sites|Shared|Js)/"),
    _mark("Zendesk", "helpcenter", "html", r"//static\.zdassets\.com/hc/|//theme\.zdassets\.com/"),
    _mark("Zendesk", "helpcenter", "x-zendesk-origin-server", r"."),
    _mark("Reddit", "reddit", "html", r"<shreddit-app\b|https?://www\.redditstatic\.com/"),
    _mark("phpBB", "forum", "html", r"<body[^<>]{1,400}id=\"?phpbb\b|Powered by <a href=\"[^\"<>]{0,200}phpbb\.com"),
    _mark("vBulletin", "forum", "generator", r"^vbulletin\b"),
    _mark("vBulletin", "forum", "html", r"vbulletin_(?:global|css|menu)|\bvB_(?:Editor|Ajax)"),
    _mark("XenForo", "forum", "html", r"<html[^<>]{1,400}id=\"?(?:XF|XenForo)\b"),
    _mark("SMF", "forum", "html", r"Powered by SMF|simplemachines\.org[^<>]{0,100}>SMF\b|\bsmf_scripturl\b"),
    _mark("MyBB", "forum", "html", r"Powered By <a href=\"[^\"<>]{0,200}mybb\.com|\bmy_post_key\b"),
    _mark(
        "Invision Community", "forum", "html", r"<body[^<>]{1,400}class=[\"'][^\"'<>]{0,400}\bipsApp\b|\bipsSettings\b"
    ),
    _mark("FluxBB", "forum", "html", r"<div id=\"?(?:punindex|punviewforum|punviewtopic|punwrap)\b"),
    _mark("Kunena", "forum", "html", r"id=\"?kunena\b|/components/com_kunena/"),
    _mark("Vanilla", "forum", "html", r"\bvanillaforums\b|id=[\"']?vanilla_"),
    _mark("Flarum", "forum", "html", r"id=[\"']?flarum-(?:content|loading|json-payload)"),
    _mark("NodeBB", "forum", "html", r"/assets/nodebb\.min\.js|component=[\"']topic/|nodebb-plugin-"),
    _mark("inSided", "forum", "html", r"(?:src|href)=[\"'][^\"'<>]{0,80}\.insided\.com/[^\"'<>]{0,200}\.(?:js|css)"),
    _mark("Inyoka", "forum", "generator", r"^inyoka\b"),
    _mark("Discuz!", "forum", "generator", r"^discuz!"),
    _mark("bbPress", "forum", "html", r"<body[^<>]{1,400}class=[\"'][^\"'<>]{0,400}\b(?:bbpress|bbp-)"),
    _mark("Lithium", "forum", "html", r"<body[^<>]{1,400}class=[\"'][^\"'<>]{0,400}\blia-"),
    _mark("Intercom", "faq", "html", r"//(?:intercom\.help|static\.intercomassets\.com|downloads\.intercomcdn\.com)/"),
    _mark("Freshdesk", "faq", "html", r"//[\w.-]{0,60}assets\d{0,4}\.freshdesk\.com/|fw-cdn\.com/"),
    _mark("Help Scout", "faq", "html", r"//[\w.-]{0,60}helpscoutdocs\.com/"),
    _mark("Docusaurus", "faq", "generator", r"^docusaurus\b"),
    _mark("MkDocs", "faq", "generator", r"^mkdocs\b"),
    _mark(
        "Sphinx",
        "faq",
        "html",
        r"_static/(?:documentation_options|doctools)\.js|Created using <a href=\"[^\"<>]{0,200}sphinx",
    ),
    _mark("MediaWiki", "faq", "generator", r"^mediawiki\b"),
    _mark("DokuWiki", "faq", "generator", r"^dokuwiki\b"),
    _mark("WordPress", "faq", "generator", r"^wordpress\b"),
)
_META = re.compile(r"<meta\b[^<>]{0,1000}>", re.IGNORECASE)
_GENERATOR = re.compile(r"\bname\s{0,9}=\s{0,9}[\"']?generator\b", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def recognise(html: str, url: str, headers: Mapping[str, str] | None = None) -> Recognised:
    """The platform of a page, by the first mark that it bears; `headers` have lower-case names.

    Without one, the address says whether it is read as a forum or as help pages.
    """
    if len(html) > MOST_CHARACTERS:
        html = html[: MOST_CHARACTERS // 2] + html[-MOST_CHARACTERS // 2 :]
    places = dict(headers or {}) | {"html": html, "generator": _generator(html), "url": url}
    for mark in _MARKS:
        if mark.pattern.search(places.get(mark.where, "")):
            by = {"html": "by its markup", "generator": "by its generator"}.get(
                mark.where, f"by its {mark.where} header"
            )
            return Recognised(platform=mark.platform, spider=mark.spider, mark=by)
    if looks_like_forum(url):
        return Recognised(platform="", spider="forum", mark="its address is a forum's")
    return Recognised(platform="", spider="faq", mark="its address is no forum's")


def _generator(html: str) -> str:
    for found in _META.finditer(html):
        if _GENERATOR.search(found[0]) and (content := _CONTENT.search(found[0])):
            return (content[1] or content[2] or "").strip()
    return ""
