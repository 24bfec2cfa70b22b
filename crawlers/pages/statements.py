"""Questions that do not ask, or that stand apart: what their company, their class or their box says of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import islice

from crawlers.pages.candidates import shape
from crawlers.pages.dom import Document, classes
from crawlers.pages.lines import BOLD, PLAIN, Line
from crawlers.pages.named import called_questions
from crawlers.pages.wording import asks, is_boilerplate, is_call_to_action

__all__ = ["called", "in_like_boxes", "states_a_problem", "with_parts", "with_problems_at_the_ends"]

LEAST_CALLED = 3
# What a reader says who needs help, in the first person or of what fails; not what an offer promises.
_PROBLEM = re.compile(
    r"\b(?:i|i['’]m|i['’]ve|my|me|mis?|yo|ich|mein\w*|je|j['’]ai|m(?:on|a|es)|minhas?|meus?)\b|"
    r"\b(?:not|cannot|never|nothing|unable|fail(?:s|ed|ure)?|errors?|missing|broken|crash\w*|wrong|"
    r"no longer)\b|n['’]t\b|"
    r"\b(?:no (?:me|se|puedo|consigo|logro|tengo|hay|funciona|llega|carga|abre|va|arranca|conecta|aparece\w*|"
    r"encuentr\w+|recib\w+)|(?:el|la|los|las|un|una) [\w ]{1,40} no \w+|"
    r"nunca|nada|falla|fallos?)\b|\b(?:nicht|kein\w*|fehler\w*)\b|\b(?:pas|erreurs?|échoue)\b|"
    r"\b(?:não|erros?|falha)\b|\b(?:non|errore)\b",
    re.I,
)
_OFFER = re.compile(
    r"\b(?:we|our|us|your?|nosotros|nuestr\w+|tu|tus|su|sus|te|le|wir|unser\w*|ihre?\w*|nous|notre|nos|votre|vos|nossos?|"
    r"nossas?|seu|sua|noi|nostr\w+)\b",
    re.I,
)


def states_a_problem(text: str) -> bool:
    """Whether a title tells what goes wrong, as a reader would.

    >>> states_a_problem("My display is not supported!"), states_a_problem("We do not just build sites")
    (True, False)
    """
    return text.count(" ") >= 2 and bool(_PROBLEM.search(text)) and not _OFFER.search(text)


def with_problems_at_the_ends(lines: list[Line], entries: list[int], at: list[int], ends: tuple[int, int]) -> list[int]:
    """The first and last question of one level, moved over the problems that are stated right before and behind.

    `at` are the entries of that level. A heading above it, or another box, ends the list of questions.
    """
    moved = list(ends)
    for end, beyond in ((0, reversed([i for i in at if i < ends[0]])), (1, iter([i for i in at if i > ends[1]]))):
        for i in beyond:
            near, level = moved[end], lines[i].level
            between = entries[bisect_left(entries, min(i, near)) : bisect_left(entries, max(i, near))]
            if (
                not states_a_problem(lines[i].text)
                or lines[i].element.getparent() is not lines[near].element.getparent()
                or any(lines[j].level < level for j in between)
            ):
                break
            moved[end] = i
    return moved


def called(document: Document, lines: list[Line]) -> frozenset[int]:
    """The lines that a class calls questions, where some of those of one shape ask."""
    starts = [line.span[0] for line in lines]
    families: dict[str, list[int]] = defaultdict(list)
    for element in called_questions(document):
        enter, leave = document.inside(element)
        last = bisect_left(starts, leave) - 1
        if last < 0 or lines[last].span[1] <= enter or (last and lines[last - 1].span[1] > enter):
            continue  # nothing to see, or more than one line
        line = lines[last]
        if not line.furniture and len(line.text) <= 400 and len(element.text_content().strip()) >= 0.6 * len(line.text):
            families[shape(element)].append(last)
    found: set[int] = set()
    for family in families.values():
        asking = sum(asks(lines[i].text) for i in family)
        if len(family) >= LEAST_CALLED and asking >= 2 and asking >= 0.3 * len(family):
            found.update(
                i for i in family if not is_boilerplate(lines[i].text) and not is_call_to_action(lines[i].text)
            )
    return frozenset(found)


def in_like_boxes(lines: list[Line], entries: list[int], counted: list[int]) -> list[int]:
    """Headings that ask, in boxes that look like that of three or more questions: the next tab of a help page."""
    known = set(counted)
    boxes: dict[tuple[int, str, str], set[object]] = defaultdict(set)
    sizes: dict[tuple[int, str, str], int] = defaultdict(int)
    for i in counted:
        if lines[i].level < BOLD and (kind := _kind(lines[i])):
            boxes[kind].add(lines[i].element.getparent())
            sizes[kind] += "?" in lines[i].text
    return [
        i
        for i in entries
        if i not in known
        and lines[i].level < BOLD
        and "?" in lines[i].text
        and (kind := _kind(lines[i]))
        and sizes.get(kind, 0) >= LEAST_CALLED
        and lines[i].element.getparent() not in boxes[kind]
        and not is_call_to_action(lines[i].text)
    ]


def _kind(line: Line) -> tuple[int, str, str] | None:
    parent = line.element.getparent()
    if parent is None or not classes(parent).strip():
        return None
    return line.level, shape(line.element), shape(parent)


def with_parts(lines: list[Line], entries: list[int], questions: list[int]) -> list[int]:
    """The questions with the subheadings of a statement that only leads to three or more of them.

    The statement itself stays where a line such as "Go through this list first:" stands below it.
    """
    known = set(questions)
    found: list[int] = []
    for i in questions:
        parts = [] if asks(lines[i].text) or lines[i].level >= BOLD else _parts(lines, entries, known, i)
        below = next((j for j in range(i + 1, len(lines)) if not lines[j].furniture), i)
        if len(parts) < 3:
            found.append(i)
        else:
            found += parts if parts[0] == below else [i, *parts]
    return found


def _parts(lines: list[Line], entries: list[int], known: set[int], i: int) -> list[int]:
    """The subheadings of a heading, where the first follows at once or after one line that ends in a colon."""
    below = list(islice((j for j in range(i + 1, len(lines)) if not lines[j].furniture), 2))
    if len(below) == 2 and lines[below[0]].level == PLAIN and lines[below[0]].text.endswith(":"):
        del below[0]
    parts: list[int] = []
    for at in range(bisect_left(entries, i + 1), len(entries)):
        j = entries[at]
        if j in known or lines[j].level <= lines[i].level or not (parts or j == below[0]):
            break
        if lines[j].level == lines[below[0]].level < BOLD and not is_boilerplate(lines[j].text):
            parts.append(j)
    return parts
