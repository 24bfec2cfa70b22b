"""Pairs that are alike, side by side: what steps found, what rules made of it, and what people decide; no screen in it.

desk = ClusterDesk(store, "reviewer-1", settings.review)
[cluster, *others] = desk.page(settled=False)
desk.keep(cluster, cluster.kept.pair.id)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curation.copy_notes import CopyNote, read_note
from curation.review import Draft, reviewer_name
from curation.revise import Refused, Segment, revise, word_diff
from tamiz.clusters import KINDS, OPEN, Lead, cluster_leads, cluster_members, count_clusters, member_versions
from tamiz.errors import Conflict
from tamiz.opinions import asks_several, opinions_of
from tamiz.people import permit
from tamiz.records import Decision, Finding, Pair, Verdict
from tamiz.relations import made_of
from tamiz.settings import ReviewSettings
from tamiz.settling import Settled, Taken, keep_one, last_act, take_back_act, tell_apart
from tamiz.store import Event, Store, StoredPair

__all__ = ["GROUPS", "Alike", "Cluster", "ClusterDesk", "Lead", "duplicate_of"]

# What people choose from; together all kinds.
GROUPS: dict[str, tuple[str, ...]] = {
    "copies": ("near_duplicate", "exact_duplicate"),
    "answers": ("contradiction", "same_question"),
    "meaning": ("same_meaning",),
}
STANDING = (*OPEN, "accepted")
SHOWN = 6  # members of a cluster that are drawn; decisions are about all of them
LONGEST = 8_000  # characters that are compared word by word; of longer texts the difference is not drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A pair of a cluster beside the one that is kept: what was found, and the words in which they differ.

    `question` and `answer` turn the kept one's text into this one's. `rejected` is the event that took it out.
    """

    stored: StoredPair
    finding: Finding
    note: CopyNote
    question: tuple[Segment, ...]
    answer: tuple[Segment, ...]
    rejected: Event | None

    @property
    def pair(self) -> Pair:
        return self.stored.pair

    @property
    def is_open(self) -> bool:
        return self.stored.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Pairs that are alike. `kept` is what the steps preferred, or what an edit has put in its place.

    `alike` are the first of the others, the open ones first; `size` counts all of them, `waiting` those that are
    open. `versions` has what every pair that a decision is about was when this was read; on the open ones in `several`
    more than one person decides, or people disagree.
    """

    lead: Lead
    kept: StoredPair
    rejected: Event | None
    alike: tuple[Alike, ...]
    size: int
    waiting: int
    versions: Mapping[str, int]
    several: frozenset[str]

    @property
    def key(self) -> str:
        """Names this state of this cluster; a screen's fields carry it."""
        return f"{self.lead.witness}-{sum(self.versions.values())}-{len(self.versions)}"

    @property
    def more(self) -> int:
        return self.size - len(self.alike)

    def stored(self, pair: str) -> StoredPair | None:
        """A pair of those that are shown."""
        shown = [self.kept, *(one.stored for one in self.alike)]
        return next((one for one in shown if one.pair.id == pair), None)


