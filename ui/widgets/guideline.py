"""The guidelines of a language: read, written as Markdown with a preview, and brought back from earlier versions."""

from __future__ import annotations

import streamlit as st

from tamiz.guidelines import LONGEST_GUIDELINE, Guideline, guideline_history, write_guideline
from ui.session import Window
from ui.widgets.noticed import carry_out
from ui.widgets.text import literal, show_plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["draw_guidelines", "safe_markdown", "show_guideline"]

VERSIONS = 50
FIELD_HEIGHT = 320
MINE = "guideline_mine"


def safe_markdown(text: str) -> str:
    """Markdown that fetches nothing from elsewhere: images become links. HTML is shown as text by Streamlit.

    >>> safe_markdown("![cat](http://a.example/c.png)") == "!\\u200b[cat](http://a.example/c.png)"
    True
    """
    return text.replace("![", "!\u200b[")  # an escape would not do: it could be escaped itself


def show_guideline(text: str, key: str = "guideline") -> None:
    """Draw a guideline as its Markdown says, without HTML and without images; `key` begins with guideline."""
    with st.container(border=True, key=key):  # styles.css: headings no larger than the screen's
        st.markdown(safe_markdown(text))


def draw_guidelines(window: Window) -> None:
    """Draw the guideline of one of the project's languages, its form for admins, and its versions."""
    words, languages = window.words, list(window.project.settings.project.languages)
    if len(languages) > 1:
        chosen = st.segmented_control(
            words("guide.language"),
            languages,
            default=languages[0],
            required=True,
            format_func=lambda code: words.known(f"language.{code}", code),
            key="guideline_lang",
        )
    else:
        chosen = languages[0]
    lang = str(chosen or languages[0])
    versions = guideline_history(window.store, lang, VERSIONS)
    latest = versions[0] if versions else None
    if latest is not None and latest.text:
        st.caption(literal(_said(latest, words)))
        show_guideline(latest.text)
    else:
        st.info(words("guide.none"))
    if window.may("manage"):
        _draw_form(window, lang, latest)
    if versions:
        _draw_versions(window, lang, versions)


def _draw_form(window: Window, lang: str, latest: Guideline | None) -> None:
    words, seen = window.words, latest.version if latest else 0
    key = f"guideline-{lang}-{seen}"
    mine = st.session_state.get(MINE, {}).pop(lang, "")
    if mine:
        st.warning(words("guide.yours"))
        st.code(mine, language="markdown", wrap_lines=True)
    with (
        st.expander(words("guide.edit"), icon=":material/edit:", key=f"edit-{lang}"),
        st.form(f"form-{key}", border=False),
    ):
        text = st.text_area(
            words("guide.text"),
            value=latest.text if latest else "",
            height=FIELD_HEIGHT,
            max_chars=LONGEST_GUIDELINE,
            key=key,
            help=words("guide.help"),
        )
        with st.container(horizontal=True):
            st.form_submit_button(
                words("team.save"), type="primary", on_click=_save, args=(window, lang, seen, key), key=f"save-{key}"
            )
            previewed = st.form_submit_button(words("guide.preview"), key=f"preview-{key}")
        if previewed:
            show_guideline(text, "guideline-preview")


def _save(window: Window, lang: str, seen: int, key: str) -> None:
    words = window.words
    text = st.session_state[key]

    def work() -> None:
        write_guideline(window.store, lang, text, window.by, seen=seen)

    if not carry_out(window, work, words("guide.saved")):
        st.session_state.setdefault(MINE, {})[lang] = text  # what was typed is not lost


def _draw_versions(window: Window, lang: str, versions: list[Guideline]) -> None:
    words = window.words
    with st.expander(words("guide.versions", number=versions[0].version), icon=":material/history:"):
        by_number = {one.version: one for one in versions}
        number = st.selectbox(
            words("guide.version"),
            list(by_number),
            format_func=lambda number: _said(by_number[number], words),
            key=f"version-{lang}-{versions[0].version}",
        )
        shown = by_number[number]
        if shown.text:
            show_guideline(shown.text, "guideline-version")
        else:
            show_plain(words("guide.none"), kind="tz-small")
        if window.may("manage") and shown.text != versions[0].text:
            st.button(
                words("guide.restore", version=shown.version),
                icon=":material/settings_backup_restore:",
                on_click=_restore,
                args=(window, lang, versions[0].version, shown),
                key=f"restore-{lang}-{shown.version}",
            )


def _restore(window: Window, lang: str, seen: int, old: Guideline) -> None:
    words = window.words
    carry_out(
        window,
        lambda: write_guideline(window.store, lang, old.text, window.by, seen=seen),
        words("guide.restored", version=old.version),
    )


def _said(one: Guideline, words: Words) -> str:
    who = one.actor.removeprefix("person:")
    return words("guide.said", version=one.version, who=who, when=moment(one.at))
