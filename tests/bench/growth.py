"""What a long record and many categories cost, against a short record and few."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

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
from django.utils import timezone  # isort: skip

from categories.content import rules  # isort: skip
from categories.content.schema import Content  # isort: skip
from categories.models import EditionChange  # isort: skip
from categories.public import feeds, updates  # isort: skip
from tests.factories import many_categories, publish  # isort: skip
from tests.growth import FORMER_SLUG, fill_with_editions  # isort: skip
from tests.server import ROOT  # isort: skip

FIXTURE = ROOT / "fixtures" / "technical-qualification-categories.json"
FEW, MANY = 10, 1_000 if QUICK else 10_000  # editions
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


def long_record(databases: Databases) -> Iterator[Row]:
    """The public record at 10,000 editions against 10."""
    content = original()
    few = databases.make("few", lambda: fill_with_editions(content, FEW))
    call_command("check_editions", stdout=StringIO())
    many = databases.make("many", lambda: fill_with_editions(content, MANY))
    base, category = f"/guidance/{content.slug}/", content.categories[0].slug
    read_from(few)
    touching = EditionChange.objects.filter(record_id=content.categories[0].id).count()
    pages: dict[str, tuple[Callable[[int], str], int]] = {
        "guidance page": (lambda last: base, 1),
        "category page": (lambda last: f"{base}categories/{category}/", 1),
        "dated page": (lambda last: f"{base}on/{timezone.localdate() - timedelta(days=last // 2 | 1):%Y-%m-%d}/", 1),
        "updates, first page": (lambda last: f"{base}updates/", updates.EDITIONS_ON_A_PAGE),
        "updates, last page": (lambda last: f"{base}updates/?page={-(-last // updates.EDITIONS_ON_A_PAGE)}", 20),
        "one update": (lambda last: f"{base}updates/{last}/", 1),
        "category updates": (lambda last: f"{base}categories/{category}/updates/", updates.CHANGES_ON_A_PAGE),
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
        listed = touching if name == "category updates" else FEW
        yield from compared(f"{name}, {MANY:,} editions", cost(path(MANY)), small, max(1, most / listed), time_bound)


def many_records(databases: Databases) -> Iterator[Row]:
    """The guidance page at 1,200 categories against 12."""
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
