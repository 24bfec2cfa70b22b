"""What a server's refusal means: for the call alone, for a while, or for all calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from curation.synthesis.providers.contract import Busy, Refused, Trouble, WrongServer

__all__ = ["Asked", "Unknown", "no_api", "problem_of", "wait_asked_for"]

USED_UP = ("insufficient_quota", "billing_hard_limit_reached", "credit balance", "exceeded your current quota")
FLAGGED = ("moderation", "flagged", "content policy", "content_policy")  # of one question, not of the key
LISTED = 8  # models that are named where ours is not there
NO_MODEL = re.compile(
    r"model_not_found|(no|unknown|invalid|not a valid) model|pinned to|"
    r"model\b.{0,120}(not found|not exist|not available|not served|not loaded|unknown)",
    re.IGNORECASE | re.DOTALL,
)


class Unknown(Exception):
    """A 400 or 422: perhaps about something that can be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom we asked, and how. `answered`: it has answered a call of this run, so that key and model are good.

    `models` tells which models the server has, none where it does not say.
    """

    address: str
    model: str
    key_env: str
    has_key: bool
    answered: bool
    models: Callable[[], Sequence[str]]


def problem_of(status: int, headers: Mapping[str, str], said: str, asked: Asked) -> Exception:
    """What a status other than success means."""
    low = said.casefold()
    if status == 402 or (status == 429 and any(word in low for word in USED_UP)):
        return WrongServer(f"{asked.address} says that the account is used up; add to it there. It said: {said}")
    if status == 429:
        return Busy(f"busy (429): {said}", wait_asked_for(headers))
    if status in (405, 501):
        return no_api(asked, said)
    if status >= 500 or status in (408, 409, 425):
        return Trouble(f"server error {status}: {said}", wait_asked_for(headers))
    if status == 403 and (asked.answered or any(word in low for word in FLAGGED)):
        return Refused(f"refused (403): {said}")
    if status in (401, 403):
        return _wrong_key(asked, said)
    if status == 404 or (status in (400, 422) and not asked.answered and NO_MODEL.search(said)):
        return _no_model(asked, said)
    if 300 <= status < 400:
        return WrongServer(f"{asked.address} sends us elsewhere ({status}); give the address it names as base_url")
    return Unknown(f"refused ({status}): {said}")


def _wrong_key(asked: Asked, said: str) -> WrongServer:
    name = asked.key_env
    key = f"the key in {name}" if asked.has_key else f"a call without a key ({name} is not set)"
    move = f"Put {'the right key' if asked.has_key else 'its key'} into the environment: export {name}=KEY"
    return WrongServer(f"{asked.address} refuses {key}. {move}. It said: {said}")


def _no_model(asked: Asked, said: str) -> WrongServer:
    there = list(asked.models())
    if asked.model in there:
        return WrongServer(f"{asked.address} lists the model {asked.model!r}, and has no answer of it. It said: {said}")
    if there:
        more = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
        named = ", ".join(there[:LISTED]) + more
        return WrongServer(
            f"{asked.address} has no model {asked.model!r}; it has {named}. Give one of these as --model or "
            f"[synthesis] model. It said: {said}"
        )
    return WrongServer(
        f"{asked.address} has no model {asked.model!r}, or no chat API there. Give the name that the server knows as "
        f"--model or [synthesis] model, and its address up to and with /v1 as --base-url or base_url. It said: {said}"
    )


def no_api(asked: Asked, said: str) -> WrongServer:
    """Something answers at the address, and it is no chat API."""
    return WrongServer(
        f"{asked.address} has no chat API there. Give its address up to and with /v1 as --base-url or [synthesis] "
        f"base_url. What happened: {said}"
    )


def wait_asked_for(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The pause that a server asks for, in seconds; None where it names none.

    >>> wait_asked_for({"Retry-After": "7"})
    7.0
    """
    named = {name.casefold(): value.strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(named[name]) / unit)
        except (KeyError, ValueError):
            continue
    try:
        until = parsedate_to_datetime(named["retry-after"])
    except (KeyError, ValueError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
