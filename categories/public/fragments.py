"""Parts of pages that depend on an edition, a day and an address alone: made once for every page that has them."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString

from .readings import Published, Reading

READINGS = 8  # as many as contents stay parsed
MOST = 3_000  # parts of one reading


@lru_cache(maxsize=READINGS)
def _kept(record_digest: str, day: date, base: str) -> dict[tuple[Any, ...], SafeString]:
    return {}


def once(reading: Reading, name: tuple[Any, ...], make: Callable[[], SafeString]) -> SafeString:
    """Return a part of a page by its name, made anew only where it was not made in this reading before.

    What is not published yet, and may change under the same address, is always made anew.
    """
    if not isinstance(reading, Published):
        return make()
    kept = _kept(reading.edition.record_digest, reading.day, reading.base)
    found = kept.get(name)
    if found is None:
        found = make()
        if len(kept) < MOST:
            kept[name] = found
    return found


def clear() -> None:
    """Forget every part that was made."""
    _kept.cache_clear()
