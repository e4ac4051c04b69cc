"""Finished answers, in every encoding, made once; kept for one generation of the record, bounded in bytes. Pure."""

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from threading import Lock

import brotli

Headers = list[tuple[str, str]]

MOST = 24 * 2**20  # bytes of answers that a process keeps
ASIDE = 3_000  # bytes that an answer takes beside its bodies: headers, address and the like
SMALLEST_WORTH_IT = 500  # bytes
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
IDENTITY = "identity"
PACKED = ("application/zip",)  # as small as it gets
TOLD_AGAIN = {"cache-control", "etag", "vary", "access-control-allow-origin", "access-control-expose-headers"}


@dataclass(frozen=True, slots=True)
class Form:
    """An answer in one encoding: the body, its headers, and those of a 304 for whoever has it."""

    body: bytes
    headers: Headers
    unchanged: Headers
    etag: str


@dataclass(slots=True)
class Answer:
    """What is said at an address. `used`: somebody asked for it again since it was last up for leaving."""

    status: str
    forms: dict[str, Form]
    size: int
    used: bool = False

    def form(self, accepted: str) -> Form:
        """Return the best form that an Accept-Encoding header takes."""
        return self.forms[encoding(accepted)]


def finished(status: str, headers: Headers, body: bytes) -> Answer:
    """Make an answer of what a view said, in every encoding.

    Only of what holds no secret of its reader: the size of a compressed page would leak it (BREACH).
    """
    headers = [(name, value) for name, value in headers if name.lower() not in {"content-length", "vary", "etag"}]
    bodies = {IDENTITY: body}
    is_packed = any(name.lower() == "content-type" and value in PACKED for name, value in headers)
    if len(body) >= SMALLEST_WORTH_IT and not is_packed:
        bodies |= {name: encode(body) for name, encode in ENCODERS.items()}
        headers.append(("Vary", "Accept-Encoding"))
    # Nobody asks whether anything but a page has changed
    tag = hashlib.sha256(body).hexdigest()[:32] if status.startswith("200") else ""
    forms = {name: _form(name, one, headers, tag and f'"{tag}-{name}"') for name, one in bodies.items()}
    size = ASIDE + sum(len(one) for one in bodies.values())
    return Answer(status, {name: forms.get(name, forms[IDENTITY]) for name in (*ENCODERS, IDENTITY)}, size)


def _form(name: str, body: bytes, headers: Headers, etag: str) -> Form:
    headers = [*headers, ("Content-Length", str(len(body)))]
    if etag:
        headers.append(("ETag", etag))
    if name != IDENTITY:
        headers.append(("Content-Encoding", name))
    return Form(body, headers, [one for one in headers if one[0].lower() in TOLD_AGAIN], etag)


@lru_cache(maxsize=256)
def encoding(accepted: str) -> str:
    """Return the best of our encodings that an Accept-Encoding header takes."""
    taken = {
        part.split(";")[0].strip().lower()
        for part in accepted.split(",")
        if not re.search(r";\s*q\s*=\s*0(\.0*)?\s*$", part)
    }
    return next((name for name in ENCODERS if name in taken), IDENTITY)


@dataclass(eq=False)
class Answers:
    """The answers of one generation, by their addresses; what was not asked for again leaves first.

    `at` is the second as of which the record was last heard to stand so. To find an answer takes no lock.
    """

    generation: Hashable
    at: datetime
    most: int = MOST
    size: int = 0
    kept: OrderedDict[Hashable, Answer] = field(default_factory=OrderedDict)
    _turns: dict[Hashable, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.since = self.at

    def get(self, address: Hashable) -> Answer | None:
        answer = self.kept.get(address)
        if answer:
            answer.used = True
        return answer

    def keep(self, address: Hashable, answer: Answer) -> None:
        """Keep an answer, and let others leave for it. One that is larger than all that may be is not kept."""
        if answer.size > self.most:
            return
        with self._lock:
            if address not in self.kept:
                self.kept[address] = answer
                self.size += answer.size
            while self.size > self.most:
                self._let_one_leave()

    def _let_one_leave(self) -> None:
        """Each that was asked for again is passed over once: so those asked for once alone never drive it out."""
        address, answer = next(iter(self.kept.items()))
        if answer.used:
            answer.used = False
            self.kept.move_to_end(address)
        else:
            del self.kept[address]
            self.size -= answer.size

    @contextmanager
    def turn(self, address: Hashable) -> Iterator[None]:
        """Let one thread at a time make the answer of an address."""
        with self._lock:
            turn = self._turns.setdefault(address, Lock())
        with turn:
            try:
                yield
            finally:
                with self._lock:
                    self._turns.pop(address, None)
