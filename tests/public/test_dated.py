"""The guidance as it stood: every day, every address that ever worked, and nothing before its time."""

from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from categories.content.schema import Content
from categories.models import Edition
from categories.public import updates
from tests import factories
from tests.factories import london

G = "/guidance/technical-qualification-categories/"
T_LEVEL = "level-3-t-level"
NOW = london(2027, 6, 1, 12)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editions(fixture_content: Content) -> list[Edition]:
    """Edition 1 in 2025; two editions on 1 September 2026; one on 3 March 2027 that renames a category."""
    second = factories.with_category(fixture_content, T_LEVEL, aim="A second aim.")
    third = factories.with_category(second, T_LEVEL, aim="A third aim.")
    fourth = factories.with_category(third, T_LEVEL, slug="t-level", title="T Level qualifications")
    return [
        factories.publish(fixture_content),
        factories.publish(second, london(2026, 9, 1, 9, 30)),
        factories.publish(third, london(2026, 9, 1, 17)),
        factories.publish(fourth, london(2027, 3, 3, 12)),
    ]


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def banner(client: Client, address: str, now: Any = NOW) -> tuple[str, list[tuple[str, str]]]:
    """The words of the dated banner, and where its links lead."""
    html = get(client, address, now).content.decode()
    section = html.split('aria-label="Dated copy">')[1].split("</section>")[0]
    links = []
    for part in section.split("<a ")[1:]:
        attributes, rest = part.split(">", 1)
        links.append((attributes.split('href="')[1].split('"')[0], unescape(rest.split("</a>")[0])))
    words = "".join(piece.split(">", 1)[-1] for piece in section.split("<"))
    return " ".join(unescape(words).split()), links


def test_the_banner_names_every_edition_of_the_day(client: Client, editions: list[Edition]) -> None:
    words, links = banner(client, f"{G}on/2026-09-01/")
    assert "as it stood at the end of 1 September 2026" in words
    assert "3 editions were live that day, and you are reading the last" in words
    assert "edition 1, since 2 June 2025; edition 2, from 9:30am; edition 3, from 5pm." in words
    assert links == [
        (f"{G}on/2026-09-01/updates/1/", "edition 1"),
        (f"{G}on/2026-09-01/updates/2/", "edition 2"),
        (f"{G}on/2026-09-01/updates/3/", "edition 3"),
        (f"{G}on/2026-08-31/", "Before that: 31 August 2026"),
        (f"{G}on/2027-03-03/", "Next change: 3 March 2027"),
        (G, "As it stands now"),
        (f"{G}updates/since/2026-09-02/", "What has changed since then"),
        (f"{G}on/", "Another day"),
    ]


def test_the_banner_of_a_day_without_a_change(client: Client, editions: list[Edition]) -> None:
    words, links = banner(client, f"{G}on/2026-12-25/categories/{T_LEVEL}/?level=3")
    assert "One edition was live that day: edition 3, since 1 September 2026." in words
    assert links[1:4] == [
        (f"{G}on/2026-08-31/categories/{T_LEVEL}/?level=3", "Before that: 31 August 2026"),
        (f"{G}on/2027-03-03/categories/t-level/?level=3", "Next change: 3 March 2027"),
        (f"{G}categories/t-level/?level=3", "As it stands now"),
    ]


@pytest.fixture
def grown(fixture_content: Content) -> Content:
    """Edition 2 adds a category and a test; editions 3 to 14 change both; 15 renames them and the guidance."""
    category, test = fixture_content.categories[-1], fixture_content.approval_tests[-1]
    one = factories.altered(
        fixture_content,
        categories=[
            other.model_dump() | {"approval_tests": [slug for slug in other.approval_tests if slug != test.slug]}
            for other in fixture_content.categories[:-1]
        ],
        approval_tests=fixture_content.approval_tests[:-1],
    )
    factories.publish(one)
    factories.publish(fixture_content, london(2026, 1, 1))
    for number in range(3, 15):
        two = factories.with_category(fixture_content, category.slug, aim=f"Aim {number}.")
        two = factories.with_test(two, test.slug, description=f"Test {number}.")
        factories.publish(two, london(2026, 1, 2, 0, number))
    last = factories.altered(factories.with_category(two, category.slug, slug="new-category"), slug="new-guidance")
    renamed = [one.model_dump() for one in last.categories]
    for one in renamed:
        one["approval_tests"] = ["new-test" if slug == test.slug else slug for slug in one["approval_tests"]]
    tests = [one.model_dump() for one in last.approval_tests]
    tests[-1]["slug"] = "new-test"
    factories.publish(factories.altered(last, categories=renamed, approval_tests=tests), london(2027, 3, 3))
    return fixture_content


