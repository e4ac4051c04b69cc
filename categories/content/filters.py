"""Which categories a reader asked for: one parser and one way of matching for the page, the CSV and the API. Pure.

Parameters are `level`, `cohort`, `availability` and `approval`, each repeatable, and `q` for words. A category matches
when it has any of the values within each parameter, and every word. Values come from the content.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from . import markdown
from .schema import Category, Content
from .vocabulary import LATER, NOT_STATED, RecordKind
from .words import CONTROL_CHARACTERS, MOST_NAMED, inside, joined, quoted, shown

Params = MultiValueDict[str, str]

LEGENDS = {
    "level": "Level",
    "cohort": "Cohort",
    "availability": "Availability",
    "approval": "Approval test or power",
}
# The parameters whose values are slugs, and of what
NAMING = {
    "cohort": RecordKind.COHORT,
    "availability": RecordKind.AVAILABILITY,
    "approval": RecordKind.APPROVAL_TEST,
}
WORDS = "q"
PARAMETERS = (*LEGENDS, WORDS)
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One parameter that cannot be taken as it was given: what was wrong, and what would be right in an address.

    People choose from what a page shows, so they are told what was wrong; programs get the whole message.
    """

    parameter: str
    wrong: str
    right: str = ""

    @property
    def message(self) -> str:
        return f"{self.wrong} {self.right}".rstrip()


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asked for. Values are in the order of the content, unknown ones last."""

    level: tuple[str, ...] = ()
    cohort: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    q: str = ""

    def values(self, parameter: str) -> tuple[str, ...]:
        """Return the values asked for of a parameter other than `q`."""
        found: tuple[str, ...] = getattr(self, parameter)
        return found

    @property
    def is_empty(self) -> bool:
        return self == Query()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `q` as they are looked for, each once."""
        return tuple(dict.fromkeys(_sought(fold(word)) for word in WORD.findall(self.q)))

    def query_string(self) -> str:
        """Return the one way of writing this query, without a question mark. It parses back to this query."""
        pairs = [(name, value) for name in LEGENDS for value in self.values(name)]
        return urlencode([*pairs, (WORDS, self.q)] if self.q else pairs)

    def without(self, *parameters: str) -> "Query":
        """Return this query without anything that the parameters ask for."""
        empty: dict[str, Any] = {name: "" if name == WORDS else () for name in parameters}
        return replace(self, **empty)

    def without_value(self, parameter: str, value: str) -> "Query":
        """Return this query without one value of a parameter other than `q`."""
        kept: dict[str, Any] = {parameter: tuple(given for given in self.values(parameter) if given != value)}
        return replace(self, **kept)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a parameter. `count` is how many categories match every other parameter and this value."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One parameter with the values there are to choose from."""

    parameter: str
    legend: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """One thing the reader asked for, and the query string that asks for everything else."""

    parameter: str
    legend: str
    label: str
    query_string: str


def labels(content: Content) -> dict[str, dict[str, str]]:
    """Return every value that each parameter other than `q` can have, with its label, in the order of the content."""
    return {
        "level": {str(level.number): f"Level {level.number}" for level in content.levels},
        "cohort": {**{cohort.slug: cohort.name for cohort in content.cohorts}, NOT_STATED: "Not stated"},
        "availability": {**_states(content), NOT_STATED: "Not stated"},
        "approval": {test.slug: test.name for test in content.current_approval_tests},
    }


def _states(content: Content) -> dict[str, str]:
    """Every state by its value, each that counts from a month followed by the one before that month has come."""
    states = {}
    for state in content.availabilities:
        states[state.slug] = state.name
        if state.dated:
            states[f"{state.slug}{LATER}"] = f"{state.name} later"
    return states


def parse(params: Params, content: Content) -> tuple[Query, list[Problem]]:
    """Read a query string: what it asks for, and every parameter that cannot be taken as it was given.

    An unknown value stays in the query, where it matches nothing; of many, the few that are named do, which comes to
    the same. Parameters that are none of ours are left alone, but for those that look like one of ours misspelt.
    """
    problems = [
        Problem(shown(name), f"“{shown(name)}” is not a filter, so it was ignored.", f"Did you mean “{meant}”?")
        for name, meant in misspelt(params, LEGENDS, PARAMETERS)
    ]
    chosen = {}
    for name, known in labels(content).items():
        values = list(dict.fromkeys(filter(None, map(shown, params.getlist(name)))))
        chosen[name] = tuple([value for value in known if value in values])
        if unknown := [value for value in values if value not in known]:
            chosen[name] += tuple(unknown[:MOST_NAMED])
            problems.append(_unknown(name, unknown, known))
    q, word_problems = _words(" ".join(params.getlist(WORDS)))
    return Query(**chosen, q=q), [*problems, *word_problems]


def misspelt(names: Iterable[str], meant: Iterable[str], known: Container[str]) -> Iterator[tuple[str, str]]:
    """Return the names that are not known but look like ones that could be meant, each with the one it is most like."""
    possible = list(meant)
    for name in names:
        if name not in known and (found := get_close_matches(name.lower(), possible, n=1, cutoff=0.8)):
            yield name, found[0]


