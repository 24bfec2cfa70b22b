"""What a made pair must pass before people see it: grounded in its source, understandable alone, and new.

`look` runs all gates that are rules on one pair and says what it found, as any step does; nothing is edited and
nothing dropped. The pair waits for review with what was found, unless a rule in tamiz.toml says otherwise.
"""

from curation.synthesis.gates.findings import GATES, KINDS, reason_of
from curation.synthesis.gates.looking import look
from curation.synthesis.gates.novelty import Novelty

__all__ = ["GATES", "KINDS", "Novelty", "look", "reason_of"]
