"""Pickled weights of a base model that the settings name, converted once into safetensors.

torch opens them with `weights_only`, which makes tensors and plain containers and refuses everything else: a pickle
that would run code runs none here, whether it was named or not. What is loaded and trained is the converted copy.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import shutil
import warnings
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.files import aside, sweep_aside

__all__ = ["PICKLED", "converted", "earlier_copy", "pickled_weights"]

PICKLED = ("pytorch_model.bin", "pytorch_model-*-of-*.bin")  # as transformers named them
BESIDE = ("*.json", "*.jinja", "*.txt", "*.model", "*.py", "README.md", "LICENSE*", "NOTICE*")
RECORD = "unpickled.json"
BROKEN = (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError, TypeError, AttributeError)


def pickled_weights(folder: Path) -> list[Path]:
    """The pickles that hold the weights of the model in this folder: one, or its parts in order."""
    whole = folder / PICKLED[0]
    return [whole] if whole.is_file() else sorted(folder.glob(PICKLED[1]))


def earlier_copy(folder: Path, cache: Path) -> Path | None:
    """The copy in safetensors of these very files, if one was made."""
    place = _place(folder, cache)
    return place if (place / RECORD).is_file() else None


def converted(folder: Path, name: str, cache: Path) -> Path:
    """A copy of the model `name` whose weights are safetensors, made unless it is there.

    InputError when the pickles hold anything but tensors, or cannot be read.
    """
    place = _place(folder, cache)
    if (place / RECORD).is_file():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    sweep_aside(place.parent)
    with aside(place) as copy:
        copy.mkdir()
        parts = pickled_weights(folder)
        for path in _others(folder):
            shutil.copyfile(path, copy / path.name)
        _write_weights(parts, name, copy)
        record = {"base": name, "folder": str(folder.resolve()), "pickles": [path.name for path in parts]}
        (copy / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return place


def _place(folder: Path, cache: Path) -> Path:
    """One for each state of these files: when one of them changes, the copy is made anew."""
    files = [*pickled_weights(folder), *_others(folder)]
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    told = json.dumps([str(folder.resolve()), states])
    return cache / "unpickled" / f"{folder.resolve().name}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _others(folder: Path) -> list[Path]:
    """Configuration, tokenizer and papers, without the index of the parts."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.endswith(".index.json"))
    return [path for path in files if any(fnmatch(path.name, pattern) for pattern in BESIDE)]


def _write_weights(parts: Iterable[Path], name: str, copy: Path) -> None:
    from safetensors.torch import save_file

    files = list(parts)
    places: dict[str, str] = {}
    size = 0
    for number, path in enumerate(files, 1):
        tensors = _opened(path, name)
        single = len(files) == 1
        file = "model.safetensors" if single else f"model-{number:05}-of-{len(files):05}.safetensors"
        # Weights that are one in memory become two: safetensors holds each under its own name.
        save_file({key: part.clone().contiguous() for key, part in tensors.items()}, copy / file, {"format": "pt"})
        places |= dict.fromkeys(tensors, file)
        size += sum(part.numel() * part.element_size() for part in tensors.values())
    if len(files) > 1:
        index = {"metadata": {"total_size": size}, "weight_map": places}
        (copy / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def _opened(path: Path, name: str) -> dict[str, Any]:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an odd protocol: what torch cannot read it refuses
            held = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except BROKEN as error:
        raise InputError(
            f"{path.name} of {name} cannot be read as plain weights ({_reason(error)}); nothing in it was run. "
            "Choose a base in safetensors; see: tamiz models"
        ) from None
    plain = isinstance(held, dict) and all(
        isinstance(key, str) and isinstance(part, torch.Tensor) and part.layout == torch.strided
        for key, part in held.items()
    )
    if not plain or not held:
        raise InputError(
            f"{path.name} of {name} is no table of weights by name. Choose a base in safetensors; see: tamiz models"
        )
    return dict(held)


def _reason(error: Exception) -> str:
    """torch's reason without its advice, which is to open the file with code and all."""
    found = re.search(r"WeightsUnpickler error: (.*?)(?: was not an allowed global|$)", str(error), re.MULTILINE)
    return found[1] if found else (str(error).strip().split("\n")[0] or type(error).__name__)
