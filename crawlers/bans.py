"""Pages that a site's guard shows instead of its own: challenges, captchas and refusals meant for robots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from crawlers.pages.walls import is_wall_title

__all__ = ["blocked_by"]

_HEAD_BYTES = 60_000  # a guard's page says what it is at once
_SMALL = 12_000  # bytes; a page with less than this around a guard's script has nothing else to show

# What a guard says in its headers: (name, value, guard).
_HEADERS = (
    ("cf-mitigated", "challenge", "Cloudflare"),
    ("x-amzn-waf-action", "captcha", "AWS WAF"),
    ("x-amzn-waf-action", "challenge", "AWS WAF"),
)
# Marks that stand in challenges alone.
_CHALLENGES = (
    (
        re.compile(rb"window\._cf_chl_opt|cf_captcha_kind|id=[\"']?challenge-error-text\b"),
        "Cloudflare",
    ),
    (re.compile(rb"id=[\"']?anubis_challenge\b"), "Anubis"),
    (re.compile(rb"errors\.edgesuite\.net/"), "Akamai"),
    (re.compile(rb"Sucuri Website Firewall - Access Denied", re.I), "Sucuri"),
)
# Marks that guards also leave in pages that they let through: these count where there is little else.
_SCRIPTS = (
    (re.compile(rb"_Incapsula_Resource"), "Imperva"),
    (re.compile(rb"(?:geo|ct)\.captcha-delivery\.com"), "DataDome"),
    (re.compile(rb"px-captcha|/captcha/captcha\.js\?a=c"), "HUMAN"),
    (re.compile(rb"AwsWafIntegration|awswaf\.com/[^\"']*challenge"), "AWS WAF"),
)
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,200})", re.I)
_CAPTCHA = re.compile(
    rb"\b(?:re|h)?captcha\b|cf-turnstile|unusual traffic|tr\xc3\xa1fico inusual|automated requests", re.I
)
_REFUSING = (401, 403, 405, 406, 429, 503)


def blocked_by(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Whose page for robots this is, "a guard" where it does not say, or "" for a page of the site itself.

    Words alone count only where the status refuses the page: a help page may well be about captchas.

    >>> blocked_by(403, {}, b"<title>Access Denied</title>Please solve the captcha")
    'a guard'
    >>> blocked_by(200, {}, b"<title>Access denied: what now?</title>Solve the captcha, then ...")
    ''
    """
    said = {name.lower(): value.strip().lower() for name, value in headers.items()}
    for name, value, guard in _HEADERS:
        if said.get(name) == value:
            return guard
    head = body[:_HEAD_BYTES]
    marks = (*_CHALLENGES, *_SCRIPTS) if len(body) < _SMALL else _CHALLENGES
    for mark, guard in marks:
        if mark.search(head):
            return guard
    if status not in _REFUSING:
        return ""
    title = _TITLE.search(head)
    if (title and is_wall_title(unescape(title[1].decode(errors="replace")))) or _CAPTCHA.search(head):
        return "a guard"
    return ""
