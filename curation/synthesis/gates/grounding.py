"""Whether an answer is grounded in its source, by rules alone: nothing is asked of a model.

Numbers with their units, addresses, commands, names and negations of the answer must stand in the source, and so must
its words of content, in some form or with a synonym. Rules see what is other than in the source; what is told of the
wrong thing with the source's own words ("25 days for books" where 25 is for films) they mostly do not see.
"""

from __future__ import annotations

from collections.abc import Iterator

from curation.synthesis.gates.amounts import other_amounts
from curation.synthesis.gates.dates import other_days
from curation.synthesis.gates.findings import Fault
from curation.synthesis.gates.foreign import foreign_facts
from curation.synthesis.gates.marks import missing_marks
from curation.synthesis.gates.names import foreign_names
from curation.synthesis.gates.negation import denied
from curation.synthesis.gates.reading import told
from curation.synthesis.gates.ways import other_paths, other_ways
from tamiz.records import Pair

__all__ = ["ungrounded"]


def ungrounded(pair: Pair, source_text: str) -> Iterator[Fault]:
    """What of the pair's answer does not stand in the source; a word is told once, for the gravest reason."""
    answer, source, asked = (told(text, pair.lang) for text in (pair.answer, source_text, pair.question))
    seen = bytearray(len(pair.answer) + 1)
    for faults in (
        missing_marks(answer.marks, source_text),
        other_amounts(answer, source, asked),
        other_days(answer, source),
        foreign_names(answer, source),
        other_paths(answer, source),
        other_ways(answer, source, asked),
        denied(answer, source, asked),
        foreign_facts(answer, source, asked),
    ):
        for fault in faults:
            spot = slice(fault.start, max(fault.end, fault.start + 1))
            if fault.kind in ("negation_changed", "opposite_of_source", "unsupported") or not any(seen[spot]):
                seen[spot] = b"\x01" * (spot.stop - spot.start)
                yield fault
