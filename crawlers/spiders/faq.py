"""FAQ pages and help centres: every page of the source."""

from __future__ import annotations

import re

from crawlers.spiders.site import SiteSpider

__all__ = ["FaqSpider"]

_PROMISING = re.compile(r"faq|preguntas|ayuda|soporte|help|support|question|kb|articles?", re.IGNORECASE)


class FaqSpider(SiteSpider):
    name = "faq"

    def rank(self, url: str) -> int:
        return 0 if _PROMISING.search(url) else 1
