"""Asking a server about sentences: in batches, and around those that it cannot take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from curation.spelling.languagetool.address import read_address
from curation.spelling.languagetool.connection import LATER, Connection, Refused, TooLarge, TooSlow, Unreachable
from curation.spelling.languagetool.judgement import NOT_ASKED
from curation.spelling.languagetool.matches import Match, read_matches, software
from curation.spelling.languagetool.pieces import Batch, Sentence, pack
from curation.spelling.languagetool.server import OwnServer
from curation.steps import NotNow

__all__ = ["Asker"]

IN_A_ROW = 5  # sentences refused one after the other: then it is the server
ENDS_IN_A_ROW = 3  # ends of our own server with no answer between them: then it is no text's fault
STARTS = 10  # of our own server after an end; each takes seconds
WARM_UP = "Qwertz, hola, hello."  # has the server load a language, its dictionary included


class _Ended(Refused):
    """Our own server ended over this request, and another one stands in its place."""


class Asker:
    """One server, asked for one language at a time. `software` is what it calls itself, after a warm-up.

    A server of our `own` that ends is started anew with `start`, so that one text which breaks it stops no other.
    """

    def __init__(
        self, connection: Connection, own: OwnServer | None = None, start: Callable[[], OwnServer] | None = None
    ) -> None:
        self.connection = connection
        self.software = ""
        self.requests = 0
        self._own, self._start = own, start
        self._ends = self._ends_in_a_row = 0
        self._limit = connection.limits.batch
        self._warm: dict[str, float] = {}
        self._in_a_row = 0

    def languages(self) -> frozenset[str]:
        """The codes of the languages that it checks."""
        reply = self.connection.ask("languages")
        try:
            return frozenset(str(entry[name]) for entry in reply for name in ("code", "longCode"))
        except (TypeError, KeyError) as error:
            raise self._rubbish("languages", error) from error

    def warm_up(self, language: str, seconds: float) -> None:
        """Have it load a language, once, within its own time: the first request takes seconds."""
        if language in self._warm:
            return
        try:
            reply = self._check(Batch([Sentence(WARM_UP, ())]), language, max(seconds, self.connection.limits.seconds))
            self.software = software(reply)
        except (TypeError, KeyError, AttributeError) as error:
            raise self._rubbish("check", error) from error
        except Refused as reason:
            said = f"LanguageTool at {self.connection.address} cannot check {language} ({reason})"
            raise NotNow(f"{said}; {LATER}") from None
        self._warm[language] = seconds

    def answers(
        self, sentences: Sequence[Sentence], language: str
    ) -> Iterator[list[tuple[Sentence, list[Match] | str]]]:
        """What it notices in each, or why it cannot check that very one; some at a time.

        NotNow when it cannot be used at the moment; what came before holds.
        """
        waiting = list(pack(sentences, self._limit))[::-1]
        while waiting:
            batch = waiting.pop()
            if batch.units > self._limit and len(batch.sentences) > 1:  # the limit was lowered since
                waiting += list(pack(batch.sentences, self._limit))[::-1]
                continue
            try:
                yield self._ask(batch, language)
                self._in_a_row = self._ends_in_a_row = 0
            except _Ended as reason:
                if len(batch.sentences) > 1:  # one by one: an end costs more than many requests
                    waiting += [Batch([sentence]) for sentence in batch.sentences[::-1]]
                    continue
                yield [(batch.sentences[0], str(reason))]
            except Refused as reason:
                if len(batch.sentences) == 1:
                    self._count_refusal(reason)
                    yield [(batch.sentences[0], str(reason))]
                    continue
                if isinstance(reason, TooLarge):
                    self._limit = max(batch.units // 2, 1)
                middle = len(batch.sentences) // 2
                waiting += [Batch(batch.sentences[middle:]), Batch(batch.sentences[:middle])]

    def close(self) -> None:
        """Let go of the connection, and stop the server if it is our own."""
        try:
            self.connection.close()
        finally:
            if self._own is not None:
                self._own.close()

    def _ask(self, batch: Batch, language: str) -> list[tuple[Sentence, list[Match] | str]]:
        if batch.units > self.connection.limits.text and len(batch.sentences) == 1:
            raise Refused(f"a sentence of {batch.units} characters; up to {self.connection.limits.text} are checked")
        try:
            reply = self._check(batch, language, None)
        except _Ended:
            if len(batch.sentences) > 1:
                raise
            reply = self._check(batch, language, None)  # the first end may have been that of an earlier request
        except TooSlow as reason:
            if not self.connection.healthy():
                cannot = f"LanguageTool at {self.connection.address} cannot be used ({reason})"
                raise Unreachable(f"{cannot}; {LATER}") from None
            if len(batch.sentences) > 1:
                raise
            reply = self._check(batch, language, None)
        try:
            return list(zip(batch.sentences, read_matches(reply, batch), strict=True))
        except (TypeError, KeyError, ValueError) as error:
            raise self._rubbish("check", error) from error

    def _check(self, batch: Batch, language: str, seconds: float | None) -> Any:
        self.requests += 1
        values = {"language": language, **NOT_ASKED, **batch.values()}
        try:
            return self.connection.ask("check", values, seconds=seconds)
        except Unreachable as error:
            if self._own is not None and (code := self._own.ended()) is not None:
                raise self._another(self._own, f"ended with code {code}", error) from None
            raise

    def _another(self, ended: OwnServer, how: str, error: Unreachable) -> Exception:
        """Have another server in the place of the one that ended, which is what is raised; or what cannot go on."""
        words = ended.last_words()
        how += f": {words}" if words else ""
        self._ends += 1
        self._ends_in_a_row += 1
        if self._start is None or self._ends > STARTS or self._ends_in_a_row > ENDS_IN_A_ROW:
            return Unreachable(f"{error}. It {how}")
        self.close()
        self._own = self._start()
        self.connection = self.connection.to(read_address(self._own.url))
        warm, self._warm = self._warm, {}
        for language, seconds in warm.items():
            self.warm_up(language, seconds)
        return _Ended(f"its server {how}")

    def _count_refusal(self, reason: Refused) -> None:
        self._in_a_row += 1
        if self._in_a_row >= IN_A_ROW:
            raise NotNow(
                f"LanguageTool at {self.connection.address} refused {self._in_a_row} texts one after the other "
                f"({reason}); {LATER}"
            )

    def _rubbish(self, what: str, error: Exception) -> NotNow:
        return self.connection.rubbish(what, f"{type(error).__name__}: {error}")
