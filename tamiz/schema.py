"""The tables as SQLAlchemy sees them. migrations.py makes them; a test holds the two together."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["METADATA", "crawl_host", "crawl_url", "event", "finding", "look", "meta", "page", "pair", "reading"]
__all__ += ["sealed", "split_claim", "split_part", "tally", "word_decision", "word_place"]
__all__ += ["assignment", "bulk", "deed", "draft", "facet", "guideline", "opined", "opinion", "pair_tag"]
__all__ += ["page_tally", "person_change", "relation", "remark", "session", "sign_in", "tag_change"]
__all__ += ["tag_tally", "vote"]
__all__ += ["synth_call", "synth_made", "synth_reading", "synth_run"]

METADATA = sa.MetaData()


def _text(name: str, **options: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **options)  # type: ignore[arg-type]


def _integer(name: str, **options: object) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, **options)  # type: ignore[arg-type]


def _seq() -> sa.Column[int]:
    whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("seq", whole, primary_key=True, autoincrement=True)


def _real(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=nullable)


meta = sa.Table("meta", METADATA, _text("name", primary_key=True), _text("value"))

page = sa.Table(
    "page",
    METADATA,
    _seq(),
    _text("id", unique=True),
    _text("url"),
    _text("final_url"),
    _text("fetched_at"),
    _integer("status"),
    _text("content_type"),
    _text("content_hash"),
    _text("source"),
    _text("archive"),
    _integer("archive_offset"),
    _text("robots"),
    _text("licence"),
    _text("etag"),
    _text("last_modified"),
)

# What a reader made of a page: how many pairs, or why none. A later reading of the page is another row.
reading = sa.Table(
    "reading",
    METADATA,
    _seq(),
    _text("page"),
    _text("at"),
    _text("kind"),
    _text("reason"),
    _integer("found"),
)

# The frontier of a crawl: every address seen, and what became of it.
crawl_url = sa.Table(
    "crawl_url",
    METADATA,
    _seq(),
    _text("source"),
    _text("url"),
    _text("host"),
    _integer("depth"),
    _text("state"),  # waiting, leased, done, failed, refused
    _text("reason"),
    _text("leased_by"),
    _real("leased_until"),
    _integer("tries"),
    _text("added_at"),
    _text("key"),  # the same for all ways to write an address
    _text("page"),  # the page last found here, or the one that this address repeats
    _integer("bytes"),
    _text("canonical"),  # the address that the page gives as its own
    _text("pairs_hash"),
    sa.UniqueConstraint("source", "url"),
    sa.UniqueConstraint("source", "key"),
)

# One worker at a time asks a host; `next_at` is the earliest moment of the next request.
crawl_host = sa.Table(
    "crawl_host",
    METADATA,
    _text("host", primary_key=True),
    _text("busy_by"),
    _real("busy_until"),
    _real("next_at"),
    _real("pace"),
    _text("wanted_by"),
    _real("wanted_at"),
)

pair = sa.Table(
    "pair",
    METADATA,
    _seq(),
    _text("id", unique=True),
    _text("question"),
    _text("answer"),
    _text("answer_markdown"),
    _text("lang"),
    _text("url"),
    _text("kind"),
    _text("pair_group"),
    _text("source"),
    _text("context"),  # JSON
    _text("tools"),
    _text("label"),
    _text("pattern"),
    _integer("position"),
    sa.Column("accepted", sa.Boolean().with_variant(sa.Integer, "sqlite"), nullable=True),
    sa.Column("votes", sa.BigInteger, nullable=True),
    _real("confidence"),
    _text("reason"),
    _text("author"),
    _text("written_at"),
    _text("page"),
    _text("licence"),
    _text("made_from"),  # JSON
    _text("made_by"),
    _text("added_at"),
    # What follows is the state: it changes, always through Store, always with an event.
    _text("state"),
    _integer("version"),
    _text("claimed_by"),
    _real("claimed_until"),
    _real("need"),  # how much it needs a person, 0 to 1; the queue's order
)

# A step has looked at a pair under these settings; its findings carry the number of the look.
look = sa.Table(
    "look",
    METADATA,
    _seq(),
    _text("pair"),
    _text("step"),
    _text("settings"),
    _text("at"),
)

finding = sa.Table(
    "finding",
    METADATA,
    _seq(),
    _text("id"),
    _integer("look"),
    _text("pair"),
    _text("step"),
    _text("kind"),
    _text("field"),
    _integer("start"),
    _integer("end"),
    _text("before"),
    sa.Column("after", sa.Text, nullable=True),
    _real("confidence"),
    _text("witness"),
    _text("note"),
)

# Findings of words in the latest looks of open pairs, kept by triggers; see tamiz.wordplaces.
word_place = sa.Table(
    "word_place",
    METADATA,
    _integer("finding", primary_key=True),
    _integer("place"),  # the pair's number
    _text("lang"),
    _text("before"),
    sa.Column("after", sa.Text, nullable=True),
    _text("kind"),
    _real("confidence"),
    _text("witness"),
)

# The history: nothing here is ever changed. `action` binds the events of one decision.
event = sa.Table(
    "event",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("pair"),
    _text("move"),  # arrive, sieve, accept, reject, edit, skip, opinion, dispute, undo, withdraw, seal, unseal
    _text("from_state"),
    _text("to_state"),
    _integer("version"),
    _text("reason"),
    _text("makes"),
    _text("undoes"),
)

# Originals that held personal data and whose texts were taken out of `pair` and `finding`.
sealed = sa.Table(
    "sealed",
    METADATA,
    _seq(),
    _text("pair", unique=True),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("method"),  # encrypt, drop
    _text("key"),  # the name of the key that opens the box, "" where it was dropped
    _text("box"),
)

# How many pairs are in each state, kept by triggers.
tally = sa.Table("tally", METADATA, _text("state", primary_key=True), _integer("pairs"))

# How many pairs of each source, language, kind and label are in each state, kept by triggers too.
facet = sa.Table(
    "facet",
    METADATA,
    _text("dimension", primary_key=True),
    _text("value", primary_key=True),  # the first 200 characters
    _text("state", primary_key=True),
    _integer("pairs"),
)

# How many pairs somebody moved in an hour, and how many pages a source has; kept by triggers as well.
deed = sa.Table(
    "deed",
    METADATA,
    _text("hour", primary_key=True),  # 2026-01-31T09, in UTC
    _text("actor", primary_key=True),
    _text("move", primary_key=True),
    _integer("pairs"),
    _text("first_at"),
    _text("last_at"),
    _integer("last_seq"),  # the number of the latest of these events
)
page_tally = sa.Table("page_tally", METADATA, _text("source", primary_key=True), _integer("pages"))
# How many pairs have a tag; kept by triggers as well.
tag_tally = sa.Table("tag_tally", METADATA, _text("tag", primary_key=True), _integer("pairs"))

# The parts of the split that an export assigned, all at once. Another epoch is another assignment from scratch.
split_claim = sa.Table(
    "split_claim",
    METADATA,
    _seq(),
    _integer("epoch"),
    _text("at"),
    _text("settings"),  # JSON: what was asked for
)

# Nothing here is ever changed either: a pair's part in an epoch is its part for good.
split_part = sa.Table(
    "split_part",
    METADATA,
    _seq(),
    _integer("claim"),
    _integer("epoch"),
    _text("pair"),
    _text("part"),
    sa.UniqueConstraint("epoch", "pair"),
)

# What people decided about a change of a word. Nothing here is ever changed; the highest version stands.
word_decision = sa.Table(
    "word_decision",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("word"),  # the hash of language, before and after
    _integer("version"),
    _text("lang"),
    _text("before"),
    sa.Column("after", sa.Text, nullable=True),
    _text("decision"),  # always, never, here, open
    _text("becomes"),
    _text("pair"),
    sa.UniqueConstraint("word", "version"),
)

# The people of a project, by name; the highest version stands. Nothing here is ever changed.
person_change = sa.Table(
    "person_change",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("name"),
    _integer("version"),
    _text("role"),  # admin, reviewer, viewer, gone
    _text("pin"),  # the salted hash, "" for none
    _text("subject"),  # who they are to the identity provider, "" for nobody there
    sa.UniqueConstraint("name", "version"),
)

sign_in = sa.Table(
    "sign_in",
    METADATA,
    _seq(),
    _text("at"),
    _text("name"),
    _text("result"),  # ok, refused
    _real("moment"),
)

# Browsers in which somebody is signed in.
session = sa.Table(
    "session",
    METADATA,
    _text("token", primary_key=True),  # its hash: who reads the database cannot sign in with it
    _text("name"),
    _text("at"),
    _real("until"),
)

# What a person is to review; the highest version stands.
assignment = sa.Table(
    "assignment",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("name"),
    _integer("version"),
    _text("rule"),  # JSON
    sa.UniqueConstraint("name", "version"),
)

# What one of several reviewers thinks of a pair; the pair moves when enough of them have said it.
opinion = sa.Table(
    "opinion",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("pair"),
    _integer("version"),
    _text("decision"),  # accept, reject
    _text("reason"),
    _text("edited"),  # the pair as JSON, "" as it is, or where the original was sealed since
)

# Whose opinion counts on a pair that others are still asked about, in the order of asking; kept with the opinions.
opined = sa.Table(
    "opined",
    METADATA,
    _seq(),
    _text("pair"),
    _text("actor"),
    sa.UniqueConstraint("actor", "pair"),
)

remark = sa.Table(
    "remark",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("pair"),
    _text("text"),
    _integer("removes"),  # the number of the remark that this one takes back, 0 for none
)

tag_change = sa.Table(
    "tag_change",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("pair"),
    _text("tag"),
    _integer("present"),
)

# The tags that stand, kept with every tag_change.
pair_tag = sa.Table("pair_tag", METADATA, _text("pair", primary_key=True), _text("tag", primary_key=True))

# What somebody has typed and not decided yet.
draft = sa.Table(
    "draft",
    METADATA,
    _text("name", primary_key=True),
    _text("pair", primary_key=True),
    _integer("version"),
    _text("at"),
    _text("body"),  # JSON
)

guideline = sa.Table(
    "guideline",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("lang"),
    _integer("version"),
    _text("text"),  # Markdown
    sa.UniqueConstraint("lang", "version"),
)

# Decisions about many pairs at once; their events carry the action.
bulk = sa.Table(
    "bulk",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action", unique=True),
    _text("decision"),
    _text("chosen"),  # JSON: the filter, or what was changed into what
    _integer("pairs"),
)

# What people say of two pairs; first < second, the highest version stands.
relation = sa.Table(
    "relation",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("first"),
    _text("second"),
    _integer("version"),
    _text("relation"),  # same, different, open
    sa.UniqueConstraint("first", "second", "version"),
)

# Which of two answers somebody liked better, not knowing whose they were. The latest of a person stands.
vote = sa.Table(
    "vote",
    METADATA,
    _seq(),
    _text("at"),
    _text("actor"),
    _text("comparison"),
    _text("item"),
    _text("left_model"),
    _text("right_model"),
    _text("choice"),  # left, right, both, neither
)

# A run of a recipe; it is alive while it says so again and again.
synth_run = sa.Table(
    "synth_run",
    METADATA,
    _seq(),
    _text("run", unique=True),
    _text("at"),
    _text("actor"),
    _text("recipe"),
    _text("provider"),
    _text("model"),
    _text("address"),
    _text("host"),
    _text("asked_for"),  # JSON
    _real("alive_until"),
    _text("ended_at"),
    _text("ended"),
)

# One call of a model. Once it is settled nothing of it changes but its reply's text, which may be taken away.
synth_call = sa.Table(
    "synth_call",
    METADATA,
    _seq(),
    _text("request"),  # the hash of all that was sent, and to whom
    _integer("attempt"),
    _text("run"),
    _text("recipe"),
    _text("material"),
    _text("provider"),
    _text("model"),
    _text("address"),
    _text("prompt"),  # the hash of the prompt file
    _integer("again"),  # the call whose reply was no use, for which this one asks again; 0 for none
    _text("at"),
    _text("state"),  # pending, ok, failed
    _text("why"),
    _text("reply"),
    _integer("tries"),
    _integer("prompt_tokens"),
    _integer("completion_tokens"),
    _real("usd"),
    _real("seconds"),
    _text("settled_at"),
    sa.UniqueConstraint("request", "attempt"),
)

# A reply was read for a material; the pairs that came of it are in synth_made.
synth_reading = sa.Table(
    "synth_reading",
    METADATA,
    _seq(),
    _integer("call"),
    _text("run"),
    _text("material"),
    _text("at"),
    _integer("made"),
    sa.UniqueConstraint("call", "material"),
)

# Which call made a pair; 0 where no model was asked.
synth_made = sa.Table(
    "synth_made",
    METADATA,
    _seq(),
    _integer("call"),
    _text("run"),
    _text("recipe"),
    _text("material"),
    _text("pair"),
    _integer("place"),
    _text("at"),
    sa.UniqueConstraint("pair", "recipe", "material", "call"),
)
