"""What a reviewer has typed and not decided, kept from the first key on: it is back after the page or the server went.

A draft belongs to one person and one pair. It goes when that person decides the pair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from curation.revise import Draft
from tamiz.drafts import drop_draft, load_draft, save_draft
from tamiz.records import Pair
from tamiz.store import Store

__all__ = ["Typed", "brought_back", "forget_typed", "keep_typed", "typed_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A draft as it was kept, and when (ISO 8601)."""

    draft: Draft
    at: str


def brought_back(store: Store, by: str, pair: Pair) -> Typed | None:
    """What this person left in the pair's fields; None where nothing was typed or it is what the pair says."""
    found = load_draft(store, by, pair.id)
    draft = None if found is None else typed_from(found.body, pair)
    return None if found is None or draft is None else Typed(draft=draft, at=found.at)


def keep_typed(store: Store, by: str, pair: Pair, version: int, draft: Draft) -> bool:
    """Keep what stands in the pair's fields; False when the pair is not to be decided any more.

    Fields that say what the pair says are no draft: what was kept before is dropped.
    """
    if typed_from(asdict(draft), pair) is None:
        drop_draft(store, by, pair.id)
        return True
    return save_draft(store, by, pair.id, version, asdict(draft))


def forget_typed(store: Store, by: str, pair: str) -> None:
    """Drop the draft: the pair is decided, or its person does not want it."""
    drop_draft(store, by, pair)


def typed_from(body: Mapping[str, Any], pair: Pair) -> Draft | None:
    """The draft that these values are, the pair's own in the place of what is missing or no text; None for no change.

    They come from a browser's memory: nothing in them is trusted to be what it should be.
    """
    own = Draft(question=pair.question, answer=pair.answer, label=pair.label, lang=pair.lang)
    texts = {name: body[name] for name in ("question", "answer", "label") if isinstance(body.get(name), str)}
    lang = body.get("lang")
    chosen, reason = body.get("chosen"), body.get("reason")
    draft = Draft(
        **{**{name: getattr(own, name) for name in ("question", "answer", "label")}, **texts},
        lang=lang if isinstance(lang, str) and re.fullmatch("[a-z]{2,3}", lang) else pair.lang,
        chosen=tuple(one for one in chosen if isinstance(one, str)) if isinstance(chosen, (list, tuple)) else (),
        reason=reason if isinstance(reason, str) else "",
    )
    return None if _as_shown(draft) == _as_shown(own) else draft


def _as_shown(draft: Draft) -> tuple[object, ...]:
    """As a browser gives it back: it writes every line end as \\n."""
    texts = (re.sub(r"\r\n?", "\n", text) for text in (draft.question, draft.answer, draft.label))
    return (*texts, draft.lang, draft.chosen, draft.reason)