def _unknown(name: str, unknown: list[str], known: Iterable[str]) -> Problem:
    what = "is not in this guidance, so it matches" if len(unknown) == 1 else "are not in this guidance, so they match"
    right = f"Use {joined(known, 'or')}." if known else "This guidance has none."
    return Problem(name, f"{LEGENDS[name]} {quoted(unknown)} {what} nothing.", right)


def _words(text: str) -> tuple[str, list[Problem]]:
    problems = []
    if found := CONTROL_CHARACTERS.search(text):
        message = f"The search words had the control character U+{ord(found[0]):04X}, which was taken out."
        problems.append(Problem(WORDS, message + " Use letters and numbers."))
    text = " ".join(CONTROL_CHARACTERS.sub(" ", text).split())
    if len(text) > LONGEST_WORDS:
        message = f"The search words were too long, so the rest was left out. Use at most {LONGEST_WORDS} characters."
        problems.append(Problem(WORDS, message))
        text = text[:LONGEST_WORDS].rstrip()
    if text and not WORD.search(text):
        problems.append(
            Problem(WORDS, f"There is no word in “{text}” to search for, so it was ignored. Use letters or numbers.")
        )
    return text, problems


# A letter or digit, then more of them with the accents that may stand apart and the apostrophes inside words
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’](?=[^\W_]))*")


def fold(text: str) -> str:
    """Return text as it is compared: without accents, case and apostrophes."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter not in "'’" and not unicodedata.combining(letter))


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    """Return the folded words of a Markdown text, each after a space."""
    return "".join(f" {word}" for word in fold(" ".join(WORD.findall(markdown.plain(text)))).split())


def _sought(word: str) -> str:
    """Drop the ending of a plural, so that “standards” finds “standard” too."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _is_word(asked: str, word: str) -> bool:
    """Say whether a word is one that was asked for.

    The beginning of a word is enough, so that “standard” finds “standards” but “link” does not find “blinking”. One
    letter or digit has to be the whole word: the “T” of “T Level” must not find everything that is technical.
    """
    return word == asked if len(asked) == 1 else word.startswith(asked)


def _has_word(asked: str, text: str) -> bool:
    """Say the same of folded text, where every word follows a space."""
    return f" {asked} " in f"{text} " if len(asked) == 1 else f" {asked}" in text


def search_text(content: Content, category: Category) -> str:
    """Return the folded words of a category that `q` looks in, each after a space."""
    folded = map(_folded, [*_on_card(content, category), *_beside_card(content, category).values()])
    return "".join(folded)


def _on_card(content: Content, category: Category) -> Iterator[str]:
    """Return the texts to search that a list of categories shows of each."""
    yield from (category.title, category.relationship_text, category.aim)
    yield content.levels_words(category)
    yield from (content.cohort_by_slug[slug].name for slug in category.cohorts)
    yield from (test.name for test in content.tests_of(category))


def _beside_card(content: Content, category: Category) -> dict[str, str]:
    """Return the texts to search that a list shows only where words are found in them alone, by their field."""
    return {
        "relationship": content.relationship_by_slug[category.relationship].name,
        "t_level": content.t_level_by_slug[category.t_level].name if category.t_level else "",
        "example": category.example,
        "approval_text": category.approval_text,
        "availability_text": category.availability_text,
        "synonyms": "\n\n".join(category.synonyms),
    }


def more_to_show(content: Content, category: Category, query: Query) -> list[str]:
    """Return the fields, of those that a list does not show, with words of `q` that nothing else of a category has."""
    if not query.q:
        return []
    on_card = "".join(map(_folded, _on_card(content, category)))
    missing = [word for word in query.words if not _has_word(word, on_card)]
    beside = _beside_card(content, category) if missing else {}
    return [name for name, text in beside.items() if any(_has_word(word, _folded(text)) for word in missing)]


Values = Mapping[str, tuple[str, ...]]


def values_of(category: Category, on: date) -> dict[str, tuple[str, ...]]:
    """Return the values that a category has, on a day, of each parameter other than `q`."""
    return {
        "level": tuple(map(str, category.levels)),
        "cohort": category.cohorts or (NOT_STATED,),
        "availability": (category.availability_on(on),),
        "approval": category.approval_tests,
    }


@dataclass(frozen=True, slots=True)
class _Judged:
    """A category with its values, and the parameters that it does not match."""

    category: Category
    values: Values
    failed: frozenset[str]


def _judged(content: Content, query: Query, on: date) -> list[_Judged]:
    asked = {name: set(values) for name in LEGENDS if (values := query.values(name))}
    words = query.words
    found = []
    for category in content.current_categories:
        has = values_of(category, on)
        failed = {name for name, wanted in asked.items() if wanted.isdisjoint(has[name])}
        if words:
            text = search_text(content, category)
            if not all(_has_word(word, text) for word in words):
                failed.add(WORDS)
        found.append(_Judged(category, has, frozenset(failed)))
    return found


