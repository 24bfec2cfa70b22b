"""Forums: boards and their threads, without the pages around each post."""

from __future__ import annotations

import re

from crawlers.spiders.site import SiteSpider

__all__ = ["ForumSpider"]

_TOPIC = re.compile(
    r"viewtopic|showthread|/(?:threads?|topics?|temas?|hilos?|questions?|discussions?)/|/t/|[?&]topic=|/d/\d",
    re.IGNORECASE,
)
# Pages around posts: they need a login, change something, or repeat a thread in another form.
_AROUND = re.compile(
    r"/(?:login|signin|signup|register|logout|ucp|memberlist|posting|search|report|mcp|faq)\.php"
    r"|/t/[^/]+/\d+/\d+(?:[/?]|$)"  # a Discourse topic from one of its posts on
    r"|/(?:login|signin|signup|register|registro|logout|search|buscar|u|users?|members?|profiles?|perfil|badges|tos"
    r"|privacy|print|reply|new-topic|latest|top|unread)(?:[/?.]|$)"
    r"|[?&](?:mode=(?:post|reply|quote|edit|login|register|viewprofile|email|report)|view=print|view=(?:next|previous)"
    r"|view=unread|action=(?:login|register|post|profile|search|printpage|reply|help|stats|who)|do=\w+|print=\w*)"
    r"|/viewtopic\.php\?(?!(?:.*&)?id=)(?:.*&)?p=\d+",  # a phpBB post; beside FluxBB's id, p is a page of the thread
    re.IGNORECASE,
)


class ForumSpider(SiteSpider):
    name = "forum"

    def worth(self, url: str) -> bool:
        return not _AROUND.search(url)

    def rank(self, url: str) -> int:
        return 0 if _TOPIC.search(url) else 1
