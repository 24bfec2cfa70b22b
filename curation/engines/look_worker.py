"""A process that looks at pairs with one step; started and ended by `curation.engines.looks`.

It is told the step once and then batches, all pickled, over a socket that only it and its parent have. When the
parent is gone, however that happened, the socket ends, and the process with it: in the midst of a batch, too.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

__all__ = ["CANNOT", "READY", "main"]

READY = b"ready"
CANNOT = b""  # the answer to what this process could not do: the parent does it, and sees the error itself


def main(handle: int) -> None:
    """Answer READY or CANNOT to the step, and to each batch its findings or CANNOT, in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    line = Connection(handle)
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(line, messages), daemon=True).start()
    try:
        step = pickle.loads(messages.get())  # noqa: S301 -- from our parent, over its own socket
    except Exception as error:
        _explain(error)
        line.send_bytes(CANNOT)
        return
    line.send_bytes(READY)
    while True:
        batch = pickle.loads(messages.get())  # noqa: S301
        try:
            answer = pickle.dumps(list(step.look(batch)), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            _explain(error)
            answer = CANNOT
        try:
            line.send_bytes(answer)
        except OSError:  # the parent has gone
            return


def _read(line: Connection, messages: queue.SimpleQueue[bytes]) -> None:
    while True:
        try:
            messages.put(line.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)  # whatever the other thread is at: nobody waits for it any more


def _explain(error: Exception) -> None:
    """For who debugs a step: the parent will most likely meet the same error and tell it in its own way."""
    if os.environ.get("TAMIZ_DEBUG"):
        sys.stderr.write(f"tamiz: a process that looks at pairs could not: {error!r}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
