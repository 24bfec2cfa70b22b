"""What came of a button on the settings screen, in the words of the screen."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from curation.access import Wait
from curation.pins import NotTaken
from curation.revise import Refused
from tamiz.errors import Conflict, NotPermitted, TamizError
from tamiz.people import NoAdmin, is_open
from ui.session import Window
from ui.widgets.text import literal

__all__ = ["carry_out", "notice"]


def notice(kind: str, text: str) -> None:
    """Say this at the top of the screen when it is drawn next; `kind` is success or warning."""
    st.session_state["settings_notice"] = kind, text


def carry_out(window: Window, work: Callable[[], object], done: str) -> bool:
    """Do it and say `done`; or say what stands against it, and nothing is written then."""
    words = window.words
    try:
        work()
    except NotTaken as refusal:
        said = words(f"access.{refusal.code}")
    except Refused as refusal:
        said = words(f"refused.{refusal.code}")
    except NoAdmin:
        said = words("team.first_admin" if is_open(window.store) else "team.last_admin")
    except Conflict:
        said = words("team.conflict")
    except Wait as wait:
        said = words("signin.wait", seconds=f"{wait.seconds:.0f}")
    except NotPermitted:
        said = words("team.not_permitted")
    except TamizError as error:
        said = literal(str(error))
    else:
        notice("success", done)
        return True
    notice("warning", said)
    return False
