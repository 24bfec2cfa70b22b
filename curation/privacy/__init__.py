"""Personal data and secrets in texts: found with their places, and masked the same way all over a pair."""

from curation.privacy.find import find_personal
from curation.privacy.kinds import KINDS, RISKS, Kind, Risk, at_least_risk
from curation.privacy.personal import Personal

__all__ = ["KINDS", "RISKS", "Kind", "Personal", "Risk", "at_least_risk", "find_personal"]
