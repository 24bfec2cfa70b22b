"""Candidates compared exactly: the similarity of question and of answer, and what differs. Kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from curation.near.bands import agree
from curation.near.candidates import ends_of
from curation.near.compiled import compiled
from curation.near.differences import OTHER_QUESTION, difference_of_pairs, new_scratch
from curation.near.overlap import hold, long_similarity, most_missing, scratch, share_and_size
from curation.near.same import same_bytes

__all__ = ["compared", "compared_all", "may_repeat", "nothing_held", "rooms", "sets"]


@compiled
def sets() -> Any:
    """Scratch for two questions and two answers."""
    return (scratch(), scratch()), (scratch(), scratch())


@compiled
def rooms() -> Any:
    """Scratch for the words of two questions and of two answers."""
    return new_scratch(), new_scratch()


@compiled
def nothing_held() -> Any:
    states = np.zeros((2, 4), np.int64)
    for turn in range(2):  # a slice would compile numba's messages about shapes with it
        states[turn, 0] = -1
    return states


@compiled
def _overlap(data: Any, starts: Any, i: int, j: int, fold: Any, limits: Any, held: Any, state: Any, turn: int) -> float:
    """The similarity of texts i and j; 0 where it is below the threshold. The set of i is held from call to call.

    held   scratch for the set of i and for that of j
    state  (4,) int64: the text that is held, its size, its mask, its stamp
    """
    ngram, threshold = limits[0], limits[1]
    if same_bytes(data, starts[i], starts[i + 1], starts[j], starts[j + 1]):  # most copies have one text of two changed
        return 1.0
    if state[0] != i:
        state[3] += 1
        state[1], state[2] = hold(data, starts[i], starts[i + 1], ngram, fold[0], fold[1], held[0], state[3])
        state[0] = i
    begin, end, size = starts[j], starts[j + 1], state[1]
    both, others = -1, 0
    if size >= 0:
        missing = most_missing(size, end - begin + 2, threshold)
        both, others = share_and_size(
            data, begin, end, ngram, fold[0], fold[1], held[0], state[3], state[2], held[1], turn, missing
        )
    if both >= 0:
        alike = both / (size + others)
    else:
        alike = long_similarity(data, starts[i], starts[i + 1], begin, end, ngram, fold[0], fold[1])
    return alike if alike >= threshold else 0.0


@compiled
def may_repeat(arrays: Any, i: int, j: int, limits: Any) -> bool:
    """Whether a rough look leaves it open that j repeats i."""
    # the answers first: the questions in one bucket are mostly similar
    return bool(agree(arrays[6], i, j) >= limits[3] and agree(arrays[3], i, j) >= limits[2])


@compiled
def compared(
    arrays: Any, fold: Any, words: Any, i: int, j: int, limits: Any, helds: Any, states: Any, turn: int, room: Any
) -> tuple[float, float, int]:
    """Both similarities and why the answers differ; (0, 0, 0) where this is no edge."""
    data1, starts1, data2, starts2 = arrays[0], arrays[1], arrays[4], arrays[5]
    question = _overlap(data1, starts1, i, j, fold, limits, helds[0], states[0], turn)
    if question == 0.0:
        return 0.0, 0.0, 0
    answer = _overlap(data2, starts2, i, j, fold, limits, helds[1], states[1], turn)
    if answer == 0.0:
        return 0.0, 0.0, 0
    i, j = min(i, j), max(i, j)
    asked = (starts1[i], starts1[i + 1], starts1[j], starts1[j + 1])
    told = (starts2[i], starts2[i + 1], starts2[j], starts2[j + 1])
    why = difference_of_pairs(data1, asked, data2, told, limits[4], i, words, room)
    if why == OTHER_QUESTION:
        return 0.0, 0.0, 0
    return question, answer, why


@compiled
def _overlaps(data: Any, starts: Any, codes: Any, fold: Any, limits: Any) -> Any:
    """The similarity of the two texts of each code; 0 where it is below the threshold."""
    held, state, result = (scratch(), scratch()), nothing_held()[0], np.empty(len(codes), np.float64)
    for n in range(len(codes)):
        i, j = ends_of(codes[n])
        result[n] = _overlap(data, starts, i, j, fold, limits, held, state, n + 1)
    return result


@compiled
def _similar(codes: Any, columns: Any, similarity: Any) -> Any:
    """The codes, and their values in these columns, where the similarity is not 0."""
    count = 0
    for n in range(len(codes)):
        if similarity[n] > 0.0:
            codes[count] = codes[n]
            for column in columns:
                column[count] = column[n]
            count += 1
    return codes[:count]


@compiled
def compared_all(arrays: Any, fold: Any, words: Any, codes: Any, limits: Any) -> Any:
    """The edges among these candidates, in their order: left, right, similarities of question and answer, why not.

    As `compared` tells them, but all questions, then all answers, then the words of what is left: numba counts the
    references to arrays that are handed on, which takes as long as comparing two short texts.
    """
    data1, starts1, data2, starts2, leeway = arrays[0], arrays[1], arrays[4], arrays[5], limits[4]
    codes = codes.copy()
    questions = _overlaps(data1, starts1, codes, fold, limits)
    codes = _similar(codes, (questions,), questions)
    answers = _overlaps(data2, starts2, codes, fold, limits)
    codes = _similar(codes, (questions, answers), answers)
    count, found, room = len(codes), 0, rooms()
    left, right, differs = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int8)
    for n in range(count):
        i, j = ends_of(codes[n])
        asked = (starts1[i], starts1[i + 1], starts1[j], starts1[j + 1])
        told = (starts2[i], starts2[i + 1], starts2[j], starts2[j + 1])
        why = difference_of_pairs(data1, asked, data2, told, leeway, i, words, room)
        if why != OTHER_QUESTION:
            left[found], right[found], differs[found] = i, j, why
            questions[found], answers[found] = questions[n], answers[n]
            found += 1
    return left[:found], right[:found], questions[:found].copy(), answers[:found].copy(), differs[:found]
