"""Texts that are the very same, byte by byte. Kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.compiled import compiled

__all__ = ["first_pairs", "first_places", "same_bytes"]

WIDE = 32  # bytes that are held against others together


@compiled
def same_bytes(data: Any, start1: int, end1: int, start2: int, end2: int) -> bool:
    """Whether these two slices have the same bytes."""
    size, at = end1 - start1, 0
    if end2 - start2 != size:
        return False
    while at + WIDE <= size:
        one, other = data[start1 + at : start1 + at + WIDE], data[start2 + at : start2 + at + WIDE]
        apart = np.uint8(0)
        for n in range(WIDE):
            apart |= one[n] ^ other[n]
        if apart != 0:
            return False
        at += WIDE
    while at < size and data[start1 + at] == data[start2 + at]:
        at += 1
    return bool(at == size)


@compiled
def _content_key(data: Any, begin: int, end: int, value: Any) -> Any:
    """A hash of a slice, eight bytes at a time."""
    u, source = np.uint64, data[begin:end]
    value ^= u(len(source)) << u(40)
    at = 0
    while at + 8 <= len(source):
        low = u(source[at]) | u(source[at + 1]) << u(8) | u(source[at + 2]) << u(16) | u(source[at + 3]) << u(24)
        word = u(source[at + 4]) << u(32) | u(source[at + 5]) << u(40) | u(source[at + 6]) << u(48) | low
        value = (value ^ (word | u(source[at + 7]) << u(56))) * u(0x9E3779B97F4A7C15)
        value ^= value >> u(29)
        at += 8
    word = u(0)
    for n in range(at, len(source)):
        word |= u(source[n]) << u(8 * (n - at))
    value = (value ^ word) * u(0x9E3779B97F4A7C15)
    return value ^ (value >> u(29))


@compiled
def first_places(data1: Any, starts1: Any, data2: Any, starts2: Any) -> Any:
    """For each pair of texts the first pair with the very same ones, (n,) int64."""
    count, slots = len(starts1) - 1, 64
    while slots < 2 * count:
        slots *= 2
    table, tags = np.full(slots, -1, np.int32), np.empty(slots, np.uint32)
    result = np.arange(count)
    for n in range(count):
        key = _content_key(data1, starts1[n], starts1[n + 1], np.uint64(1469598103934665603))
        key = _content_key(data2, starts2[n], starts2[n + 1], key)
        slot, tag = np.int64(key & np.uint64(slots - 1)), np.uint32(key >> np.uint64(32))
        while table[slot] >= 0:
            other = np.int64(table[slot])
            if tags[slot] == tag and (
                same_bytes(data1, starts1[n], starts1[n + 1], starts1[other], starts1[other + 1])
                and same_bytes(data2, starts2[n], starts2[n + 1], starts2[other], starts2[other + 1])
            ):
                result[n] = other
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot], tags[slot] = n, tag
    return result


@compiled
def first_pairs(one: Any, other: Any) -> Any:
    """For each two numbers, from 0 on, the first place of the very same two, (n,) int64."""
    count, slots = len(one), 64
    while slots < 2 * count:
        slots *= 2
    table, result = np.full(slots, -1, np.int32), np.arange(count)
    for n in range(count):
        slot = ((one[n] * 0x9E3779B1) ^ (other[n] * 0x85EBCA6B >> 7)) & (slots - 1)
        while table[slot] >= 0 and (one[table[slot]] != one[n] or other[table[slot]] != other[n]):
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = n
        result[n] = table[slot]
    return result
