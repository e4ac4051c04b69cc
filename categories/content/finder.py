"""Which category fits my qualification? Questions, and what each answer rules out, come from the content. Pure.

An answer rules out a category only when the category states something else. What the guidance does not state or
mention contradicts nothing, so the result is candidates, never a verdict.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from . import short_forms
from .fields import OF_CATEGORY
from .filters import Params, Problem, misspelt
from .schema import ApprovalTest, Category, Content
from .vocabulary import NOT_STATED_WORDS, NOT_SURE, Coverage, RecordKind
from .words import inside, joined, quoted, shown

CHANGE = "change"  # names the question to ask again, with its answer
ANSWERING = "answering"  # names the question that a form was sent from, so that an empty one can be told
# The questions whose answers are slugs, and of what
NAMING = {"relationship": RecordKind.RELATIONSHIP, "cohort": RecordKind.COHORT}
COVERED = "covered"
NOT_COVERED = "not-covered"
COVERED_WORDS = "Yes, a T Level covers it"

# The answers that each coverage allows; where it is not stated, it allows any
ALLOWED = {
    Coverage.NO: frozenset({NOT_COVERED}),
    Coverage.MAY_BE: frozenset({COVERED, NOT_COVERED}),
    Coverage.YES: frozenset({COVERED}),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question offers, besides “Not sure”."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask about a qualification.

    `multiple` questions take several answers, all of which hold. A question is asked while its answer would tell the
    categories that are left apart; one that `restricts`, also when it could only rule out what is left. One that is
    `of_standards` is not asked of a qualification that relates to none, or for which the reader does not know.
    `explained` says with it what an occupational standard is.

    `states` returns the answers that a category allows, or None where the guidance states nothing of it; `says` says
    what it states, or that nothing is stated.
    """

    parameter: str
    legend: str
    title: str
    hint: str
    options: tuple[Option, ...]
    states: Callable[[Category], frozenset[str] | None] = field(compare=False)
    says: Callable[[Category], str] = field(compare=False)
    multiple: bool = False
    restricts: bool = False
    of_standards: bool = False
    explained: bool = False

    def words(self, answer: tuple[str, ...]) -> str:
        """Say an answer as the options do."""
        labels = {option.value: option.label for option in self.options}
        first, *others = [labels.get(value, "Not sure") for value in answer] or [""]
        return joined([first, *map(inside, others)])

    def contradicts(self, answer: tuple[str, ...], category: Category) -> bool:
        """Say whether an answer rules a category out."""
        stated = self.states(category)
        return stated is not None and answer != (NOT_SURE,) and not stated.issuperset(answer)


def questions(content: Content) -> tuple[Question, ...]:
    """Return the questions that the content gives answers to choose from for, in the order they are asked."""
    return tuple(question for question in _every_question(content) if question.options)


def _every_question(content: Content) -> tuple[Question, ...]:
    def says(name: str) -> Callable[[Category], str]:
        return lambda category: joined(OF_CATEGORY[name].values(content, category)) or NOT_STATED_WORDS

    used = {category.relationship for category in content.current_categories}
    relationships = tuple(Option(one.slug, one.name) for one in content.relationships if one.slug in used)
    mentions_t_levels = any(content.coverage_of(category) in ALLOWED for category in content.current_categories)
    coverage = (Option(COVERED, COVERED_WORDS), Option(NOT_COVERED, "No, no T Level covers it"))
    return (
        Question(
            parameter="cohort",
            legend="Cohort",
            title="Which learners is the qualification for?",
            hint="Select all that apply.",
            options=tuple(Option(cohort.slug, cohort.name) for cohort in content.cohorts),
            states=lambda category: frozenset(category.cohorts) or None,
            says=content.cohorts_words,
            multiple=True,
            restricts=True,
        ),
        Question(
            parameter="level",
            legend="Level",
            title="What level is the qualification?",
            hint="",
            options=tuple(Option(str(level.number), f"Level {level.number}") for level in content.levels),
            states=lambda category: frozenset(map(str, category.levels)) or None,
            says=content.levels_words,
        ),
        Question(
            parameter="relationship",
            legend="Relationship to occupational standards",
            title="How does the qualification relate to occupational standards?",
            hint=_short_forms(content, relationships),
            options=relationships,
            states=lambda category: frozenset({category.relationship}),
            says=says("relationship"),
            explained=True,
        ),
        Question(
            parameter="t-level",
            legend="T Levels",
            title="Does a T Level cover the occupational standard?",
            hint="Answer for the standard or standards that the qualification relates to.",
            options=coverage if mentions_t_levels else (),
            states=lambda category: ALLOWED.get(content.coverage_of(category)),
            says=says("t_level"),
            of_standards=True,
        ),
    )


