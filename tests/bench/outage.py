"""The database stopped under load: finished pages go on."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests import postgres
from tests.bench import load
from tests.bench.clockwork import QUICK, Row
from tests.bench.hot import KINDS
from tests.server import Server, serving

SECONDS = 6 if QUICK else 60
MADE = 500  # microseconds of processor time for each answer: more, and some of them were made
PATHS = [path for paths in KINDS.values() for path in paths]


def rows(folder: Path) -> Iterator[Row]:
    if not postgres.is_installed():
        print("PostgreSQL is not installed: no outage is measured")
        return
    with (
        postgres.server() as url,
        serving(folder, "tests.browser.seed", DATABASE_URL=url, WEB_CONCURRENCY="2") as site,
    ):
        before = everything_kept(site, folder)
        with postgres.away(url):
            away = asked(site, folder, SECONDS)
        after = everything_kept(site, folder)
    what = f"database away for {SECONDS} seconds"
    yield Row(f"{what}: answers but 200", str(away.failed), f"{away.answers:,} answers", away.failed, 0)
    yield Row(f"{what}: answers but 200 after it", str(after.failed), f"{after.answers:,} answers", after.failed, 0)
    yield Row(f"{what}: rate", f"{away.per_second:,.0f}/s", f"{before.per_second:,.0f}/s before",
              away.per_second / before.per_second, 0.5, floor=True)  # fmt: skip


def everything_kept(site: Server, folder: Path) -> load.Burst:
    """Ask until no worker makes a page any more, over connections that are new each time, and return the last burst."""
    end, bursts = time.monotonic() + 120, 0
    while (found := asked(site, folder, 1)).microseconds > MADE or not found.answers or bursts < 8:
        bursts += 1
        assert time.monotonic() < end, found
    return found


def asked(site: Server, folder: Path, seconds: float) -> load.Burst:
    script = load.script(folder, PATHS)
    return load.burst(site.url, site.workers(), seconds, script, connections=64, Accept_Encoding="br")
