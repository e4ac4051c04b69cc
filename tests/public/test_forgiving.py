"""Addresses that forgive: each thing that people do to one leads to what was meant, by one 301."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from tests import factories
from tests.factories import london
from tests.history import FORMER_SLUG, FORMER_T_LEVEL, NOW, SLUG, T_LEVEL, publish_history
from tests.html import Page

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
LEVEL = f"{G}categories/{T_LEVEL}/"


@pytest.fixture(autouse=True)
def _history(fixture_content: Content) -> None:
    publish_history(fixture_content)


def get(client: Client, address: str, **options: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.get(address, **options)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (LEVEL[:-1], LEVEL),
        (LEVEL.upper(), LEVEL),
        (f"/Guidance/{SLUG.title()}/", G),
        (f"{G}categories.CSV", f"{G}categories.csv"),
        (f"{G}Categories.csv/", f"{G}categories.csv"),
        *(
            (f"{LEVEL}{pasted}", LEVEL)
            for pasted in (".", ")", ",", ");", "%20", "%22", "’", "&utm_source=x", "&amp;a=b")
        ),
        *((f"{LEVEL[:-1]}{pasted}", LEVEL) for pasted in (".", "),", "%20", "&utm_source=x")),
        (f"{G}/categories//{T_LEVEL}/", LEVEL),
        (f"/guidance/{FORMER_SLUG.upper()}/categories/{FORMER_T_LEVEL.upper()}", LEVEL),
        ("/guidance/", G),
        ("/guidance", G),
        ("/GUIDANCE/.", G),
        (f"{G}categories/", G),
        (f"{G}categories", G),
        (f"{G}on/2026-10-01/categories/", f"/guidance/{FORMER_SLUG}/on/2026-10-01/"),
        (f"{G}at/2026-10-01T00:00:00Z/Categories", f"/guidance/{FORMER_SLUG}/at/2026-10-01T00:00:00Z/"),
        (f"{G}at/", f"{G}on/"),
        (f"{G}ON/2027-04-01", f"{G}on/2027-04-01/"),
        ("/Accessibility-Statement", "/accessibility-statement/"),
        ("/ROBOTS.TXT", "/robots.txt"),
    ],
)
def test_one_301_leads_to_what_was_meant(client: Client, asked: str, meant: str) -> None:
    found = get(client, asked)
    assert (found.status_code, found["Location"]) == (301, meant)
    assert get(client, meant).status_code == 200


def test_the_query_is_kept(client: Client) -> None:
    assert get(client, f"{G.upper()}?level=3&q=A")["Location"] == f"{G}?level=3&q=A"
    assert get(client, f"{G}categories?level=3")["Location"] == f"{G}?level=3"


def test_of_two_guidances_neither_is_meant(client: Client, fixture_content: Content) -> None:
    other = factories.altered(fixture_content, slug="another", title="Another")
    factories.publish(Content.model_validate(other.model_dump() | {"id": "00000000-0000-0000-0000-000000000007"}))
    assert get(client, "/guidance/")["Location"] == "/"


@pytest.mark.parametrize("address", ["/none/", "/admin/NONE", "/PREVIEW/abc", f"{G}none/", "/API/V1/", "/" + "X" * 600])
def test_what_cannot_be_meant_is_not_found(client: Client, address: str) -> None:
    assert get(client, address).status_code in (302, 404)
    with time_machine.travel(NOW, tick=False):
        assert client.post(LEVEL.upper()).status_code == 404


def test_nothing_that_is_to_come_is_forgiven(client: Client) -> None:
    assert get(client, f"{G}categories/SECRET-SLUG/").status_code == 404
    assert get(client, f"{G}at/2027-06-01t19:00:00z/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        (f"/guidance/{SLUG[:-1]}/", G),
        (f"/{SLUG}/", G),
        (f"{G}update/", f"{G}updates/"),
        (f"{G}category/{T_LEVEL}/", LEVEL),
        (f"{G}categories/{FORMER_T_LEVEL}s/", LEVEL),
        (f"{G}categorys/{FORMER_T_LEVEL}/", LEVEL),
        (f"{G}approval-test/employer-demand-test/", f"{G}approval-tests/employer-demand-test/"),
    ],
)
def test_a_404_names_the_nearest_address(client: Client, asked: str, nearest: str) -> None:
    found = get(client, asked)
    assert found.status_code == 404
    assert nearest in Page(found).links.values()


def test_a_404_without_any_guidance(client: Client) -> None:
    with time_machine.travel(london(2020, 1, 1), tick=False):
        for address in ("/none/", G, "/guidance/"):
            found = client.get(address)
            assert found.status_code in (301, 404)