def _short_forms(content: Content, options: tuple[Option, ...]) -> str:
    """Explain the short forms that answers name, since the answers themselves are exact."""
    named = [
        f"{form.meaning} ({form.term})"
        for form in content.short_forms
        if any(short_forms.uses(option.label, form.term) for option in options)
    ]
    return f"Some answers name {joined(named)}." if named else ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a reader chose for each question. `refused` names the questions whose answer cannot be taken as given."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    change: str = ""

    def to(self, question: Question) -> tuple[str, ...]:
        """Return the answer to a question, or nothing."""
        return () if question.parameter in self.refused else self.chosen.get(question.parameter, ())

    def pairs(self, *, without: str = "") -> list[tuple[str, str]]:
        """Return the answers as names and values, as the form of a question carries the ones to other questions."""
        return [(name, value) for name, values in self.chosen.items() if name != without for value in values]

    def query_string(self, *, change: str = "") -> str:
        """Return the one way of writing these answers, without a question mark; to change one, if it is named."""
        return urlencode([*self.pairs(), *([(CHANGE, change)] if change else [])])


def parse(params: Params, content: Content) -> tuple[Answers, list[Problem]]:
    """Read a query string: the answers, and every one that cannot be taken as it was given.

    Parameters that are none of ours are left alone, but for those that look like one of ours misspelt.
    """
    legends = {question.parameter: question.legend for question in _every_question(content)}
    problems = [
        Problem(
            shown(name), f"“{shown(name)}” is not a question here, so it was ignored. Did you mean “{legends[meant]}”?"
        )
        for name, meant in misspelt(params, legends, {*legends, CHANGE, ANSWERING})
    ]
    chosen = {}
    for question in _every_question(content):
        given = list(dict.fromkeys(filter(None, map(shown, params.getlist(question.parameter)))))
        known = tuple(value for value in [*_values(question), NOT_SURE] if value in given)
        if known and question.options:
            chosen[question.parameter] = known
        sent_empty = not given and question.parameter in params.getlist(ANSWERING)
        if message := _wrong(question, known, [value for value in given if value not in known], sent_empty):
            problems.append(Problem(question.parameter, message))
    asked = {question.parameter for question in questions(content)}
    refused = frozenset(problem.parameter for problem in problems) & asked
    change = shown(params.get(CHANGE) or "")
    if change and change not in asked:
        problems.append(Problem(CHANGE, f"There is no question “{change}” to change."))
        change = ""
    return Answers(chosen, refused, change), problems


def _values(question: Question) -> list[str]:
    return [option.value for option in question.options]


def _wrong(question: Question, known: tuple[str, ...], unknown: list[str], sent_empty: bool) -> str | None:
    if not question.options:
        why = f"“{question.title}” is not asked now, since this guidance says nothing of it. Your answer was ignored."
        return why if unknown else None
    if unknown:
        are = "is not an answer" if len(unknown) == 1 else "are not answers"
        return f"{quoted(unknown)} {are} to “{question.title}” Choose from the list."
    if sent_empty:
        return f"Select an answer to “{question.title}” If you do not know, select “Not sure”."
    if len(known) > 1 and NOT_SURE in known:
        return f"Select an answer to “{question.title}” or select “Not sure”, but not both."
    if len(known) > 1 and not question.multiple:
        return f"Select one answer to “{question.title}” There is more than one in the address."
    return None


def next_question(content: Content, answers: Answers) -> Question | None:
    """Return the question to ask now, or None when it is time for the result."""
    asked = questions(content)
    for question in asked:
        if question.parameter == answers.change or (not answers.change and question.parameter in answers.refused):
            return question
    left = _candidates(content, answers)
    passed_over = _knows_no_standard(content, answers.chosen.get("relationship", ()))
    open_ = [one for one in asked if not answers.to(one) and not (one.of_standards and passed_over)]
    return next((one for one in open_ if _is_useful(one, left)), None)


def _knows_no_standard(content: Content, relationships: tuple[str, ...]) -> bool:
    """Say whether a reader answered that there is no standard, or was not sure how the qualification relates to one."""
    named = [content.relationship_by_slug[slug] for slug in relationships if slug != NOT_SURE]
    return bool(relationships) and not any(relationship.to_standard for relationship in named)


def _is_useful(question: Question, left: list[Category]) -> bool:
    for value in _values(question):
        ruled_out = sum(question.contradicts((value,), category) for category in left)
        if ruled_out and (question.restricts or ruled_out < len(left)):
            return True
    return False


