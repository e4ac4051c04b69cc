"""The categories as CSV: exactly the rows that match, exactly the values, and nothing that a spreadsheet runs."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from categories.content.schema import Content
from categories.public.csv import guarded, listed
from tests import factories
from tests.history import FORMER_SLUG, FORMER_T_LEVEL, NOW, SECRET, SLUG, T_LEVEL, WITHDRAWN, publish_history

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
HEADER = [
    "Title", "Levels", "Cohorts", "Relationship to occupational standards", "Relationship in words", "Core aim",
    "Example", "Approved for development by exception only", "T Levels", "Approval tests and powers",
    "Approval in words", "Availability", "Availability from", "Next availability", "Next availability from",
    "Availability in words", "Examples list", "Other names", "Page", "Identifier",
]  # fmt: skip
AVAILABILITY = ("Availability", "Availability from", "Next availability", "Next availability from")


def fetch(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def rows(client: Client, address: str, now: Any = NOW) -> list[dict[str, str]]:
    """The rows as Python's csv reads them, by the words of the header; a guard is taken away."""
    response = fetch(client, address, now)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    reader = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)
    header, *found = list(reader)
    assert header == HEADER
    return [dict(zip(header, [cell.removeprefix("'") for cell in row], strict=True)) for row in found]


def test_every_category_in_the_order_of_the_page(client: Client, fixture_content: Content) -> None:
    history = publish_history(fixture_content)
    found = rows(client, f"{G}categories.csv")
    current = history.newest.content.current_categories
    assert [row["Title"] for row in found] == [category.title for category in current]
    assert [row["Core aim"] for row in found] == [category.aim for category in current]
    assert [row["Relationship in words"] for row in found] == [category.relationship_text for category in current]
    assert [row["Identifier"] for row in found] == [str(category.id) for category in current]
    higher = found[3]
    assert higher == {
        "Title": "Level 4 and 5 Higher Technical Qualifications",
        "Levels": "4; 5",
        "Cohorts": "Not stated in this guidance",
        "Relationship to occupational standards": "Aligns to an occupational standard or standards",
        "Relationship in words": "Qualifications in this category align to an occupational standard or standards.",
        "Core aim": "The aim is for learners to enter their chosen profession, or to progress to higher education in a "
        "related subject.",
        "Example": "",
        "Approved for development by exception only": "",
        "T Levels": "",
        "Approval tests and powers": "Alternative approval test; Employer demand test",
        "Approval in words": "",
        "Availability": "In scope",
        "Availability from": "2020-09",
        "Next availability": "",
        "Next availability from": "",
        "Availability in words": "",
        "Examples list": higher["Examples list"],
        "Other names": "HTQ; HTQs",
        "Page": f"http://testserver{G}categories/level-4-and-5-higher-technical-qualifications/",
        "Identifier": "56b0fe6b-897a-49d8-af7b-6405efab4b5d",
    }
    assert found[0]["Cohorts"] == "16 to 19; Adults"
    assert WITHDRAWN not in fetch(client, f"{G}categories.csv").content.decode()
    for row in found:
        assert fetch(client, row["Page"]).status_code == 200


def test_exactly_what_the_page_shows(client: Client, fixture_content: Content) -> None:
    publish_history(fixture_content)
    for query in ("", "level=4&level=2", "cohort=not-stated", "availability=in-scope&q=occupation", "q=nothingmatches"):
        page = fetch(client, f"{G}?{query}")
        found = rows(client, f"{G}categories.csv?{query}")
        assert [row["Title"] for row in found] == [category.title for category in page.context["found"]]


