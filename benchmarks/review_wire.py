"""A reviewer without a browser: what Streamlit's page sends and receives, and none of what drawing it costs."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

PATIENCE = 120.0  # seconds until a run of the page must have ended


class WireReviewer:
    """The review page of one person, held open over its WebSocket; a decision is one press of Accept."""

    def __init__(self, address: str, reviewer: str) -> None:
        host = urlsplit(address).netloc
        self._socket = connect(
            f"ws://{host}/_stcore/stream", origin=address, subprotocols=["streamlit"], max_size=None, open_timeout=60
        )  # type: ignore[arg-type, list-item, unused-ignore]
        self._query = f"reviewer={reviewer}"
        self._texts: dict[str, tuple[str, str]] = {}  # label to id and text
        self._accept = ""
        self._run(BackMsg())

    @property
    def question(self) -> str:
        """What the field of the question holds."""
        return self._texts["Question"][1]

    def accept(self) -> float:
        """Accept the pair that is shown; the seconds until the next one had been received whole."""
        asked = BackMsg()
        states = asked.rerun_script.widget_states.widgets
        for name, text in self._texts.values():
            states.add(id=name, string_value=text)
        states.add(id=self._accept, trigger_value=True)
        started = time.perf_counter()
        self._run(asked)
        return time.perf_counter() - started

    def close(self) -> None:
        """Leave the page."""
        self._socket.close()

    def _run(self, asked: BackMsg) -> None:
        asked.rerun_script.query_string = self._query
        asked.rerun_script.page_name = "review"
        self._socket.send(asked.SerializeToString())
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            message = ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE))  # type: ignore[arg-type]
            if message.WhichOneof("type") == "delta":
                self._hold(message)
            elif message.WhichOneof("type") == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return
                raise RuntimeError(f"the page ended with {message.script_finished}")
        raise TimeoutError(f"the page took longer than {PATIENCE:g} s")

    def _hold(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "text_area":
            area = element.text_area
            self._texts[area.label] = (area.id, area.value if area.set_value else area.default)
        elif kind == "button" and "Accept" in element.button.label:
            self._accept = element.button.id
        elif kind == "exception":
            raise RuntimeError(element.exception.message)