def test_a_record_that_was_not_there_leads_to_the_guidance(client: Client, grown: Content) -> None:
    category, test = grown.categories[-1].slug, grown.approval_tests[-1].slug
    new = "/guidance/new-guidance/"
    own = "categories/new-category/"
    for page, now, since in (
        (f"categories/{category}/", own, f"{own}updates/since/"),
        (f"categories/{category}/updates/", f"{own}updates/", f"{own}updates/since/"),
        (f"approval-tests/{test}/", "approval-tests/new-test/", "updates/since/"),
    ):
        _, links = banner(client, f"{G}on/2026-01-01/{page}?level=3")
        query = "" if "updates" in page else "?level=3"
        assert links[1:] == [
            (f"{G}on/2025-12-31/{query}", "Before that: 31 December 2025"),
            (f"{G}on/2026-01-02/{page}{query}", "Next change: 2 January 2026"),
            (f"{new}{now}{query}", "As it stands now"),
            (f"{new}{since}2026-01-02/", "What has changed since then"),
            (f"{new}on/", "Another day"),
        ]
        for link, _ in links[3:]:
            assert get(client, link).status_code == 200  # straight


def test_a_filter_by_a_test_that_was_not_there_is_named(client: Client, grown: Content) -> None:
    for slug in (grown.approval_tests[-1].slug, "new-test"):
        html = unescape(get(client, f"{G}on/2025-12-31/?approval={slug}").content.decode())
        assert f"“{slug}” is not in this guidance" in html


def test_a_page_of_updates_is_of_its_own_day(client: Client, grown: Content) -> None:
    category = grown.categories[-1].slug
    page = f"{G}on/2026-01-02/categories/{category}/updates/?page=2"
    assert get(client, page).status_code == 200
    _, links = banner(client, page)
    assert [link for link, _ in links if "page=" in link] == []
    for link, _ in links:
        found = get(client, link)
        found = get(client, found["Location"]) if found.status_code == 301 else found
        assert found.status_code == 200, link


def test_the_canonical_of_a_dated_page_is_the_present_address(client: Client, grown: Content) -> None:
    category, new = grown.categories[-1].slug, "http://testserver/guidance/new-guidance/"
    for page, now in {
        "": "",
        f"categories/{category}/": "categories/new-category/",
        "updates/2/?from=1": "updates/2/",
        "compare/": "compare/",
    }.items():
        html = get(client, f"{G}on/2026-01-02/{page}").content.decode()
        assert f'<link rel="canonical" href="{new}{now}">' in html
    html = get(client, f"{G}on/2026-01-02/categories/{category}/").content.decode()
    assert f">{new}categories/new-category/</dd>" in html


def test_a_dated_page_takes_four_queries_at_most(
    client: Client, grown: Content, django_assert_max_num_queries: Any
) -> None:
    category, test = grown.categories[-1].slug, grown.approval_tests[-1].slug
    for page in ("", f"categories/{category}/", f"approval-tests/{test}/", "approval-tests/", "compare/", "find/"):
        with django_assert_max_num_queries(4):
            get(client, f"{G}on/2026-01-02/{page}")


def test_the_first_and_the_last_day_lead_nowhere_else(client: Client, editions: list[Edition]) -> None:
    words, links = banner(client, f"{G}on/2025-06-02/")
    assert "edition 1, from midnight." in words
    assert [text for _, text in links] == [
        "edition 1",
        "Next change: 1 September 2026",
        "As it stands now",
        "What has changed since then",
        "Another day",
    ]
    words, links = banner(client, f"{G}on/2027-06-01/")
    assert "as it stands today, 1 June 2027" in words
    assert [text for _, text in links][1:] == ["Before that: 2 March 2027", "As it stands now", "Another day"]


