"""Whether the process answers, and whether it can do what it is for."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from ..models.outbox import Message
from .responses import STATE, readable

PLAIN = "text/plain; charset=utf-8"
CLOCKS_DIFFER = timedelta(seconds=0.5)
LITTLE_ROOM = 200_000_000  # bytes


@readable
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers. Asks nothing of the database."""
    return HttpResponse("ok\n", content_type=PLAIN)


@readable
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say what is wrong, a line each: with 503 what keeps visitors from being served, with 200 what staff must see."""
    try:
        wrong = list(what_is_wrong())
        minor = list(what_is_to_be_seen_to(timezone.now()))
    except DatabaseError:
        wrong, minor = ["the database does not answer"], []
    minor += what_readers_see(request)
    said = [*wrong, *minor] if wrong else ["ready", *minor]
    return HttpResponse("".join(f"{line}\n" for line in said), content_type=PLAIN, status=503 if wrong else 200)


def what_is_wrong() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "migrations are missing"
    if abs(ahead := clock_ahead()) > CLOCKS_DIFFER:
        yield f"the clock is {ahead.total_seconds():+.1f} seconds off the database's"


def clock_ahead() -> timedelta:
    """Return by how much this machine's clock is ahead of the database's: between them, the answer is on its way."""
    if connection.vendor != "postgresql":
        return timedelta(0)
    with connection.cursor() as cursor:
        asked = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
        answered = timezone.now()
    if asked - CLOCKS_DIFFER <= theirs <= answered + CLOCKS_DIFFER:
        return timedelta(0)
    return (asked if theirs < asked else answered) - theirs


def what_is_to_be_seen_to(at: datetime) -> Iterator[str]:
    if room_left() < LITTLE_ROOM:
        yield f"disk: only {room_left() // 1_000_000} MB are free"
    if unsent := Message.objects.unsent(at).count():
        yield f"outbox: {unsent} messages could not be sent"


def what_readers_see(request: HttpRequest) -> Iterator[str]:
    """Say so where pages are those of an earlier second, since the database does not say how the record stands."""
    if (state := request.META.get(STATE, lambda: None)()) and state.is_away:
        as_of = f"{state.heard_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if state.heard_at else "no moment yet"
        yield f"pages: {state.answers} finished ones go on, as of {as_of}"


def room_left() -> int:
    """Return how many bytes are free where there is least: where the site keeps files, an SQLite database included."""
    kept = [settings.VAR_DIR / "_", settings.HEADS_FILE, settings.DATABASES["default"]["NAME"]]
    folders = {path.parent for path in map(Path, filter(None, kept)) if path.is_absolute() and path.parent.is_dir()}
    return min(shutil.disk_usage(folder).free for folder in folders)
