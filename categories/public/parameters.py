"""Which parameters of a query a public answer can depend on. All others are left out before a view is asked. Pure."""

from functools import lru_cache
from urllib.parse import unquote_plus

from ..content import compare, filters, finder, glance

QUESTIONS = ("level", "relationship", "t-level", "cohort")
DAYS = ("on", "at", "day", "month", "year")
RECORD = ("page", "from", "before")
TOOLS = (finder.CHANGE, finder.ANSWERING, compare.PARAMETER, glance.ORDER)
KNOWN = {*filters.PARAMETERS, *QUESTIONS, *TOOLS, *DAYS, *RECORD}
FEED = "/updates.atom"
MEANT = (*filters.LEGENDS, *QUESTIONS)


@lru_cache(maxsize=1024)
def counts(name: str) -> bool:
    """Whether a parameter is known, or so like one that is that an answer names it."""
    return name in KNOWN or any(filters.misspelt([name], MEANT, KNOWN))


def divided(query: str, path: str = "") -> tuple[str, str]:
    """Divide a query string into what counts and the rest, both as they are written and in their order.

    A feed refuses what it does not take, so all of what is asked of one counts.
    """
    if path.endswith(FEED):
        return query, ""
    found: dict[bool, list[str]] = {True: [], False: []}
    for pair in query.split("&"):
        found[counts(unquote_plus(pair.partition("=")[0]))].append(pair)
    return "&".join(found[True]), "&".join(found[False])
