"""Which addresses may be asked: a server of one's own, never the public service."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tamiz.errors import SettingsError

__all__ = ["Address", "is_public", "read_address"]

PUBLIC = ("languagetool.org", "languagetoolplus.com", "languagetool.com")
WHY = "it forbids automated use, and your texts would leave this machine"
INSTEAD = "Run a server of your own and give its address, such as http://127.0.0.1:8081"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is, in parts; `path` is what comes before /v2."""

    secure: bool
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.secure else ''}://{host}:{self.port}{self.path}"


def read_address(url: str) -> Address:
    """The parts of the setting's address; SettingsError for the public service, however it is spelt."""
    advice = "give the address of a LanguageTool server, such as http://127.0.0.1:8081"
    try:
        parts = urlsplit(url.strip())
        host, port = _plain_host(parts.hostname or ""), parts.port
    except ValueError as error:
        raise SettingsError(f"[curation.spelling] url is {url!r} ({error}); {advice}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(f"[curation.spelling] url is {url!r}; {advice}")
    if is_public(host):
        raise SettingsError(f"[curation.spelling] url is {url!r}, LanguageTool's public service: {WHY}. {INSTEAD}")
    secure = parts.scheme == "https"
    path = parts.path.rstrip("/").removesuffix("/check").removesuffix("/v2").rstrip("/")
    return Address(secure=secure, host=host, port=port or (443 if secure else 80), path=path)


def is_public(host: str) -> bool:
    """Whether it is a host of the public service.

    >>> [is_public(host) for host in ("api.LanguageTool.org.", "languagetool.org.example", "127.0.0.1")]
    [True, False, False]
    """
    plain = _plain_host(host)
    return any(plain == name or plain.endswith(f".{name}") for name in PUBLIC)


def _plain_host(host: str) -> str:
    """As it would be looked up: without escapes, wide letters, other scripts' dots, capitals and the last dot."""
    host = unquote(host)
    if ":" in host:  # IPv6
        return host
    return host.rstrip(".。．｡").encode("idna").decode("ascii").lower().rstrip(".")
