"""A field for a file whose button and limit are in the language of the screen, for which Streamlit has no words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.wording import Words

__all__ = ["draw_upload"]

# Their own words are taken out of sight and ours stand behind them; a reader of the screen hears both.
STYLE = """<style>
.st-key-KEY [data-testid="stFileUploaderDropzone"] > span button [data-testid="stMarkdownContainer"] p,
.st-key-KEY [data-testid="stFileUploaderDropzoneInstructions"] * { font-size: 0; }
.st-key-KEY [data-testid="stFileUploaderDropzone"] > span button [data-testid="stMarkdownContainer"] p::after {
  content: BUTTON; font-size: 0.875rem;
}
.st-key-KEY [data-testid="stFileUploaderDropzoneInstructions"]::after { content: LIMIT; font-size: 0.875rem; }
</style>"""


def draw_upload(
    label: str, words: Words, *, types: Sequence[str], key: str, about: str = "", open_: bool = True
) -> Any:
    """The file that somebody has chosen here, None for none yet; `about` is the help beside the label.

    It takes one only where it is `open_` to who sits there.
    """
    megabytes = st.get_option("server.maxUploadSize")
    said = {"BUTTON": words("upload.button"), "LIMIT": words("upload.limit", megabytes=megabytes)}
    style = STYLE.replace("KEY", key)
    for name, text in said.items():
        style = style.replace(name, json.dumps(text, ensure_ascii=False))
    st.html(style)
    return st.file_uploader(label, type=list(types), help=about or None, key=key, disabled=not open_)
