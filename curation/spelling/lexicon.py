"""The prebuilt lexicon of a language: every word's frequency, and an index that finds the words near another.

It's one flat file in the user's cache folder, mapped into memory; built once from the dictionary and the frequency
list, and again when one of them or this code changes.
"""

from __future__ import annotations

import json
import os
import struct
from contextlib import ExitStack
from functools import cached_property, partial
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zlib import crc32

import numpy as np

from curation.spelling.dictionaries import Dictionary
from curation.spelling.distance import fold
from curation.spelling.frequencies import AS_IS, TITLE, UNKNOWN, Use, uses
from tamiz.errors import InputError

__all__ = ["Lexicon", "is_built", "shortened"]

VERSION = 1
TWICE = 2.0  # zipf from which a word is also found by two slips
LONG = 14  # letters; in longer words one slip is looked for
_MAGIC = b"tamizlex"


class Lexicon:
    """The words of one language."""

    def __init__(self, lang: str, *, folder: Path | None = None) -> None:
        self.lang = lang
        self._folder = folder
        self.dictionary = Dictionary(lang)
        self.path = _built(self.dictionary, folder or cache_folder())
        self._known: dict[str, int] = {}
        with self.path.open("rb") as file:
            whole = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
        (length,) = struct.unpack("<8xI", whole[:12])
        arrays = json.loads(bytes(whole[12 : 12 + length]))["arrays"]
        self._arrays: dict[str, Any] = {}  # plain views: taking one value from a numpy array costs ten times as much
        for name, (kind, offset, size) in arrays.items():
            view = whole[offset : offset + size * np.dtype(kind).itemsize].cast(np.dtype(kind).char)
            self._arrays[name] = np.frombuffer(view, kind) if name in ("hashes", "owners") else view

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the same files anew."""
        return partial(Lexicon, folder=self._folder), (self.lang,)

    def zipf(self, word: str) -> float:
        """log10 of the word's uses in a billion words, right or wrong as it may be; 0 where it isn't listed."""
        at = self._find(word)
        return self._arrays["zipf"][at] / 100 if at is not None else 0.0

    def status(self, word: str) -> int:
        """What the dictionary says of a word in lower case: UNKNOWN, AS_IS or TITLE."""
        known = self._known.get(word)
        if known is None:
            at = self._find(word)
            if at is not None:
                known = int(self._arrays["status"][at])
            elif self.dictionary.knows(word):
                known = AS_IS
            else:
                known = TITLE if self.dictionary.knows(word[:1].upper() + word[1:]) else UNKNOWN
            self._known[word] = known
        return known

    def near(self, word: str, *, slips: int = 2) -> list[str]:
        """Words of the dictionary within so many slips of a word in lower case, accents not counted; unranked."""
        keys = np.fromiter(
            (crc32(part.encode()) for part in shortened(fold(word), slips if len(word) <= LONG + 1 else 1)), np.uint32
        )
        hashes, owners = self._arrays["hashes"], self._arrays["owners"]
        lows, highs = np.searchsorted(hashes, keys, "left"), np.searchsorted(hashes, keys, "right")
        found = {int(owner) for low, high in zip(lows, highs, strict=True) if high > low for owner in owners[low:high]}
        return [self._word(at) for at in found]

    @cached_property
    def omissions(self) -> frozenset[str]:
        """Frequent words as they look without their accents, where that is no word: what leaving them out leaves."""
        return frozenset(bytes(self._arrays["omissions"]).decode().split())

    def _word(self, at: int) -> str:
        ends = self._arrays["ends"]
        return bytes(self._arrays["text"][ends[at - 1] if at else 0 : ends[at]]).decode()

    def _find(self, word: str) -> int | None:
        wanted, low, high = word.encode(), 0, len(self._arrays["ends"])
        text, ends = self._arrays["text"], self._arrays["ends"]
        while low < high:
            middle = (low + high) // 2
            here = bytes(text[ends[middle - 1] if middle else 0 : ends[middle]])
            if here == wanted:
                return middle
            low, high = (middle + 1, high) if here < wanted else (low, middle)
        return None


def shortened(word: str, slips: int) -> set[str]:
    """The word with up to so many letters left out.

    >>> sorted(shortened("abc", 1))
    ['ab', 'abc', 'ac', 'bc']
    """
    found = {word}
    last = found
    for _ in range(min(slips, len(word) - 1)):
        last = {part[:at] + part[at + 1 :] for part in last for at in range(len(part))}
        found = found | last
    return found


def cache_folder() -> Path:
    """Where lexicons are kept between runs."""
    from platformdirs import user_cache_path

    return user_cache_path("tamiz") / "spelling"


def is_built(lang: str) -> bool:
    """Whether a language's lexicon is there; to build one takes half a minute."""
    return _place(Dictionary(lang), cache_folder())[0].exists()


