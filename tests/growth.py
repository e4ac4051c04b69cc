"""Long records and large guidances, for tests and for the bench, and what a request takes of the database.

They are written in bulk, since to publish ten thousand editions one by one would take as long as that does.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from categories.content.canonical import as_json, canonical
from categories.content.schema import Content
from categories.content.vocabulary import RecordKind
from categories.models import (
    Aspect,
    Category,
    Contribution,
    Edition,
    EditionChange,
    Guidance,
    Submission,
    SubmissionContribution,
    SubmissionEvent,
    User,
)
from categories.publishing import loading
from categories.publishing.index import index_of

FORMER_SLUG = "former"  # of the first category, until the newest edition
IN_BULK = 500  # rows


def fill_with_editions(content: Content, number: int) -> Guidance:
    """Publish one edition a day until yesterday, as if each had been loaded."""
    guidance = _editions(content, number)
    _log(_submissions(guidance, route=Submission.Route.LOADED), SubmissionEvent.Verb.LOADED, None)
    return guidance


def _submissions(guidance: Guidance, **fields: Any) -> list[Submission]:
    """A submission of each edition, in their order."""
    return QuerySet(Submission).bulk_create(
        (
            Submission(
                guidance=guidance,
                status=Submission.Status.APPROVED,
                edition=edition,
                base_record_digest=edition.previous_record_digest,
                content_text=edition.content_text,
                content_digest=edition.content_digest,
                change_note=edition.change_note,
                update_type=edition.update_type,
                submitted_at=edition.made_at,
                **fields,
            )
            for edition in guidance.editions.order_by("number")
        ),
        batch_size=IN_BULK,
    )


def _log(submissions: list[Submission], verb: str, by: User | None) -> None:
    SubmissionEvent.objects.append(
        SubmissionEvent(
            submission=submission,
            submission_digest=submission.frozen_digest(),
            verb=verb,
            by=by,
            at=submission.submitted_at,
            status=submission.status,
            route=submission.route,
            edition_number=submission.edition.number,
            edition_record_digest=submission.edition.record_digest,
            live_at=submission.edition.live_at,
        )
        for submission in submissions
    )


def _editions(content: Content, number: int) -> Guidance:
    """Make the editions. Each changes the first category and another; some, the guidance."""
    data = as_json(content)
    slug, data["categories"][0]["slug"] = data["categories"][0]["slug"], FORMER_SLUG
    guidance, _ = Guidance.objects.get_or_create(
        id=content.id, defaults={"slug": content.slug, "title": content.title, "applies_to": ["England"]}
    )
    first = timezone.now() - timedelta(days=number)
    editions: list[Edition] = []
    index: list[EditionChange] = []
    for place in range(number):
        touched = [(RecordKind.CATEGORY, data["categories"][at]) for at in {0, place % len(data["categories"])}]
        touched += [(RecordKind.GUIDANCE, data)] if place % 10 == 9 else []
        for kind, record in touched if place else []:
            record["summary" if kind == RecordKind.GUIDANCE else "aim"] = f"What edition {place + 1} says of it."
        if place == number - 1:
            data["categories"][0]["slug"] = slug
        live_at = first + timedelta(days=place)
        edition = Edition(
            guidance=guidance,
            live_at=live_at,
            made_at=live_at,
            change_note=f"Change number {place + 1}.",
            update_type="minor" if place % 2 else "major",
            content_text=canonical(data),
        ).sealed(editions[-1] if editions else None)
        editions.append(edition)
        index += (
            [EditionChange(edition=edition, action="changed", **_named(kind, record)) for kind, record in touched]
            if place
            else index_of(None, edition)
        )
    QuerySet(Edition).bulk_create(editions, batch_size=IN_BULK)
    for change in index:
        change.edition_id = change.edition.pk
    QuerySet(EditionChange).bulk_create(index, batch_size=IN_BULK)
    return guidance


def _named(kind: RecordKind, record: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "record_id": record["id"], "slug": record["slug"], "title": record["title"]}


def fill_with_work(content: Content, number: int, by: User) -> Category:
    """Fill with editions, and with the work of staff behind each: a save, a contribution, a submission and its log.

    The working copy says what the newest edition does. Returns the category that every save was of.
    """
    guidance = _editions(content, number)
    editions = list(guidance.editions.order_by("number"))
    loading.load(editions[-1].content, by=by, why="Loaded for the bench")
    settled = list(guidance.contributions.all())
    category = Category.objects.get(pk=content.categories[0].id)
    _save_often(category, editions, by)
    submissions = _submissions(guidance, record_ids=[str(category.pk)], submitted_by=by)
    contributions = Contribution.objects.append(
        Contribution(
            guidance=guidance,
            kind=RecordKind.CATEGORY,
            record_id=category.pk,
            aspect=(Aspect.TEXT, Aspect.PLACE)[edition.number % 2],
            by=by,
            at=edition.made_at,
        )
        for edition in editions
    )
    carried = [*zip(submissions, contributions, strict=True), *((submissions[0], one) for one in settled)]
    SubmissionContribution.objects.bulk_create(
        (SubmissionContribution(submission=one, contribution=other, settles=True) for one, other in carried),
        batch_size=IN_BULK,
    )
    approver, _ = User.objects.get_or_create(username="approver")
    _log(submissions, SubmissionEvent.Verb.APPROVED, approver)
    return category


def _save_often(category: Category, editions: list[Edition], by: User) -> None:
    """Write a row of history for each edition, with the levels, cohorts and tests that it names."""
    rows = category.history.model
    [newest] = category.history.all()[:1]
    values = {field.attname: getattr(newest, field.attname) for field in newest.tracked_fields}
    saved = rows.objects.bulk_create(
        (
            rows(
                **values | {"aim": f"What edition {edition.number} says of it."},
                history_date=edition.made_at,
                history_type="~",
                history_user=by,
                history_change_reason="Made plainer",
                save_id=UUID(int=edition.number),
            )
            for edition in editions
        ),
        batch_size=IN_BULK,
    )
    for field in rows._history_m2m_fields:
        kept = getattr(rows, field.name).model
        named = [
            {name: one[name] for name in one if name not in ("m2m_history_id", "history_id")}
            for one in kept.objects.filter(history=newest).values()
        ]
        kept.objects.bulk_create((kept(history=row, **values) for row in saved for values in named), batch_size=IN_BULK)


LISTS = ("guidance", "category", "approvaltest", "level", "edition", "submission")


def staff_pages() -> dict[str, str]:
    """The addresses of the pages that staff look at, of the first guidance and of what is newest there."""
    guidance, category = Guidance.objects.get(), Category.objects.first()
    edition, submission = Edition.objects.first(), Submission.objects.first()
    assert category and edition and submission
    key = category.history.first().history_id
    return {f"list of {name}": reverse(f"admin:categories_{name}_changelist") for name in LISTS} | {
        "front page": reverse("admin:index"),
        "search of editions": reverse("admin:categories_edition_changelist") + "?q=Change",
        "history": reverse("admin:categories_category_history", args=[category.pk]),
        "as it was then": reverse("admin:categories_category_simple_history", args=[category.pk, key]),
        "form": reverse("admin:categories_category_change", args=[category.pk]),
        "form of the guidance": reverse("admin:categories_guidance_change", args=[guidance.pk]),
        "what will change": reverse("admin:categories_guidance_changes", args=[guidance.pk]),
        "edition": reverse("admin:categories_edition_change", args=[edition.pk]),
        "scheduled": reverse("admin:categories_edition_scheduled"),
        "submission": reverse("admin:categories_submission_change", args=[submission.pk]),
        "preview": reverse("preview-working-copy", args=[guidance.pk]),
    }
