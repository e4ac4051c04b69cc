"""Reschedule: a scheduled edition goes live at another time, in its place among the others."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..content.moments import when
from ..models import Edition, User
from . import notices
from .announcements import order_reasons, unsaid
from .contributors import own_work
from .making import make
from .plan import UNSEEN, Plan, plan_to_reschedule
from .reasons import APPROVE, Person, Reason, not_permitted, refuse_for, unexplained
from .timing import bounds_reasons, settled_reasons, taken_time_reasons
from .transitions import Verb, locked
from .unschedule import not_scheduled


def reschedule(
    edition: Edition,
    by: User,
    *,
    live_at: datetime,
    why: str,
    told: str = "",
    announce: bool = False,
    seen: str | None = None,
    at: datetime | None = None,
) -> Edition:
    """Make a scheduled edition again with another time, and whatever follows it. Returns the new edition.

    Where it passes another scheduled edition, each says only what it changes itself. `seen` is the digest of the plan
    that the Editor looked at; it is asked for where the plan makes anything say what it did not say before.
    `told` is what readers are told of one that was announced; another is announced where `announce` asks for that.
    """
    with transaction.atomic():
        locked(edition.guidance)
        asked: dict[str, Any] = {"live_at": live_at, "why": why, "told": told, "announce": announce, "seen": seen}
        refuse_for(reasons_not_to_reschedule(edition, by, **asked, at=at))
        plan = plan_to_reschedule(edition, by, live_at, at or timezone.now(), announce=announce)
        made = make(plan, Verb.RESCHEDULED, by, why=why, told=told, at=at)
        notices.submission_decided(
            made.submission,
            Verb.RESCHEDULED,
            f"{by} rescheduled edition {edition.number}: it goes live at {when(made.live_at)}, not at "
            f"{when(edition.live_at)}. {why.strip()}",
        )
    return made


def reasons_not_to_reschedule(
    edition: Edition,
    by: Person,
    *,
    live_at: datetime | None = None,
    why: str | None = None,
    told: str | None = None,
    announce: bool = False,
    seen: str | None = None,
    at: datetime | None = None,
) -> list[Reason]:
    """Say why this person cannot give this edition this time. With `live_at` None, they are still to give one."""
    at = at or timezone.now()
    if found := not_permitted(by, APPROVE, "reschedule an edition") or not_scheduled(edition):
        return found
    own = own_work(edition.submission, by)
    if found := settled_reasons(edition, at) or [str(reason).replace("approve", "reschedule") for reason in own]:
        return list(found)
    found = [*unexplained(why, "Say why you reschedule it."), *unsaid(edition, told)]
    if live_at is None:
        return found
    if live_at == edition.live_at:
        return [*found, f"It goes live at {when(live_at)} already. Choose another time."]
    others = edition.guidance.editions.scheduled(at).exclude(pk=edition.pk).values_list("live_at", flat=True)
    found += [*bounds_reasons(live_at, at), *taken_time_reasons(live_at, others)]
    return found or _plan_reasons(plan_to_reschedule(edition, by, live_at, at, announce=announce), seen, at)


def _plan_reasons(plan: Plan, seen: str | None, at: datetime) -> list[Reason]:
    found: list[Reason] = []
    for step in plan.unscheduled:
        if step.edition:
            found += [f"Edition {step.edition.number} cannot be made again in that order:", *step.reasons]
    if found:
        return [*found, "Choose a time that keeps the order, or unschedule it."]
    if found := order_reasons(plan, at):
        return found
    is_new = any(not step.is_as_it_was for step in plan.steps)
    return [UNSEEN] if is_new and seen is not None and seen != plan.digest else []
