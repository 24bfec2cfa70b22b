"""The review service: a pair at a time for one person, with what the steps saw in it; no screen in it.

with Store.open(url) as store:
    desk = Desk(store, "reviewer-1", settings.review)
    card = desk.next_pair()
    desk.accept(card, Draft.of(card))
"""

from curation.review.adjudication import Bench, Dispute
from curation.review.agreement import Agreement, AgreementReport, review_agreement
from curation.review.card import Card, safe_link
from curation.review.desk import KEEP_AT_MOST, Desk
from curation.review.naming import LONGEST_NAME, reviewer_name
from curation.review.pace import QUIET_SECONDS, Pace
from curation.review.progress import Left, Progress
from curation.revise import Draft, Proposal, Refused, proposals, revise, word_diff

__all__ = [
    "KEEP_AT_MOST",
    "LONGEST_NAME",
    "QUIET_SECONDS",
    "Agreement",
    "AgreementReport",
    "Bench",
    "Card",
    "Desk",
    "Dispute",
    "Draft",
    "Left",
    "Pace",
    "Progress",
    "Proposal",
    "Refused",
    "proposals",
    "review_agreement",
    "reviewer_name",
    "revise",
    "safe_link",
    "word_diff",
]
