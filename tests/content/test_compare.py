from datetime import date
from itertools import combinations

import pytest
from django.http import QueryDict

from categories.content import compare
from categories.content.schema import Content
from tests.contents import revised

TODAY = date(2025, 11, 25)
LEVEL_3 = "level-3-occupational-entry-16-to-19-and-adults"
ADULTS = "level-3-occupational-entry-adults-only"
HTQ = "level-4-and-5-higher-technical-qualifications"
T_LEVEL = "level-3-t-level"


def asked(*slugs: str) -> QueryDict:
    params = QueryDict(mutable=True)
    params.setlist("category", slugs)
    return params


def rows_of(content: Content, *slugs: str, on: date = TODAY) -> dict[str, compare.Row]:
    categories, problems = compare.parse(asked(*slugs), content)
    assert problems == []
    return {row.label: row for row in compare.rows(content, categories, on)}


def test_categories_come_in_the_order_asked_for(fixture_content: Content) -> None:
    categories, problems = compare.parse(asked(HTQ, "", LEVEL_3), fixture_content)
    assert ([category.slug for category in categories], problems) == ([HTQ, LEVEL_3], [])
    assert compare.query_string(categories) == f"category={HTQ}&category={LEVEL_3}"
    assert compare.parse(QueryDict(""), fixture_content) == ((), [])


@pytest.mark.parametrize(
    ("slugs", "left", "messages"),
    [
        ([HTQ], 1, ["Choose another category to compare with “Level 4 and 5 Higher Technical Qualifications”."]),
        (
            [HTQ, HTQ, LEVEL_3],
            2,
            ["You chose “Level 4 and 5 Higher Technical Qualifications” more than once. Choose each category once."],
        ),
        (
            ["no-such", HTQ, LEVEL_3],
            2,
            ["“no-such” is not a category in this guidance. Choose from the list."],
        ),
        (
            ["a", "b\x00"],
            0,
            [
                "“a” and “b\ufffd” are not categories in this guidance. Choose from the list.",
                "Choose 2 to 4 categories to compare.",
            ],
        ),
    ],
)
def test_what_cannot_be_compared_is_explained(
    fixture_content: Content, slugs: list[str], left: int, messages: list[str]
) -> None:
    categories, problems = compare.parse(asked(*slugs), fixture_content)
    assert len(categories) == left
    assert [(problem.parameter, problem.message) for problem in problems] == [("category", one) for one in messages]


def test_at_most_four_are_compared(fixture_content: Content) -> None:
    slugs = [category.slug for category in fixture_content.categories]
    categories, problems = compare.parse(asked(*slugs[:4]), fixture_content)
    assert (len(categories), problems) == (4, [])
    categories, [problem] = compare.parse(asked(*slugs), fixture_content)
    assert [category.slug for category in categories] == slugs[:4]
    assert problem.message.startswith("Choose at most 4 categories. “Level 3 T Level technical qualifications”, ")
    assert problem.message.endswith("and 5 more had to be left out.")


def test_a_withdrawn_category_is_not_compared(fixture_content: Content) -> None:
    content = revised(fixture_content, lambda one: {"withdrawn": "It ended." if one["slug"] == HTQ else None})
    categories, problems = compare.parse(asked(HTQ, LEVEL_3), content)
    assert [category.slug for category in categories] == [LEVEL_3]
    assert [problem.message for problem in problems] == [
        "“Level 4 and 5 Higher Technical Qualifications” was withdrawn, and only current categories are compared.",
        f"Choose another category to compare with “{categories[0].title}”.",
    ]


def test_former_slugs_still_compare(fixture_content: Content) -> None:
    params = asked("an-old-slug", HTQ, "never")
    assert compare.unknown(params, fixture_content) == ["an-old-slug", "never"]
    former = {"an-old-slug": fixture_content.category_by_slug[LEVEL_3].id}
    categories, [problem] = compare.parse(params, fixture_content, former)
    assert [category.slug for category in categories] == [LEVEL_3, HTQ]
    assert "“never”" in problem.message
    _, [problem] = compare.parse(asked("an-old-slug", LEVEL_3, HTQ), fixture_content, former)
    assert "more than once" in problem.message


def test_what_differs_comes_first(fixture_content: Content) -> None:
    rows = rows_of(fixture_content, LEVEL_3, ADULTS)
    assert [(label, row.differs) for label, row in rows.items()] == [
        ("Cohorts", True),
        ("Relationship in full", True),
        ("T Levels", True),
        ("Levels", False),
        ("Relationship to occupational standards", False),
        ("Core aim", False),
        ("Approval tests and powers", False),
        ("Availability", False),
        ("Examples list", False),
    ]
    assert rows["Cohorts"].values == ("16 to 19 and adults", "Adults only")
    assert [label for label, row in rows.items() if row.markdown] == ["Relationship in full", "Core aim"]


def test_nothing_is_blank(fixture_content: Content) -> None:
    rows = rows_of(fixture_content, T_LEVEL, HTQ, "level-2-cross-cutting-function-16-to-19-and-adults")
    assert rows["Cohorts"].values[:2] == ("Not stated in this guidance",) * 2
    assert rows["Availability"].values == (
        "Not stated in this guidance",
        "In scope from September 2020",
        "Not yet available",
    )
    assert rows["Example"].values[:2] == ("None given", "None given")
    assert rows["Examples list"].values == (
        "None named",
        "Skills England's list of approved qualifications: approved Higher Technical Qualifications (HTQs) "
        "(covers: level 4 and 5 Higher Technical Qualifications)",
        "None named",
    )
    assert rows["Other names"].values == ("T Levels", "HTQ and HTQs", "None")
    assert rows["Levels"].values == ("Level 3", "Level 4 and 5", "Level 2")
    assert rows["Approval tests and powers"].values[1] == "Alternative approval test and employer demand test"
    assert all(value for row in rows.values() for value in row.values)


def test_availability_is_the_one_of_the_day(fixture_content: Content) -> None:
    soon = [{"state": "in-scope", "from": "2027-03"}]
    content = revised(fixture_content, lambda one: {"availability": soon} if one["slug"] == HTQ else {})
    for on, words in (
        (date(2027, 2, 28), "In scope from March 2027 (not yet)"),
        (date(2027, 3, 1), "In scope from March 2027"),
    ):
        assert rows_of(content, HTQ, LEVEL_3, on=on)["Availability"].values[0] == words


def test_the_order_in_which_a_category_names_its_tests_makes_no_difference(fixture_content: Content) -> None:
    content = revised(
        fixture_content,
        lambda one: {"approval_tests": one["approval_tests"][::-1]} if one["slug"] == LEVEL_3 else {},
    )
    row = rows_of(content, LEVEL_3, ADULTS)["Approval tests and powers"]
    assert not row.differs
    assert len(set(row.values)) == 1


def test_a_row_differs_exactly_when_its_words_do(fixture_content: Content) -> None:
    for pair in combinations(fixture_content.categories, 2):
        for row in compare.rows(fixture_content, pair, TODAY):
            assert row.differs == (len(set(row.values)) > 1)
