"""Runs a command and ends it, with all it started, as soon as whoever asked for it is gone.

Started as a script, in a process group of its own, with a pipe as standard input: `guard.py FOLDER COMMAND ...`.
The end of the pipe is the end of the command, so a server dies with tamiz even where tamiz was killed without a
chance to clean up. FOLDER, with the command's files, is then removed. Ends with the code of the command.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading

GRACE = 1.0  # seconds between asking the group to end and killing it


def main(folder: str, command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: None)  # for the command; not SIG_IGN, which it would inherit
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    ending = threading.Event()
    watch = threading.Thread(target=_end_with_the_pipe, args=(child, folder, ending), daemon=True)
    watch.start()
    code = child.wait()
    if ending.is_set():
        watch.join()
    return code if code >= 0 else 128 - code


def _end_with_the_pipe(child: subprocess.Popen[bytes], folder: str, ending: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    ending.set()
    os.killpg(0, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=GRACE)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # also what a wrapper around java left, and this guard


if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[2:]))  # at once: the thread still waits for the pipe
