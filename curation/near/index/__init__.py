"""An index of pairs on disk that grows: what is new is compared with what is there, and nothing is compared again."""

from curation.near.index.folder import Changes, Index, Match, Repeat

__all__ = ["Changes", "Index", "Match", "Repeat"]
