"""Who may change nothing changes nothing, whatever service they call: viewers, removed people and strangers."""

from __future__ import annotations

import ast
import dataclasses
import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from curation import access, chat_notes
from curation.bulk import BulkDesk
from curation.clusters import ClusterDesk
from curation.learned import apply_offer, offers
from curation.review import Bench, Desk, Draft, Refused
from curation.spelling.words import WordDesk
from curation.typed import keep_typed
from tamiz import decisions, jobs, kept, opinions, remarks, settling, undoing, uploads, votes, worddecisions
from tamiz.assignments import Assignment, assign
from tamiz.errors import Conflict, InputError, NotPermitted
from tamiz.filters import Filter
from tamiz.guidelines import write_guideline
from tamiz.people import change_person
from tamiz.project import Project
from tamiz.records import Finding, Verdict
from tamiz.settings import ReviewSettings
from tamiz.settings.adding import add_source
from tamiz.store import Store

ROOT = Path(jobs.__file__).parents[1]
LEAD, REVIEWER, GUEST, GONE, STRANGER = (f"person:{name}" for name in ("lead", "reviewer-1", "guest", "gone", "nobody"))
SETTINGS = ReviewSettings()


class Place:
    """A project with people, two pairs that are alike, and what its screens have read."""

    def __init__(self, folder: Path, store: Store, make_pair: Callable[..., object]) -> None:
        (folder / "tamiz.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")
        self.folder, self.store, self.project = folder, store, Project.open(folder)
        self.first, self.second = (make_pair(number, answer=f"El ruter número {number}.") for number in (1, 2))
        pairs = [self.first, self.second]
        store.add_pairs(pairs, "source:ayuda")
        self.words = [
            Finding(
                pair=pair.id,
                step="spelling",
                kind="spelling",
                field="answer",
                start=3,
                end=8,
                before="ruter",
                after="router",
                confidence=0.9,
            )
            for pair in pairs
        ]
        store.add_look("spelling", "s", [pair.id for pair in pairs], self.words)
        alike = Finding(pair=self.second.id, step="dedupe", kind="near_duplicate", witness=self.first.id, note="")
        store.add_look("dedupe", "s", [pair.id for pair in pairs], [alike])
        decisions.mark_sieved(store, [pair.id for pair in pairs])
        for name, role in (("lead", "admin"), ("reviewer-1", "reviewer"), ("guest", "viewer"), ("gone", "gone")):
            change_person(store, name, "shell:me", lambda _last, role=role: {"role": role})
        self.card = Desk(store, "reviewer-1", SETTINGS).next_pair()
        self.cluster = ClusterDesk(store, "lead", SETTINGS).page()[0][0]
        self.word = self.words_of("lead").words()[0]
        edited = dataclasses.replace(self.first, answer="El router número 1.")
        self.offer = offers(store, self.first, edited, REVIEWER)[0][0]
        bulk = BulkDesk(store, "reviewer-1", SETTINGS)
        self.preview = bulk.preview(Filter(), "accept")
        self.tagged = bulk.carry_out(bulk.preview(Filter(), "tag"), tag="legal")
        remarks.add_remark(store, self.first.id, "Mira esto", REVIEWER)
        self.upload = uploads.keep_upload(self.project, "a.csv", io.BytesIO(b"a,b\n"), store=store, by=LEAD)

    def words_of(self, name: str) -> WordDesk:
        return WordDesk(self.store, name, self.folder / "glossary.txt")

    def verdict(self, by: str, decision: str = "accept") -> Verdict:
        version = self.store.pair(self.first.id).version
        return Verdict(pair=self.first.id, version=version, decision=decision, by=by)

    def everything(self) -> str:
        """All rows of all tables, and all files beside them."""
        with self.store.database.read() as connection:
            tables = sa.inspect(connection).get_table_names()
            rows = {one: connection.execute(sa.text(f'SELECT * FROM "{one}"')).all() for one in sorted(tables)}
        files = {
            path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and ".db" not in path.name
        }
        return repr((rows, files))


