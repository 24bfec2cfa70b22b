"""The server that `tamiz review` runs: the app, and the one address beside it that hands out cookies of sessions."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route
from streamlit.starlette import App

from ui.handover import address, answer

__all__ = ["app"]

app = App(Path(__file__).with_name("app.py"), routes=[Route(address(), answer, methods=["POST"])])