def test_a_query_that_cannot_be_taken_is_refused_in_words(client: Client, fixture_content: Content) -> None:
    publish_history(fixture_content)
    found = fetch(client, f"{G}categories.csv?level=9&cohort=children")
    assert (found.status_code, found["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert found["Access-Control-Allow-Origin"] == "*"
    assert found.content.decode().splitlines() == [
        "Level “9” is not in this guidance, so it matches nothing. Use 2, 3, 4 or 5.",
        "Cohort “children” is not in this guidance, so it matches nothing. Use 16-to-19, adults or not-stated.",
    ]


def test_its_name_and_its_bytes(client: Client, fixture_content: Content) -> None:
    publish_history(fixture_content)
    found = fetch(client, f"{G}categories.csv")
    assert found["Content-Disposition"] == 'attachment; filename="technical-qualifications-2027-06-01.csv"'
    assert found["Access-Control-Allow-Origin"] == "*"
    assert found.content.startswith(b"\xef\xbb\xbfTitle,")
    assert found.content.endswith(b"\r\n")
    assert found.content.count(b"\r\n") == 12
    assert SECRET.encode() not in found.content


def test_as_it_stood_and_at_a_former_address(client: Client, fixture_content: Content) -> None:
    content = factories.with_category(
        fixture_content, FORMER_T_LEVEL, availability=[{"state": "in-scope", "from": "2025-09"}]
    )
    publish_history(content)
    address = f"/guidance/{FORMER_SLUG}/on/2025-08-31/categories.csv"
    [row] = rows(client, f"{address}?availability=in-scope-later")
    assert [row[name] for name in AVAILABILITY] == ["In scope later", "", "In scope", "2025-09"]
    assert row["Page"].endswith(f"/on/2025-08-31/categories/{FORMER_T_LEVEL}/")
    assert "-2025-08-31.csv" in fetch(client, address)["Content-Disposition"]
    moved = fetch(client, f"/guidance/{FORMER_SLUG}/categories.csv?level=3")
    assert (moved.status_code, moved["Location"]) == (301, f"{G}categories.csv?level=3")
    assert T_LEVEL in rows(client, f"{G}categories.csv?q=T+Level+outline")[0]["Page"]


@pytest.mark.parametrize(
    "value",
    [
        "a, b; c", 'He said "no"', "one\ntwo\n\nthree", "=cmd|' /C calc'!A0", "+1", "-1", "- one\n- two", "@SUM(A1)",
        "'quoted'", "'=1", "\uff1d1", '","', "\u201cquoted\u201d \u2013 \u00e9\U0001f600", "\n=1", "\t=1",
    ],
)  # fmt: skip
def test_values_come_back_exactly(client: Client, fixture_content: Content, value: str) -> None:
    factories.publish(factories.with_category(fixture_content, T_LEVEL, aim="x"))
    content = factories.with_category(fixture_content, FORMER_T_LEVEL, aim=value, example=value)
    factories.publish(content, NOW)
    [row] = rows(client, f"/guidance/{FORMER_SLUG}/categories.csv?q=T+Level+outline")
    assert (row["Core aim"], row["Example"]) == (value, value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"])).filter(bool)))
@example(["a; b", 'c"', '"d"', '"', ";", "e"])
def test_a_list_comes_apart_into_exactly_its_values(values: list[str]) -> None:
    [found] = csv.reader([listed(values)], delimiter=";", skipinitialspace=True, strict=True) if values else [[]]
    assert found == values


def test_a_name_with_a_semicolon_is_quoted(client: Client, fixture_content: Content) -> None:
    names = ("Tech; level", "T Level")
    factories.publish(factories.with_category(fixture_content, FORMER_T_LEVEL, synonyms=names))
    found = rows(client, f"/guidance/{FORMER_SLUG}/categories.csv")
    [row] = [row for row in found if row["Page"].endswith(f"/{FORMER_T_LEVEL}/")]
    assert row["Other names"] == '"Tech; level"; T Level'


def test_whatever_a_spreadsheet_would_calculate_is_guarded(client: Client, fixture_content: Content) -> None:
    content = fixture_content
    signs = "=+-@\t\n'\uff1d\uff0b\uff0d\uff20x"  # as many as there are categories; the last is harmless
    for category, sign in zip(content.categories, signs, strict=True):
        content = factories.with_category(content, category.slug, aim=f"{sign}SUM(A1)")
    factories.publish(content)
    text = fetch(client, f"/guidance/{FORMER_SLUG}/categories.csv").content.decode("utf-8-sig")
    cells = [row["Core aim"] for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    assert cells == [*(f"'{sign}SUM(A1)" for sign in signs[:-1]), "xSUM(A1)"]


@given(st.text())
def test_no_cell_begins_a_formula(value: str) -> None:
    cell = guarded(value)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == value
