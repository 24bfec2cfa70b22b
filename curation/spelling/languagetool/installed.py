"""The LanguageTool that is on this machine. Nothing is ever downloaded."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from curation.steps import NotNow

__all__ = ["HOW", "Installation", "find_installation", "is_installed"]

JARS = ("languagetool-server.jar", "languagetool.jar")
HOW = (
    "Run a server and give its address as [curation.spelling] url, or unpack LanguageTool "
    "(languagetool.org/download, needs Java 17) into a folder LanguageTool-VERSION and name the folder above it "
    "in LTP_PATH"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A LanguageTool that can be started: its jar and the java to run it."""

    jar: Path
    java: str


def is_installed() -> bool:
    """Whether something of a LanguageTool lies where it is looked for; whether it works shows when it is started."""
    folder = _folder()
    return any((folder / name).is_file() for name in JARS) or any(folder.glob("LanguageTool-*"))


def find_installation() -> Installation:
    """The newest LanguageTool under LTP_PATH, or where language-tool-python keeps its own; NotNow says what is missing.

    LTP_PATH may also name the folder that holds the jar itself. LTP_JAR_DIR_PATH means nothing here:
    language-tool-python does not start what it names either.
    """
    folder = _folder()
    if not is_installed():
        raise NotNow(f"no LanguageTool in {folder}. {HOW}")
    jar = next((folder / name for name in JARS if (folder / name).is_file()), None)
    java = shutil.which("java")
    if java is None:
        raise NotNow(f"LanguageTool is in {folder}, but there is no java to run it. Install Java 17 or later")
    return Installation(jar=jar or _newest_jar(folder), java=java)


def _folder() -> Path:
    return Path(os.environ.get("LTP_PATH") or Path.home() / ".cache" / "language_tool_python")


def _newest_jar(folder: Path) -> Path:
    try:
        from language_tool_python.download_lt import LocalLanguageTool
    except ImportError:
        raise NotNow(
            "starting LanguageTool needs language-tool-python. Run: pip install 'tamiz[languagetool]'"
        ) from None
    newest = LocalLanguageTool.get_latest_installed_version()
    try:
        if newest is not None:
            return newest.get_jar_path()
    except FileNotFoundError:
        pass
    raise NotNow(f"what lies in {folder} is no complete LanguageTool. {HOW}")
