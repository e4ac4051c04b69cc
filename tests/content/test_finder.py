from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from categories.content import finder
from categories.content.canonical import as_json
from categories.content.finder import Answers, Result
from categories.content.schema import Category, Content
from tests.contents import revised

TODAY = date(2025, 11, 25)
NEW = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"
NO_STANDARD = "relationship=none"
ALIGNS = "level=3&relationship=aligns"
ANYBODY = "cohort=not-sure"


def answered(query_string: str, content: Content) -> Answers:
    answers, problems = finder.parse(QueryDict(query_string), content)
    assert problems == []
    return answers


def found(query_string: str, content: Content) -> Result:
    return finder.result(content, answered(query_string, content), TODAY)


def offered(content: Content, parameter: str) -> dict[str, str]:
    """The answers that a question offers, each with its label."""
    return {
        option.value: option.label
        for question in finder.questions(content)
        if question.parameter == parameter
        for option in question.options
    }


def numbers(content: Content, categories: list[Category]) -> list[int]:
    """Categories as FACTS numbers them."""
    return [content.categories.index(category) + 1 for category in categories]


ROWS = [
    ("level=4", [4]),
    ("level=3&relationship=aligns-t-level-outline", [5]),
    ("level=2&relationship=builds-on", [6]),
    ("level=3&relationship=some-ksbs", [10]),
    ("level=2&relationship=some-ksbs", []),
    (f"{ALIGNS}&t-level=covered&cohort=adults", [3]),
    (f"{ALIGNS}&t-level=covered&cohort=16-to-19", []),
    (f"{ALIGNS}&t-level=not-covered&cohort=16-to-19", [2]),
    (f"{ALIGNS}&t-level=not-covered&cohort=16-to-19&cohort=adults", [2]),
    (f"{ALIGNS}&t-level=not-covered&cohort=adults", [2, 3]),
    (f"{NO_STANDARD}&cohort=16-to-19", []),
    (f"level=3&{NO_STANDARD}&cohort=adults", [12]),
    ("level=not-sure&relationship=not-sure&t-level=not-sure&cohort=not-sure", list(range(1, 13))),
    ("", list(range(1, 13))),
]


@pytest.mark.parametrize(("query_string", "expected"), ROWS)
def test_known_answers(fixture_content: Content, query_string: str, expected: list[int]) -> None:
    result = found(query_string, fixture_content)
    assert numbers(fixture_content, [one.category for one in result.candidates]) == expected
    assert len(result.candidates) + len(result.ruled_out) == 12
    assert bool(result.explanation) == (not expected)


@pytest.mark.parametrize(
    ("query_string", "asked"),
    [
        ("", "cohort"),
        ("cohort=adults", "level"),
        (f"{ANYBODY}&level=4", None),
        (f"{ANYBODY}&level=2", "relationship"),
        (f"{ANYBODY}&level=3&relationship=aligns-t-level-outline", None),
        (f"{ANYBODY}&level=2&relationship=builds-on", None),
        (f"{ANYBODY}&level=2&relationship=some-ksbs", None),
        (f"{ANYBODY}&{ALIGNS}", "t-level"),
        (f"cohort=16-to-19&{ALIGNS}", None),  # one is left, whose standard no T Level covers
        (f"{ANYBODY}&{ALIGNS}&t-level=covered", None),
        (f"{ANYBODY}&relationship=aligns", "level"),
        (f"{ANYBODY}&level=not-sure", "relationship"),
        (
            f"{ANYBODY}&level=not-sure&relationship=not-sure",
            None,
        ),  # nobody is asked of a standard that they do not know
        (f"{ANYBODY}&level=not-sure&relationship=none", None),
        (ALIGNS, "cohort"),
        ("level=4&change=level", "level"),
        ("level=3&relationship=some-ksbs&change=cohort", "cohort"),
    ],
)
def test_a_question_is_asked_while_it_helps(fixture_content: Content, query_string: str, asked: str | None) -> None:
    question = finder.next_question(fixture_content, answered(query_string, fixture_content))
    assert (question and question.parameter) == asked


