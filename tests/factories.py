"""Makes what tests need, in the words of the domain."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, Permission

from categories import publishing
from categories.content.canonical import dump
from categories.content.entries import record_id
from categories.content.schema import Content
from categories.content.vocabulary import RecordKind
from categories.models import (
    AccountEvent,
    AnnouncementLine,
    ApprovalTest,
    Availability,
    Category,
    Cohort,
    Edition,
    EditionChange,
    ExamplesList,
    Guidance,
    Level,
    Relationship,
    ShortForm,
    Submission,
    SubmissionEvent,
    TLevel,
    User,
)
from categories.models.account import log
from categories.models.guidance import STEP
from categories.models.history import saving
from categories.models.kinds import MODELS
from categories.publishing.announcements import line_of, write
from categories.publishing.index import index_of
from categories.publishing.transitions import become

LONDON = ZoneInfo("Europe/London")
NOT_YET = "not-yet-available"


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)


def make_user(username: str, group: str | None = None, **fields: Any) -> User:
    user = User.objects.create_user(username, f"{username}@example.org", "correct horse", is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    if group == "Editor" or user.is_superuser:
        log(user, AccountEvent.Verb.VOUCHED)
    return user


def make_reader(username: str) -> User:
    """A member of staff who may look at everything but accounts, and do nothing."""
    user = make_user(username)
    readable = [model._meta.model_name for model in (*MODELS.values(), Edition, Submission)]
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{name}" for name in readable]))
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


def make_level(guidance: Guidance, number: int) -> Level:
    own = {"id": record_id(guidance.pk, RecordKind.LEVEL, str(number))}
    return Level.objects.get_or_create(guidance=guidance, number=number, defaults=own)[0]


def make_short_form(guidance: Guidance, term: str = "KSBs", **fields: Any) -> ShortForm:
    defaults = {"meaning": "knowledge, skills and behaviours", **_last(guidance.shortform_set)}
    return ShortForm.objects.create(guidance=guidance, term=term, **defaults | fields)


def make_cohort(guidance: Guidance, slug: str, name: str = "", **fields: Any) -> Cohort:
    return _term(Cohort, guidance, slug, name=name, **fields)


def make_relationship(guidance: Guidance, slug: str = "aligns", name: str = "", **fields: Any) -> Relationship:
    return _term(Relationship, guidance, slug, name=name, **fields)


def make_t_level(guidance: Guidance, slug: str = "no-t-level", name: str = "", **fields: Any) -> TLevel:
    return _term(TLevel, guidance, slug, name=name, **fields)


def make_availability(guidance: Guidance, slug: str = "in-scope", name: str = "", **fields: Any) -> Availability:
    return _term(Availability, guidance, slug, name=name, **{"dated": slug != NOT_YET} | fields)


def _term(model: Any, guidance: Guidance, slug: str, *, name: str, **fields: Any) -> Any:
    """The term of a guidance that has a slug; made, after the others, where there is none."""
    siblings = model.objects.filter(guidance=guidance)
    defaults = {"name": name or slug.replace("-", " ").capitalize(), **_last(siblings)}
    return siblings.filter(slug=slug).first() or model.objects.create(guidance=guidance, slug=slug, **defaults | fields)


def _last(siblings: Any) -> dict[str, int]:
    """The position after those that are there."""
    return {"position": (siblings.count() + 1) * STEP}


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
    steps: tuple[tuple[str, str | None], ...] = ((NOT_YET, None),),
    **fields: Any,
) -> Category:
    """A publishable category; with no tests named, it faces the guidance's employer demand test.

    `steps` are those of its availability, each the slug of a state and a month.
    """
    defaults = {
        "title": slug.replace("-", " ").capitalize(),
        "aim": "Entry to the aligned occupation.",
        "relationship_text": "It aligns to an occupational standard.",
        "position": (guidance.category_set.count() + 1) * STEP,
    }
    with saving(why="Made for a test"):
        defaults |= {"relationship": make_relationship(guidance), "availability": make_steps(guidance, *steps)}
        category = Category.objects.create(guidance=guidance, slug=slug, **defaults | fields)
        category.levels.set([make_level(guidance, number) for number in levels])
        category.cohorts.set([make_cohort(guidance, cohort) for cohort in cohorts])
        category.approval_tests.set(tests or [guidance.approvaltest_set.first() or make_approval_test(guidance)])
    return category


def make_steps(guidance: Guidance, *steps: tuple[str, str | None]) -> list[dict[str, str | None]]:
    """The value of an availability field: each step the slug of a state and a month."""
    return [{"state": str(make_availability(guidance, state).pk), "from": month} for state, month in steps]


def publish_loaded(guidance: Guidance, **options: Any) -> Edition:
    """Publish what the working copy says, as if all of it had been loaded from a file."""
    return publishing.publish_loaded(
        publishing.working_content(guidance), **{"change_note": "First published."} | options
    )


FIRST_DAY = london(2025, 6, 2)


def publish(content: Content, live_at: datetime = FIRST_DAY, **fields: Any) -> Edition:
    """Make the next edition straight from content, as publishing would, with no working copy behind it."""
    guidance, _ = Guidance.objects.get_or_create(
        id=content.id, defaults={"slug": content.slug, "title": content.title, "applies_to": ["England"]}
    )
    previous = guidance.editions.newest()
    defaults = {"made_at": live_at, "change_note": "What changed.", "update_type": "major"}
    edition = Edition(guidance=guidance, live_at=live_at, content_text=dump(content), **defaults | fields).sealed(
        previous
    )
    edition.save()
    EditionChange.objects.bulk_create(index_of(previous, edition))
    submission = Submission.objects.create(
        guidance=guidance,
        route=Submission.Route.LOADED,
        content_text=edition.content_text,
        content_digest=edition.content_digest,
        change_note=edition.change_note,
        update_type=edition.update_type,
        corrects=edition.corrects,
        submitted_at=edition.made_at,
    )
    submission.edition = edition
    become(submission, Submission.Status.APPROVED, SubmissionEvent.Verb.LOADED, None, edition.made_at, "", edition)
    return edition


def take_off(edition: Edition, at: datetime) -> None:
    """Take off an edition that is not live yet, on record."""
    submission = edition.submission
    submission.edition = None
    become(submission, Submission.Status.UNSCHEDULED, SubmissionEvent.Verb.UNSCHEDULED, None, at, "Not now.", edition)
    edition.discard(at)


def announce(edition: Edition, at: datetime, announcement: UUID | None = None) -> AnnouncementLine:
    """Announce an edition that is not live yet, as publishing would, in force two seconds later."""
    before = edition.guidance.editions.get(number=edition.number - 1)
    line = line_of(edition, before.content_text, announcement or uuid4(), AnnouncementLine.Verb.ANNOUNCED)
    write([line], at, at)
    return line


def altered(content: Content, **fields: Any) -> Content:
    """Return content with fields of the guidance replaced."""
    return Content.model_validate(content.model_dump() | fields)


def with_category(content: Content, slug: str, /, **fields: Any) -> Content:
    """Return content with fields of one category replaced."""
    categories = [category.model_dump() | (fields if category.slug == slug else {}) for category in content.categories]
    return altered(content, categories=categories)


def with_test(content: Content, slug: str, /, **fields: Any) -> Content:
    """Return content with fields of one approval test replaced."""
    tests = [test.model_dump() | (fields if test.slug == slug else {}) for test in content.approval_tests]
    return altered(content, approval_tests=tests)


def many_categories(content: Content, number: int) -> Content:
    """Return content with its categories over and over again, each with an id and a slug of its own."""
    categories = [
        category.model_dump() | {"id": UUID(int=place), "slug": f"{category.slug[:80]}-{place}"}
        for place in range(number)
        for category in [content.categories[place % len(content.categories)]]
    ]
    return altered(content, categories=categories)
