"""Makes what tests need, in the words of the domain."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group

from categories.models import ApprovalTest, Category, Cohort, ExamplesList, Guidance, Level, User
from categories.models.history import saving
from categories.vocabulary import AvailabilityStatus

LONDON = ZoneInfo("Europe/London")


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)


def make_user(username: str, group: str | None = None, **fields: Any) -> User:
    user = User.objects.create_user(username, f"{username}@example.org", "correct horse", is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_guidance(**fields: Any) -> Guidance:
    defaults = {
        "slug": "guidance-for-tests",
        "title": "Guidance for tests",
        "summary": "What the tests read.",
        "publisher": "Skills England",
        "applies_to": ["England"],
    }
    return Guidance.objects.create(**defaults | fields)


def make_level(number: int) -> Level:
    return Level.objects.get_or_create(number=number)[0]


def make_cohort(slug: str, name: str = "") -> Cohort:
    return Cohort.objects.get_or_create(slug=slug, defaults={"name": name or slug.replace("-", " ").capitalize()})[0]


def make_approval_test(guidance: Guidance, slug: str = "employer-demand-test", **fields: Any) -> ApprovalTest:
    defaults = {"name": slug.replace("-", " ").capitalize(), "description": "Employers want it."}
    return ApprovalTest.objects.create(guidance=guidance, slug=slug, **defaults | fields)


def make_examples_list(guidance: Guidance, slug: str = "approved", **fields: Any) -> ExamplesList:
    return ExamplesList.objects.create(guidance=guidance, slug=slug, **{"name": "Approved", "covers": "All"} | fields)


def make_category(
    guidance: Guidance,
    slug: str = "level-3-adults-only",
    levels: tuple[int, ...] = (3,),
    cohorts: tuple[str, ...] = ("adults",),
    tests: tuple[ApprovalTest, ...] = (),
    **fields: Any,
) -> Category:
    """A publishable category; with no tests named, it faces the guidance's employer demand test."""
    defaults = {
        "title": slug.replace("-", " ").capitalize(),
        "aim": "Entry to the aligned occupation.",
        "relationship_text": "It aligns to an occupational standard.",
        "availability": AvailabilityStatus.NOT_YET_AVAILABLE,
        "position": guidance.category_set.count() + 1,
    }
    with saving(why="Made for a test"):
        category = Category.objects.create(guidance=guidance, slug=slug, **defaults | fields)
        category.levels.set([make_level(number) for number in levels])
        category.cohorts.set([make_cohort(cohort) for cohort in cohorts])
        category.approval_tests.set(tests or [guidance.approvaltest_set.first() or make_approval_test(guidance)])
    return category
