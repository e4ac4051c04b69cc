"""Many requests with random parameters: what is in use stays, and what is kept stays in its bound."""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.bench.clockwork import QUICK, Databases, Row, kilobytes  # it sets Django up

from django.db import connection  # isort: skip

from categories.public.answers import MOST  # isort: skip
from tests.bench.growth import original  # isort: skip
from tests.bench.hot import KINDS  # isort: skip
from tests.door import Reader  # isort: skip
from tests.factories import publish  # isort: skip

NAMES, VALUES = (5_000, 100) if QUICK else (100_000, 3_000)
HOT = [path for paths in KINDS.values() for path in paths]
EVERY = 500  # requests, somebody asks for what is in use


def rows(folder: Path) -> Iterator[Row]:
    Databases(folder).make("junk", lambda: publish(original()))
    reader, chance = Reader(), random.Random(12)  # noqa: S311 - not for secrets
    hot = [path for path in HOT if reader.get(path).status_code in (200, 301)]
    kept = reader.door.state()
    for place in range(NAMES):
        reader.get(f"{chance.choice(hot).partition('?')[0]}?x{chance.getrandbits(64)}={chance.getrandbits(64)}")
        if place % EVERY == 0:
            for path in hot:
                reader.get(path)
    found = reader.door.state()
    what = f"{NAMES:,} random parameters"
    grown = found.answers - kept.answers - len({path.partition("?")[0] for path in hot} - set(hot))
    yield Row(f"{what}: answers kept more", str(grown), f"{kept.answers} in use", grown, 0)
    largest, made_again = 0, 0
    for place in range(VALUES):
        reader.get(f"{hot[0]}?q={chance.getrandbits(64)}")
        largest = max(largest, reader.door.state().size)
        if place % (EVERY // 5) == 0:
            misses = reader.door.state().misses
            for path in hot:
                reader.get(path)
            made_again += reader.door.state().misses - misses
    what = f"{VALUES:,} random words to search"
    yield Row(f"{what}: pages in use made again", str(made_again), f"{len(hot)} in use", made_again, 0)
    yield Row(f"{what}: bytes kept at most", kilobytes(largest), f"limit {kilobytes(MOST)}", largest / MOST, 1)
    connection.close()
