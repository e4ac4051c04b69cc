"""Addresses that forgive: each thing that people do to one leads to what was meant, by one 301."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from categories.models import FormerAddress
from categories.models.edition import Immutable
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


def keep(address: str, leads_to: str, **fields: Any) -> None:
    FormerAddress.objects.create(address=address, leads_to=leads_to, **{"why": "A college links there."} | fields)


def test_former_addresses_elsewhere_lead_by_one_301_once_they_are_in_force(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        keep("/Publications/Categories", f"/guidance/{FORMER_SLUG}/categories/{FORMER_T_LEVEL}/")
    for seconds, status in ((0, 404), (1, 404), (2, 301), (3600, 301)):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            for asked in ("/publications/categories/", "/publications/categories", "/PUBLICATIONS/categories."):
                found = client.get(f"{asked}?a=b")
                assert found.status_code == (status if status == 301 or asked.endswith("/") else found.status_code)
                if status == 301:
                    assert found["Location"] == f"{LEVEL}?a=b"  # straight to where it is now


def test_the_newest_row_of_an_address_counts_and_none_is_overwritten(client: Client) -> None:
    for number, leads_to in enumerate((G, LEVEL, "")):
        with time_machine.travel(NOW + timedelta(minutes=number), tick=False):
            keep("/old/", leads_to)
    for minute, where in enumerate((None, G, LEVEL)):
        with time_machine.travel(NOW + timedelta(minutes=minute, seconds=1), tick=False):
            found = client.get("/old/")
            assert found.get("Location") == where
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert client.get("/old/").status_code == 404
    row = FormerAddress.objects.first()
    for write in (row.save, row.delete, FormerAddress.objects.all().delete):
        with pytest.raises(Immutable):
            write()


@pytest.mark.parametrize(
    ("behind", "asked", "found"),
    [
        ("?level=3#filters", "/old/", f"{G}?level=3#filters"),
        ("#filters", "/OLD?q=a", f"{G}?q=a#filters"),
        ("?level=3", "/old/?q=a", f"{G}?level=3&q=a"),
    ],
)
def test_a_former_address_leads_to_a_query_and_a_place_in_a_page(
    client: Client, behind: str, asked: str, found: str
) -> None:
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        keep("/old/", f"/guidance/{FORMER_SLUG}/{behind}")
    assert get(client, asked)["Location"] == found


def test_a_404_names_the_nearest_former_address(client: Client) -> None:
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        keep("/publications/technical-categories/", LEVEL)
    assert LEVEL in Page(get(client, "/publication/technical-categories/")).links.values()


@pytest.mark.parametrize(
    ("address", "leads_to", "problem"),
    [
        ("old", G, "Enter a path that begins with a slash"),
        ("/", G, "Enter a path that begins with a slash"),
        ("/admin/", G, "A page of this site stands at this address"),
        (G, LEVEL, "A page of this site stands at this address"),
        ("/old/", "https://example.org/", "Enter the path of a page of this site"),
        ("/old/", "/none/", "Enter the path of a page of this site"),
    ],
)
def test_staff_are_told_what_is_wrong_with_one(client: Client, address: str, leads_to: str, problem: str) -> None:
    client.force_login(factories.make_user("editor", "Editor"))
    found = client.post(
        "/admin/categories/formeraddress/add/", {"address": address, "leads_to": leads_to, "why": "Linked."}
    )
    assert problem in found.content.decode()
    assert not FormerAddress.objects.exists()


def test_staff_keep_them(client: Client) -> None:
    editor = factories.make_user("editor", "Editor")
    client.force_login(editor)
    add = "/admin/categories/formeraddress/add/"
    found = client.post(add, {"address": "/OLD", "leads_to": G, "why": "A college links there."})
    assert found.status_code == 302
    [row] = FormerAddress.objects.all()
    assert (row.address, row.leads_to, row.by) == ("/old/", G, editor)
    client.force_login(factories.make_user("writer", "Writer"))
    assert client.get("/admin/categories/formeraddress/").status_code == 200
    assert client.get(add).status_code == 403
