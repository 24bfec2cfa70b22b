"""What a JSON object is, by the names in it."""

from __future__ import annotations

from typing import Any

__all__ = ["HELPDESK_LISTS", "is_comment", "is_helpdesk", "is_post", "is_reddit"]

# The names under which help desks export many objects at once.
HELPDESK_LISTS = ("tickets", "conversations", "chats", "results", "data")


def is_helpdesk(value: Any) -> str:
    """Of which help desk a JSON object is, or ""."""
    if isinstance(value, dict):
        if isinstance(value.get("conversation_parts"), (dict, list)):
            return "Intercom conversations"
        if isinstance(value.get("history"), list) and ("visitor" in value or _is_chat(value["history"])):
            return "Zendesk chats"
        comments = value.get("comments")
        if isinstance(comments, list) and any(isinstance(c, dict) and "author_id" in c for c in comments[:20]):
            return "Zendesk tickets"
    return ""


def _is_chat(history: list[Any]) -> bool:
    return any(isinstance(item, dict) and str(item.get("type", "")).startswith("chat.") for item in history[:20])


def is_reddit(value: Any) -> bool:
    """Whether a JSON object is a submission or a comment of a dump."""
    return isinstance(value, dict) and "subreddit" in value and (is_post(value) or is_comment(value))


def is_post(value: dict[str, Any]) -> bool:
    """Whether an object of a Reddit dump is a submission."""
    return "title" in value and "id" in value


def is_comment(value: dict[str, Any]) -> bool:
    """Whether an object of a Reddit dump is a comment."""
    return "body" in value and "link_id" in value