def _place(dictionary: Dictionary, folder: Path) -> tuple[Path, str]:
    """Where the lexicon of this very dictionary lies, and what it is made from."""
    from importlib.metadata import version

    made_from = f"{VERSION} {dictionary.version} wordfreq {version('wordfreq')}"
    return folder / f"{dictionary.lang}-{crc32(made_from.encode()):08x}.lexicon", made_from


def _built(dictionary: Dictionary, folder: Path) -> Path:
    path, made_from = _place(dictionary, folder)
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None
        words = sorted(uses(dictionary.lang, dictionary), key=lambda use: use.word.encode())
        try:
            _write(path, _arrays(words), made_from)
        except OSError as error:
            raise _unwritable(folder, error) from None
    return path


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"the word lists of spelling cannot be kept in {folder} ({error.strerror}). Free about 100 MB there, or name "
        "another folder for such files in the environment as XDG_CACHE_HOME"
    )


def _arrays(words: list[Use]) -> dict[str, Any]:
    parts = [use.word.encode() for use in words]
    hashes, owners = [], []
    for at, use in enumerate(words):
        if use.status != UNKNOWN and (len(use.word) > 2 or use.zipf > 4):
            slips = 2 if use.zipf >= TWICE and len(use.word) <= LONG else 1
            for part in shortened(fold(use.word), slips):
                hashes.append(crc32(part.encode()))
                owners.append(at)
    keys = np.array(hashes, np.uint32)
    order = np.argsort(keys, kind="stable")
    known = {use.word for use in words if use.status != UNKNOWN}
    left_out = sorted({fold(use.word) for use in words if use.status == AS_IS and use.zipf >= 3.5} - known)
    return {
        "text": np.frombuffer(b"".join(parts), np.uint8),
        "ends": np.cumsum([len(part) for part in parts]).astype(np.uint32),
        "zipf": np.array([max(0, round(use.zipf * 100)) for use in words], np.uint16),
        "status": np.array([use.status for use in words], np.uint8),
        "hashes": keys[order],
        "owners": np.array(owners, np.uint32)[order],
        "omissions": np.frombuffer(" ".join(left_out).encode() or b" ", np.uint8),
    }


def _write(path: Path, arrays: dict[str, Any], made_from: str) -> None:
    """Write beside, then rename, so that no reader ever sees half a lexicon."""
    header: dict[str, Any] = {"made_from": made_from, "arrays": {}}
    offset = 65_536
    for name, values in arrays.items():
        header["arrays"][name] = (values.dtype.str, offset, len(values))
        offset += -(-values.nbytes // 64) * 64
    encoded = json.dumps(header).encode()
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", delete=False) as file, ExitStack() as failed:
        failed.callback(os.unlink, file.name)
        file.write(_MAGIC + struct.pack("<I", len(encoded)) + encoded)
        for name, values in arrays.items():
            file.seek(header["arrays"][name][1])
            file.write(values.tobytes())
        file.truncate(max(offset, file.tell()))
        file.flush()
        failed.pop_all()
    os.replace(file.name, path)
