"""Readers who come through the door, inside the process of a test."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import RequestFactory

from categories.public.generations import Generations
from config.door import Application, Door


class AtOnce(Executor):
    """Does what it is given at once, in the thread of the test and so in its transaction."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **options))
        return done


class Reader:
    """Asks a door, each with a cache of its own, and returns what it says as a response of Django's."""

    def __init__(
        self,
        application: Application | None = None,
        generations: Generations | None = None,
        secure: tuple[str, str] | None = None,
    ) -> None:
        self.door = Door(application or WSGIHandler(), generations or Generations(asker=AtOnce()), secure)

    def ask(self, method: str, address: str, headers: dict[str, str] | None = None) -> HttpResponse:
        environ = dict(RequestFactory().generic(method, address, headers=headers).environ)
        if not environ["HTTP_COOKIE"]:
            del environ["HTTP_COOKIE"]
        said: list[Any] = []
        body = b"".join(self.door(environ, lambda status, headers, *failed: said.extend((status, headers))))
        return HttpResponse(body, status=int(said[0].split()[0]), headers=dict(said[1]))

    def get(self, address: str, headers: dict[str, str] | None = None) -> HttpResponse:
        return self.ask("GET", address, headers)

    def head(self, address: str, headers: dict[str, str] | None = None) -> HttpResponse:
        return self.ask("HEAD", address, headers)

    def options(self, address: str) -> HttpResponse:
        return self.ask("OPTIONS", address)
