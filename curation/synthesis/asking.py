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

from curation.synthesis.limits import Budget, Taken
from curation.synthesis.pace import Pace, Stopping
from curation.synthesis.prices import count_tokens, tokens_of
from curation.synthesis.providers.contract import Busy, Provider, Refused, Reply, Trouble, WrongServer
from curation.synthesis.questions import USELESS, asked_again, chance_of, one_line, question_of, temperature_of
from curation.synthesis.recipe import Ask, Left, Made, Material, ModelRecipe, Unusable
from curation.synthesis.replies import Unreadable, read_reply
from tamiz.records import clean_unicode
from tamiz.settings.synthesis import SynthesisSettings
from tamiz.store import Store
from tamiz.synthledger import Call, Question, claim_call, finish_call, release_call, standing_call
from tamiz.synthmade import readings
from tamiz.synthruns import Run

__all__ = ["Answer", "Asker", "chance_of"]

OTHERS_SECONDS = 0.3  # how often a call that another run is waiting for is looked at
FAR_FEWER = 8  # times fewer than our count, which is a cautious one: no tokeniser does with so few


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

    `retry_before` is the number of the last call before this run where failed ones are to be tried again, else 0.
    """

    store: Store
    recipe: ModelRecipe
    provider: Provider
    settings: SynthesisSettings
    run: str
    budget: Budget
    pace: Pace
    closing: threading.Event
    stop: threading.Event
    is_dead: Callable[[Run], bool]
    retry_before: int = 0
    fatal: str = ""
    settled: Settled = field(default_factory=Settled)
    _busy: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, material: Material) -> Answer:
        """Ask about this material, unless the ledger knows what came of it."""
        if self.closing.is_set():
            return Answer(material=material, state="open")
        ask = self.recipe.ask(material, chance_of(self.settings.seed, self.recipe.name, material.key))
        if ask is None:
            return Answer(material=material, state="nothing")
        try:
            return self._asked(material, ask)
        except (Stopping, _NoRoom):
            return Answer(material=material, state="open")

    def outlook(self, material: Material) -> tuple[Literal["nothing", "answered", "failed", "to ask"], Ask | None]:
        """What would come of this material, and what would be asked; nothing is sent."""
        ask = self.recipe.ask(material, chance_of(self.settings.seed, self.recipe.name, material.key))
        if ask is None:
            return "nothing", None
        call = self._second_standing(material, ask)
        call = call or standing_call(self.store, self._question(material, ask, 0).request)
        if call is None or call.state == "pending" or self._is_to_retry(call):
            return "to ask", ask
        return ("answered" if call.state == "ok" else "failed"), ask

    def _asked(self, material: Material, ask: Ask) -> Answer:
        """The first call, and where its reply was no use the second."""
        second = self._second_standing(material, ask)
        if second is not None and not (second.state == "failed" and second.seq <= self.retry_before):
            return self._read(material, ask, second)
        first = self._call(material, ask, 0)
        if first.state == "ok" or not first.why.startswith(USELESS) or not first.reply:
            return self._read(material, ask, first)
        again = self._call(material, asked_again(ask, first, material.lang), first.seq)
        return self._read(material, ask, again)

    def _second_standing(self, material: Material, ask: Ask) -> Call | None:
        """The second call as it stands, where the first was no use and there was one."""
        first = standing_call(self.store, self._question(material, ask, 0).request)
        if first is None or first.state != "failed" or not first.why.startswith(USELESS) or not first.reply:
            return None
        more = asked_again(ask, first, material.lang)
        second = standing_call(self.store, self._question(material, more, first.seq).request)
        return second if second is not None and second.state != "pending" else None

    def _read(self, material: Material, ask: Ask, call: Call) -> Answer:
        """What a settled call gives for this material."""
        about: dict[str, Any] = {"material": material, "call": call, "cached": call.seq not in self.settled.numbers}
        if call.state == "failed":
            faulty = call.why.startswith(("busy", "server error", "no reply", "unreachable", "its answer is no answer"))
            return Answer(state="failed", why=call.why, servers_fault=faulty, **about)
        if material.key in readings(self.store, call.seq):
            return Answer(state="known", **about)
        if not call.reply:
            return Answer(state="failed", why="its reply was taken away with the original", **about)
        try:
            made = self.recipe.read(material, read_reply(call.reply, ask.schema))
        except (Unreadable, Unusable) as error:  # the recipe reads otherwise than when the reply came
            return Answer(state="failed", why=f"{USELESS}{error}", **about)
        return Answer(state="made", made=tuple(made), **about)

    def _call(self, material: Material, ask: Ask, again: int) -> Call:
        """The settled call of this question: as the ledger has it, or sent now."""
        question = self._question(material, ask, again)
        with self._one_at_a_time(question.request):
            while True:
                known = standing_call(self.store, question.request)
                if known is not None and known.state != "pending" and not self._is_to_retry(known):
                    return known
                taken = self.budget.take(count_tokens(ask), ask.max_tokens, self.stop)
                if taken is None:
                    self.closing.set()
                    raise _NoRoom
                call, mine = claim_call(
                    self.store, question, self.run, is_dead=self.is_dead, retry_before=self.retry_before
                )
                if mine:
                    done = self._send(call, ask, material, taken)
                    with self._guard:
                        self.settled.add(done)
                    return done
                self.budget.give_back(taken)
                if call.state == "pending":
                    self.pace.rest(OTHERS_SECONDS)  # another run is waiting for it

    def _is_to_retry(self, call: Call) -> bool:
        return call.state == "failed" and call.seq <= self.retry_before

    def _send(self, call: Call, ask: Ask, material: Material, taken: Taken) -> Call:
        """Send until there is a reply or a reason for none, and settle the call."""
        began, tries = time.monotonic(), _Tries()
        try:
            reply = self._reply(call, ask, tries)
        except Stopping:
            release_call(self.store, call)
            self.budget.give_back(taken)
            raise
        except (Busy, Refused, WrongServer) as problem:
            if isinstance(problem, WrongServer):
                self.fatal = self.fatal or one_line(str(problem))
                self.closing.set()
                self.stop.set()
            self.budget.settle(taken, 0, 0)
            why = one_line(str(problem))
            return finish_call(self.store, call, ok=False, why=why, tries=tries.sent, seconds=time.monotonic() - began)
        said = clean_unicode(reply.text)
        why = self._fault(said, reply, ask, material)
        prompt = _believed(reply.prompt_tokens, count_tokens(ask))
        completion = _believed(reply.completion_tokens, tokens_of([said]))
        usd = self.budget.settle(taken, prompt, completion)
        return finish_call(
            self.store,
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

    def _fault(self, said: str, reply: Reply, ask: Ask, material: Material) -> str:
        """Why a reply is no use, "" where it is."""
        try:
            self.recipe.read(material, read_reply(said, ask.schema, cut=reply.cut))
        except (Unreadable, Unusable) as error:
            return one_line(f"{USELESS}{error}")
        return ""

    def _reply(self, call: Call, ask: Ask, tries: _Tries) -> Reply:
        """Send, and send again after a pause while that may help."""
        settings = self.settings
        while True:
            try:
                with self.pace.slot():
                    tries.sent += 1
                    reply = self.provider.send(
                        ask, temperature=temperature_of(ask, settings), seed=settings.seed + call.attempt - 1
                    )
            except Busy as problem:
                trouble = isinstance(problem, Trouble)
                tries.failed += trouble
                tries.refused += not trouble
                asked = problem.wait_seconds
                if asked is not None and asked > settings.patience_seconds:
                    longer = f"the server asks for a pause of {asked:,.0f} s, more than [synthesis] patience_seconds"
                    raise WrongServer(f"{longer}: {problem}") from None
                if tries.failed >= settings.tries or tries.waited >= settings.patience_seconds:
                    raise
                pause = self.pace.slow_down(asked, tries.failed if trouble else tries.refused)
                tries.waited += pause if not trouble else 0.0
                self.pace.rest(pause)
            else:
                self.pace.went_well()
                return reply

    def _question(self, material: Material, ask: Ask, again: int) -> Question:
        return question_of(
            ask, self.provider, self.settings, recipe=self.recipe.name, material=material.key, again=again
        )

    @contextmanager
    def _one_at_a_time(self, request: str) -> Iterator[None]:
        """Two materials that ask the very same are asked about once: the second waits for the first's reply."""
        with self._guard:
            lock = self._busy[request]
        with lock:
            yield


def _believed(told: int, own: int) -> int:
    """The server's count of tokens; ours where it tells none, or far fewer than the text can be."""
    return told if told > 0 and told * FAR_FEWER >= own else own


@dataclass(slots=True)
class _Tries:
    """How often a call was sent, how often the server failed or refused, and how long it was waited for."""

    sent: int = 0
    failed: int = 0
    refused: int = 0
    waited: float = 0.0


class _NoRoom(Exception):
    """A limit of the run is reached, or the run is stopping."""
