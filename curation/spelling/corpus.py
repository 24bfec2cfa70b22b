"""What the corpus itself says: how often each word is used, and which of its authors leave accents out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from curation.spelling.corrections import Text
from curation.spelling.sentences import composed, words

__all__ = ["Corpus", "Habit", "habit_of"]

_ACCENTS = frozenset("áéíóúñ")


@dataclass(slots=True)
class Habit:
    """How often somebody wrote an accent, and how often they left one out that the word must have."""

    written: int = 0
    left_out: int = 0

    @property
    def strips(self) -> bool:
        """Whether they leave nearly all accents out."""
        return self.left_out >= 2 and self.left_out >= 9 * self.written

    @property
    def careless(self) -> bool:
        """Whether they leave out as many as they write, or more."""
        return self.left_out >= 1 and self.left_out >= self.written


@dataclass(slots=True)
class Corpus:
    """Counts over the corpus, of words in lower case but for `forms`, which are as written.

    `texts` hold a word, `names` had a capital in the middle of a sentence, `habits` are by author.

    All texts whose author is unknown share the habit of the author "".
    """

    forms: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    habits: dict[str, Habit] = field(default_factory=dict)
    size: int = 0

    def learn(self, texts: Iterable[Text], omissions: Callable[[str], Collection[str]]) -> None:
        """Count the texts; `omissions` gives a language's words that show that an accent was left out."""
        for text in texts:
            whole = composed(text.text)[0]
            tokens = words(whole)
            forms = Counter(word for _, word in tokens)
            self.forms.update(forms)
            self.names.update(
                word.lower() for start, word in tokens if word[:1].isupper() and _amid(whole[max(0, start - 2) : start])
            )
            lowered = {form.lower() for form in forms}
            self.texts.update(lowered)
            self.size += 1
            one = habit_of(lowered, omissions(text.lang))
            all_of = self.habits.setdefault(text.author, Habit())
            all_of.written += one.written
            all_of.left_out += one.left_out

    def capitals_only(self, lowered: str) -> bool:
        """Whether the corpus writes the word with a capital and never without."""
        return not self.forms[lowered] and self.forms[lowered[:1].upper() + lowered[1:]] > 0


def _amid(before: str) -> bool:
    return before[-1:] == " " and before[:1].isalnum()


def habit_of(lowered: Iterable[str], omissions: Collection[str]) -> Habit:
    """What these words, in lower case, show of their author's accents.

    >>> habit_of(["conexión", "tambien", "de"], {"tambien"})
    Habit(written=1, left_out=1)
    """
    habit = Habit()
    for word in lowered:
        if word in omissions:
            habit.left_out += 1
        elif not _ACCENTS.isdisjoint(word):
            habit.written += 1
    return habit
