"""What pages that no cache has cost, against Wagtail's page of the same categories; then, many categories."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.clockwork import QUICK, Databases, Row, milliseconds, of_rounds, read_from, seconds_of
from tests.bench.growth import FIXTURE, original

from django.core.cache import cache  # isort: skip
from django.core.handlers.base import BaseHandler  # isort: skip
from django.db import connection  # isort: skip
from django.test import RequestFactory  # isort: skip
from django.utils import timezone  # isort: skip

from tests.factories import altered, many_categories, publish  # isort: skip
from tests.server import ROOT, Server, free_port, running  # isort: skip

PEER, PROGRAMS = ROOT / "var" / "peer" / "bin" / "python", ROOT / "tests" / "peer"
DATABASE = "peer.sqlite3"
ROUNDS = 3 if QUICK else 5
RUNS = 5 if QUICK else 15  # of each page, in each round
CATEGORIES = 120 if QUICK else 1_200


def rows(folder: Path) -> Iterator[Row]:
    databases = Databases(folder)
    with peer(folder) as theirs:
        yield from cold(databases, theirs)
    yield from many_records(databases)
    connection.close()


class Peer:
    """The running program that asks Wagtail for its page."""

    def __init__(self, process: "subprocess.Popen[str]"):
        self.process = process

    def seconds(self) -> float:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{RUNS}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    command = [PEER, PROGRAMS / "measure.py", FIXTURE, folder / DATABASE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield Peer(process)
        finally:
            process.terminate()


@contextmanager
def serving_peer(folder: Path) -> Iterator[Server]:
    """Serve Wagtail's page as the site is served, by one process with as many threads."""
    with peer(folder) as made:
        made.seconds()  # it answers once its database is filled
    port = free_port()
    server = Server(f"http://127.0.0.1:{port}", os.environ | {"PEER_DATABASE": str(folder / DATABASE)})
    options = ["--worker-class", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    command = [PEER, "-m", "gunicorn", "--chdir", PROGRAMS, "--no-control-socket", *options, "served"]
    with running(command, server, folder / "peer-log", ready="/"):
        yield server


def pages() -> dict[str, str]:
    """A page of each kind, by its address."""
    content = original()
    base, api = f"/guidance/{content.slug}/", f"/api/v1/guidance/{content.slug}/"
    one, two, *_ = (category.slug for category in content.categories)
    return {
        "guidance page": base,
        "filter": f"{base}?level=3",
        "category page": f"{base}categories/{one}/",
        "dated page": f"{base}on/{timezone.localdate():%Y-%m-%d}/",
        "one update": f"{base}updates/2/",
        "compare": f"{base}compare/?category={one}&category={two}",
        "finder": f"{base}find/",
        "API": f"{api}categories/",
        "CSV": f"{base}categories.csv",
        "feed": f"{base}updates.atom",
    }


class Ours:
    """Our pages, through Django's handler, with no page kept."""

    def __init__(self) -> None:
        self.handler, self.requests = BaseHandler(), RequestFactory()
        self.handler.load_middleware()

    def seconds(self, path: str) -> float:
        def get() -> None:
            cache.clear()
            response = self.handler.get_response(self.requests.get(path))
            assert response.status_code == 200, (path, response.status_code)

        get()
        return seconds_of(get, RUNS)


def cold(databases: Databases, theirs: Peer) -> Iterator[Row]:
    """Each kind of page against Wagtail's page of the guidance, in the same rounds."""
    content = original()
    databases.make("two", lambda: [publish(content), publish(altered(content, summary="New."), timezone.now())])
    ours, found = Ours(), {name: [] for name in pages()}
    theirs.seconds()
    for _ in range(ROUNDS):
        base = theirs.seconds()
        for name, path in pages().items():
            found[name].append((ours.seconds(path), base))
    for name, measured in found.items():
        times, bases = (milliseconds(median(side)) for side in zip(*measured, strict=True))
        yield of_rounds(f"{name}, cold, against Wagtail's: time", times, bases, [a / b for a, b in measured], 1)


def many_records(databases: Databases) -> Iterator[Row]:
    """Pages that list every category, at 1,200 against twelve, for each."""
    content = original()
    few = databases.make("few", lambda: publish(content))
    many = databases.make("many", lambda: publish(many_categories(content, CATEGORIES)))
    ours = Ours()
    for name in ("guidance page", "filter", "dated page", "API", "CSV"):
        seconds = {}
        for path, number in ((few, 12), (many, CATEGORIES)):
            read_from(path)
            seconds[number] = ours.seconds(pages()[name]) / number
        each = [f"{seconds[number] * 1000:.2f} ms" for number in (CATEGORIES, 12)]
        ratio = seconds[CATEGORIES] / seconds[12]
        yield Row(f"{name}, cold, {CATEGORIES:,} categories: time for each", *each, ratio, 0.5)
