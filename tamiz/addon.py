"""The door for Scrapy projects: `ADDONS = {"tamiz.addon.TamizAddon": 500}` switches tamiz on."""

from __future__ import annotations

from typing import Any

from tamiz.extras import needs_extra

__all__ = ["TamizAddon"]


class TamizAddon:
    """A Scrapy add-on: pairs as items, kept in the store of TAMIZ_PROJECT, and tamiz's manners.

    What the project sets itself stays. TAMIZ_SOURCE names the source (default: the spider's name),
    TAMIZ_CONTACT whom a site's owner can turn to, TAMIZ_PRIVATE_HOSTS the hosts that may be private;
    TAMIZ_EXTRACT = False and TAMIZ_POLITE = False switch a half of it off.
    """

    @classmethod
    def update_pre_crawler_settings(cls, settings: Any) -> None:
        """Set what Scrapy reads before there is a crawler: which addresses may be dialled."""
        with needs_extra("tamiz.addon", "crawl"):
            from crawlers.addon import guard_addresses

        guard_addresses(settings)

    def update_settings(self, settings: Any) -> None:
        with needs_extra("tamiz.addon", "crawl"):
            from crawlers.addon import switch_on

        switch_on(settings)
