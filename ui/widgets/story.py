"""The story of a pair: as a picture of its stages, and in full as text."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.lineage import Ancestor
from curation.lineage_story import Change, Held, Story, Trained
from curation.review import safe_link
from curation.synthesis.gates import reason_of
from tamiz.records import SYNTHESIS_STEPS, Finding
from tamiz.store import Event
from ui.session import Window
from ui.widgets.diff import diff_html
from ui.widgets.flow import Box, Stage, draw_flow
from ui.widgets.made_story import made_in, making_box, making_html
from ui.widgets.text import plain, show_plain
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["STAGES", "draw_story"]

STAGES = ("page", "pair", "edits", "decisions", "versions", "training")
SHORT = 90  # characters of a text in the picture
LONGEST = 4_000  # of one in full
MOST = 4  # boxes of a stage in the picture; the text below has all


def draw_story(story: Story, window: Window) -> None:
    """The picture, then the same in full."""
    words = window.words
    draw_flow(_stages(story, words))
    _draw_page(story, words)
    _draw_pairs(story, words)
    _draw_edits(story, words)
    _draw_findings(story, words)
    _draw_decisions(story, words)
    _draw_versions(story, words)
    for note in story.notes:
        show_plain(note, kind="tz-small")


def _stages(story: Story, words: Words) -> list[Stage]:
    pair, page, now = story.origin.stored.pair, story.origin.page, story.now.stored
    brought = Box(kind="page", title=pair.source or pair.kind, lines=(_short(pair.url),))
    if page is not None:
        brought = Box(kind="page", title=_short(page.final_url), lines=(moment(page.fetched_at), page.licence))
    text = Box(kind="pair", title=_short(pair.question or words("lineage.sealed")), lines=(_short(pair.answer),))
    made = made_in(story)
    edits = [making_box(made, words)] if made is not None else []
    edits += [
        Box(kind="edit", title=_who(change.actor, words), lines=(moment(change.at), _short(change.reason)))
        for change in story.changes
    ]
    before = _before(story)
    decided = [one for one in story.decisions if one.move in ("accept", "reject") and one.pair not in before]
    decisions = [Box(kind="decision", title=words(f"state.{now.state}"), lines=_decided(decided, words))]
    if story.now.findings:
        kinds = dict.fromkeys(words.known(f"finding.{one.kind}", one.kind) for one in story.now.findings)
        found = Box(kind="decision", title=words("lineage.found"), lines=tuple(kinds))
        decisions.insert(0, found)
    versions = [Box(kind="version", title=held.version, lines=(_place(held, words),)) for held in story.held]
    training = [
        Box(kind="adapter", title=one.name, lines=(_learnt(one, words), one.base)) for one in reversed(story.trained)
    ]
    boxes = ([brought], [text], edits, decisions, versions[::-1], training)
    return [
        Stage(name=words(f"stage.{name}"), boxes=_few(list(many), name, words))
        for name, many in zip(STAGES, boxes, strict=True)
    ]


def _few(boxes: list[Box], stage: str, words: Words) -> tuple[Box, ...]:
    if not boxes:
        return (Box(kind="none", title=words(f"no_stage.{stage}")),)
    more = len(boxes) - MOST
    if more <= 0:
        return tuple(boxes)
    return (*boxes[:MOST], Box(kind="none", title=words("lineage.more", number=more)))


def _decided(events: list[Event], words: Words) -> tuple[str, ...]:
    return (_who(events[-1].actor, words), moment(events[-1].at)) if events else ()


def _draw_page(story: Story, words: Words) -> None:
    page, pair = story.origin.page, story.origin.stored.pair
    if page is None:
        _section(words("stage.page"), plain(words("lineage.no_page", source=pair.source or pair.kind, place=pair.url)))
        return
    facts = {
        "address": page.final_url,
        "fetched": moment(page.fetched_at),
        "archive": f"{page.archive}, {page.archive_offset:,}" if page.archive else "",
        "licence": pair.licence or page.licence,
        "robots": words.known(f"robots.{page.robots}", page.robots),
    }
    rows = "".join(
        plain(words(f"lineage_fact.{name}"), kind="tz-small") + plain(value) for name, value in facts.items() if value
    )
    _section(words("stage.page"), f'<div class="tz-facts">{rows}</div>')
    if link := safe_link(page.final_url):
        st.link_button(words("card.open_page"), link, icon=":material/open_in_new:", type="tertiary")


def _draw_pairs(story: Story, words: Words) -> None:
    """As it came in, as a recipe made another one of it, and as it is now."""
    made = made_in(story)
    if story.origin is not made:
        title = words("lineage.origin" if made is None else "lineage.made_of")
        _section(title, _pair_html(story.origin, words))
    if made is not None:
        _section(words("lineage.made"), _pair_html(made, words) + making_html(made, words))
    if story.now not in (story.origin, made):
        _section(words("lineage.now"), _pair_html(story.now, words))


def _pair_html(one: Ancestor, words: Words) -> str:
    pair = one.stored.pair
    chips = (words(f"state.{one.stored.state}"), words(f"kind.{pair.kind}"), pair.source, pair.label, pair.id)
    drawn = "".join(plain(chip, tag="span", kind="tz-chip") for chip in chips if chip)
    head = f'<div class="tz-chips">{drawn}</div>'
    if not pair.question:
        return head + plain(one.sealed or words("lineage.sealed"), kind="tz-small")
    texts = plain(pair.question[:LONGEST], kind="tz-text tz-question")
    return head + texts + plain(pair.answer[:LONGEST], kind="tz-text tz-answer")


def _draw_edits(story: Story, words: Words) -> None:
    drawn = []
    for change in story.changes:
        drawn.append(plain(_edited(change, words), kind="tz-small"))
        for name, segments in (("question", change.question), ("answer", change.answer)):
            if segments:
                drawn.append(plain(words(f"field.{name}"), kind="tz-small") + diff_html(segments))
    _section(words("stage.edits"), "".join(drawn) or plain(words("no_stage.edits"), kind="tz-small"))


def _edited(change: Change, words: Words) -> str:
    said = (moment(change.at), _who(change.actor, words), change.reason)
    return " · ".join(part for part in said if part)


def _draw_findings(story: Story, words: Words) -> None:
    told = story.now is made_in(story)  # what gates and judges say of it stands with its making
    lines = [_found(one, words) for one in story.now.findings if not (told and one.step in SYNTHESIS_STEPS)]
    _section(words("lineage.found"), _list_html(lines, words("lineage.nothing_found")))


def _found(one: Finding, words: Words) -> tuple[str, ...]:
    kind = words.known(f"finding.{one.kind}", one.kind)
    if one.step in SYNTHESIS_STEPS:
        return kind, one.step, f"{one.confidence:.2f}", reason_of(one, words.language)
    change = f"{one.before} → {one.after}" if one.after is not None else one.before
    return kind, one.step, f"{one.confidence:.2f}", change, one.witness


def _draw_decisions(story: Story, words: Words) -> None:
    """Who decided what; of a made pair with what was decided about the one it was made of, and said so."""
    before = _before(story)
    lines = [
        (
            moment(event.at),
            words("lineage.about_origin") if event.pair in before else "",
            words(f"move.{event.move}"),
            _who(event.actor, words),
            event.reason,
        )
        for event in story.decisions
    ]
    _section(words("stage.decisions"), _list_html(lines, words("no_stage.decisions")))


def _before(story: Story) -> set[str]:
    """The pairs that a recipe made this one of; decisions about them are none about it."""
    made = made_in(story)
    return {one.stored.pair.id for one in story.family[story.family.index(made) + 1 :]} if made else set()


def _draw_versions(story: Story, words: Words) -> None:
    lines = [(held.version, moment(held.created_at), _place(held, words), held.file) for held in story.held]
    _section(words("stage.versions"), _list_html(lines, words("no_stage.versions")))
    trained = [
        (
            one.name,
            _learnt(one, words),
            one.version,
            one.base,
            moment(one.finished_at) or words("lineage.unfinished"),
        )
        for one in story.trained
    ]
    _section(words("stage.training"), _list_html(trained, words("no_stage.training")))


def _list_html(lines: Sequence[Sequence[str]], otherwise: str) -> str:
    if not lines:
        return plain(otherwise, kind="tz-small")
    items = "".join(plain(" · ".join(part for part in line if part), tag="li") for line in lines)
    return f'<ul class="tz-deeds">{items}</ul>'


def _section(title: str, body: str) -> None:
    """A part of the story: a heading and what stands under it, all escaped already."""
    st.html(plain(title, tag="h3", kind="tz-heading") + body)


def _who(actor: str, words: Words) -> str:
    kind, _, name = actor.partition(":")
    if kind == "rule":
        return words("alike.by_rule", rule=name)
    if kind == "step":  # what was done says so already
        return ""
    return words("alike.by_person", person=name) if kind == "person" else actor


def _place(held: Held, words: Words) -> str:
    return f"{words(f'split_part.{held.part}')}, {words('lineage.line', line=held.line)}"


def _learnt(one: Trained, words: Words) -> str:
    learnt = one.part == "train"
    return words("lineage.learnt" if learnt else "lineage.tested")


def _short(text: str) -> str:
    line = " ".join(text[: 4 * SHORT].split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
