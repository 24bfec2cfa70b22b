"""Which pairs are kept, in the order of preference. A kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.bands import first_shared
from curation.near.comparing import compared, may_repeat, nothing_held, rooms, sets
from curation.near.compiled import compiled

__all__ = ["decided"]


@compiled
def decided(
    arrays: Any,
    fold: Any,
    words: Any,
    node: Any,
    order: Any,
    beside: Any,
    buckets: Any,
    limits: Any,
    settled: Any,
    family: Any,
) -> Any:
    starts, near, near_question, near_answer = beside
    own_starts, own_buckets, bucket_starts, bucket_bands, kept_members = buckets
    count = len(node)
    kept_by, rule = np.full(count, -1, np.int64), np.zeros(count, np.int8)
    questions, answers = np.ones(count, np.float64), np.ones(count, np.float64)
    chosen = np.full(count, -1, np.int64)  # of each node: the pair that stands for it, kept or not
    place = np.empty(count, np.int64)
    for n in range(count):
        place[order[n]] = n
    filled = np.zeros(len(bucket_starts), np.int64)
    helds, states, room = sets(), nothing_held(), rooms()
    turn = 0
    for n in range(count):
        pair = order[n]
        own = node[pair]
        first = chosen[own]
        if first >= 0 and not settled[pair]:
            if kept_by[first] < 0:
                kept_by[pair], rule[pair] = first, 1
            else:
                kept_by[pair], rule[pair] = kept_by[first], 2
                questions[pair], answers[pair] = questions[first], answers[first]
            continue
        best, best_question, best_answer = -1, 0.0, 0.0
        if first < 0:
            chosen[own] = pair
        if not settled[pair]:
            for at in range(starts[own], starts[own + 1]):
                other = chosen[near[at]]
                if other < 0 or kept_by[other] >= 0 or family[other] == family[pair]:
                    continue
                sure, surest = min(near_question[at], near_answer[at]), min(best_question, best_answer)
                if best < 0 or sure > surest or (sure == surest and place[other] < place[best]):
                    best, best_question, best_answer = other, near_question[at], near_answer[at]
            for at in range(own_starts[own], own_starts[own + 1]):
                bucket = own_buckets[at]
                for m in range(bucket_starts[bucket], bucket_starts[bucket] + filled[bucket]):
                    other = kept_members[m]
                    mine, theirs = own, node[other]
                    if bucket_bands[bucket] > 0 and arrays[2][mine, 0] == arrays[2][theirs, 0]:
                        continue  # compared in the bucket of the first band
                    if first_shared(arrays[2], mine, theirs) != bucket_bands[bucket]:
                        continue
                    if family[other] == family[pair] or not may_repeat(arrays, mine, theirs, limits):
                        continue
                    turn += 1
                    question, answer, why = compared(
                        arrays, fold, words, mine, theirs, limits, helds, states, turn, room
                    )
                    if question == 0.0 or why:
                        continue
                    sure, surest = min(question, answer), min(best_question, best_answer)
                    if best < 0 or sure > surest or (sure == surest and place[other] < place[best]):
                        best, best_question, best_answer = other, question, answer
        if best >= 0:
            kept_by[pair], rule[pair] = best, 2
            questions[pair], answers[pair] = best_question, best_answer
        elif first < 0:
            for at in range(own_starts[own], own_starts[own + 1]):
                bucket = own_buckets[at]
                kept_members[bucket_starts[bucket] + filled[bucket]] = pair
                filled[bucket] += 1
    return kept_by, rule, questions, answers
