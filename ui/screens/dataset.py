"""The dataset screen: versions of the export, what each holds, how two differ, and their files to take away."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from curation.dataset_versions import BY, Freshness, Unreadable, Version, freshness, part_counts, versions, zip_to
from curation.stratify import PARTS
from tamiz.errors import TamizError
from tamiz.project import Project
from tamiz.records import Split
from tamiz.store import Store
from tamiz.worddecisions import last_event
from ui.session import Window
from ui.widgets.card_text import show_card
from ui.widgets.job import draw_job
from ui.widgets.text import literal, plain, show_plain
from ui.widgets.version_diff import draw_difference
from ui.widgets.version_facts import draw_formats, draw_synthetic
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["show"]

PARTS_OF_SCREEN = ("contents", "changes", "files", "card")
LARGEST_MB = 500  # that goes through the browser; a larger version is taken from its folder
MOST_ROWS = 200  # of a table of counts


def show(window: Window) -> None:
    """Draw the versions, the newest first, and one of them in full."""
    words = window.words
    show_plain(words("screen.dataset"), kind="tz-title")
    found = versions(window.project)
    good = [one for one in found if isinstance(one, Version)]
    _draw_freshness(window, good)
    draw_job(
        window, "export", arguments=["export"], label=words("dataset.export"), icon="inventory_2", primary=not good
    )
    for broken in found:
        if isinstance(broken, Unreadable):
            st.warning(words("dataset.broken", name=literal(broken.name), reason=literal(broken.reason)))
    if not good:
        st.info(words("dataset.none"))
        return
    _draw_table(good, words)
    chosen = st.selectbox(words("dataset.version"), good, format_func=lambda one: one.name, key="dataset_version")
    part = st.segmented_control(
        words("dataset.show"),
        PARTS_OF_SCREEN,
        default="contents",
        format_func=lambda name: words(f"dataset_part.{name}"),
        required=True,
        key="dataset_part",
        label_visibility="collapsed",
    )
    try:
        _draw_part(window, part or "contents", chosen, good)
    except TamizError as error:
        st.error(literal(str(error)))


def _draw_part(window: Window, part: str, chosen: Version, good: Sequence[Version]) -> None:
    words = window.words
    if part == "changes":
        draw_difference(window, chosen, good)
    elif part == "files":
        _draw_files(chosen, words)
    elif part == "card":
        card = chosen.card()
        show_card(card) if card else st.info(words("dataset.no_card"))
    else:
        _draw_contents(chosen, words)


def _draw_freshness(window: Window, good: Sequence[Version]) -> None:
    words, newest = window.words, good[0] if good else None
    if newest is None:
        return
    try:
        key = (str(window.project.folder), newest.manifest.content_hash, last_event(window.store))
        state = _freshness(window.project, window.store, key)
    except TamizError as error:
        st.error(literal(str(error)))
        return
    if state is None:
        return
    if state.stale:
        st.write(words("dataset.stale", version=state.version, added=state.added, removed=state.removed))
    else:
        st.write(words("dataset.fresh", version=state.version))


@st.cache_data(show_spinner=False, max_entries=4)
def _freshness(_project: Project, _store: Store, key: tuple[str, str, int]) -> Freshness | None:
    return freshness(_project, _store)


@st.cache_data(show_spinner=False, max_entries=8)
def _counts(_version: Version, key: tuple[str, str]) -> dict[Split, dict[str, Counter[str]]]:
    return part_counts(_version)


def _draw_table(good: Sequence[Version], words: Words) -> None:
    columns = {
        words("dataset.version"): [one.name for one in good],
        words("dataset.made"): [moment(one.manifest.created_at) for one in good],
        words("dataset.pairs"): [one.pairs for one in good],
        **{words(f"split_part.{part}"): [one.manifest.splits.get(part, 0) for one in good] for part in PARTS},
        words("dataset.left_out"): [sum(one.manifest.left_out.values()) for one in good],
        words("dataset.size"): [size(one.size) for one in good],
    }
    st.dataframe(columns, hide_index=True, width="stretch")


def _draw_contents(version: Version, words: Words) -> None:
    for path in version.missing:
        st.warning(words("dataset.missing", path=literal(path)))
    with st.container(horizontal=True):
        for part in PARTS:
            st.metric(words(f"split_part.{part}"), f"{version.manifest.splits.get(part, 0):,}", border=True)
    counts = _counts(version, (str(version.folder), version.manifest.content_hash))
    for name in BY:
        if any(key for part in PARTS for key in counts[part][name]):
            show_plain(words(f"dataset_by.{name}"), kind="tz-heading")
            _draw_counts({part: counts[part][name] for part in PARTS}, name, words)
    draw_synthetic(version.manifest, words)
    draw_formats(version.manifest, words)
    _draw_left_out(version, words)
    with st.expander(words("dataset.settings")):
        st.json(version.manifest.settings)
        show_plain(f"tamiz {version.manifest.tamiz_version} · {version.manifest.content_hash}", kind="tz-small")


def _draw_counts(counts: Mapping[Split, Counter[str]], by: str, words: Words) -> None:
    title = words(f"dataset_by.{by}")
    whole: Counter[str] = Counter()
    for counter in counts.values():
        whole.update(counter)
    names = [name for name, _ in whole.most_common(MOST_ROWS)]
    columns = {
        title: [_named(by, name, words) for name in names],
        **{words(f"split_part.{part}"): [counts[part][name] for name in names] for part in PARTS},
        words("dataset.all"): [whole[name] for name in names],
    }
    st.dataframe(columns, hide_index=True, width="stretch", height="content" if len(names) <= 10 else 380)
    if len(whole) > MOST_ROWS:
        show_plain(words("dataset.more", more=len(whole) - MOST_ROWS), kind="tz-small")


def _named(by: str, name: str, words: Words) -> str:
    """A value as people read it."""
    if not name:
        return words("dataset.no_name")
    if by == "lang":
        return words.known(f"language.{name}", name)
    return words.known(f"kind.{name}", name) if by == "kind" else name


def _why(reason: str, words: Words) -> str:
    """A reason of the manifest, which is in English, as people read it."""
    rule = reason.removeprefix("rejected by rule ")
    return words("dataset.by_rule", name=rule) if rule != reason else words.known(f"left_out_why.{reason}", reason)


def _draw_left_out(version: Version, words: Words) -> None:
    manifest = version.manifest
    show_plain(words("dataset.left_out"), kind="tz-heading")
    if manifest.left_out:
        reasons = sorted(manifest.left_out.items(), key=lambda row: (-row[1], row[0]))
        columns = {
            words("dataset.reason"): [_why(row[0], words) for row in reasons],
            words("dataset.pairs"): [r[1] for r in reasons],
        }
        st.dataframe(columns, hide_index=True, width="stretch")
    else:
        show_plain(words("dataset.nothing_left_out"))
    if manifest.notes:
        with st.expander(words("dataset.notes", notes=len(manifest.notes))):
            st.html("".join(plain(str(note)) for note in manifest.notes))


def _draw_files(version: Version, words: Words) -> None:
    show_plain(str(version.folder), kind="tz-small")
    if version.size > LARGEST_MB * 1e6:
        st.info(words("dataset.too_large", size=size(version.size)))
    else:
        st.download_button(
            words("dataset.zip", size=size(version.size)),
            partial(_zipped, version),
            file_name=f"{version.name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key=f"zip-{version.name}",
        )
    rows = version.manifest.files
    for path in sorted(version.files):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            count = rows.get(path, {}).get("rows", 0)
            about = (
                words("dataset.rows", rows=count, size=size(version.files[path]))
                if count
                else size(version.files[path])
            )
            st.html(plain(path) + plain(about, kind="tz-small"))
            st.download_button(
                words("dataset.download"),
                (version.folder / path).read_bytes,
                file_name=f"{version.name}-{path.replace('/', '-')}",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                disabled=version.files[path] > LARGEST_MB * 1e6,
                key=f"file-{version.name}-{path}",
            )


def _zipped(version: Version) -> bytes:
    """Made when it is asked for, on disk; the browser's copy is the only one in memory."""
    with tempfile.TemporaryFile() as file:
        zip_to(version, file)
        file.seek(0)
        return file.read()


def size(count: int) -> str:
    """Bytes as people read them.

    >>> size(2_400_000), size(312)
    ('2.4 MB', '0.3 kB')
    """
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"
