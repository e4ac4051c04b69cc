"""Generations: how the public record stands from one second to the next, and the answers that are true of it."""

import logging
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock

from django.db import Error, connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from ..models.announcement import AnnouncementLine
from ..models.edition import Edition
from ..models.former_address import FormerAddress
from .answers import Answers

PATIENCE = 0.25  # seconds that a request waits for the database to say how the record stands

log = logging.getLogger(__name__)


def standing(at: datetime) -> Hashable:
    """Return all that public answers depend on, at a second. One query.

    That is the live head of every guidance, the newest line of its announcements in force, the newest row of former
    addresses in force, and the day in London.
    Another table that readers see of goes in here too.
    """
    connection.close_if_unusable_or_obsolete()
    newest = Edition.objects.live(at).filter(guidance=OuterRef("guidance")).order_by("-number")
    former = FormerAddress.objects.filter(in_force_from__lte=at).order_by("-pk").values("pk")[:1]
    head = Subquery(newest.values("record_digest")[:1])
    announced = AnnouncementLine.objects.in_force(OuterRef("guidance"), at).order_by("-pk").values("pk")[:1]
    each = head, Subquery(announced), Subquery(former)
    heads = Edition.objects.filter(number=1).order_by("pk").values_list(*each)
    return timezone.localdate(at), *heads


class Generations:
    """The present generation. The record is asked for once in each second in which somebody reads, by one thread.

    The first request of a second waits for the answer, so that all processes, on every machine, see a publication at
    its second. While the database is away or slow nobody waits: what is finished goes on being served.
    """

    def __init__(
        self,
        ask: Callable[[datetime], Hashable] = standing,
        clock: Callable[[], float] = time.time,
        patience: float = PATIENCE,
        asker: Executor | None = None,
    ) -> None:
        self.answers: Answers | None = None
        self.heard = 0  # the second, since 1970, as of which the database last answered
        self.is_prompt = True  # it did so soon enough to wait for it
        self.is_away = False  # it failed to
        self._ask, self._clock, self._patience = ask, clock, patience
        self._asked = 0
        self._asking: Future[None] | None = None
        self._asker = asker or ThreadPoolExecutor(1, thread_name_prefix="record")
        self._lock = Lock()

    def present(self) -> Answers | None:
        """Return the answers of the present generation, or None where the database has never answered."""
        second = int(self._clock())
        if self.heard - second not in (0, 1):  # a thread may come late, from the second before
            self._hear_of(second)
        return self.answers

    def _hear_of(self, second: int) -> None:
        """Ask how the record stands at a second, and wait for as long as that is promising."""
        end = time.monotonic() + self._patience
        asking = self._ask_once(second)
        while self.is_prompt and self.heard < second:
            try:
                asking.result(max(0, end - time.monotonic()))
            except TimeoutError:
                self.is_prompt = False
            else:
                asking = self._ask_once(second)

    def _ask_once(self, second: int) -> Future[None]:
        with self._lock:
            if self._asking is None or (self._asking.done() and self._asked != second):
                self._asked = second
                self._asking = self._asker.submit(self._hear, second)
            return self._asking

    def _hear(self, second: int) -> None:
        began, at = time.monotonic(), datetime.fromtimestamp(second, UTC)
        try:
            generation = self._ask(at)
        except Error as error:
            if not self.is_away:
                log.error("The database does not say how the record stands; finished pages go on: %s", error)
            self.is_prompt, self.is_away = False, True
            return
        if self.answers is None or self.answers.generation != generation:
            self.answers = Answers(generation, at)
        self.answers.at, self.heard = at, second
        self.is_prompt, self.is_away = time.monotonic() - began <= self._patience, False
