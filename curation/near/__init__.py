"""Texts that are nearly the same: normal form, MinHash signatures, candidates, exact similarity, an index on disk.

Every result is verified: what the signatures propose is kept only with its exact Jaccard similarity. The work
is done by compiled kernels (numba) over byte buffers; where numba is missing a plain path gives the same answer.
"""

__all__: list[str] = []