def test_questions_come_from_the_content(fixture_content: Content) -> None:
    shown = {one.parameter: [option.value for option in one.options] for one in finder.questions(fixture_content)}
    assert shown == {
        "cohort": ["16-to-19", "adults"],
        "level": ["2", "3", "4", "5"],
        "relationship": ["aligns", "aligns-t-level-outline", "builds-on", "across-standards", "some-ksbs", "none"],
        "t-level": ["covered", "not-covered"],
    }
    plainer = revised(
        fixture_content,
        lambda one: {"relationship": "builds-on", "t_level": None, "cohorts": []},
        cohorts=[],
    )
    shown = {one.parameter: [option.value for option in one.options] for one in finder.questions(plainer)}
    assert shown == {"level": ["2", "3", "4", "5"], "relationship": ["builds-on"]}
    assert finder.next_question(plainer, answered("level=3", plainer)) is None  # all build on a standard


def test_short_forms_in_answers_are_spelled_out_where_there_are_any(fixture_content: Content) -> None:
    def hint(content: Content) -> str:
        return next(one.hint for one in finder.questions(content) if one.parameter == "relationship")

    assert hint(fixture_content) == "Some answers name knowledge, skills and behaviours (KSBs)."
    plainer = revised(fixture_content, lambda one: {"relationship": "builds-on", "t_level": None})
    assert hint(plainer) == ""


def test_a_new_category_takes_part_at_once(fixture_content: Content) -> None:
    data = as_json(fixture_content)
    new = data["categories"][5] | {
        "id": "11111111-2222-4333-8444-555555555555",
        "slug": "level-6-additional-specialist",
        "levels": [4, 6],
    }
    content = revised(
        fixture_content, levels=[*data["levels"], {"id": NEW, "number": 6}], categories=[*data["categories"], new]
    )
    assert finder.questions(content)[1].options[-1] == finder.Option("6", "Level 6")
    assert [one.category.slug for one in found("level=6", content).candidates] == [new["slug"]]
    question = finder.next_question(content, answered("level=4", content))
    assert question
    assert question.parameter == "relationship"
    assert [one.category.slug for one in found("level=4&relationship=builds-on", content).candidates] == [new["slug"]]


def with_relationship(content: Content, *, to_standard: bool) -> Content:
    """The content with a relationship of its own for the adults-only occupational entry, and another for nobody."""
    new = [
        {"id": NEW, "slug": "v-level", "name": "Sits beside V Levels", "definition": "", "to_standard": to_standard},
        {"id": NEW[::-1].replace("-", ""), "slug": "x", "name": "X", "definition": "", "to_standard": True},
    ]
    return revised(
        content,
        lambda one: {"relationship": "v-level"} if one["t_level"] == "may-be-covered" else {},
        relationships=[*as_json(content)["relationships"], *new],
    )


def test_a_new_relationship_is_offered_once_a_category_has_it(fixture_content: Content) -> None:
    content = with_relationship(fixture_content, to_standard=True)
    shown = offered(content, "relationship")
    assert list(shown.items())[-1] == ("v-level", "Sits beside V Levels")
    assert "x" not in shown
    [candidate] = found("level=3&relationship=v-level", content).candidates
    assert candidate.matches == ("Level 3", "Sits beside V Levels")


def test_a_renamed_relationship_is_offered_by_its_new_name(fixture_content: Content) -> None:
    renamed = [
        one | ({"name": "Is built upon a standard"} if one["slug"] == "builds-on" else {})
        for one in as_json(fixture_content)["relationships"]
    ]
    content = revised(fixture_content, relationships=renamed)
    assert offered(content, "relationship")["builds-on"] == "Is built upon a standard"
    [candidate] = found("level=2&relationship=builds-on", content).candidates
    assert "Is built upon a standard" in candidate.matches


