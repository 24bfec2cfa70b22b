"""Conversations as the help desks export them in JSON: Zendesk tickets and chats, Intercom conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawlers.imports.conversation import AGENT, CUSTOMER, MEDIA, Conversation, Message
from crawlers.imports.quoted import own_subject, own_text
from crawlers.imports.shapes import HELPDESK_LISTS, is_helpdesk
from crawlers.pages.fragments import fragment_texts
from tamiz.rows import Row, read_json, read_rows

__all__ = ["helpdesk_conversations"]

_STAFF = {"agent": AGENT, "admin": AGENT, "bot": AGENT, "business": AGENT, "team": AGENT, "operator": AGENT}
_STAFF |= {"user": CUSTOMER, "lead": CUSTOMER, "contact": CUSTOMER, "visitor": CUSTOMER, "end-user": CUSTOMER}


def helpdesk_conversations(path: Path, left_out: Counter[str]) -> Iterator[Conversation | Row]:
    """The conversations of a file; a Row with its trouble where an object is none."""
    for place, value in _objects(path):
        kind = is_helpdesk(value)
        if kind == "Intercom conversations":
            yield _intercom(place, value, left_out)
        elif kind == "Zendesk chats":
            yield _zendesk_chat(place, value, left_out)
        elif kind == "Zendesk tickets":
            yield _zendesk_ticket(place, value, left_out)
        else:
            trouble = value if isinstance(value, str) else "no conversation of Zendesk or Intercom"
            yield Row(place=place, trouble=trouble)


def _objects(path: Path) -> Iterator[tuple[str, Any]]:
    """(place, object) of a JSON file with one, an array or a named list of them; of JSON Lines each line's."""
    if path.suffix.lower() != ".json":
        for row in read_rows(path):
            yield row.place, row.values if not row.trouble else row.trouble
        return
    value = read_json(path)
    if isinstance(value, dict) and not is_helpdesk(value):
        lists = [value[name] for name in HELPDESK_LISTS if isinstance(value.get(name), list)]
        value = lists[0] if lists else value
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield f"conversation {number}", item


def _intercom(place: str, value: dict[str, Any], left_out: Counter[str]) -> Conversation:
    parts = value["conversation_parts"]
    listed = parts.get("conversation_parts") if isinstance(parts, dict) else parts
    source = value.get("source")
    said = (
        [{**source, "part_type": "comment", "created_at": value.get("created_at")}] if isinstance(source, dict) else []
    )
    said += [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    messages = []
    for part in said:
        author = part.get("author")
        kind = str(author.get("type", "")) if isinstance(author, dict) else ""
        if part.get("part_type") == "note":
            left_out["internal notes"] += 1
        elif part.get("part_type") not in ("comment", "open", "assignment", "quick_reply") or not part.get("body"):
            left_out["changes of state"] += 1
        else:
            text = fragment_texts(str(part["body"]), "")[0] or (MEDIA if part.get("attachments") else "")
            messages.append(_message(_STAFF.get(kind, CUSTOMER), text, part.get("created_at")))
    subject = source.get("subject") if isinstance(source, dict) else ""
    title = fragment_texts(str(subject), "")[0] if subject else ""
    return Conversation(place=place, messages=tuple(messages), key=_key("intercom", value), title=title)


def _zendesk_ticket(place: str, value: dict[str, Any], left_out: Counter[str]) -> Conversation:
    roles = _user_roles(value)
    requester = value.get("requester_id", value.get("submitter_id"))
    comments = [c for c in value["comments"] if isinstance(c, dict)]
    if requester is None and comments:
        requester = comments[0].get("author_id")
    messages = []
    for comment in comments:
        if comment.get("public") is False:
            left_out["internal notes"] += 1
            continue
        author = comment.get("author_id")
        role = roles.get(author) or (CUSTOMER if author == requester else AGENT)
        messages.append(_message(role, own_text(_comment_text(comment))[0], comment.get("created_at")))
    title = own_subject(str(value.get("subject") or value.get("raw_subject") or ""))
    return Conversation(place=place, messages=tuple(messages), key=_key("zendesk", value), title=title)


def _user_roles(value: dict[str, Any]) -> dict[Any, str]:
    users = value.get("users")
    listed = [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []
    return {
        u["id"]: _STAFF[u["role"]] for u in listed if isinstance(u.get("id"), (int, str)) and u.get("role") in _STAFF
    }


def _comment_text(comment: dict[str, Any]) -> str:
    plain = comment.get("plain_body") or comment.get("body")
    markup = comment.get("html_body")
    text = fragment_texts(str(markup), "")[0] if markup else str(plain or "")
    return text or str(plain or "") or (MEDIA if comment.get("attachments") else "")


def _zendesk_chat(place: str, value: dict[str, Any], left_out: Counter[str]) -> Conversation:
    messages = []
    for item in (item for item in value["history"] if isinstance(item, dict)):
        kind = str(item.get("type", ""))
        if kind == "chat.file":
            left_out["media"] += 1
        elif kind != "chat.msg":
            left_out["system messages"] += 1
            continue
        nick = str(item.get("nick") or item.get("sender_type") or "").partition(":")[0].lower()
        role = CUSTOMER if nick.startswith("visitor") else AGENT
        text = MEDIA if kind == "chat.file" else str(item.get("msg") or "")
        messages.append(_message(role, text, item.get("timestamp")))
    return Conversation(place=place, messages=tuple(messages), key=_key("zendesk chat", value))


def _message(role: str, text: str, at: Any) -> Message:
    return Message(speaker=role, role=role, text=text.strip(), at=_time(at))


def _time(value: Any) -> datetime | None:
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _key(platform: str, value: dict[str, Any]) -> str:
    own = value.get("id") or value.get("ticket_id")
    return f"{platform} {own}" if isinstance(own, (int, str)) else ""
