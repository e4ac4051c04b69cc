"""Measure speed, memory and size as ratios against a baseline of the same run. docs/performance.md explains each.

    python -m tests.bench

Prints one table, and exits 1 when a ratio is over its bound. Needs the stylesheet (`make css`); leaves nothing behind.
"""

import gc
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "sqlite://:memory:", "DEBUG": "0"}
django.setup()

from django.core.cache import cache  # noqa: E402 - Django is set up first
from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from categories.content import diff, rules  # noqa: E402
from categories.content.canonical import as_json, canonical, parse  # noqa: E402
from categories.content.schema import LONGEST_TEXT, Content  # noqa: E402
from categories.content.vocabulary import RecordKind  # noqa: E402
from categories.models import Edition, EditionChange, Guidance  # noqa: E402
from categories.public import feeds, updates  # noqa: E402
from categories.publishing import index as index_room  # noqa: E402
from tests.factories import many_categories, publish  # noqa: E402
from tests.server import ROOT, serving  # noqa: E402

FIXTURE = ROOT / "fixtures" / "technical-qualification-categories.json"
FEW, MANY = 10, 10_000  # editions
FORMER_SLUG = "former"  # of the first category, until the newest edition
RUNS = 9  # of each request; the median counts
BURSTS = 5  # of requests to the running server, at each address in turn
SECONDS = 0.5  # each
READERS = 4  # at once
FIRST_VIEW = 20_000  # bytes
REQUESTS = 3
QUERIES = 2


@dataclass(frozen=True)
class Row:
    """One line of the table: a measurement, what it is held against, their ratio and the most that may be."""

    what: str
    measured: str
    baseline: str
    ratio: float
    bound: float

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bound


@dataclass(frozen=True)
class Cost:
    """What one request takes: queries, seconds of this process's own time, and bytes of memory at the peak."""

    queries: int
    seconds: float
    memory: int
    sent: int  # bytes of the body, compressed


# The databases


@dataclass(frozen=True)
class Databases:
    """New SQLite databases in one folder, each with the tables and whatever `fill` puts in."""

    folder: Path

    def make(self, name: str, fill: Callable[[], None]) -> Path:
        path, empty = self.folder / name, self.folder / "empty"
        if not empty.exists():
            read_from(empty)
            call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        shutil.copy(empty, path)
        read_from(path)
        fill()
        return path


def read_from(path: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(path)


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
            else index_room.index_of(None, edition)
        )
    QuerySet(Edition).bulk_create(editions, batch_size=500)
    for change in index:
        change.edition_id = change.edition.pk
    QuerySet(EditionChange).bulk_create(index, batch_size=500)


def _named(kind: RecordKind, record: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "record_id": record["id"], "slug": record["slug"], "title": record["title"]}


# Requests inside this process


def cost(path: str, again: bool = False, **headers: str) -> Cost:
    """Measure a request: made from nothing, or `again`, where the process has answered it before."""
    client = Client(headers={"accept-encoding": "br"} | headers)

    def get() -> Any:
        if not again:
            parse.cache_clear()  # or a short record would be read once for all
            cache.clear()
        response = client.get(path)
        assert response.status_code in (200, 301, 303, 304), (path, response.status_code)
        return response

    get()
    with CaptureQueriesContext(connection) as captured:
        sent = len(get().content)
        queries = len(captured)
    seconds = seconds_of(get)
    gc.collect()
    tracemalloc.start()
    get()
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Cost(queries, seconds, memory, sent)


def seconds_of(act: Callable[[], Any], runs: int = RUNS) -> float:
    """Return the median of the processor time that an act takes."""

    def one() -> float:
        start = time.process_time()
        act()
        return time.process_time() - start

    gc.collect()
    return median(one() for _ in range(runs))


def compared(what: str, found: Cost, base: Cost, parts: float, time_bound: float) -> Iterator[Row]:
    """Hold one request against another that shows `parts` times less."""
    each = ", for each listed" if parts > 1 else ""
    yield Row(f"{what}: queries", str(found.queries), str(base.queries), found.queries / base.queries, 1)
    ratio = found.seconds / base.seconds / parts
    yield Row(f"{what}: time{each}", milliseconds(found.seconds), milliseconds(base.seconds), ratio, time_bound)
    ratio = found.memory / base.memory / parts
    yield Row(f"{what}: peak memory{each}", kilobytes(found.memory), kilobytes(base.memory), ratio, 1.5)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def kilobytes(number: float) -> str:
    return f"{number / 1000:,.1f} kB"


# What is measured


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


