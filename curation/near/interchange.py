"""To and from datasketch: our signatures are its MinHash values, so its indexes and storages can take them over.

A `MinHashLSH` of ours has the bands and rows of curation.near.bands and proposes the same texts as our bands do. With
`storage_config` it lies in Redis or Cassandra; keys are ids, as they are in memory and as UTF-8 bytes elsewhere, never
pickled. Bands hold the first bands * rows values of a signature, and these are what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from curation.near.bands import choose_bands
from curation.near.index import Index
from curation.near.signatures import SEED, Signatures, permutations, signatures
from curation.near.texts import Texts
from tamiz.errors import InputError
from tamiz.settings import NearSettings

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]

__all__ = ["from_datasketch", "minhash_of", "minhashes", "to_datasketch"]

TOGETHER = 4096  # texts whose signatures are held at a time


def to_datasketch(
    source: Index | Texts,
    near: NearSettings | None = None,
    *,
    ids: Sequence[str] | None = None,
    side: Literal["question", "answer"] = "question",
    storage_config: Mapping[str, Any] | None = None,
) -> MinHashLSH:
    """A MinHashLSH of these texts, or of the questions or answers of an index; signatures are made anew.

    `ids` name texts, by number as text where they are not given; an index has its own ids and settings.
    `storage_config` is datasketch's: {"type": "redis", "basename": b"faq", "redis": {"host": "localhost"}}.
    """
    from datasketch import MinHashLSH

    if isinstance(source, Index):
        near = source.near
    near = near or NearSettings()
    bands, rows = choose_bands(near.threshold, near.num_perm)
    storage = dict(storage_config or {"type": "dict"})
    in_memory = storage["type"] == "dict"
    lsh = MinHashLSH(num_perm=near.num_perm, params=(bands, rows), storage_config=storage, prepickle=False)
    with lsh.insertion_session() as session:
        for name, minhash in minhashes(source, near, ids=ids, side=side):
            session.insert(name if in_memory else name.encode(), minhash)
    return lsh


def minhashes(
    source: Index | Texts,
    near: NearSettings,
    *,
    ids: Sequence[str] | None = None,
    side: Literal["question", "answer"] = "question",
) -> Iterator[tuple[str, MinHash]]:
    """The id and the MinHash of each text."""
    if isinstance(source, Index):
        texts, named, order = source.texts(side), source.ids(), source.rows()
    else:
        texts, named, order = source, iter(ids or map(str, range(len(source)))), np.arange(len(source))
        if ids is not None and len(ids) != len(source):
            raise InputError(f"there are {len(source)} texts and {len(ids)} ids; give as many of each")
    for start in range(0, len(order), TOGETHER):
        for row in signatures(texts.take(order[start : start + TOGETHER]), near.ngram, near.num_perm):
            yield next(named), minhash_of(row)


def minhash_of(signature: Signatures) -> MinHash:
    """The MinHash with these values, (num_perm,) uint32; more texts' shingles can be put into it."""
    import xxhash
    from datasketch import MinHash

    return MinHash(
        seed=SEED,
        hashfunc=xxhash.xxh32_intdigest,
        hashvalues=signature,
        permutations=tuple(permutations(len(signature))),
        scheme="affine32",
    )


def from_datasketch(lsh: MinHashLSH) -> tuple[list[str], Signatures]:
    """The ids and the signatures, (n, bands * rows), that a MinHashLSH holds, in the order of its keys.

    InputError for one that holds hashes of its bands, 64-bit values, or pickled keys: those are never read, since
    reading a pickle runs what it says.
    """
    if lsh.hashfunc is not None:
        raise InputError("this MinHashLSH keeps hashes of its bands only (hashfunc); fill one without it")
    if lsh.prepickle:
        raise InputError("this MinHashLSH has pickled keys; fill one with prepickle=False and ids as UTF-8 bytes")
    ids, found, width = [], [], lsh.b * lsh.r
    for key in list(lsh.keys.keys()):
        values = b"".join(lsh.keys.get(key))
        if len(values) != 4 * width:
            raise InputError(f"{key!r} has {len(values)} bytes in its bands and not {4 * width}: no affine32 values")
        ids.append(key.decode() if isinstance(key, bytes) else str(key))
        found.append(np.frombuffer(values, ">u4"))
    rows = np.array(found, np.uint32) if found else np.zeros((0, width), np.uint32)
    return ids, rows
