"""What a process takes of memory while edition after edition goes live."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.bench import load
from tests.bench.clockwork import QUICK, Databases, Row, kilobytes  # it sets Django up

from django.db import connection  # isort: skip

from categories.models import Edition  # isort: skip
from categories.public.generations import Generations  # isort: skip
from tests.bench.growth import original  # isort: skip
from tests.bench.hot import CATEGORY, G  # isort: skip
from tests.door import AtOnce, Reader  # isort: skip
from tests.growth import fill_with_editions  # isort: skip

EDITIONS = 200 if QUICK else 1_000


def rows(folder: Path) -> Iterator[Row]:
    Databases(folder).make("editions", lambda: fill_with_editions(original(), EDITIONS))
    moments = list(Edition.objects.order_by("number").values_list("live_at", flat=True))
    now = moments[0]
    reader = Reader(generations=Generations(clock=lambda: (now + timedelta(seconds=1)).timestamp(), asker=AtOnce()))
    early = 0.0
    for place, now in enumerate(moments):  # noqa: B007 - the clock of the reader
        for path in (G, f"{G}?level=3", CATEGORY, f"{G}categories.csv"):
            assert reader.get(path, headers={"accept-encoding": "br"}).status_code == 200
        if place == EDITIONS // 10:
            early = load.memory([os.getpid()])
    late = load.memory([os.getpid()])
    assert reader.door.state().misses == 4 * EDITIONS
    what = f"{EDITIONS:,} editions live after each other: memory"
    yield Row(what, kilobytes(late), f"{kilobytes(early)} after a tenth", late / early, 1.1)
    connection.close()
