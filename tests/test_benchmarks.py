"""The labelled corpora of the benchmarks are what they say, and the decisions on them as right as they should be."""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SIZE = 3000


@pytest.fixture(scope="module", autouse=True)
def on_the_path() -> Iterator[None]:
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def corpus(on_the_path: None) -> ModuleType:
    return importlib.import_module("duplicate_corpus")


@pytest.fixture(scope="module")
def pairs(corpus: ModuleType) -> list[Any]:
    return list(corpus.labelled_pairs(SIZE, seed=1))


@pytest.fixture(scope="module")
def originals(pairs: list[Any]) -> dict[int, Any]:
    return {pair.origin: pair for pair in pairs if not pair.copy}


def similarity(one: str, other: str) -> float:
    from curation.near.overlap import similarity
    from curation.near.texts import normal

    return similarity(normal(one), normal(other))


def test_the_same_seed_writes_the_same_pairs_and_another_seed_writes_others(
    corpus: ModuleType, pairs: list[Any]
) -> None:
    assert list(corpus.labelled_pairs(SIZE, seed=1)) == pairs
    others = {(pair.question, pair.answer) for pair in corpus.labelled_pairs(SIZE, seed=2)}
    assert sum((pair.question, pair.answer) in others for pair in pairs) < SIZE // 20


def test_a_size_that_has_no_questions_enough_is_refused(corpus: ModuleType) -> None:
    with pytest.raises(ValueError, match="20 to 2,000,000"):
        next(corpus.labelled_pairs(3_000_000))


def test_one_of_five_pairs_is_a_copy_and_every_copy_has_its_original(
    pairs: list[Any], originals: dict[int, Any]
) -> None:
    copies = [pair for pair in pairs if pair.copy]
    assert len(copies) == SIZE // 5
    assert len(originals) == SIZE - SIZE // 5
    assert {pair.origin for pair in copies} <= set(originals)
    assert len({pair.id for pair in pairs}) == SIZE


def test_both_languages_have_half_of_the_pairs(pairs: list[Any]) -> None:
    counts = Counter(pair.lang for pair in pairs)
    assert set(counts) == {"en", "es"}
    assert min(counts.values()) > 0.45 * SIZE


def test_every_kind_of_edit_and_of_look_alike_is_there(corpus: ModuleType, pairs: list[Any]) -> None:
    edits = {edit.__name__ for edit, _ in importlib.import_module("duplicate_edits").EDITS}
    assert {pair.kind for pair in pairs if pair.copy} == edits
    assert {pair.kind for pair in pairs if not pair.copy} == {"plain", *corpus.HARD}


def test_a_copy_differs_from_its_original_and_is_far_more_like_it_than_like_others(
    pairs: list[Any], originals: dict[int, Any]
) -> None:
    near = 0
    copies = [pair for pair in pairs if pair.copy]
    for pair in copies:
        original = originals[pair.origin]
        assert (pair.question, pair.answer) != (original.question, original.answer)
        assert pair.lang == original.lang
        alike = similarity(pair.question, original.question), similarity(pair.answer, original.answer)
        assert min(alike) > 0.3, pair
        near += min(alike) >= 0.7
    assert near > 0.93 * len(copies)


def test_no_two_originals_are_the_same(originals: dict[int, Any]) -> None:
    assert len({(pair.question, pair.answer) for pair in originals.values()}) == len(originals)


