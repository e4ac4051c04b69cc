"""The tools for providers: the questions that find a category, and categories side by side. Thin views."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.http import HttpRequest, HttpResponse

from ..content import compare as comparison
from ..content import finder
from ..content.filters import Problem
from ..content.finder import Answers, Given, Question
from ..content.vocabulary import RecordKind
from ..content.words import joined
from . import resolver
from .guidance_views import of_finder, of_guidance, page
from .readings import Reading


@dataclass(frozen=True, slots=True)
class Error:
    """One line of an error summary: what was wrong, and the address of where it is put right, if it can be."""

    message: str
    href: str


@of_finder
def find(request: HttpRequest, reading: Reading) -> HttpResponse:
    content = reading.content
    answers, problems = finder.parse(request.GET, content)
    question = finder.next_question(content, answers)
    given = finder.given(content, answers)
    before = list(takewhile(lambda one: one.question != question, given))
    base = reading.url("find")
    shared = {
        "asked": answers.query_string(change=answers.change),
        "back": f"{base}?{before[-1].change}" if before else reading.url("guidance"),
        "description": "Answer a few questions to find the categories of technical qualification that may fit yours.",
    }
    if question is None:
        return _result(request, reading, answers, given, problems, shared)
    chosen = answers.chosen.get(question.parameter, ())
    return page(
        request,
        "categories/find.html",
        reading,
        title=question.title,
        question=question,
        chosen=chosen if question.multiple or len(chosen) == 1 else (),
        carried=answers.pairs(without=question.parameter),
        given=[one for one in given if one.question != question],
        errors=[Error(one.message, _mended_at(one.parameter, question, answers, base)) for one in problems],
        wrong=[one.message for one in problems if one.parameter == question.parameter],
        **shared,
    )


def _mended_at(parameter: str, question: Question, answers: Answers, base: str) -> str:
    """Lead to the question whose answer is wrong, where that is another than the one shown."""
    if parameter in answers.refused - {question.parameter}:
        return f"{base}?{answers.query_string(change=parameter)}"
    return f"#{question.parameter}"


def _result(
    request: HttpRequest,
    reading: Reading,
    answers: Answers,
    given: list[Given],
    problems: list[Problem],
    shared: dict[str, str],
) -> HttpResponse:
    result = finder.result(reading.content, answers, reading.day)
    number = len(result.candidates)
    title = f"{number} {'category' if number == 1 else 'categories'} may fit your qualification"
    if result.explanation:
        title = result.explanation[0].rstrip(".")
    return page(
        request,
        "categories/find_result.html",
        reading,
        title=title,
        result=result,
        candidates=[one.category for one in result.candidates],
        explanation=result.explanation[1:],
        given=given,
        errors=[Error(one.message, "#candidates" if number else "#explanation") for one in problems],
        **shared,
    )


@of_guidance
def compare(request: HttpRequest, reading: Reading) -> HttpResponse:
    content, asked = reading.content, request.GET
    unknown = [(RecordKind.CATEGORY, slug) for slug in comparison.unknown(asked, content)]
    former = {slug: record for (_, slug), record in resolver.records(reading, unknown).items()}
    categories, problems = comparison.parse(asked, content, former)
    titles = [category.title for category in categories]
    ticked = {category.slug for category in categories}.union(asked.getlist(comparison.PARAMETER))
    context: dict[str, Any] = {
        "asked": comparison.query_string(categories),
        "choices": [(category, category.slug in ticked) for category in content.current_categories],
        "most": comparison.MOST,
    }
    if len(categories) < comparison.FEWEST:
        begun = _has_only_begun(request, problems, titles)
        return page(
            request,
            "categories/compare_choose.html",
            reading,
            title=f"Compare {joined(titles)} with other categories" if titles else "Compare categories",
            description="Choose two to four categories of technical qualification to read side by side.",
            categories=categories,
            errors=[] if begun else _errors(problems, is_form=bool(content.current_categories)),
            **context,
        )
    rows = comparison.rows(content, categories, reading.day)
    others = [[one for one in categories if one != category] for category in categories]
    return page(
        request,
        "categories/compare.html",
        reading,
        title=f"Compare {joined(titles)}",
        description=f"{joined(titles)} side by side: what differs, and what is the same.",
        columns=list(zip(categories, map(comparison.query_string, others), strict=True)),
        different=[(row, list(zip(categories, row.values, strict=True))) for row in rows if row.differs],
        same=[row for row in rows if not row.differs],
        errors=_errors(problems),
        **context,
    )


def _has_only_begun(request: HttpRequest, problems: list[Problem], titles: list[str]) -> bool:
    """Say whether a reader comes with one category from its own page, which is no mistake yet. The form sends more."""
    return len(titles) == len(problems) == len(request.GET.getlist(comparison.PARAMETER)) == 1


def _errors(problems: list[Problem], *, is_form: bool = True) -> list[Error]:
    """Lead from each problem to the form, where there is one: guidance without categories has nothing to choose."""
    return [Error(problem.message, f"#{comparison.PARAMETER}" if is_form else "") for problem in problems]