class ClusterDesk:
    """One person at the clusters. Every decision is about the versions that the cluster was read with.

    Conflict means that somebody was faster or is looking at one of the pairs: nothing was written. Nothing here
    accepts or rejects an open pair on which several people decide, or one that they disagree about.
    """

    def __init__(self, store: Store, reviewer: str, settings: ReviewSettings) -> None:
        self._store = store
        self._double = settings.double
        self.by = f"person:{reviewer_name(reviewer)}"

    def count(self) -> dict[str, int]:
        """In how many open clusters there is something to decide, by kind of finding."""
        return count_clusters(self._store)

    def page(
        self, *, group: str = "", settled: bool = False, limit: int = 6, after: Lead | None = None
    ) -> tuple[list[Cluster], Lead | None]:
        """Clusters behind `after`, what needs people most first, and where the next page begins (None: nowhere)."""
        permit(self._store, self.by, "look")
        kinds = GROUPS.get(group, KINDS)
        leads = cluster_leads(self._store, kinds, settled=settled, limit=limit + 1, after=after)
        found = [cluster for lead in leads[:limit] if (cluster := self._cluster(lead)) is not None]
        clusters = list({cluster.kept.pair.id: cluster for cluster in reversed(found)}.values())[::-1]
        return clusters, leads[limit - 1] if len(leads) > limit else None

    def keep(self, cluster: Cluster, pair: str, *, accept: bool = False, draft: Draft | None = None) -> Settled:
        """Keep this pair of the cluster, as the draft has it, and reject all others as its duplicates.

        One that was rejected is open again, or accepted if so asked. Those on which several people decide are left as
        they are. Refused when the draft cannot be a pair, and as "cluster_several" where that leaves nothing to do or
        several people have given their opinion on the pair.
        """
        permit(self._store, self.by, "decide")
        stored = cluster.stored(pair)
        if stored is None:
            raise Conflict(f"pair {pair} is not of this cluster any more; look at it again")
        verdict = self._verdict(cluster, stored, draft, accept=accept and pair not in cluster.several)
        about = {one: seen for one, seen in cluster.versions.items() if one == pair or one not in cluster.several}
        moves = verdict is not None or stored.state not in STANDING
        if (moves and opinions_of(self._store, [pair])[pair]) or (not moves and len(about) == 1 and cluster.several):
            raise Refused("cluster_several")
        kept = pair if verdict is None or verdict.edited is None else verdict.edited.id
        done = keep_one(self._store, verdict, pair, about, self.by, reason=f"duplicate of {kept}")
        left = cluster.several if accept else cluster.several - {pair}
        return replace(done, left=len(left))

    def _verdict(self, cluster: Cluster, stored: StoredPair, draft: Draft | None, *, accept: bool) -> Verdict | None:
        """What is decided about the pair that is kept; None where it stays as it is."""
        made, stays = self._made(cluster, stored, draft), stored.state == "accepted"
        if made is None and (stays or not accept):
            return None
        decision: Decision = "accept" if accept or stays else "edit"
        seen = cluster.versions[stored.pair.id]
        return Verdict(pair=stored.pair.id, version=seen, decision=decision, by=self.by, edited=made)

    def split(self, cluster: Cluster, pairs: Sequence[str]) -> Settled:
        """Say that these are no duplicates of the one that is kept: no step proposes and no rule rejects it again.

        What a rule rejected as its copy is as it was before; `tamiz curate` goes on with it.
        """
        permit(self._store, self.by, "decide")
        if any(cluster.stored(pair) is None for pair in pairs):
            raise Conflict("a pair is not of this cluster any more; look at it again")
        seen = {pair: cluster.versions[pair] for pair in (cluster.kept.pair.id, *pairs)}
        roots = self._roots([cluster.kept.pair.id, *pairs])
        kept, others = roots[cluster.kept.pair.id], [roots[pair] for pair in pairs]
        reason = f"no duplicate of {cluster.kept.pair.id}"
        return tell_apart(self._store, kept, others, seen, self.by, reason=reason)

    def undo(self) -> Taken:
        """Take back this person's latest decision about a cluster; Refused when none is left."""
        permit(self._store, self.by, "decide")
        action = last_act(self._store, self.by)
        if not action:
            raise Refused("nothing_to_undo")
        return take_back_act(self._store, action, self.by)

    def can_undo(self) -> bool:
        return bool(last_act(self._store, self.by))

    def cluster(self, lead: Lead) -> Cluster | None:
        """The cluster as it is now; None when nothing is alike in it any more."""
        permit(self._store, self.by, "look")
        return self._cluster(lead)

    def _cluster(self, lead: Lead) -> Cluster | None:
        root = self._roots([lead.witness])[lead.witness]
        made = made_of(self._store, [root])
        stands = list({root: root} | dict.fromkeys(made))
        rows = self._store.pairs_by_id(stands)
        kept = next((rows[one] for one in reversed(stands) if rows[one].state not in ("replaced", "withdrawn")), None)
        versions = member_versions(self._store, stands)
        members = cluster_members(self._store, stands, limit=SHOWN)
        if kept is None or not members:
            return None
        shown = {member.stored.pair.id for member in members}
        told = versions | {kept.pair.id: (kept.version, kept.state)}
        acted = {pair: version for pair, (version, state) in versions.items() if state in STANDING or pair in shown}
        return Cluster(
            lead=lead,
            kept=kept,
            rejected=self._rejection(kept),
            alike=tuple(self._alike(kept.pair, member.stored, member.finding) for member in members),
            size=len(versions),
            waiting=sum(state in OPEN for _, state in versions.values()),
            versions={kept.pair.id: kept.version, **acted},
            several=frozenset(pair for pair, (_, state) in told.items() if self._asks_several(pair, state)),
        )

    def _asks_several(self, pair: str, state: str) -> bool:
        return state == "disputed" or (state in OPEN and asks_several(pair, self._double))

    def _alike(self, kept: Pair, stored: StoredPair, finding: Finding) -> Alike:
        pair = stored.pair
        return Alike(
            stored=stored,
            finding=finding,
            note=read_note(finding),
            question=_diff(kept.question, pair.question),
            answer=_diff(kept.answer, pair.answer),
            rejected=self._rejection(stored),
        )

    def _rejection(self, stored: StoredPair) -> Event | None:
        if stored.state != "rejected":
            return None
        events = [event for event in self._store.history(stored.pair.id) if event.to_state == "rejected"]
        return events[-1] if events else None

    def _roots(self, pairs: Sequence[str]) -> dict[str, str]:
        """What each pair was made of first."""
        roots = {}
        for pair in pairs:
            root, seen = pair, {pair}
            while (found := self._store.pairs_by_id([root]).get(root)) is not None and found.pair.made_from:
                if found.pair.made_from[0] in seen:
                    break
                root = found.pair.made_from[0]
                seen.add(root)
            roots[pair] = root
        return roots

    def _made(self, cluster: Cluster, stored: StoredPair, draft: Draft | None) -> Pair | None:
        """The edited pair, made from every pair whose text it takes; None where the draft changes nothing."""
        made = None if draft is None else revise(stored.pair, [], draft, by=self.by)
        if made is None:
            return None
        others = [one for one in (cluster.kept, *(a.stored for a in cluster.alike)) if one is not stored]
        given = [one.pair for one in others if one.pair.answer == made.answer != stored.pair.answer]
        asked = [one.pair for one in others if one.pair.question == made.question != stored.pair.question]
        sources = dict.fromkeys([stored.pair.id, *(pair.id for pair in (*given[:1], *asked[:1]))])
        markdown = given[0].answer_markdown if given else made.answer_markdown
        return replace(made, made_from=tuple(sources), answer_markdown=markdown)


def duplicate_of(event: Event) -> str:
    """The pair in whose favour this event took another out, as its reason names it; "" where it names none."""
    words = event.reason.replace("(", " ").split()
    return next((word for word in words if len(word) == 32 and all(sign in "0123456789abcdef" for sign in word)), "")


def _diff(before: str, after: str) -> tuple[Segment, ...]:
    if max(len(before), len(after)) > LONGEST:
        return (("equal", after),)
    return tuple(word_diff(before, after))