def test_two_editions_on_the_first_day_have_none_before(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content, london(2025, 6, 2, 9))
    factories.publish(factories.altered(fixture_content, summary="Another."), london(2025, 6, 2, 10))
    for day in ("2025-06-02", "2025-06-03"):
        _, links = banner(client, f"{G}on/{day}/")
        assert not [text for _, text in links if text.startswith("Before")]


def test_a_day_ends_at_its_very_last_moment(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    late = factories.altered(fixture_content, summary="In the last moment.")
    factories.publish(late, london(2026, 9, 1, 23, 59, 59, 999_999))
    factories.publish(factories.altered(fixture_content, summary="At midnight."), london(2026, 9, 2))
    for day, summary in (("2026-09-01", "In the last moment."), ("2026-09-02", "At midnight.")):
        assert summary in get(client, f"{G}on/{day}/").content.decode()


def test_every_link_of_the_banner_works(client: Client, editions: list[Edition]) -> None:
    for day in ("2025-06-02", "2026-09-01", "2026-12-25", "2027-03-03", "2027-06-01"):
        for page in ("", "categories/t-level/", "approval-tests/", "updates/", "updates/1/"):
            address = f"{G}on/{day}/{page}"
            found = get(client, address)
            if found.status_code == 301:
                address = found["Location"]
            for link, _ in banner(client, address)[1]:
                found = get(client, link)
                if found.status_code == 301:
                    found = get(client, found["Location"])
                assert found.status_code == 200, (address, link)


def test_an_edition_still_to_come_shows_nowhere(client: Client, editions: list[Edition]) -> None:
    secret = factories.with_category(editions[3].content, "t-level", slug="secret-slug", title="Secret", aim="Secret")
    edition = factories.publish(
        factories.altered(secret, slug="secret-guidance"), london(2027, 6, 1, 17), change_note="Secret"
    )
    category = editions[0].content.category_by_slug[T_LEVEL]
    pages = [
        *["", "updates/", "updates/4/", "updates/5/", "updates/4/?from=5", "on/", "categories/t-level/"],
        *["categories/t-level/updates/", "categories/secret-slug/", "categories/secret-slug/updates/"],
    ]
    addresses = [f"{base}{page}" for base in (G, f"{G}on/2027-06-01/", f"{G}on/2027-05-31/") for page in pages]
    for address in [*addresses, f"{G}on/2027-06-02/", f"/id/{category.id}/", "/guidance/secret-guidance/"]:
        found = get(client, address)
        everything = found.content.decode() + str(found.headers)
        for word in ("Secret", "edition 5", "Edition 5", "1 to 5", edition.record_digest, edition.content_digest):
            assert word not in everything.replace("secret-slug", ""), (address, word)
        assert "secret" not in found.get("Location", "")
    assert get(client, f"{G}categories/secret-slug/").status_code == 404
    html = get(client, "/guidance/secret-guidance/updates/5/", london(2027, 6, 1, 17)).content.decode()
    assert "Secret" in html


def test_the_day_form(client: Client, editions: list[Edition]) -> None:
    found = get(client, f"{G}on/?day=1&month=9&year=2026")
    assert (found.status_code, found["Location"]) == (302, f"{G}on/2026-09-01/")
    html = get(client, f"{G}on/").content.decode()
    assert html.partition("</main>")[0].count("<input") == 3
    assert "There is a problem" not in html
    html = get(client, f"{G}on/?day=31&month=2&year=2026").content.decode()
    assert "<title>Error: " in html
    assert '<a href="#on_day">The date must be a real date, such as 1 6 2027</a>' in html
    assert 'value="31"' in html
    assert 'value="2026"' in html


FIRST, TODAY = date(2025, 6, 2), date(2027, 6, 1)


@pytest.mark.parametrize(
    ("day", "month", "year", "problem", "wrong"),
    [
        ("", "", "", "Enter the day, month and year", ["day", "month", "year"]),
        ("1", "", "2026", "The date must include a month", ["month"]),
        ("1", "", "", "The date must include a month and year", ["month", "year"]),
        ("x", "9", "2026", "The date must be a real date, such as 1 6 2027", ["day", "month", "year"]),
        ("1_0", "9", "2026", "The date must be a real date, such as 1 6 2027", ["day", "month", "year"]),
        ("1", "9", "9" * 30, "The date must be a real date, such as 1 6 2027", ["day", "month", "year"]),
        ("0", "9", "2026", "The date must be a real date, such as 1 6 2027", ["day", "month", "year"]),
        ("2", "6", "2027", "The date must be today or in the past", ["day", "month", "year"]),
        ("1", "6", "2025", "The date must be 2 June 2025 or later: nothing was published before it", None),
    ],
)
def test_a_day_that_cannot_be_shown_is_explained(
    day: str, month: str, year: str, problem: str, wrong: list[str] | None
) -> None:
    parts = {"day": day, "month": month, "year": year}
    assert updates.chosen_day(parts, FIRST, TODAY) == (None, problem, wrong or list(parts))


@given(st.dates(FIRST, TODAY))
def test_every_other_day_can_be_chosen(day: date) -> None:
    parts = {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
    assert updates.chosen_day(parts, FIRST, TODAY) == (day, "", [])


def test_by_id_leads_to_the_present_address(client: Client, editions: list[Edition]) -> None:
    content = editions[3].content
    addresses = {
        content.id: G,
        content.category_by_slug["t-level"].id: f"{G}categories/t-level/",
        content.approval_tests[0].id: f"{G}approval-tests/alternative-approval-test/",
    }
    for record, address in addresses.items():
        found = get(client, f"/id/{record}/")
        assert (found.status_code, found["Location"]) == (303, address)
        assert get(client, address).status_code == 200
    assert get(client, f"/id/{content.category_by_slug['t-level'].id}/", london(2027, 1, 1))["Location"] == (
        f"{G}categories/{T_LEVEL}/"
    )
    level = list(content.entries)[1]
    for record in (UUID(int=1), level):
        assert get(client, f"/id/{record}/").status_code == 404


def test_by_id_of_renamed_guidance_and_a_withdrawn_category(client: Client, editions: list[Edition]) -> None:
    content = factories.with_category(editions[3].content, "t-level", withdrawn="It ended.")
    factories.publish(factories.altered(content, slug="renamed"), london(2027, 4, 1))
    record = content.category_by_slug["t-level"].id
    found = get(client, f"/id/{record}/")
    assert (found.status_code, found["Location"]) == (303, "/guidance/renamed/categories/t-level/")
    assert "It ended." in get(client, found["Location"]).content.decode()


def test_a_former_slug_and_an_id_are_found_by_one_row_each(client: Client, grown: Content) -> None:
    category = grown.categories[-1]
    for address, status in ((f"/guidance/new-guidance/categories/{category.slug}/", 301), (f"/id/{category.id}/", 303)):
        with CaptureQueriesContext(connection) as captured:
            assert get(client, address).status_code == status
        for query in captured.captured_queries:
            with connection.cursor() as cursor:
                assert len(cursor.execute(query["sql"]).fetchall()) == 1, query["sql"]
                if connection.vendor == "sqlite":
                    plan = cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}").fetchall()
                    assert "TEMP B-TREE" not in str(plan), query["sql"]


def test_last_updated_is_the_last_major_edition(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    assert "Last updated" not in get(client, G).content.decode()
    factories.publish(factories.altered(fixture_content, notice="One."), london(2026, 8, 1, 9), update_type="minor")
    assert "Last updated" not in get(client, G).content.decode()
    second = factories.altered(fixture_content, summary="Two.")
    factories.publish(second, london(2026, 9, 1, 9))
    factories.publish(factories.altered(second, summary="Three."), london(2026, 10, 1, 9), update_type="minor")
    assert '<time datetime="2026-09-01">1 September 2026</time>' in get(client, G).content.decode()
    assert "Last updated" not in get(client, f"{G}on/2026-08-31/").content.decode()
    factories.publish(factories.altered(fixture_content, id=UUID(int=5), slug="another", title="Another"))
    home = get(client, "/").content.decode()
    assert home.count("Published 2 June 2025.") == home.count("Last updated 1 September 2026.") == 1