def name(by: str) -> str:
    return by.removeprefix("person:")


DECIDING: dict[str, Callable[[Place, str], object]] = {
    "claim": lambda at, by: decisions.claim(at.store, by, lease_seconds=60),
    "claim_pair": lambda at, by: decisions.claim_pair(at.store, at.first.id, by, lease_seconds=60),
    "decide": lambda at, by: decisions.decide(at.store, at.verdict(by)),
    "opine": lambda at, by: opinions.opine(at.store, at.verdict(by), needed=2),
    "adjudicate": lambda at, by: opinions.adjudicate(at.store, at.verdict(by)),
    "undo": lambda at, by: undoing.undo(at.store, by),
    "withdraw": lambda at, by: undoing.withdraw(at.store, "word-1", by),
    "keep": lambda at, by: kept.keep(at.store, at.words[0], by),
    "let stand no more": lambda at, by: kept.take_back(at.store, at.words[0], by),
    "desk": lambda at, by: Desk(at.store, name(by), SETTINGS).next_pair(),
    "desk accept": lambda at, by: Desk(at.store, name(by), SETTINGS).accept(at.card),
    "desk reject": lambda at, by: Desk(at.store, name(by), SETTINGS).reject(at.card),
    "desk skip": lambda at, by: Desk(at.store, name(by), SETTINGS).skip(at.card),
    "desk undo": lambda at, by: Desk(at.store, name(by), SETTINGS).undo(),
    "bench": lambda at, by: Bench(at.store, name(by)).disputes(),
    "bulk": lambda at, by: BulkDesk(at.store, name(by), SETTINGS).carry_out(at.preview),
    "bulk take back": lambda at, by: BulkDesk(at.store, name(by), SETTINGS).take_back(at.tagged.action),
    "offer": lambda at, by: apply_offer(at.store, at.offer, by),
    "draft": lambda at, by: keep_typed(at.store, by, at.first, 1, Draft(question="x", answer="y", label="", lang="es")),
    "remark": lambda at, by: remarks.add_remark(at.store, at.first.id, "x", by),
    "remark back": lambda at, by: remarks.take_back_remark(at.store, 1, by),
    "tags": lambda at, by: remarks.change_tags(at.store, at.first.id, by=by, add=["x"]),
    "vote": lambda at, by: votes.cast(
        at.store, votes.Vote(comparison="c", item="i", by=by, left="a", right="b", choice="left")
    ),
    "chat": lambda at, by: chat_notes.note_bad(at.store, said(), by=by),
    "chat good": lambda at, by: chat_notes.note_good(at.store, said(), by=by),
    "word always": lambda at, by: at.words_of(name(by)).always(at.word),
    "word never": lambda at, by: at.words_of(name(by)).never(at.word),
    "word here": lambda at, by: at.words_of(name(by)).here(at.word, at.first.id),
    "word": lambda at, by: worddecisions.record_word(at.store, at.word.word, "always", by, seen=0, becomes="router"),
    "cluster keep": lambda at, by: ClusterDesk(at.store, name(by), SETTINGS).keep(at.cluster, at.first.id),
    "cluster split": lambda at, by: ClusterDesk(at.store, name(by), SETTINGS).split(at.cluster, [at.second.id]),
    "cluster undo": lambda at, by: ClusterDesk(at.store, name(by), SETTINGS).undo(),
    "keep one": lambda at, by: settling.keep_one(
        at.store, None, at.first.id, at.cluster.versions, by, reason="duplicate"
    ),
    "tell apart": lambda at, by: settling.tell_apart(
        at.store, at.first.id, [at.second.id], at.cluster.versions, by, reason="x"
    ),
    "act back": lambda at, by: settling.take_back_act(at.store, "cluster-1", by),
    "curate": lambda at, by: jobs.start(at.project, "curate", ["curate"], store=at.store, by=by),
}
MANAGING: dict[str, Callable[[Place, str], object]] = {
    "guideline": lambda at, by: write_guideline(at.store, "es", "x", by, seen=0),
    "assign": lambda at, by: assign(at.store, "guest", Assignment(), by),
    "add": lambda at, by: access.add_person(at.store, "new", "admin", by=by, subject="new@example.org"),
    "role": lambda at, by: access.set_role(at.store, name(by), "admin", by=by),
    "pin": lambda at, by: access.set_pin(at.store, "lead", "52-klm", by=by),
    "subject": lambda at, by: access.set_subject(at.store, "lead", "me@example.org", by=by),
    "remove": lambda at, by: access.remove_person(at.store, "lead", by=by),
    "source": lambda at, by: add_source(
        at.folder, {"name": "x", "url": "https://ayuda.example/"}, store=at.store, by=by
    ),
    "upload": lambda at, by: uploads.keep_upload(at.project, "b.csv", io.BytesIO(b"a"), store=at.store, by=by),
    "upload away": lambda at, by: uploads.remove_upload(at.project, at.upload, store=at.store, by=by),
    "a file": lambda at, by: jobs.start(at.project, "crawl-x", ["crawl", "/etc"], store=at.store, by=by),
    "tune": lambda at, by: jobs.start(at.project, "tune-x", ["tune", "x"], store=at.store, by=by),
}


