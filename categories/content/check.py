"""Which categories may fit each qualification of a list: by the rules of the finder and the words of titles. Pure.

What comes out is candidates, never a verdict: a category is left out only where it states something else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from . import finder, search
from .finder import Answers, Candidate
from .qualifications import Columns, Row, Table
from .schema import Category, Content
from .words import joined

NUMBER = re.compile(r"[0-9]+")
IN_TITLE = re.compile(r" level ([0-9])(?= )")
# Words of titles that tell no category from another
LITTLE = {"a", "an", "and", "at", "by", "for", "in", "level", "of", "on", "only", "or", "the", "to", "with"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row says that the finder can take, and in sentences what of it could not be taken."""

    levels: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    type: str = ""
    unknown_level: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """A category that may fit: why, and what is not stated, in sentences."""

    category: Category
    why: tuple[str, ...]
    not_stated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One qualification with the categories that may fit it, those named by its title first."""

    row: Row
    title: str
    said: str
    fits: tuple[Fit, ...]
    left_out: tuple[str, ...]
    explanation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """By what words the categories of a guidance are called, for all the rows of a list.

    `telling` are those of each title that tell it from others: all but `common`.
    """

    common: frozenset[str]
    kinds: Mapping[UUID, search.Stems]
    telling: Mapping[UUID, list[str]]

    def of_type(self, kind: str) -> set[UUID]:
        """Return the categories that are called by all the telling words of a type."""
        if not (words := _telling(kind, self.common)):
            return set()
        return {id for id, name in self.kinds.items() if all(search.has(name, word) for word in words)}

    def named(self, title: str) -> set[UUID]:
        """Return the categories of which a title has all the telling words."""
        text = search.stems(title)
        return {id for id, words in self.telling.items() if words and all(search.has(text, word) for word in words)}


@dataclass(frozen=True, slots=True)
class Group:
    """Qualifications of which the same was found."""

    said: str
    checked: tuple[Checked, ...]

    @property
    def first(self) -> Checked:
        return self.checked[0]


def check(content: Content, table: Table, columns: Columns, day: date) -> list[Checked]:
    """Return every qualification of a list with the categories that may fit it on a day."""
    called = _called(content)

    @cache
    def result(levels: tuple[str, ...], cohorts: tuple[str, ...]) -> finder.Result:
        answered = {"level": levels, "cohort": cohorts}
        answers = Answers({name: values for name, values in answered.items() if values})
        return finder.result(content, answers, day)

    def checked(row: Row) -> Checked:
        asked, title = _asked(content, row, columns), row.cell(columns.get("title"))
        found = result(asked.levels, asked.cohorts)
        fits, explanation, left_out = _fits(content, found, title, asked, called)
        return Checked(row, title, _said(content, asked), fits, (*asked.left_out, *left_out), explanation)

    return [checked(row) for row in table.rows]


def grouped(found: Iterable[Checked]) -> list[Group]:
    """Put together the qualifications of which the same was found, in the order of the list."""
    groups: dict[tuple[object, ...], list[Checked]] = {}
    for one in found:
        groups.setdefault((one.said, one.fits, one.left_out, one.explanation), []).append(one)
    return [Group(those[0].said, tuple(those)) for those in groups.values()]


def _asked(content: Content, row: Row, columns: Columns) -> Asked:
    title, level, learners, kind = (row.cell(columns.get(name)) for name in ("title", "level", "learners", "type"))
    known = [str(one.number) for one in content.levels]
    numbers = NUMBER.findall(level) or (IN_TITLE.findall(search.stems(title)) if not level else [])
    levels = tuple(one for one in dict.fromkeys(numbers) if one in known)
    cohorts = _cohorts(content, learners)
    left_out = []
    if learners and not cohorts:
        names = joined((one.name.lower() for one in content.cohorts), "or")
        left_out.append(f"Learners “{learners}” are none of this guidance ({names}), so they were left out.")
    unknown = "" if levels else level or joined(numbers)
    return Asked(levels, cohorts, kind, unknown, tuple(left_out))


def _cohorts(content: Content, learners: str) -> tuple[str, ...]:
    """Return the cohorts that a cell names, in words or by the ages in their names: “16-19” is “16 to 19”."""
    text, ages = search.stems(learners), " ".join(NUMBER.findall(learners))
    found = []
    for cohort in content.cohorts:
        of_name = " ".join(NUMBER.findall(cohort.name))
        if search.has(text, search.stems(cohort.name).strip()) or (of_name and f" {of_name} " in f" {ages} "):
            found.append(cohort.slug)
    return tuple(found)


def _said(content: Content, asked: Asked) -> str:
    """Say what was taken of a row: 'Level 3, 16 to 19'."""
    names = [content.cohort_by_slug[slug].name for slug in asked.cohorts]
    levels = f"Level {joined(asked.levels)}" if asked.levels else f"Level “{asked.unknown_level}”"
    if not asked.levels and not asked.unknown_level:
        levels = "Level not given"
    learners = joined([names[0], *(name.lower() for name in names[1:])]) if names else "learners not given"
    return f"{levels}, {learners}" + (f", “{asked.type}”" if asked.type else "")


def _kind(content: Content, category: Category) -> str:
    """Return the words by which a category is called, its short forms too."""
    text = search.stems(category.title) + "".join(map(search.stems, category.synonyms))
    return text + search.spelled_out(text, content.short_forms)


def _called(content: Content) -> Called:
    categories = content.current_categories
    titles = [set(search.stems(category.title).split()) for category in categories]
    shared = set.intersection(*titles) if titles else set()
    cohorts = {word for cohort in content.cohorts for word in search.stems(cohort.name).split()}
    common = frozenset(shared | cohorts | LITTLE)
    return Called(
        common,
        {category.id: _kind(content, category) for category in categories},
        {category.id: _telling(category.title, common) for category in categories},
    )


def _telling(text: str, common: frozenset[str]) -> list[str]:
    """Return the words of a name that tell a category from another: not the common ones, nor numbers."""
    return [word for word in search.stems(text).split() if word not in common and not word.isdecimal()]


def _fits(
    content: Content, found: finder.Result, title: str, asked: Asked, called: Called
) -> tuple[tuple[Fit, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the categories that may fit, why none does, and what could not be taken."""
    if asked.unknown_level:
        known = joined((str(one.number) for one in content.levels), "or")
        return (), (f"This guidance has no level “{asked.unknown_level}”, but {known}.",), ()
    candidates, left_out = list(found.candidates), []
    of_type = called.of_type(asked.type)
    if asked.type and not of_type:
        left_out.append(f"No category is called “{asked.type}”, so the type was left out.")
    if of_type:
        candidates = [one for one in candidates if one.category.id in of_type]
        if not candidates and found.candidates:
            return (), (f"No category that is called “{asked.type}” fits the rest.",), ()
    named = called.named(title)
    fits = [_fit(one, asked.type if of_type else "", one.category.id in named) for one in candidates]
    fits.sort(key=lambda one: one.category.id not in named)  # stable: else in the order of the page
    return tuple(fits), found.explanation, tuple(left_out)


def _fit(candidate: Candidate, kind: str, is_named: bool) -> Fit:
    why = list(candidate.matches)
    if kind:
        why.append(f"it is called “{kind}”")
    if is_named:
        why.append("the title of the qualification has its name")
    return Fit(candidate.category, tuple(why), candidate.not_stated)
