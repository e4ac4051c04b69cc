"""What a reader follows: all of a guidance, one of its categories, or those that a filter finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from ..content import diff, filters
from ..content.arrivals import Arrival
from ..content.schema import Category, Content, Step
from ..models.edition import Edition
from . import resolver
from .readings import Current

ID = "id:"


@dataclass(frozen=True)
class Followed:
    """Everything, or the records that `records` returns for a content on a day."""

    records: Callable[[Content, date], set[UUID]] | None = None

    def told(self, content: Content, before: Content | None, day: date) -> set[UUID] | None:
        """Return the records to tell of where one content came after another on a day; None is all."""
        if self.records is None:
            return None
        return self.records(content, day) | (self.records(before, day) if before else set())

    def concerns(self, found: list[diff.Change]) -> bool:
        """Whether an edition is told of: everything is, or what changed something of those records."""
        return self.records is None or bool(found)

    def changes(self, before: Edition | None, edition: Edition) -> list[diff.Change]:
        """Return what an edition changed of it. The first edition has none to be compared with."""
        return self.between(before.content if before else None, edition.content, timezone.localdate(edition.live_at))

    def between(self, earlier: Content | None, content: Content, day: date) -> list[diff.Change]:
        """Return what changed of it where one content came, or is to come, after another on a day."""
        told = self.told(content, earlier, day)
        if told is None:
            return diff.changes(earlier, content) if earlier else []
        if len(told) == 1:
            [only] = told
            change = diff.change_of_category(only, earlier, content)
            return [change] if change else []
        return [change for change in diff.changes(earlier, content) if change.id in told]

    def steps(self, content: Content, arrival: Arrival) -> list[tuple[Category, Step]]:
        """Return the steps of a month that came, of what it is about, before that midnight or since."""
        day = timezone.localdate(arrival.at)
        told = self.records and self.records(content, day) | self.records(content, day - timedelta(days=1))
        return [one for one in arrival.steps if told is None or one[0].id in told]


EVERYTHING = Followed()


def of_category(record: UUID) -> Followed:
    return Followed(lambda content, day: {record})


def of_filter(query: filters.Query) -> Followed:
    return Followed(lambda content, day: {category.id for category in filters.matching(content, query, day)})


@dataclass(frozen=True)
class Subject:
    """What an alert is about: as it is written down, in words, where that stands, and what is told of it.

    `lost` says why more is told than was asked for: nobody should miss something without knowing. `to_anybody` is the
    same in words that are all of the site: a mail to confirm goes to an address that somebody else may have typed, and
    must not carry what they like to say.
    """

    about: str
    words: str
    url: str
    followed: Followed
    lost: str = ""
    to_anybody: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "to_anybody", self.to_anybody or self.words)

    @property
    def is_all(self) -> bool:
        return not self.about


def subject(reading: Current, about: str) -> Subject:
    """Return what an alert is about, as it is called now. Former slugs in a filter are read as the present ones."""
    content = reading.content
    everything = Subject("", f"“{content.title}”", reading.base, EVERYTHING)
    if not about:
        return everything
    if about.startswith(ID):
        record = UUID(about.removeprefix(ID))
        if category := content.category_by_id.get(record):
            url = reading.url("category", category.slug)
            return Subject(about, f"“{category.title}”", url, of_category(record))
        return _lost(everything, about, "The category that you follow is not part of the guidance any more")
    asked = resolver.present_query(reading, QueryDict(about), filters.NAMING) or about
    query, problems = filters.parse(QueryDict(asked), content)
    if problems:
        return _lost(everything, about, f"Your filter cannot be used any more: {problems[0].wrong.rstrip('.')}")
    url = f"{reading.base}?{query.query_string()}"
    return Subject(about, _words(content, query), url, of_filter(query), to_anybody=_without_search(content, query))


def _words(content: Content, query: filters.Query) -> str:
    return f"“{content.title}”" + ("" if query.is_empty else f": {filters.in_words(content, query)}")


def _without_search(content: Content, query: filters.Query) -> str:
    """Say what a query finds without the words that it searches for."""
    rest = _words(content, query.without(filters.WORDS))
    return f"a search of {rest}" if query.q else rest


def _lost(everything: Subject, about: str, why: str) -> Subject:
    return Subject(about, everything.words, everything.url, EVERYTHING, f"{why}. So you are told of all of it.")


def asked_for(reading: Current, asked: Any) -> tuple[Subject, list[filters.Problem]]:
    """Return what a query of an address asks to follow, or what is wrong with it."""
    content = reading.content
    if slug := asked.get("category", ""):
        if category := content.category_by_slug.get(slug):
            return subject(reading, f"{ID}{category.id}"), []
        return subject(reading, ""), [filters.Problem("category", "There is no such category in this guidance.")]
    query, problems = filters.parse(asked, content)
    return subject(reading, "" if problems else query.query_string()), problems
