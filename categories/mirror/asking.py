"""The site, asked within this process as of one second: only what everybody may read comes out of it."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from config.door import PASSED_BY, STATUSES

from ..public.mirrored import Asked, Part
from ..public.responses import KEPT, MOMENT


class Failed(Exception):
    """A mirror cannot be made or read; it says why."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Site:
    """The site as of a second. Only what everybody may read comes out of it."""

    def __init__(self, at: datetime) -> None:
        self.at, self.times = at, 0
        self._handler = WSGIHandler()

    def ask(self, address: str) -> Answer | None:
        """Return what stands at an address, or None where nothing does."""
        self.times += 1
        environ, said = environ_of(address) | {MOMENT: self.at}, list[Any]()
        response = self._handler(environ, lambda status, headers, *failed: said.extend((status, dict(headers))))
        try:
            body = b"".join(response)
        finally:
            response.close()
        status, headers = int(said[0].split()[0]), said[1]
        is_private = KEPT not in environ or "Set-Cookie" in headers or address.startswith(PASSED_BY)
        if not said[0].startswith(STATUSES) or (is_private and status != 404):
            raise Failed(f"{address} was answered with {status}, and not as something for everybody to keep.")
        return Answer(status, headers, body) if status != 404 else None


def environ_of(address: str) -> dict[str, Any]:
    """Return a request for an address as the server gives it to Django, by the site's own address."""
    place, asked = urlsplit(settings.SITE_ADDRESS), urlsplit(address)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(asked.path).encode().decode("latin-1"),
        "QUERY_STRING": asked.query,
        "SERVER_NAME": place.hostname,
        "SERVER_PORT": str(place.port or (443 if place.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": place.netloc,
        "wsgi.url_scheme": place.scheme,
        "wsgi.input": BytesIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        environ[settings.SECURE_PROXY_SSL_HEADER[0]] = place.scheme
    return environ


def answers(site: Site, part: Part) -> Iterator[tuple[str, Answer]]:
    """Ask for every address of a part, and for every further page of one."""
    for asked in part.addresses():
        waiting, seen = deque([asked.address]), {asked.address}
        while waiting:
            address = waiting.popleft()
            if answer := site.ask(address):
                yield address, answer
                further = {*_further(asked, answer)} - seen
                waiting += sorted(further)
                seen |= further


def _further(asked: Asked, answer: Answer) -> Iterator[str]:
    if asked.more:
        for number in re.findall(rf"[?&;]{asked.more}=([0-9]+)".encode(), answer.body):
            yield f"{asked.address}{'&' if '?' in asked.address else '?'}{asked.more}={number.decode()}"
