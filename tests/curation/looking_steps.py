"""Steps that other processes can import, which do at marked pairs what a step may do."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curation.engines.looks import processes_looks
from tamiz.records import Finding, Pair


@dataclass
class Marked:
    """Tells the process that looked. `doing` says what happens there to pairs whose question has a word."""

    doing: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    work_seconds: float = 0.0
    home: int = field(default_factory=os.getpid)
    name: str = "marked"

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            end = time.process_time() + self.work_seconds
            while time.process_time() < end:
                pass
            for word, what in self.doing.items():
                if word in pair.question and os.getpid() != self.home:
                    self.happen(what)
            yield Finding(pair=pair.id, step=self.name, kind="seen", note=str(os.getpid()))

    def happen(self, what: str) -> None:
        if what == "fail":
            raise ZeroDivisionError
        if what == "print":
            print("a step prints this")
        if what == "sleep":
            time.sleep(60)
        if what == "die" or (what == "die once" and not Path(self.folder, "died").exists()):
            Path(self.folder, "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Unpicklable(Marked):
    def __getstate__(self) -> object:
        raise TypeError("holds a lock")


class Homesick(Marked):
    """Cannot be had in another process."""

    def __reduce__(self) -> object:
        return (must_be_home, (os.getpid(),))


def must_be_home(home: int) -> Marked:
    if os.getpid() != home:
        raise OSError("no dictionary here")
    return Marked()


def main() -> None:
    """Tell the processes that looked at the first two batches, then wait for ones that sleep."""
    import pickle

    from looking_steps import Marked  # by its name, so that other processes find it

    def pair(question: str) -> Pair:
        return Pair(question=question, answer="a", lang="es", url="u", kind="faq", group="g")

    step = Marked(doing={"sleep": "sleep"})
    batches = iter([[pair("1")], [pair("2")], [pair("sleep 1")], [pair("sleep 2")]])
    for _, found in processes_looks(step, pickle.dumps(step), batches, 2):
        print(found[0].note, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs behind with Ctrl-C ignored
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
