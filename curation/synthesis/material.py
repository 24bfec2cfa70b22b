"""What recipes work on: pairs, chunks of pages, threads, transcripts and labels of the training part, and no others."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from curation.synthesis.chunks import HeldOut, Texts, chunks_of, language_of, usable_pages
from curation.synthesis.personal import Cleared
from curation.synthesis.recipe import Material, Takes
from curation.synthesis.training import Training
from tamiz.project import Project
from tamiz.records import Pair, Turn
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store

__all__ = ["Materials", "Wanted", "by_lot", "gather_materials"]

LABEL_CHARACTERS = 6000  # of the pairs of a label that are told as its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is to work on. `limit` 0 is no limit; empty languages and sources are all."""

    takes: Takes
    languages: frozenset[str]
    sources: tuple[str, ...] = ()
    limit: int = 0
    tools: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """In an order that is the same in every run; and how many things were left out, by reason."""

    items: tuple[Material, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _From:
    """Where materials are taken from."""

    project: Project
    store: Store
    training: Training
    settings: SynthesisSettings
    wanted: Wanted
    cleared: Cleared
    left_out: Counter[str]

    def pairs(self) -> Iterator[Pair]:
        """The training pairs of the sources that were asked for, without those that hold personal data."""
        for pair in self.training.pairs:
            if self.wanted.sources and pair.source not in self.wanted.sources:
                continue
            if self.cleared.pair(pair):
                yield pair
            else:
                self.left_out["pairs with personal data"] += 1


def gather_materials(
    project: Project, store: Store, training: Training, settings: SynthesisSettings, wanted: Wanted
) -> Materials:
    """Everything of the training part that the recipe can take, up to the limit, which takes from all over it."""
    left_out: Counter[str] = Counter()
    if training.undivided:
        left_out["pairs that are in no part"] = training.undivided
    source = _From(
        project=project,
        store=store,
        training=training,
        settings=settings,
        wanted=wanted,
        cleared=Cleared.of(project, store, training.pairs),
        left_out=left_out,
    )
    ways: dict[Takes, Callable[[_From], Iterator[Material]]] = {
        "pair": _pairs,
        "chunk": _chunks,
        "thread": _threads,
        "transcript": _transcripts,
        "label": _labels,
        "language": _languages,
    }
    items = []
    for material in ways[wanted.takes](source):
        if material.lang in wanted.languages:
            items.append(replace(material, tools=wanted.tools, options=wanted.options))
        else:
            left_out["not in a language of the recipe"] += 1
    return Materials(items=tuple(by_lot(items, wanted.limit, settings.seed)), left_out=dict(left_out))


def by_lot(items: Sequence[Material], limit: int, seed: int) -> list[Material]:
    """So many of them by lot, in their order; a higher limit holds all of a lower one."""
    if not limit or limit >= len(items):
        return list(items)

    def turn(place: int) -> bytes:
        return hashlib.sha256(f"{seed}:{items[place].key}".encode()).digest()

    return [items[place] for place in sorted(sorted(range(len(items)), key=turn)[:limit])]


def _pairs(source: _From) -> Iterator[Material]:
    for pair in source.pairs():
        yield _material(pair.id, [pair], text=f"{pair.question}\n\n{pair.answer}", turns=_turns([pair]), pair=pair)


def _threads(source: _From) -> Iterator[Material]:
    yield from _talks(source, "forum")


def _transcripts(source: _From) -> Iterator[Material]:
    yield from _talks(source, "transcript")


def _talks(source: _From, kind: str) -> Iterator[Material]:
    """The pairs of each thread or transcript together, as the turns that were spoken."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in source.pairs():
        if pair.kind == kind:
            groups[pair.source, pair.group].append(pair)
    for (_, group), pairs in groups.items():
        pairs.sort(key=lambda pair: (len(pair.context), pair.position, pair.id))
        turns = _turns(pairs)
        yield _material(group, pairs, text="\n\n".join(turn.content for turn in turns), turns=turns)


def _turns(pairs: Sequence[Pair]) -> tuple[Turn, ...]:
    """What was said, in the order in which it was said: a pair's context is what was said before it."""
    turns: list[Turn] = []
    for pair in pairs:
        own = [Turn(role="user", content=pair.question), Turn(role="assistant", content=pair.answer)]
        said = [*pair.context, *own]
        if said[: len(turns)] == turns:
            turns = said
        elif not any(turns[place : place + 2] == own for place in range(len(turns))):
            turns += own
    return tuple(turns)


def _labels(source: _From) -> Iterator[Material]:
    """The pairs of each label, by language."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in source.pairs():
        if pair.label:
            groups[pair.lang, pair.label].append(pair)
    largest: dict[str, int] = {}
    for (lang, _), pairs in groups.items():
        largest[lang] = max(largest.get(lang, 0), len(pairs))
    for (lang, label), pairs in sorted(groups.items()):
        text = _joined(f"{pair.question}\n{pair.answer}" for pair in pairs)
        yield replace(_material(f"{lang} {label}", pairs, text=text), largest=largest[lang])


def _languages(source: _From) -> Iterator[Material]:
    """All pairs of each language. What is made of them comes from no page, and is in the group of the first."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in source.pairs():
        groups[pair.lang].append(pair)
    for lang, pairs in sorted(groups.items()):
        yield Material(key=lang, text="", lang=lang, group=pairs[0].group, pairs=tuple(pairs))


def _joined(texts: Iterable[str]) -> str:
    """Whole texts, as many as there is room for."""
    kept: list[str] = []
    room = LABEL_CHARACTERS
    for text in texts:
        room -= len(text)
        if kept and room < 0:
            break
        kept.append(text)
    return "\n\n".join(kept)


def _material(
    key: str, pairs: Sequence[Pair], *, text: str, turns: tuple[Turn, ...] = (), pair: Pair | None = None
) -> Material:
    """A material taken from these pairs; where they stand is told by the first."""
    first = pairs[0]
    return Material(
        key=key,
        text=text,
        lang=first.lang,
        pair=pair,
        turns=turns,
        page=first.page,
        url=first.url,
        group=first.group,
        label=first.label,
        source=first.source,
        licence=first.licence,
        made_from=tuple(one.id for one in pairs),
        pairs=tuple(pairs),
    )


def _chunks(source: _From) -> Iterator[Material]:
    pages = usable_pages(source.store, source.training.pairs, source.wanted.sources)
    source.left_out.update(pages.left_out)
    texts = Texts(source.project.pages)
    texts.learn([one.page for one in pages.usable])
    held = HeldOut.of(source.training.held_out)
    languages = source.project.settings.project.languages
    for usable in pages.usable:
        page, pairs = usable.page, usable.pairs
        paragraphs = texts.paragraphs(page)
        if not paragraphs:
            source.left_out["pages without text of their own"] += 1
        for chunk in chunks_of(paragraphs, source.settings.chunk_characters):
            if held.is_in(chunk.text):
                source.left_out["chunks that hold an answer of validation or test"] += 1
                continue
            lang = language_of(chunk.text, pairs, languages)
            yield Material(
                key=f"{page.id}#{chunk.number}",
                text=source.cleared.masked(chunk.text, lang),
                lang=lang,
                page=page.id,
                url=page.final_url,
                group=pairs[0].group if pairs else page.final_url,
                label=_label(pairs),
                source=page.source,
                licence=page.licence,
                pairs=pairs,
                read_as=usable.read_as,
                known=usable.known,
            )


def _label(pairs: Sequence[Pair]) -> str:
    """The label that all pairs of a page have, "" where they differ."""
    labels = {pair.label for pair in pairs}
    return labels.pop() if len(labels) == 1 else ""
