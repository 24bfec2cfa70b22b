"""Whether this machine has a LanguageTool, for `tamiz doctor`; found in the way the engine finds it."""

from __future__ import annotations

from curation.spelling.languagetool.address import read_address
from curation.spelling.languagetool.connection import Connection, Limits
from curation.spelling.languagetool.installed import HOW, find_installation
from curation.steps import NotNow
from tamiz.doctor import Check
from tamiz.errors import SettingsError

__all__ = ["languagetool_check"]


def languagetool_check(url: str) -> Check:
    """The server of the settings if it answers, or for "" what is installed here; nothing is started."""
    try:
        if not url:
            return Check(what="LanguageTool", ok=True, found=str(find_installation().jar))
        connection = Connection(read_address(url), Limits(seconds=3.0))
    except (NotNow, SettingsError) as reason:
        return Check(what="LanguageTool", ok=False, found="none that can be used", remedy=f"not needed; {reason}")
    if connection.healthy():
        return Check(what="LanguageTool", ok=True, found=str(connection.address))
    return Check(what="LanguageTool", ok=False, found=f"no answer from {connection.address}", remedy=HOW)
