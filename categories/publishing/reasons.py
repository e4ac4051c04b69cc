"""Why a verb cannot happen: what the reasons of all verbs share.

A reason is a sentence, or a `Fault` where it is about a record.
"""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import AnonymousUser

from ..content.rules import Fault
from ..models import Submission, User

Reason = str | Fault
Person = User | AnonymousUser

SUBMIT = "categories.add_submission"
APPROVE = "categories.approve_submission"


class Refused(Exception):
    """A verb cannot happen; `reasons` says why, a sentence or a fault each."""

    def __init__(self, reasons: Iterable[Reason]):
        self.reasons = list(reasons)
        super().__init__(" ".join(map(str, self.reasons)))


def refuse_for(reasons: Collection[Reason]) -> None:
    if reasons:
        raise Refused(reasons)


def not_permitted(by: Person, permission: str, verb: str) -> list[Reason]:
    role = "an Editor" if permission == APPROVE else "a Writer or an Editor"
    return [] if by.has_perm(permission) else [f"Only {role} can {verb}."]


def not_open(submission: Submission, done: str) -> list[Reason]:
    if submission.status == Submission.Status.SUBMITTED:
        return []
    state = submission.get_status_display().lower()
    return [f"This submission is {state}; only one that waits for approval can be {done}."]


def unexplained(why: str | None, sentence: str) -> list[Reason]:
    """Return the sentence that asks for a why that is empty. None is not asked for yet."""
    return [sentence] if why is not None and not why.strip() else []
