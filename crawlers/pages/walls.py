"""The titles of pages that stand before a site to keep robots out."""

from __future__ import annotations

import re

__all__ = ["is_wall_title"]

_TITLES = re.compile(
    r"just a moment|un momento(?:…|\.\.\.)|attention required|access (?:to this page )?(?:has been |is )?denied|"
    r"acceso denegado|pardon our interruption|checking your browser|robot or human|robot check|bot verification|"
    r"ddos-guard|(?:ddos|bot) protection by\b|(?:¿\s*)?eres un (?:robot|humano)|are you (?:a )?(?:human|robot)|"
    r"(?:human|security|browser) (?:verification|check)|verify(?:ing)? (?:that )?you are (?:a )?human|"
    r"verificaci[oó]n de (?:seguridad|humano)|"
    r"(?:verifi\w{1,9}|comprob\w{1,9}|confirm\w{1,9}) que (?:eres|es usted|no eres|no es) (?:un |una )?"
    r"(?:human|robot|persona)|"
    r"(?:sorry, )?you have been blocked|has sido bloqueado|sicherheits(?:ü|ue)berpr(?:ü|ue)fung",
    re.I,
)


def is_wall_title(title: str) -> bool:
    """Whether a title begins as a wall's does. A help page may: it takes more to tell.

    >>> is_wall_title("Just a moment..."), is_wall_title("Just one more question")
    (True, False)
    """
    return _TITLES.match(title) is not None
