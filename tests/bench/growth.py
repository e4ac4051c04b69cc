"""What a long record and many categories cost, against a short record and few."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from tests.bench.clockwork import (  # it sets Django up
    QUICK,
    Databases,
    Row,
    compared,
    cost,
    kilobytes,
    milliseconds,
    read_from,
)

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.db.models import QuerySet  # isort: skip
from django.test import Client  # isort: skip
from django.utils import timezone  # isort: skip

from categories.content import rules  # isort: skip
from categories.content.canonical import as_json, canonical  # isort: skip
from categories.content.schema import Content  # isort: skip
from categories.content.vocabulary import RecordKind  # isort: skip
from categories.models import Edition, EditionChange, Guidance, Submission, SubmissionEvent  # isort: skip
from categories.public import feeds, updates  # isort: skip
from categories.publishing.index import index_of  # isort: skip
from tests.factories import many_categories, publish  # isort: skip
from tests.server import ROOT  # isort: skip

FIXTURE = ROOT / "fixtures" / "technical-qualification-categories.json"
FEW, MANY = 10, 1_000 if QUICK else 10_000  # editions
FORMER_SLUG = "former"  # of the first category, until the newest edition
QUERIES = 2


def rows(folder: Path) -> Iterator[Row]:
    databases = Databases(folder)
    yield from long_record(databases)
    yield from many_records(databases)
    connection.close()


def original() -> Content:
    found, faults = rules.read(json.loads(FIXTURE.read_text(encoding="utf-8")))
    assert found, faults
    return found


def fill_with_editions(number: int) -> None:
    """Publish one edition a day until yesterday. Each changes the first category and another; some, the guidance.

    Written in bulk, since publishing them one by one would take as long as ten thousand publications do.
    """
    content = original()
    data = as_json(content)
    slug, data["categories"][0]["slug"] = data["categories"][0]["slug"], FORMER_SLUG
    guidance = Guidance.objects.create(id=content.id, slug=content.slug, title=content.title, applies_to=["England"])
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
    QuerySet(Edition).bulk_create(editions, batch_size=500)
    for change in index:
        change.edition_id = change.edition.pk
    QuerySet(EditionChange).bulk_create(index, batch_size=500)
    QuerySet(Submission).bulk_create(map(_submission, editions), batch_size=500)
    SubmissionEvent.objects.append(map(_line, Submission.objects.order_by("pk").select_related("edition")))


def _submission(edition: Edition) -> Submission:
    return Submission(
        guidance=edition.guidance,
        status=Submission.Status.APPROVED,
        route=Submission.Route.LOADED,
        content_text=edition.content_text,
        content_digest=edition.content_digest,
        change_note=edition.change_note,
        update_type=edition.update_type,
        submitted_at=edition.made_at,
        edition=edition,
    )


def _line(submission: Submission) -> SubmissionEvent:
    edition = submission.edition
    return SubmissionEvent(
        submission=submission,
        submission_digest=submission.frozen_digest(),
        verb=SubmissionEvent.Verb.LOADED,
        at=submission.submitted_at,
        status=submission.status,
        route=submission.route,
        edition_number=edition.number,
        edition_record_digest=edition.record_digest,
        live_at=edition.live_at,
    )


def _named(kind: RecordKind, record: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "record_id": record["id"], "slug": record["slug"], "title": record["title"]}


def long_record(databases: Databases) -> Iterator[Row]:
    """The public record at 10,000 editions against 10."""
    few = databases.make("few", lambda: fill_with_editions(FEW))
    call_command("check_editions", stdout=StringIO())
    many = databases.make("many", lambda: fill_with_editions(MANY))
    content = original()
    base, category = f"/guidance/{content.slug}/", content.categories[0].slug
    pages: dict[str, tuple[Callable[[int], str], int]] = {
        "guidance page": (lambda last: base, 1),
        "category page": (lambda last: f"{base}categories/{category}/", 1),
        "dated page": (lambda last: f"{base}on/{timezone.localdate() - timedelta(days=last // 2 | 1):%Y-%m-%d}/", 1),
        "updates, first page": (lambda last: f"{base}updates/", updates.EDITIONS_ON_A_PAGE),
        "updates, last page": (lambda last: f"{base}updates/?page={-(-last // updates.EDITIONS_ON_A_PAGE)}", 20),
        "one update": (lambda last: f"{base}updates/{last}/", 1),
        "category updates": (lambda last: f"{base}categories/{category}/updates/", 10),
        "feed": (lambda last: f"{base}updates.atom", feeds.ENTRIES),
        "category feed": (lambda last: f"{base}categories/{category}/updates.atom", feeds.ENTRIES),
        "former slug": (lambda last: f"{base}categories/{FORMER_SLUG}/", 1),
        "address by id": (lambda last: f"/id/{content.categories[0].id}/", 1),
        "sitemap": (lambda last: "/sitemap.xml", 1),
    }
    for name, (path, most) in pages.items():
        read_from(few)
        small = cost(path(FEW))
        read_from(many)
        time_bound = 3 if name == "sitemap" else 2  # it goes over an index of changes, for the newest of each record
        yield from compared(f"{name}, {MANY:,} editions", cost(path(MANY)), small, max(1, most / FEW), time_bound)


def many_records(databases: Databases) -> Iterator[Row]:
    """The guidance page at 1,200 categories against 12, and a conditional request for it."""
    content = original()
    twelve = databases.make("twelve", lambda: publish(content))
    hundreds = databases.make("hundreds", lambda: publish(many_categories(content, 1200)))
    base = f"/guidance/{content.slug}/"
    for name, path in {
        "guidance page": base,
        "filter": f"{base}?level=3&q=work",
        "CSV": f"{base}categories.csv",
    }.items():
        read_from(twelve)
        small = cost(path)
        read_from(hundreds)
        found = cost(path)
        what = f"{name}, 1,200 categories"
        yield Row(f"{what}: queries", str(found.queries), f"limit {QUERIES}", found.queries / QUERIES, 1)
        for aspect, words in (("seconds", milliseconds), ("memory", kilobytes)):
            ours, theirs = getattr(found, aspect) / 1200, getattr(small, aspect) / 12
            label = {"seconds": "time", "memory": "peak memory"}[aspect]
            yield Row(f"{what}: {label} for each", words(ours), words(theirs), ours / theirs, 1.5)
    read_from(twelve)
    full = cost(base)
    second = cost(base, again=True)
    yield Row("page asked for again: queries", str(second.queries), str(full.queries), second.queries / full.queries, 1)
    ratio = second.seconds / full.seconds
    yield Row("page asked for again: time", milliseconds(second.seconds), milliseconds(full.seconds), ratio, 0.5)
    unchanged = cost(base, again=True, **{"if-none-match": Client().get(base).headers["ETag"]})
    yield Row("page not modified: body", kilobytes(unchanged.sent), kilobytes(full.sent), unchanged.sent / full.sent, 0)
    ratio = unchanged.seconds / full.seconds
    yield Row("page not modified: time", milliseconds(unchanged.seconds), milliseconds(full.seconds), ratio, 0.5)
