"""What the pages of staff, loading and checking cost at a long record and many categories, against few."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

from tests.bench.clockwork import QUICK, Databases, Row, compared, cost, kilobytes, read_from, seconds_of
from tests.bench.growth import MANY, original

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from categories.content.canonical import as_json  # isort: skip
from categories.models import User  # isort: skip
from categories.publishing import loading, publish_loaded  # isort: skip
from tests.factories import make_user, many_categories  # isort: skip
from tests.growth import fill_with_work, staff_pages  # isort: skip

FEW = 100  # editions: the pages of lists and histories are full
CATEGORIES = 120 if QUICK else 1_200
LOADED_WITHIN = 10  # seconds of processor time
WHOLE = {"form of the guidance", "front page", "what will change", "preview", "edition", "submission"}


def rows(folder: Path) -> Iterator[Row]:
    databases = Databases(folder)
    yield from long_work(databases)
    yield from many_records(databases)
    connection.close()


def long_work(databases: Databases) -> Iterator[Row]:
    """Each page of staff at 10,000 editions, saves and submissions against a hundred."""
    few, many = (databases.make(f"{number}", lambda number=number: _worked(number)) for number in (FEW, MANY))
    yield from _pages(few, many, f"{MANY:,} editions", 1)
    yield _checked(few, many)


def _worked(number: int) -> None:
    fill_with_work(original(), number, make_user("edward", "Editor"))


def _pages(few: Path, many: Path, what: str, parts: int) -> Iterator[Row]:
    read_from(few)
    small = {name: cost(url, by=User.objects.get(username="edward")) for name, url in staff_pages().items()}
    read_from(many)
    for name, url in staff_pages().items():
        yield from compared(f"{name}, {what}", cost(url, by=User.objects.get(username="edward")), small[name], parts, 2)


def _checked(few: Path, many: Path) -> Row:
    peaks = []
    read_from(many)
    call_command("check_editions", stdout=StringIO())  # fills Pydantic's cache of strings, which is bounded
    for path in (few, many):
        read_from(path)
        tracemalloc.start()
        call_command("check_editions", stdout=StringIO())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    small, found = peaks
    return Row(f"check_editions, {MANY:,} editions: memory", kilobytes(found), kilobytes(small), found / small, 1.2)


def many_records(databases: Databases) -> Iterator[Row]:
    """Loading a file of 1,200 categories, and each page of staff then, against twelve."""
    file = databases.folder / "file.json"
    data = as_json(many_categories(original(), CATEGORIES))
    file.write_text(json.dumps(data), encoding="utf-8")
    load: Callable[[], None] = lambda: call_command("load_guidance", str(file), stdout=StringIO())  # noqa: E731
    taken: list[float] = []
    many = databases.make("loaded", lambda: (make_user("edward", "Editor"), taken.append(seconds_of(load, 1))))
    ratio = taken[0] / LOADED_WITHIN
    yield Row(f"load_guidance, {CATEGORIES:,} categories", f"{taken[0]:.1f} s", f"limit {LOADED_WITHIN} s", ratio, 1)
    few = databases.make("twelve", _loaded)
    yield from _pages(few, many, f"{CATEGORIES:,} categories", CATEGORIES // 12)


def _loaded() -> None:
    make_user("edward", "Editor")
    loading.load(original(), why="Loaded for the bench")
    publish_loaded(original(), change_note="First published.")