def _candidates(content: Content, answers: Answers, *, without: Question | None = None) -> list[Category]:
    asked = [question for question in questions(content) if question != without]
    return [
        category
        for category in content.current_categories
        if not any(question.contradicts(answers.to(question), category) for question in asked)
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as the list of answers shows it, with the query string that asks its question again."""

    question: Question
    words: str
    change: str


def given(content: Content, answers: Answers) -> list[Given]:
    """Return the answers so far, in the order of the questions."""
    return [
        Given(question, question.words(answer), answers.query_string(change=question.parameter))
        for question in questions(content)
        if (answer := answers.to(question))
    ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A category that no answer contradicts.

    `matches` is what it states that agrees with the answers, `not_stated` what this guidance leaves open, in sentences.
    """

    category: Category
    matches: tuple[str, ...]
    not_stated: tuple[str, ...]
    approval_tests: tuple[ApprovalTest, ...]
    availability: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A category that answers contradict, with a sentence for each that does."""

    category: Category
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorthReading:
    """A category that does not fit the answers, and why it is worth reading all the same."""

    category: Category
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers leave, in the order of the page. `explanation` says why when they leave nothing."""

    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]
    explanation: tuple[str, ...]
    worth_reading: tuple[WorthReading, ...]


def result(content: Content, answers: Answers, on: date) -> Result:
    """Return the candidates that answers leave, with their availability on a day, and what became of the others."""
    left = _candidates(content, answers)
    ruled_out = tuple(
        RuledOut(category, tuple(_contradictions(content, answers, category)))
        for category in content.current_categories
        if category not in left
    )
    candidates = tuple(_candidate(content, answers, category, on) for category in left)
    if candidates:
        return Result(candidates, ruled_out, (), ())
    return Result((), ruled_out, tuple(_explanation(content, answers)), tuple(_worth_reading(content, answers)))


def _candidate(content: Content, answers: Answers, category: Category, on: date) -> Candidate:
    matches, not_stated = [], []
    for question in questions(content):
        is_answered = answers.to(question) not in ((), (NOT_SURE,))
        if question.states(category) is not None:
            matches += [_agreement(question, answers.to(question), category)] if is_answered else []
        elif is_answered or question.restricts:
            not_stated.append(f"{question.legend}: {inside(question.says(category))}")
    availability = content.availability_words(category, on)
    if not category.availability:
        not_stated.append(f"Availability: {inside(availability)}")
    return Candidate(category, tuple(matches), tuple(not_stated), content.tests_of(category), availability)


def _agreement(question: Question, answer: tuple[str, ...], category: Category) -> str:
    """Say what a category states that agrees with an answer, and where it states more than that, that it allows it."""
    said = question.says(category)
    if question.states(category) == frozenset(answer) or question.multiple or not question.of_standards:
        return said
    return f"{said}, which allows for your answer “{question.words(answer)}”"


def _contradictions(content: Content, answers: Answers, category: Category) -> Iterator[str]:
    for question in questions(content):
        answer = answers.to(question)
        if question.contradicts(answer, category):
            said = question.says(category)
            yield f"{question.legend}: you answered “{question.words(answer)}”, but this category says “{said}”."


def _explanation(content: Content, answers: Answers) -> Iterator[str]:
    """Say which answer left nothing, and what there would be without each of them."""
    if not content.current_categories:
        yield "This guidance has no categories."
        return
    yield "No category fits all your answers."
    left = list(content.current_categories)
    for question in questions(content):
        answer = answers.to(question)
        stay = [category for category in left if not question.contradicts(answer, category)]
        if not stay:
            yield _last_straw(question, answer, left)
            break
        left = stay
    for question in questions(content):
        if others := _candidates(content, answers, without=question):
            titles = quoted([category.title for category in others])
            yield f"Without your answer “{question.words(answers.to(question))}”, {titles} may fit."


def _last_straw(question: Question, answer: tuple[str, ...], left: list[Category]) -> str:
    what = f"“{left[0].title}”, the last one left" if len(left) == 1 else f"the last {len(left)} that were left"
    return f"Your answer “{question.words(answer)}” ({inside(question.legend)}) ruled out {what}."


def _worth_reading(content: Content, answers: Answers) -> Iterator[WorthReading]:
    """Offer every category whose standard a T Level covers to a reader who answered that one does."""
    if not any(one.parameter == "t-level" and COVERED in answers.to(one) for one in questions(content)):
        return
    for category in content.current_categories:
        position = content.t_level_by_slug[category.t_level] if category.t_level else None
        if position and position.covered == Coverage.YES:
            why = f"You answered “{COVERED_WORDS}”, and this category says “{position.name}”."
            yield WorthReading(category, f"{why} It does not fit all your answers.")