@pytest.mark.parametrize(("to_standard", "asked"), [(True, "t-level"), (False, None)])
def test_t_levels_are_asked_of_what_relates_to_a_standard_alone(
    fixture_content: Content, to_standard: bool, asked: str | None
) -> None:
    """Two T Level positions within one relationship, so that the question would tell them apart."""
    content = revised(
        with_relationship(fixture_content, to_standard=to_standard),
        lambda one: {"relationship": "v-level"} if one["t_level"] == "not-covered" else {},
    )
    question = finder.next_question(content, answered(f"{ANYBODY}&level=3&relationship=v-level", content))
    assert (question and question.parameter) == asked


def test_a_position_on_t_levels_counts_by_what_it_says_is_covered(fixture_content: Content) -> None:
    positions = [
        {"id": NEW, "slug": "p1", "name": "V Levels cover it", "covered": "yes"},
        {"id": NEW[::-1].replace("-", ""), "slug": "p2", "name": "T Level outline may come", "covered": "not-stated"},
    ]
    content = revised(
        fixture_content,
        lambda one: {"t_level": {(4, 5): "p1", (2,): "p2"}.get(tuple(one["levels"]))},
        t_levels=positions,
    )
    assert numbers(content, [one.category for one in found("t-level=not-covered", content).ruled_out]) == [4]
    result = found("level=2&t-level=covered", content)
    assert numbers(content, [one.category for one in result.candidates]) == [1, 6, 8, 11]
    assert "T Levels: T Level outline may come" in result.candidates[0].not_stated
    [worth] = found("level=4&relationship=builds-on&t-level=covered", content).worth_reading
    assert worth.why == (
        "You answered “Yes, a T Level covers it”, and this category says “V Levels cover it”. "
        "It does not fit all your answers."
    )


def test_a_withdrawn_category_takes_no_part(fixture_content: Content) -> None:
    content = revised(
        fixture_content, lambda one: {"withdrawn": "It ended." if one["t_level"] == "is-t-level" else None}
    )
    assert "aligns-t-level-outline" not in offered(content, "relationship")
    result = found(f"{ALIGNS}&t-level=covered&cohort=16-to-19", content)
    assert (len(result.candidates) + len(result.ruled_out), result.worth_reading) == (11, ())


def test_a_candidate_says_why_it_matches_and_what_is_not_stated(fixture_content: Content) -> None:
    [candidate] = found("level=4&relationship=aligns&t-level=covered&cohort=adults", fixture_content).candidates
    assert candidate.matches == ("Level 4 and 5", "Aligns to an occupational standard or standards")
    assert candidate.not_stated == ("Cohort: not stated in this guidance", "T Levels: not stated in this guidance")
    assert [test.name for test in candidate.approval_tests] == ["Alternative approval test", "Employer demand test"]
    assert candidate.availability == "In scope from September 2020"
    [candidate] = found("level=3&relationship=aligns-t-level-outline", fixture_content).candidates
    assert candidate.availability == "Not stated in this guidance"
    assert candidate.not_stated == (
        "Cohort: not stated in this guidance",
        "Availability: not stated in this guidance",
    )


def test_a_reason_that_could_read_as_a_contradiction_says_that_it_is_none(fixture_content: Content) -> None:
    for answer, words in (("covered", "Yes, a T Level covers it"), ("not-covered", "No, no T Level covers it")):
        candidates = found(f"{ALIGNS}&t-level={answer}&cohort=adults", fixture_content).candidates
        said = f"The occupational standard may be covered by a T Level, which allows for your answer “{words}”"
        assert said in candidates[-1].matches
    candidates = found(f"{ALIGNS}&t-level=not-covered", fixture_content).candidates
    assert candidates[0].matches[-1] == "The occupational standard is not covered by T Levels"


def test_not_sure_is_no_reason_to_match(fixture_content: Content) -> None:
    candidates = found("level=not-sure&relationship=not-sure&t-level=not-sure", fixture_content).candidates
    assert {candidate.matches for candidate in candidates} == {()}


