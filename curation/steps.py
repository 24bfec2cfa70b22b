"""What a step is, and how the steps of a project are found.

A step looks at pairs and says what it saw; it never edits and never drops. Any object will do that has

    name                    a str, by which tamiz.toml and the findings call it
    look(batch)             findings about these pairs, and about no others

and, where it helps,

    settings                what its findings depend on; when this changes, pairs are looked at again
    heed(nevers)            called first with the words, (language, word), that people have decided to leave alone
    learn(pairs)            called before the looks with every pair as it first arrived, to count things
    separate(apart)         called first with a function of two ids: whether people have told these pairs apart
    remember(pairs)         marks a step that compares pairs with each other. It is told the pairs that are
                            accepted already, and its `look` then gets all open pairs in one batch
    close()                 called at the end, whatever happened

What looks at each pair by itself works in several processes, or on Ray: a step that can be pickled, compares no
pairs and has no `close` is copied, as it is after `learn`, into each. Its findings are the same wherever it is.

A step that cannot work now (its server is down) raises NotNow with the reason: the pairs are left for a
later run, and the other steps go on.

Another package brings a step with an entry point of the group "tamiz.steps": a class or function that
is called with the CurationSettings of the project and returns the step. Its entry point's name goes
into `[curation] steps`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, runtime_checkable

from tamiz.errors import SettingsError, TamizError
from tamiz.records import Finding, Pair
from tamiz.settings import CurationSettings

__all__ = ["ComparingStep", "HeedingStep", "LearningStep", "NotNow", "Step", "find_steps", "fingerprint", "lift"]
__all__ += ["SeparatingStep", "step_names"]

GROUP = "tamiz.steps"


@runtime_checkable
class Step(Protocol):
    @property
    def name(self) -> str: ...

    def look(self, batch: Sequence[Pair]) -> Iterable[Finding]: ...


@runtime_checkable
class ComparingStep(Step, Protocol):
    """A step that compares pairs; `remember` replaces what it remembered before."""

    def remember(self, pairs: Iterable[Pair]) -> None: ...


@runtime_checkable
class LearningStep(Step, Protocol):
    """A step that counts over the corpus; `learn` replaces what it learnt before."""

    def learn(self, pairs: Iterable[Pair]) -> None: ...


@runtime_checkable
class HeedingStep(Step, Protocol):
    """A step that proposes changes of words, about which people decide once for all pairs."""

    def heed(self, nevers: Iterable[tuple[str, str]]) -> None: ...


@runtime_checkable
class SeparatingStep(Step, Protocol):
    """A step that says which pairs are alike, and heeds which of them people have told apart."""

    def separate(self, apart: Callable[[str, str], bool]) -> None: ...


class NotNow(TamizError):
    """A step cannot look at pairs at the moment; they are left for a later run."""


@dataclass(frozen=True, slots=True)
class _Lifted:
    name: str
    function: Callable[[Pair], Iterable[Finding]]

    def look(self, batch: Sequence[Pair]) -> Iterator[Finding]:
        for pair in batch:
            yield from self.function(pair)


def lift(name: str, function: Callable[[Pair], Iterable[Finding]]) -> Step:
    """A plain function of one pair as a step.

    >>> shouting = lift("shouting", lambda p: [Finding(pair=p.id, step="shouting", kind="caps")] * p.question.isupper())
    >>> shouting.name
    'shouting'
    """
    return _Lifted(name, function)


def fingerprint(step: Step) -> str:
    """A hash of what the step's findings depend on: its class and its `settings`, where it has them."""
    settings: Any = getattr(step, "settings", None)
    values = asdict(settings) if is_dataclass(settings) and not isinstance(settings, type) else settings
    kind = type(step)
    text = json.dumps([kind.__module__, kind.__qualname__, step.name, values], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def step_names() -> list[str]:
    """The names of all steps that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def find_steps(settings: CurationSettings, names: Sequence[str] | None = None) -> list[Step]:
    """The steps of these names (None: those of the settings), in order, each built with the settings.

    SettingsError for a name that no installed package has, or a package that cannot be loaded.
    """
    installed: dict[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=GROUP)}
    return [_build(installed, name, settings) for name in (settings.steps if names is None else names)]


def _build(installed: dict[str, EntryPoint], name: str, settings: CurationSettings) -> Step:
    if name not in installed:
        near = difflib.get_close_matches(name, installed, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        known = ", ".join(sorted(installed)) or "none; install tamiz again"
        raise SettingsError(f"[curation] steps names {name!r}, which is not installed; {hint}Steps are: {known}")
    entry = installed[name]
    try:
        factory = entry.load()
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"the step {name} ({entry.value}) cannot be loaded: {error}. "
            "Install its package again, or take it out of [curation] steps"
        ) from error
    step = factory(settings)
    if not isinstance(step, Step):
        raise SettingsError(f"{entry.value} gave no step for {name!r}: a step has a name and look(batch)")
    return step
