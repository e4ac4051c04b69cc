"""Many at once: one change of several categories, previewed before it is done, and recorded as one act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ..content.canonical import canonical, digest
from ..content.rules import step_faults
from ..models import Availability, Category, Guidance, User
from ..models.history import saving
from .reasons import Person, Reason, not_permitted, refuse_for, unexplained
from .working_copy import seen_digest

CHANGE_CATEGORY = "categories.change_category"
SETS_OF_MANY = ("add_tests", "remove_tests", "add_cohorts", "remove_cohorts")
UNSEEN = "Somebody has changed the guidance, or you have changed what is to be done, since you looked at what changes."


@dataclass(frozen=True)
class Wanted:
    """What is to become of each category. None of `availability` leaves it as it is; an empty one states nothing."""

    add_tests: frozenset[UUID] = frozenset()
    remove_tests: frozenset[UUID] = frozenset()
    add_cohorts: frozenset[UUID] = frozenset()
    remove_cohorts: frozenset[UUID] = frozenset()
    availability: tuple[dict[str, Any], ...] | None = None

    def of(self, category: Category) -> "State":
        """What a category says afterwards."""
        now = State.of(category)
        return State(
            (now.tests | self.add_tests) - self.remove_tests,
            (now.cohorts | self.add_cohorts) - self.remove_cohorts,
            now.availability if self.availability is None else self.availability,
        )


@dataclass(frozen=True)
class State:
    """What can be changed of many at once, as a category says it."""

    tests: frozenset[UUID]
    cohorts: frozenset[UUID]
    availability: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, category: Category) -> "State":
        tests = frozenset(one.pk for one in category.approval_tests.all())
        cohorts = frozenset(one.pk for one in category.cohorts.all())
        return cls(tests, cohorts, tuple(category.availability))


def categories_of(ids: Sequence[UUID]) -> list[Category]:
    """The categories of these ids, in the order of their guidance."""
    return list(
        Category.objects.filter(pk__in=ids).select_related("guidance").prefetch_related("approval_tests", "cohorts")
    )


def changed_of_many(categories: Sequence[Category], wanted: Wanted) -> list[tuple[Category, State, State]]:
    """The categories that would differ, with what each says now and afterwards."""
    states = ((category, State.of(category), wanted.of(category)) for category in categories)
    return [(category, now, then) for category, now, then in states if now != then]


def seen_of_many(guidance: Guidance, ids: Sequence[UUID], wanted: Wanted) -> str:
    """Return the digest of all that a preview shows: the working copy, which categories, and what is wanted."""
    return digest(
        canonical(
            {
                "working": seen_digest(guidance),
                "categories": sorted(map(str, ids)),
                **{name: sorted(map(str, getattr(wanted, name))) for name in SETS_OF_MANY},
                "availability": wanted.availability and [*wanted.availability],
                "states": wanted.availability is not None,
            }
        )
    )


def change_many(ids: Sequence[UUID], wanted: Wanted, by: User, *, why: str, seen: str | None = None) -> list[Category]:
    """Change several categories in one recorded act. All of them are changed, or none. `seen` is what was previewed."""
    with saving(by, why.strip()):
        for guidance in {category.guidance for category in categories_of(ids)}:
            guidance.lock()
        categories = categories_of(ids)
        refuse_for(reasons_not_to_change_many(categories, wanted, by, why=why, seen=seen))
        differing = changed_of_many(categories, wanted)
        for category, now, then in differing:
            if then.availability != now.availability:
                category.availability = [*then.availability]
                category.save()
            for name, after, before in (
                ("approval_tests", then.tests, now.tests),
                ("cohorts", then.cohorts, now.cohorts),
            ):
                if after != before:
                    getattr(category, name).set(after)
    return [category for category, _, _ in differing]


def reasons_not_to_change_many(
    categories: Sequence[Category], wanted: Wanted, by: Person, *, why: str | None = None, seen: str | None = None
) -> list[Reason]:
    """Say why these categories cannot be changed so. With `why` None, they are still to say why."""
    if refused := not_permitted(by, CHANGE_CATEGORY, "change categories"):
        return refused
    if not categories:
        return ["Tick at least one category in the list."]
    owners = {category.guidance_id: category.guidance for category in categories}
    if len(owners) > 1:
        return ["These categories are of more than one guidance. Tick those of one."]
    (guidance,) = owners.values()
    if faults := list(_faults(guidance, wanted)):
        return [*faults]
    if not changed_of_many(categories, wanted):
        return ["Nothing would change: choose what to add, to remove or to set."]
    if seen is not None and seen != seen_of_many(guidance, [category.pk for category in categories], wanted):
        return [UNSEEN]
    return unexplained(why, "Say why you change them.")


def _faults(guidance: Guidance, wanted: Wanted) -> Iterator[str]:
    tests = {one.pk: one for one in guidance.approvaltest_set.all()}
    cohorts = {one.pk: one for one in guidance.cohort_set.all()}
    for kind, there, add, remove in (
        ("approval test", tests, wanted.add_tests, wanted.remove_tests),
        ("cohort", cohorts, wanted.add_cohorts, wanted.remove_cohorts),
    ):
        for one in add & remove:
            yield f"“{there.get(one, 'a deleted one')}” is to be added and to be removed. Choose one."
        if (add | remove) - set(there):
            yield f"A chosen {kind} is not of this guidance. Choose again."
    states = {
        str(one.pk): {"name": one.name, "dated": one.dated} for one in Availability.objects.filter(guidance=guidance)
    }
    steps = wanted.availability or ()
    if any(step["state"] not in states for step in steps):
        yield "A chosen availability is not of this guidance. Choose again."
    else:
        yield from (f"{fault}." for fault in step_faults([*steps], states))
