"""All categories at a glance: their order, what relates how at which level, and from when."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from categories.content import glance
from categories.content.glance import COLUMNS, Order
from categories.content.schema import Content
from tests import strategies
from tests.factories import with_category

TODAY = date(2026, 9, 1)


def numbers(content: Content, order: str, on: date = TODAY) -> list[int]:
    """The places in the guidance of its categories, in an order."""
    found, problems = glance.parse(QueryDict(urlencode({"order": order})))
    assert not problems
    return [content.categories.index(one) + 1 for one in glance.ordered(content, content.categories, found, on)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("level", [1, 6, 8, 11, 2, 3, 5, 7, 9, 10, 12, 4]),
        ("-level", [4, 2, 3, 5, 7, 9, 10, 12, 1, 6, 8, 11]),
        ("title", [6, 8, 11, 1, 7, 9, 12, 2, 3, 10, 5, 4]),
        ("cohort", [1, 2, 6, 7, 8, 9, 10, 3, 11, 12, 4, 5]),
        ("relationship", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("-relationship", [11, 12, 10, 8, 9, 6, 7, 5, 1, 2, 3, 4]),
        ("t-level", [2, 3, 5, 1, 4, 6, 7, 8, 9, 10, 11, 12]),
        ("approval", [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 5]),
        ("availability", [4, 2, 3, 7, 1, 6, 8, 9, 10, 11, 12, 5]),
    ],
)
def test_the_order_of_each_column(fixture_content: Content, order: str, expected: list[int]) -> None:
    assert numbers(fixture_content, order) == expected


@given(content=strategies.contents, column=st.sampled_from(sorted(COLUMNS)), down=st.booleans())
def test_an_order_loses_nothing_and_is_kept_where_it_is_asked_for_again(
    content: Content, column: str, down: bool
) -> None:
    order = Order(column, down)
    found = glance.ordered(content, content.current_categories, order, TODAY)
    assert sorted(one.slug for one in found) == sorted(one.slug for one in content.current_categories)
    assert glance.ordered(content, found, order, TODAY) == found
    assert glance.parse(QueryDict(urlencode({"order": str(order)}))) == (order, [])


def test_a_heading_leads_to_its_order_and_then_to_its_other_end() -> None:
    assert [one.leads_to for one in glance.headings(Order())] == list(COLUMNS)
    by_name = {one.name: one for one in glance.headings(Order("level"))}
    assert (by_name["level"].sorted, by_name["level"].leads_to) == ("ascending", "-level")
    assert (by_name["title"].sorted, by_name["title"].leads_to) == ("", "title")
    assert glance.headings(Order("title", down=True))[0].leads_to == "title"
    assert by_name["level"].label == "Levels"


def test_an_order_by_no_column_is_named(fixture_content: Content) -> None:
    order, [problem] = glance.parse(QueryDict("order=colour"))
    assert order == Order()
    assert "“colour” is no column to order by" in problem.wrong
    assert problem.right.startswith("Use title, level,")


def test_the_picture_has_each_category_in_its_cells(fixture_content: Content) -> None:
    picture = glance.picture(fixture_content, fixture_content.categories)
    assert picture.levels == ("Level 2", "Level 3", "Level 4", "Level 5")
    shown = [
        [[fixture_content.categories.index(one) + 1 for one in categories] for _, categories in row.cells]
        for row in picture.rows
    ]
    assert shown == [
        [[1], [2, 3], [4], [4]],
        [[], [5], [], []],
        [[6], [7], [], []],
        [[8], [9], [], []],
        [[], [10], [], []],
        [[11], [12], [], []],
    ]
    assert [row.relationship for row in picture.rows] == list(fixture_content.relationships)


def test_the_picture_leaves_out_levels_and_relationships_that_none_has(fixture_content: Content) -> None:
    picture = glance.picture(fixture_content, fixture_content.categories[3:4])
    assert picture.levels == ("Level 4", "Level 5")
    assert [row.relationship.slug for row in picture.rows] == ["aligns"]


def told(content: Content, on: date) -> list[tuple[str, str, bool, int]]:
    found = glance.timeline(content, content.categories, on)
    return [(one.words, one.state, one.is_to_come, len(one.categories)) for one in found]


def test_the_line_of_time_has_every_month_and_the_day_between_what_came_and_what_will(
    fixture_content: Content,
) -> None:
    steps = [{"state": "in-scope", "from": "2027-08"}]
    content = with_category(fixture_content, fixture_content.categories[7].slug, availability=steps)
    before = [
        ("September 2020", "In scope", False, 1),
        ("July 2023", "In scope", False, 3),
        ("November 2023", "In scope", False, 2),
    ]
    to_come = ("August 2027", "In scope", True, 1)
    assert told(content, TODAY) == [*before, ("1 September 2026", "", False, 0), to_come]
    assert told(content, date(2027, 7, 31))[-1] == to_come
    come = ("August 2027", "In scope", False, 1)
    assert told(content, date(2027, 8, 1)) == [*before, come, ("1 August 2027", "", False, 0)]


def test_without_a_month_there_is_no_line(fixture_content: Content) -> None:
    assert glance.timeline(fixture_content, fixture_content.categories[7:], TODAY) == ()