def matching(content: Content, query: Query, on: date) -> tuple[Category, ...]:
    """Return the categories that match on a day, in the order of the page. Withdrawn ones never do."""
    return tuple(judged.category for judged in _judged(content, query, on) if not judged.failed)


def facets(content: Content, query: Query, on: date) -> tuple[Facet, ...]:
    """Return every parameter other than `q` with its options, each with the count that it would give."""
    judged = _judged(content, query, on)
    to_come = {value for one in judged for value in one.values["availability"] if value.endswith(LATER)}
    found = []
    for name, known in labels(content).items():
        others_match = [one.values[name] for one in judged if one.failed <= {name}]
        counts = Counter(value for values in others_match for value in values)
        chosen = query.values(name)
        options = tuple(
            Option(value, label, counts[value], value in chosen)
            for value, label in known.items()
            if name != "availability" or not value.endswith(LATER) or value in to_come or value in chosen
        )
        found.append(Facet(name, LEGENDS[name], options))
    return tuple(found)


def selected(content: Content, query: Query) -> list[Selected]:
    """Return everything the query asks for, one by one, with the way to take each away."""
    known = labels(content)
    tags = [
        Selected(name, legend, known[name].get(value, f"“{value}”"), query.without_value(name, value).query_string())
        for name, legend in LEGENDS.items()
        for value in query.values(name)
    ]
    if query.q:
        tags.append(Selected(WORDS, "Search words", f"“{query.q}”", query.without(WORDS).query_string()))
    return tags


def in_words(content: Content, query: Query) -> str:
    """Say what a query asks for inside a sentence: 'level 4 or level 5, adults and the words “first aid”'."""
    known = labels(content)
    parts = [
        joined((_label_inside(name, value, known[name]) for value in query.values(name)), "or")
        for name in LEGENDS
        if query.values(name)
    ]
    return joined([*parts, f"the words “{query.q}”"] if query.q else parts)


def _label_inside(name: str, value: str, known: Mapping[str, str]) -> str:
    legend = inside(LEGENDS[name])
    if value not in known:
        return f"{legend} “{value}”"
    return f"{legend} not stated" if value == NOT_STATED else inside(known[value])


def explanation(content: Content, query: Query, on: date) -> list[str]:
    """Say in sentences why nothing matches and what would; empty when something does."""
    judged = _judged(content, query, on)
    if any(not one.failed for one in judged):
        return []
    if not judged:
        return ["This guidance has no categories."]
    sentences = [f"No category matches {in_words(content, query)}.", *_not_stated(content, query, judged)]
    asked = [name for name in PARAMETERS if getattr(query, name)]
    if len(asked) > 1:
        sentences += _what_would_match(content, query, judged, asked)
    return sentences


def _not_stated(content: Content, query: Query, judged: list[_Judged]) -> Iterator[str]:
    """Name the categories that fail only by what this guidance does not state of them."""
    known = labels(content)
    may_fit = {name for name in LEGENDS if not known[name].keys().isdisjoint(query.values(name))}
    titles: dict[frozenset[str], list[str]] = {}
    for one in judged:
        if one.failed <= may_fit and all(one.values[name] == (NOT_STATED,) for name in one.failed):
            titles.setdefault(one.failed, []).append(one.category.title)
    for failed, names in titles.items():
        rest = query.without(*failed)
        unstated = joined((inside(LEGENDS[name]) for name in LEGENDS if name in failed), "or")
        if rest.is_empty:
            yield f"This guidance does not state the {unstated} of {quoted(names)}."
        else:
            match, whose = ("matches", "its") if len(names) == 1 else ("match", "their")
            matched = in_words(content, rest)
            yield f"{quoted(names)} {match} {matched}, but this guidance does not state {whose} {unstated}."


def _what_would_match(content: Content, query: Query, judged: list[_Judged], asked: list[str]) -> list[str]:
    counts = Counter(name for one in judged for name in one.failed if len(one.failed) == 1)
    found = []
    for name in asked:
        if count := counts[name]:
            alone = in_words(content, Query(**{name: getattr(query, name)}))
            found.append(f"Without {alone}, {count} {'category matches' if count == 1 else 'categories match'}.")
    return found or ["Taking away one filter is not enough. Take away more, or clear them all."]


def highlight(text: str, query: Query) -> list[tuple[str, bool]]:
    """Cut plain text into runs, each with whether it is a word that `q` asked for. Together they are the text."""
    asked = query.words
    runs: list[tuple[str, bool]] = []
    end = 0
    for found in WORD.finditer(text) if asked else ():
        word = fold(found[0])
        if any(_is_word(one, word) for one in asked):
            runs += [(text[end : found.start()], False)] if found.start() > end else []
            runs.append((found[0], True))
            end = found.end()
    return [*runs, (text[end:], False)] if text[end:] else runs
