"""One material through a model: asked once, waited for, tried again where the server failed, and read.

Whatever happens stands in the ledger before anything follows from it. A reply that is no use is asked for once more,
with what was wrong with it; that is a call of its own.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from curation.synthesis.crew import Later
from curation.synthesis.limits import Budget, Taken
from curation.synthesis.pace import Stopping
from curation.synthesis.prices import count_tokens, tokens_of
from curation.synthesis.providers.contract import Busy, Refused, Reply, WrongServer
from curation.synthesis.questions import BYTES_AT_MOST, USELESS, asked_again, chance_of, one_line
from curation.synthesis.recipe import Ask, Left, Made, Material, Unusable
from curation.synthesis.replies import Unreadable, read_reply
from curation.synthesis.sending import Sender, Tries
from curation.synthesis.standing import Standing, may_ask_again
from tamiz.records import clean_unicode
from tamiz.synthledger import Call, charge_call, claim_call, finish_call, is_taken, release_call
from tamiz.synthmade import readings
from tamiz.synthruns import Run

__all__ = ["Answer", "Asker", "chance_of"]

OTHERS_SECONDS = 0.3  # how often a call that another run is waiting for is looked at
SERVERS_FAULT = ("busy", "server error", "no reply", "connection lost", "unreachable", "its answer is no answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a material. made: its reply is read now; known: it was read in an earlier run; nothing: there
    was nothing to ask; failed: see `why`; open: not asked, as the run is stopping.

    `cached` tells that a reply of an earlier call was used.
    """

    material: Material
    state: Literal["made", "known", "nothing", "failed", "open"]
    why: str = ""
    made: Sequence[Made | Left] = ()
    call: Call | None = None
    cached: bool = False
    servers_fault: bool = False


@dataclass(slots=True)
class Settled:
    """The calls of a run that have come to an end, and why some failed."""

    ok: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    numbers: set[int] = field(default_factory=set)

    def add(self, call: Call) -> None:
        self.numbers.add(call.seq)
        if call.state == "ok":
            self.ok += 1
        else:
            self.failed[call.why] += 1


