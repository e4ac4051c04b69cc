"""The clockwork of the bench: rows with bounds, databases, and what one request costs. Sets Django up."""

import gc
import os
import shutil
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "sqlite://:memory:", "DEBUG": "0"}
os.environ["SECOND_FACTOR"] = "offered"  # so that staff's pages are theirs by a password alone
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from categories.content.canonical import parse  # noqa: E402
from categories.public import fragments  # noqa: E402

QUICK = os.environ.get("QUICK") == "1"  # fewer and shorter rounds, for a look between two changes
RUNS = 9  # of each request; the median counts


@dataclass(frozen=True)
class Row:
    """One line of the table: a measurement, what it is held against, their ratio, and its bound.

    The ratio is to be at most the bound, or at least where `floor` says so. `spread` is the lowest and the highest
    ratio of the rounds that this is the median of.
    """

    what: str
    measured: str
    baseline: str
    ratio: float
    bound: float
    floor: bool = False
    spread: tuple[float, float] | None = None

    @property
    def holds(self) -> bool:
        return self.ratio >= self.bound if self.floor else self.ratio <= self.bound


def of_rounds(
    what: str, measured: str, baseline: str, ratios: list[float], bound: float, *, floor: bool = False
) -> Row:
    """Return the row of several rounds, in each of which both sides were measured."""
    return Row(what, measured, baseline, median(ratios), bound, floor, (min(ratios), max(ratios)))


@dataclass(frozen=True)
class Cost:
    """What one request takes: queries, seconds of this process's own time, and bytes of memory at the peak."""

    queries: int
    seconds: float
    memory: int
    sent: int  # bytes of the body, compressed


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


def cost(path: str, again: bool = False, by: Any = None, **headers: str) -> Cost:
    """Measure a request, `by` a user or a reader: made from nothing, or `again`, where it was answered before."""
    client = Client(headers={"accept-encoding": "br"} | headers)
    if by:
        client.force_login(by)

    def get() -> Any:
        if not again:
            parse.cache_clear()  # or a short record would be read once for all
            fragments.clear()
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
