"""All categories in one table: every fact, filtered as the list is, ordered by any column through the address."""

import json
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from categories.content.schema import Content
from tests.factories import altered, london, publish, with_category
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
T = f"{G}table/"
API = "/api/v1/guidance/technical-qualification-categories/"
ENTRY, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"


def get(client: Client, address: str = T) -> Page:
    response = client.get(address)
    assert response.status_code == 200
    return Page(response)


def rows(page: Page) -> dict[str, str]:
    """The words of each row of the table by the slug of its category, in their order."""
    return {row.get("id"): words(row) for row in page.all("tr") if row.get("id")}


def test_it_has_every_fact_of_every_category(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    shown = rows(get(client))
    assert list(shown) == [category.slug for category in fixture_content.categories]
    assert shown[ENTRY] == (
        "Level 2 occupational entry technical qualifications - 16 to 19 and adults Levels Level 2 "
        "Cohorts 16 to 19 and adults Relationship Aligns to an occupational standard or standards "
        "T Levels Not stated in this guidance Approval Alternative approval test, Employer demand test "
        "Availability In scope from November 2023"
    )
    assert shown[T_LEVEL].startswith("Level 3 T Level technical qualifications (also T Levels) Levels Level 3 ")
    assert shown[T_LEVEL].endswith(
        "T Levels This is the T Level category Approval A2D3 powers Availability Not stated in this guidance"
    )
    assert "Approved for development by exception only" in shown["level-2-employer-proposed-adults-only"]


def test_the_address_orders_and_filters(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    page = get(client, f"{T}?level=3&order=-availability")
    assert next(iter(rows(page))) == T_LEVEL
    assert len(rows(page)) == 7
    assert "Showing 7 of 12 categories" in page.main
    [ordered] = [th for th in page.all("th") if th.get("aria-sort")]
    assert (words(ordered).split()[0], ordered.get("aria-sort")) == ("Availability", "descending")
    assert page.links["Cohorts"] == f"{T}?level=3&order=cohort#table"
    assert page.links["Remove filter: Level 3×"] == f"{T}?order=-availability#showing_results"
    assert page.links["Read them in brief"] == f"{G}?level=3"
    assert get(client, f"{G}?level=3").links["See them in a table"] == f"{T}?level=3"
    [hidden] = [one for one in page.all("input") if one.get("name") == "order"]
    assert hidden.get("value") == "-availability"
    assert next(form for form in page.all("form")).get("action") == f"{T}#showing_results"


def test_an_order_that_is_none_is_named_and_ignored(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    page = get(client, f"{T}?order=<b>")
    assert "“<b>” is no column to order by" in page.main
    assert list(rows(page)) == [category.slug for category in fixture_content.categories]


def test_nothing_found_is_explained(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    page = get(client, f"{T}?level=4&cohort=adults")
    assert not page.all("table")
    assert "does not state its cohort" in page.main


def test_the_picture_says_in_words_what_it_shows(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    picture = get(client).all("table", "app-picture")[0]
    found = [words(row) for row in picture.iter("tr")]
    assert found[2] == (
        "Aligns to T Level outline content None Level 3 Level 3 T Level technical qualifications "
        "Availability: Not stated in this guidance None None"
    )
    line = get(client).all("ol", "app-timeline__line")[0]
    assert [words(item).split(":")[0] for item in line.findall("li")][:3] == [
        "September 2020",
        "July 2023",
        "November 2023",
    ]


def test_what_is_to_come_is_said_to_be(client: Client, fixture_content: Content, time_machine: Any) -> None:
    publish(with_category(fixture_content, ENTRY, availability=[{"state": "in-scope", "from": "2027-03"}]))
    time_machine.move_to(london(2027, 2, 28), tick=False)
    line = words(get(client).all("ol", "app-timeline__line")[0])
    assert "28 February 2027: today March 2027 (not yet): In scope" in line
    time_machine.move_to(london(2027, 3, 1), tick=False)
    assert "(not yet)" not in words(get(client).all("ol", "app-timeline__line")[0])
    dated = words(get(client, f"{G}on/2027-02-27/table/").all("ol", "app-timeline__line")[0])
    assert "27 February 2027: the day of this copy March 2027 (not yet)" in dated


PARAMETERS = {
    "level": ["2", "3", "4", "5"],
    "cohort": ["16-to-19", "adults", "not-stated"],
    "availability": ["in-scope", "not-yet-available", "not-stated"],
    "approval": ["alternative-approval-test", "significant-outcomes-test", "a2d3-powers"],
}


def matches(category: dict[str, Any], name: str, value: str) -> bool:
    """Whether a category of the JSON has a value: written anew, so that it cannot be wrong in the way that we are."""
    if name == "level":
        return int(value) in category["levels"]
    if name == "cohort":
        return value in (category["cohorts"] or ["not-stated"])
    if name == "approval":
        return value in category["approval_tests"]
    return value == (category["availability"][0]["state"] if category["availability"] else "not-stated")


@pytest.mark.parametrize(("one", "other"), [(a, b) for a, b in product(PARAMETERS, PARAMETERS) if a < b])
def test_every_face_counts_what_the_json_has(client: Client, fixture_content: Content, one: str, other: str) -> None:
    publish(fixture_content)
    categories = json.loads(client.get(f"{API}editions/1/content.json").content)["categories"]
    for first, second in product(PARAMETERS[one], PARAMETERS[other]):
        query = f"{one}={first}&{other}={second}"
        expected = [c["slug"] for c in categories if matches(c, one, first) and matches(c, other, second)]
        assert list(rows(get(client, f"{T}?{query}"))) == expected, query
        assert list(get(client, f"{G}?{query}").articles) == expected, query
        listed = client.get(f"{API}categories/?{query}").json()["categories"]
        assert [category["slug"] for category in listed] == expected, query
        lines = client.get(f"{G}categories.csv?{query}").content.decode().count("/categories/level-")
        assert lines == len(expected), query


@pytest.mark.parametrize("base", [G, f"{G}on/2025-09-01/"])
def test_it_takes_two_queries(client: Client, fixture_content: Content, base: str) -> None:
    publish(fixture_content)
    publish(altered(fixture_content, summary="Changed."), live_at=london(2025, 7, 1), update_type="minor")
    with CaptureQueriesContext(connection) as asked:
        get(client, f"{base}table/?level=3&order=title")
    assert len(asked) <= 2
