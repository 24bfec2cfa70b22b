"""What the compiled kernels say of texts, held against plain definitions."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.duplicates import Duplicates, compare, find_duplicates
from curation.groups import Groups
from curation.near import bands, join, pairs, signatures, texts
from curation.near.bands import band_keys, banded, choose_bands, ordered, thumbs_of
from curation.near.join import similar_components, similar_flags, similar_pairs
from curation.near.overlap import similarities, similarity
from curation.near.signatures import shingle_set
from curation.near.texts import Texts, normal
from tamiz.errors import InputError
from tamiz.settings import NearSettings

MARKS = "¿¡ ?!.,;:-•·\n\r1923)aAáÁñßİŉ#>*_’\t…—–C+"
TEXT = st.text(max_size=60) | st.text(alphabet=MARKS, max_size=60) | st.text(alphabet="aé 가나日本😀x9", max_size=40)
# fmt: off
WORDS = (
    "router", "factura", "línea", "móvil", "cambiar", "titular", "activar", "contraseña", "wifi", "fibra",
    "pago", "cuenta", "cómo", "puedo", "mi", "la", "de", "instalar", "avería", "cobertura", "tarifa",
    "cliente", "panel", "control", "enviar", "recibir", "correo", "borrar", "mensaje", "tarjeta", "antigua",
)
# fmt: on


# fmt: off
# what texts are put together of: words, single spaces and what comes between
PIECES = (
    "palabra", "Contraseña", "ÁÉÍ", "12", "7", "x", " ", " ", " ", "  ", "\n", ", ", "? ", ". ", ") ", "¿", "-",
    "straße", "…", "\u00a0", "ﬁ", "·", "e\u0301", "日本", "😀", "_", "a/b",
)
# fmt: on


def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (texts, signatures, bands, join, pairs):
        monkeypatch.setattr(module, "HAS_NUMBA", False)


def edited(seed: int, count: int) -> list[str]:
    """Sentences, many of them with a slip or two of one before."""
    rng = random.Random(seed)
    made: list[str] = []
    while len(made) < count:
        base = " ".join(rng.choices(WORDS, k=rng.randint(5, 12)))
        for _ in range(rng.randint(1, 4)):
            letters = list(base)
            for _ in range(rng.randint(0, 3)):
                letters[rng.randrange(len(letters))] = rng.choice("abcdeé ")
            made.append("".join(letters))
    rng.shuffle(made)
    return made[:count]


def asked_and_told(seed: int, count: int) -> tuple[list[str], list[str]]:
    rng = random.Random(seed)
    known = [(q, a) for q, a in zip(edited(seed, count // 2), edited(seed + 1, count // 2), strict=True)]
    copies = [rng.choice(known) for _ in range(count - len(known))]
    slipped = [(q.replace("a", "", 1), a + " gracias") if rng.random() < 0.7 else (q, a) for q, a in copies]
    both = known + slipped
    rng.shuffle(both)
    return [q for q, _ in both], [a for _, a in both]


def decisions(found: Duplicates) -> list[tuple[int, int, str, float, float]]:
    return [(one.pair, one.kept, one.rule, one.question, one.answer) for one in found]


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, max_size=5))
def test_the_kernel_normalises_as_the_plain_function_does(strings: list[str]) -> None:
    made = Texts.of(strings)
    assert [made[n] for n in range(len(made))] == [normal(text) for text in strings]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=8, max_size=40), min_size=1, max_size=4))
def test_long_runs_of_plain_words_are_normalised_as_the_plain_function_does(parts: list[list[str]]) -> None:
    strings = ["".join(part) for part in parts]
    made = Texts.of(strings)
    assert [made[n] for n in range(len(made))] == [normal(text) for text in strings]


def test_texts_of_marks_only_are_told_apart_where_that_is_asked_for() -> None:
    made = Texts.of(["¿Y?", "??", " !!", "", "1. ??"], marks=True)
    assert [made[n] for n in range(len(made))] == ["y", "marks 3f 3f", "marks 21 21", "", ""]


def test_the_number_of_a_list_item_is_dropped_and_one_that_stands_alone_is_not() -> None:
    assert normal("1. Abre\n2) Pulsa «Ok»\n24.") == "abre pulsa ok 24"


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(1, 9), st.sampled_from([16, 128]))
def test_signatures_are_those_of_datasketch(strings: list[str], ngram: int, perms: int) -> None:
    datasketch, xxhash = pytest.importorskip("datasketch"), pytest.importorskip("xxhash")
    made = Texts.of(strings)
    found = signatures.signatures(made, ngram, perms)
    for number in range(len(made)):
        reference = datasketch.MinHash(num_perm=perms, seed=1, hashfunc=xxhash.xxh32_intdigest)
        reference.update_batch([one.encode() for one in shingle_set(made[number], ngram)])
        assert (found[number] == reference.hashvalues).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(1, 6))
def test_the_plain_path_gives_the_same_signatures(strings: list[str], ngram: int) -> None:
    made = Texts.of(strings)
    compiled_ones = signatures.signatures(made, ngram, 64)
    with pytest.MonkeyPatch.context() as patch:
        plain(patch)
        plain_ones = signatures.signatures(made, ngram, 64)
        keys, thumbs = band_keys(plain_ones, 8, 4, np.arange(len(made), dtype=np.uint32)), thumbs_of(plain_ones)
    assert (compiled_ones == plain_ones).all()
    assert (band_keys(compiled_ones, 8, 4, np.arange(len(made), dtype=np.uint32)) == keys).all()
    assert (thumbs_of(compiled_ones) == thumbs).all()


def test_a_long_document_is_measured_exactly_in_bounded_memory() -> None:
    rng = random.Random(3)
    documents = Texts.of([" ".join(str(rng.random()) for _ in range(9000)) for _ in range(2)])
    mine, other = (shingle_set(documents[n], 6) for n in range(2))
    [found] = similarities(documents, np.array([0]), np.array([1]), 6)
    assert found == pytest.approx(len(mine & other) / len(mine | other), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=60))
def test_keys_are_ordered_and_equal_ones_stay_in_place(values: list[int]) -> None:
    keys = np.array(values, np.uint32)
    order, in_order = ordered(keys)
    assert order.tolist() == np.argsort(keys, kind="stable").tolist()
    assert in_order.tolist() == np.sort(keys).tolist()


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_pairs_have_their_exact_similarity_and_nearly_none_is_missed(threshold: float) -> None:
    strings = edited(int(threshold * 10), 500)
    made = Texts.of(strings)
    sets = [shingle_set(made[n], 3) for n in range(len(made))]
    found = similar_pairs(made, threshold)
    got = dict(zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.similarity.tolist(), strict=True))
    true = {
        (i, j): alike
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if (alike := len(sets[i] & sets[j]) / len(sets[i] | sets[j])) >= threshold
    }
    assert got.keys() <= true.keys()
    assert all(got[pair] == pytest.approx(true[pair], abs=1e-12) for pair in got)
    assert len(got) >= 0.995 * len(true) > 50
    assert set(np.flatnonzero(similar_flags(made, threshold)).tolist()) == {j for _, j in got}
    groups = Groups()
    for one, other in got:
        groups.join(f"{one:03}", f"{other:03}")
    assert similar_components(made, threshold).tolist() == [int(groups.of(f"{n:03}")) for n in range(len(made))]


def test_the_plain_path_finds_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Texts.of(edited(8, 300))
    compiled_ones = similar_pairs(made, 0.7, threads=2)
    plain(monkeypatch)
    plain_ones = similar_pairs(made, 0.7)
    for name in ("left", "right", "similarity"):
        assert getattr(compiled_ones, name).tolist() == getattr(plain_ones, name).tolist()


def test_a_higher_threshold_is_answered_without_a_new_search() -> None:
    made = Texts.of(edited(9, 300))
    assert similar_pairs(made, 0.6).at(0.8).similarity.tolist() == [
        one for one in similar_pairs(made, 0.6).similarity.tolist() if one >= 0.8
    ]


def test_bands_are_chosen_so_that_few_are_missed_at_the_threshold() -> None:
    for threshold in (0.3, 0.5, 0.7, 0.8, 0.95):
        count, rows = choose_bands(threshold)
        assert count * rows <= 128
        assert (1 - threshold**rows) ** count <= 0.011


def test_a_removed_pair_is_similar_to_the_very_pair_that_is_kept() -> None:
    questions, answers = asked_and_told(1, 600)
    found = find_duplicates(questions, answers)
    assert len(found) > 100
    for one in found:
        assert found.kept[one.kept]
        question = similarity(normal(questions[one.pair]), normal(questions[one.kept]))
        answer = similarity(normal(answers[one.pair]), normal(answers[one.kept]))
        assert (one.question, one.answer) == pytest.approx((question, answer), abs=1e-12)
        assert min(question, answer) >= 0.7


@pytest.mark.parametrize("hot", [1, 1000])
def test_the_edges_of_all_bands_are_those_of_each_band_joined(hot: int) -> None:
    near = NearSettings()
    limits = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}
    prepared = pairs.prepare(*asked_and_told(8, 600), **limits)  # type: ignore[arg-type]
    node = pairs.same_texts(prepared)
    nodes = np.flatnonzero(node == np.arange(len(node)))
    bands_of = range(prepared.asked.keys.shape[1])
    single = [pairs.edges_of(prepared, nodes, band, **limits, hot=hot) for band in bands_of]  # type: ignore[arg-type]
    joined = pairs.joined_edges(single)
    for threads in (1, 2):
        whole = pairs.all_edges(prepared, nodes, **limits, hot=hot, threads=threads)  # type: ignore[arg-type]
        for name in pairs.Edges.__slots__:
            assert getattr(whole, name).tolist() == getattr(joined, name).tolist()
    assert len(joined.left) > 30
    assert bool(len(joined.bands)) == (hot < 1000)


def test_the_same_texts_are_found_whatever_hashes_they_have() -> None:
    questions, answers = asked_and_told(11, 300)
    prepared = pairs.prepare(questions * 2, answers * 2, threshold=0.7, ngram=3, num_perm=128)
    seen: dict[tuple[str, str], int] = {}
    texts_of = [(prepared.questions[n], prepared.answers[n]) for n in range(len(prepared))]
    assert pairs.same_texts(prepared).tolist() == [seen.setdefault(text, n) for n, text in enumerate(texts_of)]


@pytest.mark.parametrize(("threads", "hot"), [(1, 1000), (2, 1000), (2, 1), (1, 10**9)])
def test_threads_and_the_size_of_hot_buckets_do_not_change_the_result(threads: int, hot: int) -> None:
    questions, answers = asked_and_told(2, 500)
    near = NearSettings()
    reference = find_duplicates(questions, answers, threads=1)
    other = compare(reference.prepared, near, threads=threads, hot=hot)
    assert decisions(other) == decisions(reference)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_pairs_come_does_not_change_the_result(rng: random.Random) -> None:
    questions, answers = asked_and_told(3, 120)
    places = list(range(120))
    rng.shuffle(places)
    reference = decisions(find_duplicates(questions, answers, threads=1))
    turned = find_duplicates(
        [questions[n] for n in places],
        [answers[n] for n in places],
        order=np.argsort(places),
        threads=1,
    )
    back = sorted((places[pair], places[kept], *rest) for pair, kept, *rest in decisions(turned))
    assert back == [(pair, kept, *rest) for pair, kept, *rest in reference]


def test_the_threshold_is_moved_without_a_new_search() -> None:
    questions, answers = asked_and_told(4, 500)
    low = find_duplicates(questions, answers, near=NearSettings(threshold=0.6))
    high = low.at(0.85)
    assert 0 < len(high) < len(low)
    assert all(one.confidence >= 0.85 for one in high if one.rule == "near")
    assert len(high.at(0.95)) <= len(high)
    with pytest.raises(InputError, match="needs a new search"):
        low.at(0.5)


def test_what_is_settled_is_kept_and_a_family_has_no_near_copies() -> None:
    questions = ["¿Cómo pago la factura?", "¿como pago la factura?", "¿Cómo pago la  factura"]
    answers = ["Entra en tu área y paga con tarjeta."] * 3
    assert len(find_duplicates(questions, answers)) == 2
    settled = np.array([False, True, False])
    found = find_duplicates(questions, answers, order=np.array([1, 0, 2]), settled=settled)
    assert [(one.pair, one.kept) for one in found] == [(0, 1), (2, 1)]
    family = np.array([7, 7, 7])
    slips = ["¿Cómo pago la factura?", "¿Cómo pago la facturra?", "¿Cómo pago laa factura?"]
    assert len(find_duplicates(slips, answers)) == 2
    assert len(find_duplicates(slips, answers, family=family)) == 0


def test_a_thousand_copies_and_a_thousand_answers_to_one_question_are_quick() -> None:
    same = ["¿Cómo doy de baja la línea?"] * 3000
    told = [" ".join(random.Random(n).choices(WORDS, k=12)) for n in range(3000)]
    assert len(find_duplicates(same, told)) < 100
    slips = [f"¿Cómo doy de baja la línea{'.' * (n % 7)} fija{' ' * n}?" for n in range(3000)]
    assert len(find_duplicates(slips, ["Llama a la central."] * 3000)) == 2999


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_a_single_pair_have_no_copies(count: int) -> None:
    assert len(find_duplicates(["¿Qué?"] * count, ["Eso."] * count)) == 0


def test_hostile_texts_are_compared_like_others() -> None:
    odd = ["", "\x00\x00", "😀" * 500, "a" * 100_000, "\ud800 half", "‮evil", "<script>", " \n\t "]
    found = find_duplicates(odd * 2, odd * 2)
    assert found.kept.tolist()[: len(odd)].count(True) >= 6
    assert not found.kept[len(odd) :].any()


def test_questions_and_answers_of_different_number_are_refused() -> None:
    with pytest.raises(InputError, match="3 questions and 1 answers"):
        find_duplicates(["a", "b", "c"], ["d"])


PROGRAM = """
import json, sys
from curation.duplicates import find_duplicates
from curation.near.compiled import HAS_NUMBA
questions, answers = json.load(sys.stdin)
found = [(o.pair, o.kept, o.rule, o.question, o.answer) for o in find_duplicates(questions, answers)]
print(json.dumps([HAS_NUMBA, found]))
"""


def test_without_numba_the_result_is_the_same() -> None:
    questions, answers = asked_and_told(5, 60)
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([questions, answers]),
        env={**os.environ, "TAMIZ_PLAIN": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled_there, found = json.loads(told.stdout)
    assert compiled_there is False
    assert [tuple(one) for one in found] == decisions(find_duplicates(questions, answers))
    assert len(found) > 10


def test_salted_questions_share_no_bucket() -> None:
    made = Texts.of(["how do i reset the modem"] * 2)
    keys = banded(made, 3, 128, 25, 5, np.array([1, 2], np.uint32)).keys
    assert not (keys[0] == keys[1]).any()


def test_signatures_do_not_change_from_release_to_release() -> None:
    found = signatures.signatures(Texts.of(["¿Cómo cambio la contraseña del router?"]), 3, 128)
    assert hashlib.sha256(found.tobytes()).hexdigest()[:16] == SIGNED


SIGNED = "39972225776b2f78"


def test_many_of_one_question_with_answers_of_their_own_crowd_no_bucket() -> None:
    """Nor is any of them lost: what is decided is what would be with every pair held against every other."""
    near = NearSettings()
    answers = asked_and_told(9, 200)[1]
    prepared = find_duplicates(["Where is it?"] * len(answers), answers, threads=1).prepared
    limits = {"threshold": near.threshold, "ngram": near.ngram, "num_perm": near.num_perm}
    nodes = np.flatnonzero(pairs.same_texts(prepared) == np.arange(len(prepared)))
    found = pairs.all_edges(prepared, nodes, **limits, hot=40)  # type: ignore[arg-type]
    assert len(found.bands) == 0
    assert decisions(compare(prepared, near, hot=40)) == decisions(compare(prepared, near, hot=10**9))
    alike = find_duplicates(["Where is it?"] * 100, [f"It lies in drawer {n % 9}, at the back" for n in range(100)])
    crowded = pairs.all_edges(alike.prepared, np.arange(100), **limits, hot=40)  # type: ignore[arg-type]
    assert len(crowded.bands) == prepared.asked.keys.shape[1]


REPEATED = st.text(alphabet="ab ", max_size=30)
ENDED = st.tuples(REPEATED, REPEATED | TEXT, REPEATED | TEXT, REPEATED)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENDED, min_size=1, max_size=4), st.sampled_from([1, 3, 5, 9]))
def test_texts_that_begin_and_end_alike_have_the_similarity_of_their_shingles(ends, ngram) -> None:
    both = [normal(head + middle + tail) for head, one, other, tail in ends for middle in (one, other)]
    held = Texts.already_normal(both)
    left, right = (one.ravel() for one in np.indices((len(both), len(both))))
    found = similarities(held, left, right, ngram)
    assert found.tolist() == [similarity(both[one], both[other], ngram) for one, other in zip(left, right, strict=True)]


def test_the_first_of_the_same_pairs_is_told_from_the_texts_as_from_their_numbers() -> None:
    rng = random.Random(3)
    asked, told = (rng.choices(edited(seed, 12), k=200) for seed in (1, 2))
    prepared = pairs.prepare(asked, told, threshold=0.7, ngram=3, num_perm=128)
    seen: dict[tuple[str, str], int] = {}
    expected = [seen.setdefault((normal(q), normal(a)), n) for n, (q, a) in enumerate(zip(asked, told, strict=True))]
    assert pairs.same_texts(prepared).tolist() == expected
    assert pairs.same_texts(replace(prepared, firsts=None)).tolist() == expected