@dataclass(slots=True)
class Asker:
    """Used by several threads. With `closing` nothing new is begun, with `stop` what waits is given up as well.

    `fatal` says why no call can succeed, "" while that is not known.
    """

    standing: Standing
    run: str
    budget: Budget
    sender: Sender
    closing: threading.Event
    stop: threading.Event
    is_dead: Callable[[Run], bool]
    fatal: str = ""
    settled: Settled = field(default_factory=Settled)
    _busy: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, material: Material) -> Answer:
        """Ask about this material, unless the ledger knows what came of it."""
        if self.closing.is_set():
            return Answer(material=material, state="open")
        ask = self.standing.ask(material)
        if ask is None:
            return Answer(material=material, state="nothing")
        try:
            return self._read(material, ask, self._last_call(material, ask))
        except (Stopping, _NoRoom):
            return Answer(material=material, state="open")

    def _last_call(self, material: Material, ask: Ask) -> Call:
        """The first call, or where its reply was no use the second."""
        second = self.standing.second(material, ask)
        if second is not None:
            return second
        first = self._call(material, ask)
        return (
            self._call(material, asked_again(ask, first, material.lang), first.seq) if may_ask_again(first) else first
        )

    def _read(self, material: Material, ask: Ask, call: Call) -> Answer:
        """What a settled call gives for this material."""
        about: dict[str, Any] = {"material": material, "call": call, "cached": call.seq not in self.settled.numbers}
        if call.state == "failed":
            return Answer(state="failed", why=call.why, servers_fault=call.why.startswith(SERVERS_FAULT), **about)
        if material.key in readings(self.standing.store, call.seq):
            return Answer(state="known", **about)
        if not call.reply:
            return Answer(state="failed", why="its reply was taken away with the original", **about)
        try:
            made = self.standing.recipe.read(material, read_reply(call.reply, ask.schema))
        except (Unreadable, Unusable) as error:  # the recipe reads otherwise than when the reply came
            return Answer(state="failed", why=f"{USELESS}{error}", **about)
        return Answer(state="made", made=tuple(made), **about)

    def _call(self, material: Material, ask: Ask, again: int = 0) -> Call:
        """The settled call of this question: as the ledger has it, or sent now. Later while another run is at it."""
        standing = self.standing
        question = standing.question(material, ask, again)
        with self._one_at_a_time(question.request):
            known = standing.of(question)
            if known is not None:
                return known
            if is_taken(standing.store, question, self.run, is_dead=self.is_dead):
                raise Later(OTHERS_SECONDS)
            taken = self.budget.take(count_tokens(ask), ask.max_tokens, self.stop)
            if taken is None:
                self.closing.set()
                raise _NoRoom
            call, mine = claim_call(
                standing.store, question, self.run, is_dead=self.is_dead, retry_before=standing.retry_before
            )
            if not mine:  # another run was faster
                self.budget.give_back(taken)
                raise Later(0)
            done = self._send(call, ask, material, taken)
            with self._guard:
                self.settled.add(done)
            return done

    def _send(self, call: Call, ask: Ask, material: Material, taken: Taken) -> Call:
        """Send until there is a reply or a reason for none, and settle the call.

        Stopping where it is given up: it waits in the ledger for the next run, as if it had not been begun.
        """
        store, began, tries, foreseen = self.standing.store, time.monotonic(), Tries(), count_tokens(ask)

        def lose() -> bool:
            usd, room = self.budget.lose(foreseen)
            charge_call(store, call, prompt_tokens=foreseen, usd=usd)
            return room

        try:
            reply = self.sender.reply(ask, call.attempt, tries, lose)
        except (Stopping, WrongServer) as problem:
            release_call(store, call)
            self.budget.give_back(taken)
            if isinstance(problem, WrongServer):
                self.fatal = self.fatal or one_line(str(problem))
                self.closing.set()
                self.stop.set()
            raise Stopping from None
        except (Busy, Refused) as problem:
            why = one_line(str(problem))
            if not isinstance(problem, Refused) or problem.kept_back is None:
                self.budget.settle(taken, 0, 0)
                return finish_call(store, call, ok=False, why=why, tries=tries.sent, seconds=time.monotonic() - began)
            reply = problem.kept_back
        else:
            why = self._fault(reply, ask, material)
        said = clean_unicode(reply.text)
        # ours is a cautious count: a server that tells fewer, or none, is not let past a limit
        prompt, completion = max(reply.prompt_tokens, foreseen), max(reply.completion_tokens, _counted(said, ask))
        usd = self.budget.settle(taken, prompt, completion)
        return finish_call(
            store,
            call,
            ok=not why,
            why=why,
            reply=said,
            tries=tries.sent,
            prompt_tokens=prompt,
            completion_tokens=completion,
            usd=usd,
            seconds=time.monotonic() - began,
        )

    def _fault(self, reply: Reply, ask: Ask, material: Material) -> str:
        """Why a reply is no use, "" where it is."""
        try:
            self.standing.recipe.read(material, read_reply(clean_unicode(reply.text), ask.schema, cut=reply.cut))
        except (Unreadable, Unusable) as error:
            return one_line(f"{USELESS}{error}")
        return ""

    @contextmanager
    def _one_at_a_time(self, request: str) -> Iterator[None]:
        """Two materials that ask the very same are asked about once: the second waits for the first's reply."""
        with self._guard:
            lock = self._busy[request]
        with lock:
            yield


def _counted(said: str, ask: Ask) -> int:
    """Our count of a reply's tokens: not more than it was allowed, unless it cannot be that few."""
    counted = tokens_of([said])
    return min(counted, ask.max_tokens) if len(said.encode()) <= BYTES_AT_MOST * ask.max_tokens else counted


class _NoRoom(Exception):
    """A limit of the run is reached, or the run is stopping."""
