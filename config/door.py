"""The door: the page cache in front of everything else. A hit is one look-up, before anything is parsed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from categories.public.answers import Answer, Answers, Form, Headers, finished
from categories.public.generations import Generations
from categories.public.parameters import divided
from categories.public.responses import KEPT, MOMENT, STATE

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

PASSED_BY = ("/admin/", "/preview/", "/alerts/", "/feedback/", "/static/", "/healthz", "/readyz")
STATUSES = ("200", "301", "302", "303", "404")


@dataclass(frozen=True)
class State:
    """What a process knows of itself: which record it serves, as of when, and how well it does.

    `heard_at` is the second as of which the database last said how the record stands; `since`, from when on it stood
    so; both are None where it never answered. `size` is in bytes.
    """

    heard_at: datetime | None
    since: datetime | None
    is_away: bool
    hits: int
    misses: int
    answers: int
    size: int


@dataclass
class Response:
    """What the application answered."""

    status: str
    headers: Headers
    body: bytes

    def is_kept(self, environ: Environ) -> bool:
        """Whether the next reader may get it too: a view said so, and it depends on nothing but the address."""
        varies = {value for name, value in self.headers if name.lower() in {"vary", "set-cookie"}}
        return KEPT in environ and self.status.startswith(STATUSES) and not varies


class Door:
    """A WSGI application that answers what it can from the present generation, and else asks another application.

    `secure` is the name and value in the environ by which Django knows HTTPS behind a proxy, if it does.
    """

    def __init__(
        self, application: Application, generations: Generations, secure: tuple[str, str] | None = None
    ) -> None:
        self._application, self._generations, self._secure = application, generations, secure
        self._hits = self._misses = 0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        environ[STATE] = self.state
        method = environ["REQUEST_METHOD"]
        if "HTTP_COOKIE" in environ or (method != "GET" and method != "HEAD"):
            return self._application(environ, start)
        answers = self._generations.present()
        if answers is None or environ["PATH_INFO"].startswith(PASSED_BY) or environ.get("SCRIPT_NAME"):
            return self._application(environ, start)
        query = environ["QUERY_STRING"]
        address = self._scheme(environ), environ.get("HTTP_HOST"), environ["PATH_INFO"], query
        if answer := answers.get(address):
            self._hits += 1
            return _sent(answer, environ, start)
        known, rest = divided(query, environ["PATH_INFO"])
        found = self._found(answers, (*address[:3], known), environ)
        if isinstance(found, Answer):
            return _sent(found, environ, start, rest)
        if rest:
            return self._application(environ, start)
        start(found.status, found.headers)
        return [] if method == "HEAD" else [found.body]

    def state(self) -> State:
        answers = self._generations.answers
        return State(
            heard_at=answers.at if answers else None,
            since=answers.since if answers else None,
            is_away=self._generations.is_away,
            hits=self._hits,
            misses=self._misses,
            answers=len(answers.kept) if answers else 0,
            size=answers.size if answers else 0,
        )

    def _scheme(self, environ: Environ) -> str:
        """Return the scheme as Django trusts it."""
        if self._secure and (said := environ.get(self._secure[0])) is not None:
            return "https" if said.split(",")[0].strip() == self._secure[1] else "http"
        return str(environ["wsgi.url_scheme"])

    def _found(self, answers: Answers, address: tuple[Any, ...], environ: Environ) -> Answer | Response:
        """Return the answer kept for an address, or have it made: once more where the record changed meanwhile."""
        if answer := answers.get(address):
            self._hits += 1
            return answer
        if not self._generations.is_prompt:  # whoever waited for a turn would hold up those whose pages are kept
            return self._made(answers, address, environ)
        with answers.turn(address):
            found = answers.get(address) or self._made(answers, address, environ)
        present = self._generations.present()
        return found if present is answers or present is None else self._found(present, address, environ)

    def _made(self, answers: Answers, address: tuple[Any, ...], environ: Environ) -> Answer | Response:
        self._misses += 1
        asked = environ | {"REQUEST_METHOD": "GET", "QUERY_STRING": address[-1], MOMENT: answers.at}
        response = _asked(self._application, asked)
        if not response.is_kept(asked):
            return response
        answer = finished(response.status, response.headers, response.body)
        answers.keep(address, answer)
        return answer


def _asked(application: Application, environ: Environ) -> Response:
    said: list[Any] = []
    chunks = application(environ, lambda status, headers, *failed: said.extend((status, headers)))
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return Response(said[0], said[1], body)


def _sent(answer: Answer, environ: Environ, start: Start, rest: str = "") -> list[bytes]:
    form = answer.form(environ.get("HTTP_ACCEPT_ENCODING", ""))
    if form.etag and form.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start("304 Not Modified", form.unchanged)
        return []
    headers = _led_on(form, rest) if rest and answer.status.startswith("301") else form.headers
    start(answer.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]


def _led_on(form: Form, rest: str) -> Headers:
    """Lead on with the whole query of the request: what does not count for us may for others."""
    return [
        (name, f"{value}{'&' if '?' in value else '?'}{rest}" if name == "Location" else value)
        for name, value in form.headers
    ]
