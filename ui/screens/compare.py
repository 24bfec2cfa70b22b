"""The compare screen: what base and adapters answer to the test questions, a blind vote on it, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from curation.blind import Agreement, Comparison, Score, Showing, agreement, comparisons, scores, showings
from curation.dataset_versions import Version, versions
from curation.runs import adapter_cards
from tamiz.errors import TamizError
from tamiz.jobs import act_of, job
from tamiz.records import RunCard
from tamiz.votes import Choice, Vote, cast, standing_votes
from ui.session import Window
from ui.widgets.job import draw_job, may
from ui.widgets.run_card import draw_scores
from ui.widgets.text import literal, plain, show_plain
from ui.widgets.trace import draw_trace
from ui.widgets.when import moment
from ui.wording import Words

__all__ = ["show"]

JOB = "compare"
VIEWS = ("vote", "result", "answers")
AT_ONCE = 10  # questions on the screen
# Streamlit takes letters and digits as shortcuts, no "=".
CHOICES: dict[Choice, str] = {"left": "1", "right": "2", "both": "3", "neither": "0"}
ICONS: dict[Choice, str] = {"left": "looks_one", "right": "looks_two", "both": "equal", "neither": "block"}


def show(window: Window) -> None:
    """Draw the comparisons there are, one of them in full, and a way to make another."""
    words = window.words
    show_plain(words("screen.compare"), kind="tz-title")
    found = comparisons(window.project)
    good = [one for one in found if isinstance(one, Comparison)]
    _draw_start(window, expanded=not good)
    for broken in found:
        if not isinstance(broken, Comparison):
            st.warning(words("compare.broken", name=literal(broken.name), reason=literal(broken.reason)))
    if not good:
        st.info(words("compare.none"))
        return
    chosen = st.selectbox(words("compare.which"), good, format_func=lambda one: _title(one, words), key="comparison")
    view = st.segmented_control(
        words("compare.view"),
        VIEWS,
        default="vote",
        format_func=lambda name: words(f"compare_view.{name}"),
        required=True,
        key="compare_view",
        label_visibility="collapsed",
    )
    if view == "answers":
        _draw_answers(window, chosen)
    elif view == "result":
        _draw_result(window, chosen)
    else:
        _draw_vote(window, chosen)


def _title(one: Comparison, words: Words) -> str:
    models = ", ".join(model for model in one.models if model not in ("majority",))
    return words(
        "compare.title", models=models, version=one.dataset_version, made=moment(one.made_at), items=len(one.items)
    )


def _draw_start(window: Window, *, expanded: bool) -> None:
    words, state = window.words, job(window.project, JOB)
    cards = [card for card in adapter_cards(window.project) if isinstance(card, RunCard)]
    running = state is not None and state.running
    with st.expander(words("compare.new"), expanded=expanded or running, icon=":material/compare_arrows:"):
        names = [card.name for card in cards]
        dataset = [one.name for one in versions(window.project) if isinstance(one, Version)]
        if not names or not dataset:
            st.info(words("compare.no_adapter"))
            window.link("training", words("compare.training_link"))
            return
        chosen = st.multiselect(words("compare.adapters"), names, default=names[:1], key="compare_adapters")
        left, right = st.columns(2)
        version = left.selectbox(words("training.dataset"), dataset, key="compare_dataset")
        most = window.project.settings.tuning.eval_answers
        limit = right.number_input(words("compare.limit"), 1, 10_000, most, help=words("compare.limit_help"))
        arguments = ["compare", f"--dataset={version}", f"--limit={limit}", "--", *chosen]
        if running and state is not None:
            arguments = list(state.arguments)
        draw_job(window, JOB, arguments=arguments, label=words("compare.start"), disabled=not chosen, show_end=True)
        if not may(window, act_of(window.project, ["compare"])):
            show_plain(words("job.not_yours"), kind="tz-small")


def _draw_answers(window: Window, comparison: Comparison) -> None:
    words = window.words
    pages = max(1, -(-len(comparison.items) // AT_ONCE))
    page = 1
    if pages > 1:
        label = words("dataset.page", pages=pages)
        page = int(st.number_input(label, 1, pages, key=f"page-{comparison.name}", width=160))
    for item in comparison.items[(page - 1) * AT_ONCE : page * AT_ONCE]:
        with st.container(border=True):
            show_plain(item.question, kind="tz-text tz-question")
            _draw_truth(item.truth, words)
            draw_trace(window, item.id)
            columns = st.columns(min(3, max(1, len(item.answers))))
            for place, (model, text) in enumerate(item.answers.items()):
                with columns[place % len(columns)]:
                    st.html(plain(model, tag="b", kind="tz-small") + plain(text or "—", kind="tz-text tz-answer"))


def _draw_truth(text: str, words: Words) -> None:
    st.html(plain(words("compare.truth"), tag="b", kind="tz-small") + plain(text, kind="tz-text tz-truth"))


def _draw_vote(window: Window, comparison: Comparison) -> None:
    words, by = window.words, f"person:{window.reviewer}"
    if not window.reviewer.strip():
        st.warning(words("compare.no_name"))
        return
    if not may(window, "decide"):
        st.info(words("job.not_yours"))
        return
    shown = [showing for showing in showings(comparison, by) if not showing.same]
    alike = len(showings(comparison, by)) - len(shown)
    if not shown:
        st.info(words("compare.nothing_to_vote"))
        return
    votes = {(vote.item, vote.models): vote for vote in standing_votes(window.store, comparison.name) if vote.by == by}
    given = [votes.get(_key(showing)) for showing in shown]
    done = sum(vote is not None for vote in given)
    place = _place(comparison, given)
    told = words("compare.progress", done=done, of=len(shown))
    told += words("compare.alike", alike=alike) if alike else ""
    st.progress(done / len(shown), text=told)
    if notice := st.session_state.pop("compare_notice", ""):
        st.error(literal(notice))
    _draw_last(window, comparison, shown, given)
    if place >= len(shown):
        st.success(words("compare.all_voted"))
    else:
        _draw_ballot(window, comparison, shown[place], given[place], place)
    _draw_steps(comparison, place, len(shown), words)


def _key(showing: Showing) -> tuple[str, tuple[str, str]]:
    first, second = sorted((showing.left, showing.right))
    return showing.item.id, (first, second)


def _place(comparison: Comparison, given: Sequence[Vote | None]) -> int:
    """Where the person is: where they went, else the first question they have not voted on."""
    went = st.session_state.get(f"place-{comparison.name}")
    first = next((place for place, vote in enumerate(given) if vote is None), len(given))
    return first if went is None else max(0, min(int(went), len(given)))


def _draw_ballot(window: Window, comparison: Comparison, showing: Showing, vote: Vote | None, place: int) -> None:
    words = window.words
    show_plain(words("compare.question", number=place + 1), kind="tz-small")
    show_plain(showing.item.question, kind="tz-text tz-question")
    _draw_truth(showing.item.truth, words)
    left, right = st.columns(2)
    for column, number, model in ((left, 1, showing.left), (right, 2, showing.right)):
        with column:
            text = showing.item.answers[model]
            label = plain(words("compare.answer", number=number), tag="b", kind="tz-small")
            st.html(label + plain(text or "—", kind="tz-text tz-answer"))
    with st.container(horizontal=True, key="ballot"):
        for choice, shortcut in CHOICES.items():
            chosen = vote is not None and vote.choice == choice
            st.button(
                words(f"vote.{choice}"),
                key=f"vote-{comparison.name}-{place}-{choice}",
                icon=f":material/{ICONS[choice]}:",
                shortcut=shortcut,
                type="primary" if chosen else "secondary",
                on_click=_cast,
                args=(window, showing.vote(comparison.name, f"person:{window.reviewer}", choice), place),
            )


def _cast(window: Window, vote: Vote, place: int) -> None:
    try:
        cast(window.store, vote)
    except TamizError as error:
        st.session_state["compare_notice"] = str(error)
        return
    st.session_state[f"last-{vote.comparison}"] = place
    went = st.session_state.get(f"place-{vote.comparison}")
    st.session_state[f"place-{vote.comparison}"] = None if went is None else place + 1


def _draw_last(window: Window, comparison: Comparison, shown: Sequence[Showing], given: Sequence[Vote | None]) -> None:
    """Whose answers the last vote was about: told after it, never before."""
    words, last = window.words, st.session_state.get(f"last-{comparison.name}")
    if last is None or not 0 <= last < len(shown) or given[last] is None:
        return
    vote = given[last]
    if vote is not None:
        said = words("compare.was", choice=words(f"vote.{vote.choice}"), left=vote.left, right=vote.right)
        st.html(f'<div role="status">{plain(said, kind="tz-small")}</div>')


def _draw_steps(comparison: Comparison, place: int, of: int, words: Words) -> None:
    with st.container(horizontal=True):
        for label, to, icon in (("back", place - 1, "arrow_back"), ("on", place + 1, "arrow_forward")):
            st.button(
                words(f"vote_step.{label}"),
                key=f"step-{comparison.name}-{label}",
                icon=f":material/{icon}:",
                type="tertiary",
                disabled=not 0 <= to <= of,
                shortcut="left" if label == "back" else "right",
                on_click=_go,
                args=(comparison.name, to if to < of else None),
            )


def _go(name: str, place: int | None) -> None:
    st.session_state[f"place-{name}"] = place
    st.session_state[f"last-{name}"] = None


def _draw_result(window: Window, comparison: Comparison) -> None:
    words = window.words
    for note in comparison.notes:
        st.warning(literal(note))
    show_plain(words("compare.scores"), kind="tz-heading")
    draw_scores(comparison.scores, words)
    votes = standing_votes(window.store, comparison.name)
    show_plain(words("compare.votes"), kind="tz-heading")
    if not votes:
        show_plain(words("compare.no_votes"))
        return
    found = [score for score in scores(comparison, votes) if score.votes]
    st.dataframe(_table({words("compare.all_people"): found}, words), hide_index=True, width="stretch")
    people = sorted({vote.by for vote in votes})
    if len(people) > 1:
        by_person = {
            by.removeprefix("person:"): [s for s in scores(comparison, [v for v in votes if v.by == by]) if s.votes]
            for by in people
        }
        st.dataframe(_table(by_person, words), hide_index=True, width="stretch")
    _draw_agreement(agreement(votes), words)


def _table(found: dict[str, list[Score]], words: Words) -> dict[str, list[str]]:
    rows = [(who, score) for who, many in found.items() for score in many]
    return {
        words("compare.who"): [who for who, _ in rows],
        words("compare.models"): [f"{score.first} : {score.second}" for _, score in rows],
        words("compare.wins"): [f"{score.wins} : {score.losses}" for _, score in rows],
        words("compare.both"): [str(score.both) for _, score in rows],
        words("compare.neither"): [str(score.neither) for _, score in rows],
        words("compare.share"): [_share(score) for _, score in rows],
    }


def _share(score: Score) -> str:
    if score.share is None:
        return "–"
    low, high = score.interval
    return f"{score.share:.0%} ({low:.0%} – {high:.0%})"


def _draw_agreement(found: Agreement, words: Words) -> None:
    if not found.meetings:
        show_plain(words("compare.one_person"), kind="tz-small")
        return
    kappa = "–" if found.kappa is None else f"{found.kappa:.2f}"
    share = f"{found.same / found.meetings:.0%}"
    show_plain(words("compare.agreement", people=found.people, meetings=found.meetings, share=share, kappa=kappa))
