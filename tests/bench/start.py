"""What it takes until a server that was started can be sent visitors."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from tests.bench import load
from tests.bench.clockwork import Row, milliseconds
from tests.bench.hot import G
from tests.server import serving

LIMIT = 5  # seconds of processor time


def rows(folder: Path) -> Iterator[Row]:
    with serving(folder, "tests.browser.seed", WEB_CONCURRENCY="1") as site:
        for path in ("/readyz", G):
            start = time.monotonic()
            urlopen(site.url + path).close()  # noqa: S310 - our own
            first = time.monotonic() - start
        spent = load.processor([site.process.pid, *site.workers()])
    what, limit = "from start to ready and a first page: processor time", f"limit {LIMIT} s"
    yield Row(what, milliseconds(spent), limit, spent / LIMIT, 1)
    yield Row("first page of a process, by the clock", milliseconds(first), "limit 1,000 ms", first, 1)
