"""A database that is away or slow must not take every thread: some are always left for what needs none."""

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from categories.public import failures

STUCK = 5  # seconds after which a request keeps others waiting
FREE = ("/healthz", settings.STATIC_URL)


class Slots:
    """So many requests at once. Others wait for a slot, but no longer than until one has been held for too long."""

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.size, self.clock = size, clock
        self.held: dict[int, float] = {}
        self.freed = threading.Condition()

    def take(self) -> bool:
        with self.freed:
            while len(self.held) >= self.size:
                left = min(self.held.values()) + STUCK - self.clock()
                if left <= 0:
                    return False
                self.freed.wait(left)
            self.held[threading.get_ident()] = self.clock()
            return True

    def give_back(self) -> None:
        with self.freed:
            del self.held[threading.get_ident()]
            self.freed.notify()


def bulkhead(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: answer 503 at once where the database holds up all the threads that it may."""
    slots = Slots(settings.DATABASE_SLOTS)

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(FREE):
            return get_response(request)
        if not slots.take():
            return failures.unavailable(request)
        try:
            return get_response(request)
        finally:
            slots.give_back()

    return middleware
