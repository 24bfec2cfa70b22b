"""Files brought in from a screen: uploaded or chosen, looked at, imported by a job, and what came of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import streamlit as st

from tamiz.errors import TamizError
from tamiz.jobs import JobState, job_result, jobs
from tamiz.uploads import IMPORTABLE, Peek, importable_files, keep_upload, peek, remove_upload
from ui.session import Window
from ui.widgets.job import draw_job, start_job
from ui.widgets.text import literal, plain, show_plain
from ui.widgets.upload import draw_upload
from ui.wording import Words

__all__ = ["COLUMNS", "KINDS", "draw_import", "draw_imports"]

PREFIX = "import-"
KINDS = ("table", "transcript", "mail", "stackexchange", "reddit")
COLUMNS = ("question", "answer", "label", "author")
LANGUAGES = ("es", "en", "pt", "fr", "de", "it", "ca")
TALL = 9  # lines; more are scrolled
IMPORTS = 10  # shown, the latest ones


def draw_import(window: Window) -> None:
    """Draw what chooses a file, the beginning of it, what it should be taken for, and the button that imports it."""
    words = window.words
    path = _choose_file(window)
    if path is None:
        return
    looked = peek(path)
    if looked.rows:
        st.dataframe([dict(row) for row in looked.rows], hide_index=True, width="stretch")
    with st.form("import", border=False):
        arguments = [*_columns(looked, words), *_options(words)]
        sent = st.form_submit_button(words("import.button"), icon=":material/upload_file:", type="primary")
    name = PREFIX + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    if sent:
        start_job(window, name, ["import", str(path), *arguments], keep_result=True)
        st.rerun()


def draw_imports(window: Window) -> None:
    """Draw the latest imports: how they go or went, and what came of them."""
    words = window.words
    states = [state for state in jobs(window.project) if state.name.startswith(PREFIX) and len(state.arguments) > 1]
    if not states:
        return
    st.subheader(words("import.imports"))
    states.sort(key=lambda state: state.started_at, reverse=True)
    for state in states[:IMPORTS]:
        with st.container(border=True):
            show_plain(Path(state.arguments[1]).name, kind="tz-source")
            draw_job(
                window,
                state.name,
                arguments=state.arguments,
                label=words("import.again"),
                icon="replay",
                keep_result=True,
            )
            if not state.running:
                _draw_reports(job_result(window.project, state.name), words)
                _draw_remove(window, state)
    if len(states) > IMPORTS:
        show_plain(words("import.more", number=len(states) - IMPORTS), kind="tz-small")


def _choose_file(window: Window) -> Path | None:
    words = window.words
    upload = draw_upload(
        words("import.upload"), words, types=IMPORTABLE, about=words("import.kinds"), key="import-upload"
    )
    show_plain(words("import.limit", megabytes=st.get_option("server.maxUploadSize")), kind="tz-small")
    if upload is not None:
        kept: dict[str, str] = st.session_state.setdefault("import-kept", {})
        if upload.file_id not in kept:  # once, not with every run of the page
            try:
                path = keep_upload(window.project, upload.name, upload, store=window.store, by=window.by)
            except (TamizError, OSError) as error:
                st.error(literal(str(error)))
                return None
            kept[upload.file_id] = str(path)
        path = Path(kept[upload.file_id])
        return path if path.is_file() else None  # it has been removed since
    files = importable_files(window.project)
    if not files:
        return None
    folder = window.project.folder
    return st.selectbox(
        words("import.choose"),
        files,
        index=None,
        placeholder=words("import.choose_one"),
        format_func=lambda path: str(path.relative_to(folder)),
        key="import-file",
    )


def _columns(looked: Peek, words: Words) -> list[str]:
    """Which column is what; of a table that cannot be looked at here the name is typed."""
    arguments = []
    for place, name in zip(st.columns(len(COLUMNS)), COLUMNS, strict=True):
        with place:
            label, key = words(f"column.{name}"), f"import-{name}"
            if looked.columns:
                hint = words("import.by_name")
                chosen = st.selectbox(label, looked.columns, index=None, placeholder=hint, key=key)
            else:
                chosen = st.text_input(label, key=key, placeholder=words("import.by_name")).strip()
        if chosen:
            arguments.append(f"--{name}={chosen}")
    return arguments


def _options(words: Words) -> list[str]:
    first, second, third = st.columns(3)
    kind = first.selectbox(
        words("import.kind"),
        KINDS,
        index=None,
        format_func=lambda one: words(f"import_kind.{one}"),
        placeholder=words("import.by_looks"),
    )
    lang = second.selectbox(
        words("field.language"),
        LANGUAGES,
        index=None,
        accept_new_options=True,
        format_func=lambda one: words.known(f"language.{one}", one),
        placeholder=words("import.by_text"),
    )
    licence = third.text_input(words("sources.licence")).strip()
    agent = st.text_input(words("import.agent"), help=words("import.agent_help")).strip()
    given = {"as": kind, "lang": lang, "licence": licence, "agent": agent}
    return [f"--{name}={value}" for name, value in given.items() if value]


def _draw_reports(reports: Any, words: Words) -> None:
    """What each file gave; of refused rows the reasons with their numbers, and the first ones word for word."""
    for report in reports if isinstance(reports, list) else ():
        facts = {name: f"{report[name]:,}" for name in ("rows", "new_pairs", "known_pairs", "repeated", "refused_rows")}
        kind = words.known(f"import_kind.{report['taken_for']}", report["taken_for"])
        lines = [words("import.report", **facts), words("import.taken", kind=kind)]
        columns = ", ".join(f"{words.known(f'column.{name}', name)}: {col}" for name, col in report["columns"].items())
        lines += [columns] if columns else []
        st.html("".join(plain(line, kind="tz-small") for line in lines))
        left_out = {**report["reasons"], **{name: count for name, count in report["left_out"].items() if count}}
        if not left_out:
            continue
        with st.expander(words("import.refused", number=f"{report['refused_rows']:,}")):
            rows = sorted(left_out.items(), key=lambda one: (-one[1], one[0]))
            table = {words("import.rows"): [row[1] for row in rows], words("sources.reason"): [row[0] for row in rows]}
            st.dataframe(table, hide_index=True, width="stretch")
            if report["refused"]:
                tall = len(report["refused"]) > TALL
                st.code("\n".join(report["refused"]), language=None, wrap_lines=True, height=240 if tall else None)


def _draw_remove(window: Window, state: JobState) -> None:
    words, path = window.words, Path(state.arguments[1])
    if window.project.folder / "work" / "uploads" not in path.parents or not path.is_file():
        return
    st.button(
        words("import.remove"),
        key=f"remove-{state.name}",
        icon=":material/delete:",
        type="tertiary",
        help=words("import.remove_help"),
        disabled=not window.may("manage"),
        on_click=_remove,
        args=(window, path),
    )


def _remove(window: Window, path: Path) -> None:
    try:
        remove_upload(window.project, path, store=window.store, by=window.by)
    except (TamizError, OSError) as error:
        st.error(literal(str(error)))
