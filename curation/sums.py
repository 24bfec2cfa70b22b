"""Which whole groups make two sums, as close to what is wanted as there is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["closest_sums"]

MOST_STATES = 150_000  # of groups times sums; beyond these two a search by moves has to do
MOST_TOTAL = 1500


def closest_sums(
    sizes: Sequence[int],
    aims: tuple[float | None, float | None],
    allowed: float,
    least: tuple[int, int, int] = (0, 0, 0),
) -> list[int] | None:
    """For each size 1 if it belongs to the first sum, 2 to the second, else 0; None when that is too much to compute.

    An aim of None takes nothing. Exact: as few as can be of the rest, the first and the second sum are below
    their `least`, and then no other choice is less outside of `allowed` around the two aims and the rest's.

    >>> closest_sums([6, 3, 2, 1], (3.0, 3.0), 0.5)
    [0, 1, 2, 2]
    """
    total = sum(sizes)
    if total > MOST_TOTAL or len(sizes) * (total + 1) > MOST_STATES:
        return None
    reached = [1, *([0] * total)]  # by the first sum, a bit for every second sum
    layers = [reached]
    for size in sizes:
        reached = [bits | bits << size for bits in reached] if aims[1] is not None else list(reached)
        for first in range(total, size - 1, -1) if aims[0] is not None else ():
            reached[first] |= layers[-1][first - size]
        layers.append(reached)
    wanted = [aim or 0.0 for aim in aims]
    rest = total - wanted[0] - wanted[1]

    def missed(first: int, second: int) -> tuple[int, float, float]:
        sums = (total - first - second, first, second)
        away = (abs(first - wanted[0]), abs(second - wanted[1]), abs(sums[0] - rest))
        short = sum(one < wants for one, wants in zip(sums, least, strict=True))
        return short, sum(max(0.0, one - allowed) for one in away), sum(away)

    pairs = ((first, second) for first, bits in enumerate(reached) for second in _bits(bits))
    first, second = min(pairs, key=lambda pair: missed(*pair))
    return _way_back(sizes, layers, first, second)


def _bits(bits: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _way_back(sizes: Sequence[int], layers: Sequence[Sequence[int]], first: int, second: int) -> list[int]:
    chosen = []
    for size, before in zip(reversed(sizes), reversed(layers[:-1]), strict=True):
        if before[first] >> second & 1:
            chosen.append(0)
        elif first >= size and before[first - size] >> second & 1:
            chosen.append(1)
            first -= size
        else:
            chosen.append(2)
            second -= size
    return chosen[::-1]
