"""Redirects to what is no address: the answer is taken as it stands, where Scrapy's middlewares fall over."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import Response

__all__ = ["Redirects", "Refreshes"]


class Redirects(RedirectMiddleware):
    """By status and Location, to http and https."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        try:
            return super().process_response(request, response)
        except ValueError:  # such as javascript: or http://[
            return response


class Refreshes(MetaRefreshMiddleware):
    """By a meta tag; a page that refreshes to no address is a page."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        try:
            return super().process_response(request, response)
        except ValueError:
            return response
