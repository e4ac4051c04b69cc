"""Readers who ask all the time, and what they got."""

import http.client
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote, urlsplit

G = "/guidance/technical-qualification-categories/"
CATEGORY = f"{G}categories/level-3-t-level/"
HOT = [G, CATEGORY, f"{G}categories.csv", f"{G}updates.atom", "/api/v1/guidance/technical-qualification-categories/"]
READERS = 6
PAUSE = 0.02  # seconds between two questions of a reader
EACH_HAS_IT = 12  # times that a page is asked for, until every process has it
LONGEST = 20  # seconds that one waits
NONE: dict[str, str] = {}
HEADERS = {"Host": "guidance.example.org"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


Question = tuple[str, str, str | None]  # method, address, body


def kinds(static: str) -> dict[str, Callable[[], Question]]:
    return {
        "hot": lambda: ("GET", random.choice(HOT), None),  # noqa: S311 - what is asked is random
        "cold": lambda: ("GET", f"{G}?q={random.randrange(10**9)}", None),  # noqa: S311
        "sent": lambda: ("POST", f"{G}check/", "list=Level+3+T+Level"),  # which nothing may send twice
        "health": lambda: ("GET", "/healthz", None),
        "static": lambda: ("GET", static, None),
    }


@dataclass(frozen=True, slots=True)
class Answer:
    kind: str
    status: int  # 0: none
    seconds: float


class Load:
    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.over = threading.Event()

    def read(self, url: str, asked: dict[str, Callable[[], Question]], seed: int) -> None:
        place, number = urlsplit(url).netloc, seed
        line = http.client.HTTPConnection(place, timeout=LONGEST)
        names = list(asked)
        while not self.over.is_set():
            kind = names[number % len(names)]
            number += 1
            began = time.perf_counter()
            try:
                method, path, body = asked[kind]()
                line.request(method, path, body, HEADERS | FORM if body else HEADERS)
                response = line.getresponse()
                response.read()
                status = response.status
            except (OSError, http.client.HTTPException):
                line.close()
                status = 0
            self.answers.append(Answer(kind, status, time.perf_counter() - began))
            time.sleep(PAUSE)

    def table(self) -> Iterator[str]:
        by_kind: dict[str, list[Answer]] = defaultdict(list)
        for answer in self.answers:
            by_kind[answer.kind].append(answer)
        for kind, answers in sorted(by_kind.items()):
            counts = Counter(answer.status or "none" for answer in answers)
            slowest = max(answer.seconds for answer in answers)
            said = ", ".join(f"{count} × {status}" for status, count in sorted(counts.items(), key=str))
            yield f"    {kind:<7} {said}; slowest {slowest:.2f} s"


@contextmanager
def readers(urls: list[str], static: str) -> Iterator[Load]:
    """Let readers ask until the end, each of one place."""
    load = Load()
    threads = [
        threading.Thread(target=load.read, args=(urls[number % len(urls)], kinds(static), number))
        for number in range(READERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


def warm(url: str, static: str) -> None:
    """Ask for every hot page so often that each process of an instance has each of them."""
    for path in [*HOT * EACH_HAS_IT, static]:
        status_of(url, path, 20)


def status_of(url: str, path: str, timeout: float = 3, method: str = "GET", headers: dict[str, str] = NONE) -> int:
    """Return the status that an address is answered with, or 0 for no answer."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        line.request(method, path, headers=headers | HEADERS)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


@dataclass(frozen=True)
class Said:
    status: int
    headers: Message
    body: bytes

    @property
    def told(self) -> tuple[int, str | None, bytes]:
        """Return what a reader gets: where a redirect leads, or else what stands there."""
        led = self.headers["Location"]
        return self.status, led and unquote(led), b"" if led else self.body


def answer_of(url: str, path: str) -> Said:
    """Return what an address is answered with, wherever it leads."""
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)) as line:
        line.request("GET", path, headers=HEADERS | {"X-Forwarded-Proto": "http"})
        with line.getresponse() as answer:
            return Said(answer.status, answer.headers, answer.read())