def word_differences() -> Iterator[Row]:
    """The longest and most repetitive texts against an ordinary long one."""
    words = [f"word{number}" for number in range(1500)]
    ordinary = " ".join(words), " ".join(word if place % 10 else "new" for place, word in enumerate(words))
    base = seconds_of(lambda: diff.compare_words(*ordinary))
    long = LONGEST_TEXT // 4
    # 200 times “the” on each side, between words of which none is shared, is nearly all that is weighed word by word
    between = [" ".join(f"the {side}{number}" for number in range(200)) for side in "ab"]
    pairs = {
        "one word, over and over": ("the " * long, "the " * (long - 1)),
        "two words, over and over": ("on off " * (long // 2), "off on " * (long // 2)),
        "one line, over and over": ("the\n" * long, "the\n" * (long - 1) + "end"),
        "as much as is compared by words": tuple(between),
    }
    for name, (before, after) in pairs.items():
        found = seconds_of(lambda before=before, after=after: diff.compare_words(before, after), 3)
        yield Row(f"word difference, {name}: time", milliseconds(found), milliseconds(base), found / base, 20)


def over_the_wire(folder: Path) -> Iterator[Row]:
    """What a browser fetches first, and how many requests a second the running server answers."""
    with serving(folder, "tests.browser.seed") as server:
        host = server.url.removeprefix("http://")
        base = f"/guidance/{original().slug}/"
        fetched = first_view(host, base)
        size = sum(fetched[path] for path in fetched if path == base or path.endswith(".css"))
        what = "first view, HTML and CSS with brotli (aim: 14.6 kB)"
        yield Row(what, kilobytes(size), f"limit {kilobytes(FIRST_VIEW)}", size / FIRST_VIEW, 1)
        yield Row("first view, requests", str(len(fetched)), f"limit {REQUESTS}", len(fetched) / REQUESTS, 1)
        bursts = [(per_second(host, base), per_second(host, "/healthz")) for _ in range(BURSTS)]
        page, health = (median(counts) for counts in zip(*bursts, strict=True))
        # The baseline over the measurement, so that slower is more, as it is in every other row
        ratio = median(baseline / measured for measured, baseline in bursts)
        yield Row("server, guidance page against /healthz", f"{page:,.0f}/s", f"{health:,.0f}/s", ratio, 30)


def first_view(host: str, page: str) -> dict[str, int]:
    """Return the bytes on the wire, headers included, of a page and of everything that it makes a browser fetch."""
    size, html = fetch(host, page, "identity")
    assert size
    tags = re.findall(rb'<link rel="(?:icon|stylesheet|manifest|preload)" href="([^"]+)"', html)
    tags += re.findall(rb'<(?:script|img)[^>]* src="([^"]+)"', html)
    return {path: fetch(host, path, "br")[0] for path in dict.fromkeys([page, *(tag.decode() for tag in tags)])}


def fetch(host: str, path: str, encoding: str) -> tuple[int, bytes]:
    http = HTTPConnection(host)
    http.request("GET", path, headers={"Accept-Encoding": encoding})
    response = http.getresponse()
    body = response.read()
    assert response.status == 200, (path, response.status)
    http.close()
    return len(body) + size_of_head(response), body


def size_of_head(response: HTTPResponse) -> int:
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k}: {v}" for k, v in response.getheaders()), ""]
    return sum(len(line) + 2 for line in lines)


def per_second(host: str, path: str) -> float:
    """Return how many requests a second are answered while a few readers ask without a pause."""
    counts: list[int] = []
    end = time.monotonic() + SECONDS

    def read() -> None:
        http, count = HTTPConnection(host), 0
        while time.monotonic() < end:
            http.request("GET", path, headers={"Accept-Encoding": "br"})
            response = http.getresponse()
            response.read()
            assert response.status == 200, (path, response.status)
            count += 1
        counts.append(count)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(counts) == READERS, "a reader met an error"
    return sum(counts) / SECONDS


# The table


def measurements(folder: Path) -> Iterator[Row]:
    databases = Databases(folder)
    yield from long_record(databases)
    yield from many_records(databases)
    yield from word_differences()
    connection.close()
    yield from over_the_wire(folder)


@contextmanager
def own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        try:
            yield Path(name)
        finally:
            connection.close()


LINE = "{:<58} {:>12} {:>14} {:>7} {:>7}  {}"


def main() -> int:
    start = time.monotonic()
    print(LINE.format("what", "measured", "baseline", "ratio", "bound", ""))
    broken = 0
    with own_folder() as folder:
        for row in measurements(folder):
            broken += not row.holds
            verdict = "" if row.holds else "BROKEN"
            print(LINE.format(row.what, row.measured, row.baseline, f"{row.ratio:.2f}", f"{row.bound:g}", verdict))
    print(f"{broken} bounds are broken. {time.monotonic() - start:.0f} seconds.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
