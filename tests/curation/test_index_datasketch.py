"""Our signatures are datasketch's, so that an index can be handed over and comes back."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.near.bands import banded, choose_bands
from curation.near.index import Index
from curation.near.interchange import from_datasketch, minhash_of, to_datasketch
from curation.near.signatures import shingle_set, signatures
from curation.near.texts import Texts
from tamiz.errors import InputError
from tamiz.settings import NearSettings

datasketch = pytest.importorskip("datasketch")
xxhash = pytest.importorskip("xxhash")

QUESTIONS = [
    "How do I reset the router at home?",
    "How do I reset the router at home please?",
    "How can I reset the router at home?",
    "¿Cómo cambio la contraseña de mi cuenta?",
    "¿Cómo cambio la contraseña de la cuenta?",
    "Where are the invoices of last year?",
    "ok",
    "",
    "日本語の質問です",
]
IDS = [f"pair-{number}" for number in range(len(QUESTIONS))]
ANSWERS = [f"Answer number {number} says something of its own" for number in range(len(QUESTIONS))]


def hashed(text: str, ngram: int = 3) -> list[bytes]:
    return [one.encode() for one in shingle_set(text, ngram)]


def peer(**given):
    return datasketch.MinHash(num_perm=128, seed=1, hashfunc=xxhash.xxh32_intdigest, **given)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_signatures_are_bit_by_bit_those_of_datasketch_one_by_one_and_in_bulk(strings):
    texts = Texts.of(strings)
    ours = signatures(texts)
    shingles = [hashed(texts[number]) for number in range(len(texts))]
    bulk = datasketch.MinHash.bulk(shingles, num_perm=128, seed=1, hashfunc=xxhash.xxh32_intdigest)
    for number, one in enumerate(shingles):
        alone = peer()
        for shingle in one:
            alone.update(shingle)
        assert ours[number].dtype == alone.hashvalues.dtype == np.uint32
        assert ours[number].tolist() == alone.hashvalues.tolist() == bulk[number].hashvalues.tolist()


def test_a_minhash_of_ours_goes_on_as_datasketchs_own():
    ours, theirs = minhash_of(signatures(Texts.of(["reset the router"]))[0]), peer()
    theirs.update_batch(hashed("reset the router"))
    for one in (ours, theirs):
        one.update(b"and more")
    assert ours == theirs
    assert ours.jaccard(theirs) == 1.0


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
def test_what_was_handed_over_proposes_the_same_as_our_bands(threshold):
    near = NearSettings(threshold=threshold)
    texts = Texts.of(QUESTIONS)
    lsh = to_datasketch(texts, near, ids=IDS)
    assert (lsh.b, lsh.r) == choose_bands(threshold)
    keys = banded(texts, near.ngram, near.num_perm, lsh.b, lsh.r).keys
    met = 0
    for number, row in enumerate(signatures(texts)):
        ours = {IDS[other] for other in range(len(texts)) if (keys[number] == keys[other]).any()}
        assert set(lsh.query(minhash_of(row))) == ours
        met += len(ours) - 1
    assert met > 0


def test_an_index_goes_to_datasketch_and_back(tmp_path):
    with Index.open(tmp_path) as index:
        index.add(IDS[:5], QUESTIONS[:5], ANSWERS[:5])
        index.add(IDS[5:], QUESTIONS[5:], ANSWERS[5:])
        index.remove(IDS[:1])
        for side, texts in (("question", QUESTIONS), ("answer", ANSWERS)):
            lsh = to_datasketch(index, side=side)
            ids, rows = from_datasketch(lsh)
            assert sorted(ids) == IDS[1:]
            expected = dict(zip(IDS, signatures(Texts.of(texts))[:, : lsh.b * lsh.r].tolist(), strict=True))
            assert dict(zip(ids, rows.tolist(), strict=True)) == {one: expected[one] for one in IDS[1:]}


def test_an_empty_index_comes_back_empty():
    ids, rows = from_datasketch(to_datasketch(Texts.of([])))
    assert ids == []
    assert rows.shape == (0, 125)


def test_what_datasketch_made_itself_is_read():
    lsh = datasketch.MinHashLSH(num_perm=128, params=(16, 8))
    theirs = peer()
    theirs.update_batch(hashed("reset the router"))
    lsh.insert("one", theirs)
    ids, rows = from_datasketch(lsh)
    assert ids == ["one"]
    assert rows.tolist() == signatures(Texts.of(["reset the router"])).tolist()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"prepickle": True}, "pickled keys", id="pickled"),
        pytest.param({"hashfunc": lambda raw: raw[:4]}, "hashes of its bands only", id="hashed"),
    ],
)
def test_what_cannot_be_read_back_is_refused(given, says):
    with pytest.raises(InputError, match=says):
        from_datasketch(datasketch.MinHashLSH(num_perm=128, params=(16, 8), **given))


def test_64_bit_values_are_refused():
    lsh = datasketch.MinHashLSH(num_perm=128, params=(16, 8))
    lsh.insert("one", datasketch.MinHash(num_perm=128, scheme="affine64"))
    with pytest.raises(InputError, match="no affine32 values"):
        from_datasketch(lsh)


def test_texts_need_as_many_ids():
    with pytest.raises(InputError, match="9 texts and 1 ids"):
        to_datasketch(Texts.of(QUESTIONS), ids=["one"])


@pytest.fixture
def redis_address(tmp_path) -> Iterator[dict[str, object]]:
    """A real Redis of our own on loopback, which keeps nothing and ends with the test."""
    redis = pytest.importorskip("redis", reason="the client is not here. Run: pip install redis")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server. Run: apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        with redis.Redis(host="127.0.0.1", port=port) as client:
            deadline = time.monotonic() + 20
            while True:
                try:
                    client.ping()
                    break
                except redis.exceptions.ConnectionError:
                    assert server.poll() is None, "redis-server ended at once"
                    assert time.monotonic() < deadline, "redis-server does not answer"
                    time.sleep(0.05)
            yield {"host": "127.0.0.1", "port": port}
        server.terminate()


def test_an_index_goes_to_redis_and_back(tmp_path, redis_address):
    storage = {"type": "redis", "basename": b"tamiz-test", "redis": redis_address}
    with Index.open(tmp_path) as index:
        index.add(IDS, QUESTIONS, ANSWERS)
        lsh = to_datasketch(index, storage_config=storage)
    again = datasketch.MinHashLSH(num_perm=128, params=(lsh.b, lsh.r), storage_config=storage, prepickle=False)
    ids, rows = from_datasketch(again)
    expected = signatures(Texts.of(QUESTIONS))
    assert dict(zip(ids, rows.tolist(), strict=True)) == dict(zip(IDS, expected[:, :125].tolist(), strict=True))
    in_memory = to_datasketch(Texts.of(QUESTIONS), ids=IDS)
    for row in expected:
        assert {key.decode() for key in again.query(minhash_of(row))} == set(in_memory.query(minhash_of(row)))