def said() -> chat_notes.Said:
    return chat_notes.Said(question="¿Qué?", answer="Nada", lang="es", model="m", base="b", version="v1")


@pytest.fixture
def place(tmp_path, clock, make_pair, monkeypatch):
    monkeypatch.setattr("curation.review.pace.QUIET_SECONDS", 0)
    with Store.open(f"sqlite:///{tmp_path / 'tamiz.db'}", now=clock) as store:
        yield Place(tmp_path, store, make_pair)


@pytest.mark.parametrize("by", [GUEST, GONE, STRANGER])
def test_who_may_not_decide_changes_nothing_whatever_they_call(place, by):
    before = place.everything()
    let_through = [what for what, call in (DECIDING | MANAGING).items() if not refused(call, place, by)]
    assert let_through == []
    assert place.everything() == before


def test_a_reviewer_manages_nothing(place):
    before = place.everything()
    assert [what for what, call in MANAGING.items() if not refused(call, place, REVIEWER)] == []
    assert place.everything() == before


def test_what_is_refused_to_others_works_for_those_who_may(place):
    """Or the refusals above might have other reasons. Some find nothing to do, which is said otherwise."""
    for what, call in (DECIDING | MANAGING).items():
        if what not in ("curate", "a file", "tune", "remove"):  # which would start a process, or end the last admin
            with suppress(InputError, Conflict, Refused):
                assert not refused(call, place, LEAD), what


def test_somebody_whose_role_was_taken_keeps_no_pair(place):
    desk = Desk(place.store, "reviewer-1", SETTINGS)
    assert desk.heartbeat(place.card)
    access.set_role(place.store, "reviewer-1", "viewer", by=LEAD)
    assert not desk.heartbeat(place.card)
    assert place.store.pair(place.card.pair.id).claimed_by == ""


# What only gives up something of one's own, and what its callers ask for.
UNASKED = {"renew", "release", "drop_draft", "change_person"}
UNASKED |= {"keep", "take_back"}  # of tamiz.kept: they ask where they write


def test_every_function_that_writes_for_somebody_asks_whether_they_may():
    unasked = []
    for path in [*ROOT.glob("tamiz/**/*.py"), *ROOT.glob("curation/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        if "database.write(" not in text:
            continue
        lines = text.splitlines()
        for one in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)):
            body = "\n".join(lines[one.lineno - 1 : one.end_lineno])
            given = {argument.arg for argument in (*one.args.args, *one.args.kwonlyargs)}
            if given & {"by", "verdict", "vote"} and "database.write(" in body and "permit" not in body:
                unasked.append(one.name)
    assert set(unasked) == UNASKED


def refused(call: Callable[[Place, str], object], place: Place, by: str) -> bool:
    try:
        call(place, by)
    except NotPermitted:
        return True
    return False
