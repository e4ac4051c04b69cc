"""A publication a second while readers ask without a pause: what they see, and what a worker then takes of memory."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

from tests import postgres
from tests.bench import load
from tests.bench.clockwork import QUICK, Row, kilobytes
from tests.bench.hot import CATEGORY
from tests.server import Server, serving

TIMES = 8 if QUICK else 60
READERS = 4
MEMORY = 100_000_000  # bytes of a worker
SAID = re.compile(rb"Said in edition (\d+)")


@dataclass(frozen=True)
class Seen:
    """Which edition a page was of, or None where the answer was another than 200, and when it was asked for and had."""

    number: int | None
    asked: float
    had: float


def rows(folder: Path) -> Iterator[Row]:
    with postgres.server() if postgres.is_installed() else nullcontext("") as url:
        where = {"DATABASE_URL": url} if url else {}
        with serving(folder, "tests.scheduled", WEB_CONCURRENCY="2", **where) as site, ThreadPoolExecutor() as pool:
            program = ("-m", "tests.scheduled", "publish", str(TIMES))
            running = pool.submit(site.run, *program, DJANGO_SETTINGS_MODULE="tests.settings")
            readers = list(pool.map(lambda _: read(site, running.done), range(READERS)))
            lines = [line.split() for line in running.result().splitlines()]
            memory = load.memory(site.workers())
    live_at = {1: 0.0} | {int(line[0]): float(line[2]) for line in lines}
    everything = [seen for reader in readers for seen in reader]
    pages = [seen for seen in everything if seen.number]
    backwards = sum(
        (later.number or 0) < (sooner.number or 0)
        for reader in readers
        for sooner, later in pairwise(reader)
        if later.number
    )
    wrong = sum(not newest(live_at, seen.asked) <= (seen.number or 0) <= newest(live_at, seen.had) for seen in pages)
    what, answers = f"{TIMES} publications, one a second", f"{len(everything):,} answers"
    failed = len(everything) - len(pages)
    yield Row(f"{what}: answers but 200", str(failed), answers, failed, 0)
    yield Row(f"{what}: newer, then older", str(backwards), answers, backwards, 0)
    yield Row(f"{what}: not the one of its second", str(wrong), answers, wrong, 0)
    yield Row(f"{what}: memory of a worker", kilobytes(memory), f"limit {kilobytes(MEMORY)}", memory / MEMORY, 1)


def newest(live_at: dict[int, float], at: float) -> int:
    return max(number for number, second in live_at.items() if second <= at)


def read(site: Server, is_over: Callable[[], bool]) -> list[Seen]:
    http, found = HTTPConnection("127.0.0.1", site.port), []
    while not is_over() or time.time() < found[-1].asked:
        asked = time.time()
        http.request("GET", CATEGORY)
        response = http.getresponse()
        body = response.read()
        said = SAID.search(body)
        number = (int(said[1]) if said else 1) if response.status == 200 else None
        found.append(Seen(number, asked, time.time()))
    return found
