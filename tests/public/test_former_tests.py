"""Filters that ask for a test by a slug that it no longer has, or has not yet on that day: every face leads on."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from tests import factories
from tests.factories import london
from tests.history import FORMER_SLUG, NOW, SLUG, TONIGHT
from tests.html import Page

pytestmark = pytest.mark.django_db

FORMER, PRESENT = "employer-demand-test", "demand-test"


def renamed(content: Content, slug: str) -> Content:
    """The content with the test called employer-demand-test at another slug."""
    data = content.model_dump()
    for record in data["categories"]:
        record["approval_tests"] = [slug if one == FORMER else one for one in record["approval_tests"]]
    for record in data["approval_tests"]:
        record["slug"] = slug if record["slug"] == FORMER else record["slug"]
    return Content.model_validate(data)


@pytest.fixture(autouse=True)
def history(fixture_content: Content) -> None:
    """Edition 2 renames the test and the guidance; edition 3, of tonight, renames the test once more."""
    factories.publish(fixture_content)
    second = factories.altered(renamed(fixture_content, PRESENT), slug=SLUG)
    factories.publish(second, london(2026, 9, 1))
    factories.publish(factories.altered(renamed(fixture_content, "tonight"), slug=SLUG), TONIGHT)


def get(client: Client, address: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.get(address)


@pytest.mark.parametrize("guidance", [FORMER_SLUG, SLUG])
@pytest.mark.parametrize("face", ["/guidance/{}/", "/guidance/{}/categories.csv", "/api/v1/guidance/{}/categories/"])
def test_a_filter_by_a_former_slug_leads_straight_on(client: Client, face: str, guidance: str) -> None:
    query = "level=3&approval={}&approval=alternative-approval-test&q=a+b%26"
    found = get(client, f"{face.format(guidance)}?{query.format(FORMER)}")
    there = f"{face.format(SLUG)}?{query.format(PRESENT)}"
    assert (found.status_code, found["Location"]) == (301, there)
    assert get(client, there).status_code == 200


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/guidance/{}/on/2026-08-31/?approval={}", "/guidance/{}/on/2026-08-31/?approval={}"),
        ("/guidance/{}/on/2026-08-31/categories.csv?approval={}",) * 2,
        ("/api/v1/guidance/{}/categories/?on=2026-08-31&approval={}",) * 2,
    ],
)
def test_on_a_day_to_the_slug_of_that_day(client: Client, asked: str, there: str) -> None:
    found = get(client, asked.format(SLUG, PRESENT))
    assert (found.status_code, found["Location"]) == (301, there.format(FORMER_SLUG, FORMER))
    assert get(client, found["Location"]).status_code == 200


@pytest.mark.parametrize("value", ["nothing", "tonight", "%00", "x" * 3000, "&approval=" * 20])
def test_what_no_test_ever_was_is_named_as_before(client: Client, value: str) -> None:
    found = get(client, f"/guidance/{SLUG}/?approval={value}&approval={PRESENT}")
    assert found.status_code == 200
    assert len(found.context["found"]) > 0
    for address in (f"/guidance/{SLUG}/categories.csv", f"/api/v1/guidance/{SLUG}/categories/"):
        status = 200 if value.startswith("&") else 422
        assert get(client, f"{address}?approval={value}").status_code == status


def test_spaces_around_a_former_slug_do_not_matter(client: Client) -> None:
    found = get(client, f"/guidance/{SLUG}/?approval=+{FORMER}+")
    assert (found.status_code, found["Location"]) == (301, f"/guidance/{SLUG}/?approval={PRESENT}")


@pytest.mark.parametrize(("others", "status"), [(49, 301), (50, 200)])
def test_no_more_slugs_are_looked_for_than_anybody_needs(client: Client, others: int, status: int) -> None:
    query = "&".join(f"approval=nothing-{number}" for number in range(others))
    assert get(client, f"/guidance/{SLUG}/?{query}&approval={FORMER}").status_code == status


def test_the_banner_of_a_filtered_page_leads_to_what_works(client: Client) -> None:
    page = Page(get(client, f"/guidance/{FORMER_SLUG}/on/2026-08-31/?approval={FORMER}"))
    for words in ("Next change: 1 September 2026", "As it stands now"):
        led = get(client, page.links[words])
        while led.status_code == 301:
            led = get(client, led["Location"])
        assert len(led.context["found"]) == len(page.response.context["found"]) > 0