def test_siblings_of_a_template_look_alike_and_differ(corpus: ModuleType, originals: dict[int, Any]) -> None:
    families = defaultdict(list)
    for pair in originals.values():
        if pair.kind in corpus.TEMPLATES:
            families[pair.family].append(pair)
    alike = []
    for siblings in families.values():
        assert len({pair.question for pair in siblings}) == len(siblings)
        alike += [similarity(siblings[0].question, other.question) for other in siblings[1:]]
    assert len(alike) > 100
    assert sorted(alike)[len(alike) // 10] > 0.6


def test_contradictions_ask_the_same_and_boilerplate_answers_the_same(originals: dict[int, Any]) -> None:
    families = defaultdict(list)
    for pair in originals.values():
        families[pair.kind, pair.family].append(pair)
    for (kind, _), siblings in families.items():
        questions, answers = {pair.question for pair in siblings}, {pair.answer for pair in siblings}
        if kind in ("contradictions", "hot"):
            assert len(questions) == 1
            assert len(answers) == len(siblings)
        if kind == "boilerplate":
            assert len(answers) == 1
            assert len(questions) == len(siblings)


def test_lengths_are_those_of_support_pairs(pairs: list[Any]) -> None:
    questions, answers = sorted(len(pair.question) for pair in pairs), sorted(len(pair.answer) for pair in pairs)
    middle = slice(SIZE // 20, -SIZE // 20)
    assert questions[middle][0] >= 20
    assert questions[middle][-1] <= 120
    assert answers[middle][0] >= 60
    assert answers[middle][-1] <= 400


def test_long_documents_have_two_to_ten_kilobytes_and_copies_near_their_original() -> None:
    long = importlib.import_module("long_documents")
    documents = list(long.labelled_documents(100, seed=1))
    assert documents == list(long.labelled_documents(100, seed=1))
    assert all(1800 <= len(document.text.encode()) <= 11_000 for document in documents)
    originals = {document.origin: document.text for document in documents if not document.copy}
    for document in documents:
        if document.copy:
            assert document.text != originals[document.origin]
            assert similarity(document.text, originals[document.origin]) > 0.7


def test_the_reference_finds_every_pair_that_plain_sets_find(pairs: list[Any]) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    reference = importlib.import_module("duplicate_reference")
    texts = [pair.question.lower() for pair in pairs[:300]]
    found = reference.exhaustive_pairs(texts, 0.5, 3)
    expected = {
        (one, other)
        for other in range(len(texts))
        for one in range(other)
        if reference.jaccard(texts[one], texts[other], 3) >= 0.5
    }
    assert found == expected
    assert found


@pytest.mark.parametrize("threads", [1, 2])
def test_decisions_are_right_by_the_labels(pairs: list[Any], threads: int) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    measures, reference = importlib.import_module("duplicate_quality"), importlib.import_module("duplicate_reference")
    removed, kept = measures.removals(measures.decide(pairs, threads))
    quality = reference.quality_of(pairs, removed, kept)
    assert quality.precision >= 0.98
    assert quality.recall >= 0.85
    assert quality.hard_share <= 0.05
    assert measures.outside_the_rule(pairs, removed, kept, measures.THRESHOLD).value == 0


def test_chained_candidates_lose_more_pairs_than_the_decisions_do(pairs: list[Any]) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    measures, reference = importlib.import_module("duplicate_quality"), importlib.import_module("duplicate_reference")
    ours = reference.quality_of(pairs, *measures.removals(measures.decide(pairs)))
    for removed, kept in measures.other_ways(pairs).values():
        other = reference.quality_of(pairs, removed, kept)
        assert other.precision < ours.precision
        assert other.lost > ours.lost


def test_a_flag_is_proposed_where_an_earlier_text_shares_a_band(pairs: list[Any]) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    from curation.near.join import similar_flags

    proposed, quality = importlib.import_module("duplicate_proposed"), importlib.import_module("duplicate_quality")
    texts = quality.texts_of([pair.question for pair in pairs])
    flags = proposed.proposed_flags(texts, quality.THRESHOLD)
    by_pair = proposed.proposed_pairs(texts, 3, 25, 5) % len(texts)
    assert set(flags.nonzero()[0].tolist()) == set(by_pair.tolist())
    assert (flags == proposed.proposed_flags(texts, quality.THRESHOLD, threads=2)).all()
    verified = similar_flags(texts, quality.THRESHOLD)
    assert not (verified & ~flags).any()
    assert (flags & ~verified).any()


def test_an_index_that_grew_decides_as_one_written_at_once() -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    index, quality = importlib.import_module("duplicate_index"), importlib.import_module("duplicate_quality")
    figures = index.index_figures(quality.Plan(size=1000, rounds=1))
    values = {figure.name: figure.value for figure in figures}
    assert values["decisions other than those of an index written at once"] == 0
    assert values["decisions other than those of a search among all"] == 0
    assert values["pairs that repeat a kept one"] > 100
    assert values["bytes a pair, added to"] < 1000


def test_fewer_rows_in_a_band_find_and_propose_more() -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("xxhash")
    proposed, quality = importlib.import_module("duplicate_proposed"), importlib.import_module("duplicate_quality")
    figures = proposed.band_figures(quality.Plan(size=2000, documents=200, peers=1000, reference=200))
    values = {figure.name: figure.value for figure in figures}
    for name in ("questions", "question and answer", "long"):
        few, many = f"{name}, 3-grams, 0.7, 16 bands of 8", f"{name}, 3-grams, 0.7, 25 bands of 5, chosen"
        assert values[f"{many}: recall"] >= max(0.99, values[f"{few}: recall"])
        assert values[f"{many}: candidates a text"] > values[f"{few}: candidates a text"]
        assert values[f"{many}: similar pairs"] > 0


def test_no_question_that_is_asked_was_learnt(on_the_path: None, tmp_path: Path) -> None:
    sets = importlib.import_module("public_sets")
    folder = tmp_path / "support" / "banking77"
    folder.mkdir(parents=True)
    asked = {"card": "is my card lost {}", "cash": "where is my cash {}", "loan": "what is a loan {}"}
    lines = ["text,category", *(f"{text.format(n)},{label}" for label, text in asked.items() for n in range(9))]
    (folder / "train.csv").write_text("\n".join(lines), encoding="utf-8")
    more = [f"{text.format(n).upper()},{label}" for label, text in asked.items() for n in range(5, 12)]
    (folder / "test.csv").write_text("\n".join([lines[0], *more]), encoding="utf-8")
    found = sets.banking77(sets.Wanted(data=tmp_path, labels=2, each=4, test=100, seed=1))
    learnt, tested = ([row["question"].lower() for row in rows] for rows in (found.train, found.test))
    held = [row["question"].lower() for row in found.validation]
    assert (len(learnt), len(held)) == (8, 4)
    assert len(tested) >= 2 * 3
    assert not set(tested) & {*learnt, *held}
    assert len({row["label"] for row in (*found.train, *found.validation, *found.test)}) == 2


def test_a_thread_is_asked_rephrasings_that_were_not_learnt_and_has_one_answer(
    on_the_path: None, tmp_path: Path
) -> None:
    sets = importlib.import_module("public_sets")
    (tmp_path / "dedup").mkdir()
    threads = [
        {"question": f"How is {n} done?", "rephr": [f"way {w} to do {n}" for w in range(6)], "answer": [f"So {n}."]}
        for n in range(5)
    ]
    path = tmp_path / "dedup" / "stackExchange-FAQ.json"
    path.write_text(json.dumps({"root": {"qapair": threads}}), encoding="utf-8")
    found = sets.faq(sets.Wanted(data=tmp_path, labels=0, each=3, test=100, seed=1))
    learnt, tested = ({row["question"] for row in rows} for rows in (found.train, found.test))
    assert (len(learnt), len(tested)) == (5 * 3, 5 * 3)
    assert not learnt & tested
    assert len({(row["group"], row["answer"]) for row in (*found.train, *found.test)}) == 5