def test_what_is_ruled_out_names_every_answer_that_did(fixture_content: Content) -> None:
    result = found(f"{ALIGNS}&t-level=not-covered&cohort=16-to-19", fixture_content)
    because = {one.category.slug: one.because for one in result.ruled_out}
    assert because["level-3-t-level"] == (
        "Relationship to occupational standards: you answered “Aligns to an occupational standard or standards”, "
        "but this category says “Aligns to T Level outline content”.",
        "T Levels: you answered “No, no T Level covers it”, but this category says “This is the T Level category”.",
    )
    assert because["level-3-occupational-entry-adults-only"] == (
        "Cohort: you answered “16 to 19”, but this category says “Adults only”.",
    )


def test_nothing_left_is_explained(fixture_content: Content) -> None:
    result = found(f"{ALIGNS}&t-level=covered&cohort=16-to-19", fixture_content)
    titles = [category.title for category in fixture_content.categories]
    assert result.explanation == (
        "No category fits all your answers.",
        f"Your answer “Yes, a T Level covers it” (T Levels) ruled out “{titles[1]}”, the last one left.",
        f"Without your answer “16 to 19”, “{titles[2]}” may fit.",
        f"Without your answer “Level 3”, “{titles[0]}” and “{titles[3]}” may fit.",
        f"Without your answer “Aligns to an occupational standard or standards”, “{titles[4]}”, “{titles[6]}”, "
        f"“{titles[8]}” and 1 more may fit.",
        f"Without your answer “Yes, a T Level covers it”, “{titles[1]}” may fit.",
    )
    assert [(numbers(fixture_content, [one.category]), one.why) for one in result.worth_reading] == [
        (
            [5],
            "You answered “Yes, a T Level covers it”, and this category says “This is the T Level category”. "
            "It does not fit all your answers.",
        )
    ]
    result = found("level=2&relationship=some-ksbs", fixture_content)
    assert result.explanation[1] == (
        "Your answer “Covers some of the KSBs in an occupational standard or standards” "
        "(relationship to occupational standards) ruled out the last 4 that were left."
    )
    assert result.worth_reading == ()
    empty = revised(fixture_content, categories=[])
    assert found("level=2", empty).explanation == ("This guidance has no categories.",)


@pytest.mark.parametrize(
    ("query_string", "parameter", "message"),
    [
        ("level=9", "level", "“9” is not an answer to “What level is the qualification?” Choose from the list."),
        ("level=2&level=3", "level", "Select one answer"),
        ("level=2&level=not-sure", "level", "but not both"),
        ("cohort=adults&cohort=not-sure", "cohort", "but not both"),
        ("cohort=adults&cohort=pets", "cohort", "“pets” is not an answer"),
        ("level=3&answering=relationship", "relationship", "Select an answer to “How does the qualification relate"),
        ("cohort=%00", "cohort", "“\ufffd” is not an answer"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_asked_for_again(
    fixture_content: Content, query_string: str, parameter: str, message: str
) -> None:
    answers, [problem] = finder.parse(QueryDict(query_string), fixture_content)
    assert problem.parameter == parameter
    assert message in problem.message
    question = finder.next_question(fixture_content, answers)
    assert question
    assert question.parameter == parameter
    assert answers.to(question) == ()
    if "level=2" in query_string:
        assert "2" in answers.chosen["level"]  # what was chosen is still there to be mended


def test_only_a_question_can_be_changed(fixture_content: Content) -> None:
    answers, [problem] = finder.parse(QueryDict("level=4&change=colour"), fixture_content)
    assert problem.message == "There is no question “colour” to change."
    assert finder.next_question(fixture_content, answers) is None


@pytest.mark.parametrize("answer", ["covered", "perhaps"])
def test_an_answer_to_what_is_not_asked_now_is_named(fixture_content: Content, answer: str) -> None:
    content = revised(
        fixture_content,
        lambda one: {
            "t_level": None,
            "relationship": one["relationship"].replace("aligns-t-level-outline", "aligns"),
        },
    )
    answers, [problem] = finder.parse(QueryDict(f"level=2&t-level={answer}"), content)
    assert problem.parameter == "t-level"
    assert problem.message == (
        "“Does a T Level cover the occupational standard?” is not asked now, "
        "since this guidance says nothing of it. Your answer was ignored."
    )
    assert answers.query_string() == "level=2"
    assert finder.parse(QueryDict("level=2&t-level=&t-level=not-sure&answering=t-level"), content) == (answers, [])


def test_a_misspelt_question_is_named(fixture_content: Content) -> None:
    answers, problems = finder.parse(
        QueryDict("levels=2&t_level=covered&utm_source=mail&answering=level"), fixture_content
    )
    assert [(problem.parameter, problem.message) for problem in problems[:2]] == [
        ("levels", "“levels” is not a question here, so it was ignored. Did you mean “Level”?"),
        ("t_level", "“t_level” is not a question here, so it was ignored. Did you mean “T Levels”?"),
    ]
    assert [problem.parameter for problem in problems[2:]] == ["level"]
    assert answers.chosen == {}


def test_answers_are_listed_with_the_way_to_change_each(fixture_content: Content) -> None:
    answers = answered("cohort=adults&cohort=16-to-19&level=3&t-level=not-sure", fixture_content)
    assert [(one.question.legend, one.words, one.change) for one in finder.given(fixture_content, answers)] == [
        ("Cohort", "16 to 19 and adults", "cohort=16-to-19&cohort=adults&level=3&t-level=not-sure&change=cohort"),
        ("Level", "Level 3", "cohort=16-to-19&cohort=adults&level=3&t-level=not-sure&change=level"),
        ("T Levels", "Not sure", "cohort=16-to-19&cohort=adults&level=3&t-level=not-sure&change=t-level"),
    ]
    assert answers.pairs(without="cohort") == [("level", "3"), ("t-level", "not-sure")]


ANSWERS = st.fixed_dictionaries(
    {
        "level": st.sampled_from([[], ["2"], ["3"], ["4"], ["5"], ["not-sure"]]),
        "relationship": st.sampled_from(
            [[], *([one] for one in ("aligns", "aligns-t-level-outline", "builds-on", "some-ksbs", "none", "not-sure"))]
        ),
        "t-level": st.sampled_from([[], ["covered"], ["not-covered"], ["not-sure"]]),
        "cohort": st.sampled_from([[], ["adults"], ["16-to-19"], ["16-to-19", "adults"], ["not-sure"]]),
    }
)


QUESTIONS = ("level", "relationship", "t-level", "cohort")


def is_contradicted(category: Category, answers: dict[str, list[str]]) -> bool:
    """Say the same as the finder in another way, straight from the words of the guidance."""
    level, relationship, coverage, cohorts = (set(answers[name]) - {"not-sure"} for name in QUESTIONS)
    return bool(
        (level and not level & {str(number) for number in category.levels})
        or (relationship and category.relationship not in relationship)
        or (coverage == {"covered"} and category.t_level == "not-covered")
        or (coverage == {"not-covered"} and category.t_level == "is-t-level")
        or (category.cohorts and cohorts - set(category.cohorts))
    )


@given(answers=ANSWERS)
def test_no_answer_rules_out_a_category_that_does_not_contradict_it(
    fixture_content: Content, answers: dict[str, list[str]]
) -> None:
    result = found(urlencode(answers, doseq=True), fixture_content)
    for candidate in result.candidates:
        assert not is_contradicted(candidate.category, answers)
    for one in result.ruled_out:
        assert is_contradicted(one.category, answers)
        assert one.because


@given(answers=ANSWERS)
def test_answers_are_reproduced_and_the_questions_come_to_an_end(
    fixture_content: Content, answers: dict[str, list[str]]
) -> None:
    taken = answered(urlencode(answers, doseq=True), fixture_content)
    assert answered(taken.query_string(), fixture_content) == taken
    for _ in range(5):
        question = finder.next_question(fixture_content, taken)
        if question is None:
            return
        taken = answered(f"{taken.query_string()}&{question.parameter}=not-sure", fixture_content)
    pytest.fail("It never stops asking.")
