"""What pages say to machines: the same thing in other formats, JSON-LD, Open Graph, and the sitemap."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client, RequestFactory

from categories.content.schema import Content
from categories.public import json_ld, pages, updates
from categories.public.readings import Preview
from tests import factories
from tests.factories import london
from tests.history import (
    ENTRY,
    FORMER_SLUG,
    FORMER_T_LEVEL,
    NOW,
    SECRET,
    SLUG,
    T_LEVEL,
    TONIGHT,
    WITHDRAWN,
    History,
    publish_history,
)
from tests.html import Page

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
G = f"/guidance/{SLUG}/"
API = f"/api/v1/guidance/{SLUG}/"
ATOM, CSV, JSON = "application/atom+xml", "text/csv", "application/json"
FORMER_G, FORMER_API = f"/guidance/{FORMER_SLUG}/", f"/api/v1/guidance/{FORMER_SLUG}/"


@pytest.fixture
def history(fixture_content: Content) -> History:
    return publish_history(fixture_content)


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def page(client: Client, address: str) -> Page:
    response = get(client, address)
    assert response.status_code == 200, response.get("Location")
    return Page(response)


def alternates(found: Page) -> list[tuple[str | None, str | None]]:
    links = [link for link in found.all("link") if link.get("rel") == "alternate"]
    assert all(link.get("title") for link in links)
    return [(link.get("type"), link.get("href")) for link in links]


# Every page: what else there is of it, before the feed of the guidance that every page names
FORMATS = {
    "": [(JSON, API), (CSV, f"{G}categories.csv")],
    "?level=3&cohort=adults&q=occupation": [
        (JSON, API),
        (CSV, f"{G}categories.csv?level=3&cohort=adults&q=occupation"),
    ],
    "?level=9": [(JSON, API)],
    f"categories/{T_LEVEL}/": [
        (JSON, f"{API}categories/{T_LEVEL}/"),
        (ATOM, f"{G}categories/{T_LEVEL}/updates.atom"),
    ],
    f"categories/{WITHDRAWN}/": [
        (JSON, f"{API}categories/{WITHDRAWN}/"),
        (ATOM, f"{G}categories/{WITHDRAWN}/updates.atom"),
    ],
    f"categories/{T_LEVEL}/updates/": [(ATOM, f"{G}categories/{T_LEVEL}/updates.atom")],
    "approval-tests/": [],
    "approval-tests/employer-demand-test/": [],
    "find/": [],
    "compare/": [],
    "updates/": [(JSON, f"{API}editions/")],
    "updates/2/": [(JSON, f"{API}editions/2/changes/")],
    "updates/3/?from=1": [(JSON, f"{API}editions/3/changes/?from=1")],
    "on/": [],
}


@pytest.mark.parametrize("address", FORMATS)
def test_a_page_names_the_same_thing_in_every_format(client: Client, history: History, address: str) -> None:
    found = alternates(page(client, G + address))
    assert found == [*FORMATS[address], (ATOM, f"{G}updates.atom")]
    for media_type, link in found:
        response = get(client, link or "")
        assert response.status_code == 200
        assert response["Content-Type"].split(";")[0] == media_type


def test_on_a_day_formats_are_of_that_day(client: Client, history: History) -> None:
    base, on = f"{FORMER_G}on/2026-08-31/", "on=2026-08-31"
    feed = (ATOM, f"{base}updates.atom")
    expected = {
        "?level=3": [(JSON, f"{FORMER_API}?{on}"), (CSV, f"{base}categories.csv?level=3"), feed],
        f"categories/{FORMER_T_LEVEL}/": [
            (JSON, f"{FORMER_API}categories/{FORMER_T_LEVEL}/?{on}"),
            (ATOM, f"{base}categories/{FORMER_T_LEVEL}/updates.atom"),
            feed,
        ],
        "updates/": [(JSON, f"{FORMER_API}editions/?{on}"), feed],
        "updates/1/": [(JSON, f"{FORMER_API}editions/1/changes/?{on}"), feed],
    }
    for address, formats in expected.items():
        assert alternates(page(client, base + address)) == formats
        for media_type, link in formats:
            assert get(client, link).headers["Content-Type"].split(";")[0] == media_type
    answer = get(client, expected["updates/1/"][0][1]).json()
    assert (answer["from"], answer["to"]) == (None, 1)
    compared = f"{G}on/2027-03-03/updates/3/?from=1"
    link = f"{API}editions/3/changes/?from=1&on=2027-03-03"
    assert alternates(page(client, compared))[0] == (JSON, link)
    assert get(client, link).json()["from"] == 1


def test_readers_find_the_other_formats_where_they_look(client: Client, history: History) -> None:
    query = "level=3&availability=in-scope"
    links = page(client, f"{G}?{query}").links
    assert links["Get this list as a spreadsheet (CSV)"] == f"{G}categories.csv?{query}"
    assert links["Get this list as data (JSON)"] == f"{API}categories/?{query}"
    assert links["Follow changes with a feed (Atom)"] == f"{G}updates.atom?{query}"
    assert get(client, links["Follow changes with a feed (Atom)"]).status_code == 200
    assert links["See it as it stood on any day"] == f"{G}on/"
    listed = get(client, links["Get this list as data (JSON)"]).json()["categories"]
    shown = get(client, f"{G}?{query}").context["found"]
    assert [one["slug"] for one in listed] == [category.slug for category in shown] != []
    links = page(client, f"{G}on/2027-03-03/?{query}").links
    assert links["Get this list as data (JSON)"] == f"{API}categories/?{query}&on=2027-03-03"
    links = page(client, f"{G}?level=9").links
    assert "Get this list as a spreadsheet (CSV)" not in links  # it would be refused
    assert links["Follow changes with a feed (Atom)"] == f"{G}updates.atom"
    links = page(client, f"{G}categories/{T_LEVEL}/").links
    assert links["Follow changes to this category with a feed (Atom)"] == f"{G}categories/{T_LEVEL}/updates.atom"
    assert links["Get this category as JSON"] == f"{API}categories/{T_LEVEL}/"
    links = page(client, f"{G}updates/3/?from=1").links
    assert links["Get these changes as JSON"] == f"{API}editions/3/changes/?from=1"
    assert links["API"] == "/api/v1/documentation/"


def test_a_preview_leads_to_no_public_format(rf: RequestFactory, fixture_content: Content) -> None:
    reading = Preview(fixture_content, NOW, "/preview/token/", "It is a preview.")
    for view, rest in ((pages.guidance, {}), (pages.category, {"slug": ENTRY}), (updates.updates, {})):
        found = Page(view(rf.get("/preview/token/"), reading=reading, **rest))
        assert alternates(found) == []
        assert not found.all("script")
        assert not any(
            (address or "").startswith(("/api/v1/guidance", "/guidance")) for address in found.links.values()
        )


def structured(found: Page) -> dict[str, Any]:
    """The one JSON-LD block of a page."""
    [script] = [one for one in found.all("script") if one.get("type") == "application/ld+json"]
    data = json.loads(script.text or "")
    assert data["@context"] == "https://schema.org"
    return data


def test_json_ld_of_the_guidance(client: Client, history: History) -> None:
    data = structured(page(client, G))
    content = history.newest.content
    terms = data.pop("mainEntity")
    assert data == {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": SITE + G,
        "url": SITE + G,
        "name": content.title,
        "description": content.summary,
        "inLanguage": "en-GB",
        "publisher": {"@type": "Organization", "name": "Skills England"},
        "license": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "isAccessibleForFree": True,
        "datePublished": "2025-06-02",
        "spatialCoverage": [{"@type": "Place", "name": "England"}],
        "dateModified": "2026-09-01",  # the day that the page shows: edition 3 is minor
        "version": 3,
        "encoding": [
            {"@type": "MediaObject", "encodingFormat": CSV, "contentUrl": f"{SITE}{G}categories.csv"},
            {"@type": "MediaObject", "encodingFormat": ATOM, "contentUrl": f"{SITE}{G}updates.atom"},
        ],
    }
    assert (terms["@type"], terms["@id"], terms["name"]) == ("DefinedTermSet", content.id.urn, content.title)
    listed = terms["hasDefinedTerm"]
    assert [term["termCode"] for term in listed] == [category.slug for category in content.current_categories]
    assert WITHDRAWN not in [term["termCode"] for term in listed]
    assert listed[4]["name"] == "T Level <technical> qualifications"
    for term in listed:
        assert get(client, term["url"]).status_code == 200


def test_json_ld_of_a_category(client: Client, history: History) -> None:
    data = structured(page(client, f"{G}categories/{ENTRY}/"))
    record = history.newest.content.category_by_slug[ENTRY]
    assert data["url"] == data["@id"] == f"{SITE}{G}categories/{ENTRY}/"
    assert data["name"] == record.title
    assert data["description"] == "The aim is for learners to begin an occupation & <stay>."
    assert data["dateModified"] == "2026-09-01"  # edition 2; edition 3 left it alone
    assert data["datePublished"] == "2025-06-02"
    assert data["isPartOf"] == {"@type": "WebPage", "@id": SITE + G, "name": history.newest.content.title}
    assert (data["mainEntity"]["@type"], data["mainEntity"]["@id"]) == ("DefinedTerm", record.id.urn)
    steps = data["breadcrumb"]["itemListElement"]
    assert [(step["position"], step["item"]) for step in steps] == [(1, SITE + G), (2, data["url"])]


def test_json_ld_of_a_category_that_was_added_later(client: Client, fixture_content: Content) -> None:
    first = factories.altered(fixture_content, categories=fixture_content.categories[:-1])
    factories.publish(first)
    factories.publish(fixture_content, london(2026, 1, 1))
    factories.publish(factories.with_category(fixture_content, WITHDRAWN, aim="Anew."), london(2026, 2, 1))
    data = structured(page(client, f"{FORMER_G}categories/{WITHDRAWN}/"))
    assert (data["datePublished"], data["dateModified"]) == ("2026-01-01", "2026-02-01")


def test_dates_for_machines_are_those_of_the_page(client: Client, history: History) -> None:
    found = page(client, G)
    assert structured(found)["dateModified"] == found.all("dl")[0].findall(".//time")[1].get("datetime")
    assert "Last changed 2 June 2025" in page(client, f"{G}approval-tests/employer-demand-test/").main
    assert page(client, f"{G}categories/{ENTRY}/").facts["Last changed"] == "1 September 2026"


def test_only_current_pages_of_the_guidance_and_of_categories_have_json_ld(client: Client, history: History) -> None:
    for address in ("updates/", "approval-tests/", "on/2027-03-03/", f"on/2027-03-03/categories/{ENTRY}/"):
        assert not page(client, G + address).all("script"), address


WILD = "</script><script>alert(1)</script> <!-- & \u2028 \"'"


def test_no_text_ends_the_script_that_it_is_in(client: Client, fixture_content: Content) -> None:
    wild = WILD.replace("\u2028", "")
    content = factories.with_category(fixture_content, ENTRY, title=wild, synonyms=(wild,))
    factories.publish(factories.altered(content, title=wild, publisher=wild))
    for address in (FORMER_G, f"{FORMER_G}categories/{ENTRY}/"):
        found = page(client, address)
        assert not found.scripts
        assert structured(found)["publisher"]["name"] == wild
    assert structured(found)["mainEntity"]["alternateName"] == [wild]
    written = json_ld.script({"name": WILD})
    assert not set("<>&\u2028") & set(written.removeprefix('<script type="application/ld+json">')[: -len("</script>")])


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("", "Technical qualification categories: core aim and relationship to occupational standards"),
        (f"categories/{T_LEVEL}/", "T Level <technical> qualifications"),
        ("approval-tests/employer-demand-test/", "Employer demand test"),
        ("updates/2/", "Edition 2"),
        (f"categories/{T_LEVEL}/updates/", "Updates to T Level <technical> qualifications"),
    ],
)
def test_open_graph(client: Client, history: History, address: str, title: str) -> None:
    found = page(client, G + address)
    assert found.meta("og:title") == title
    assert found.meta("og:type") == "article"
    assert found.meta("og:url") == found.link_to("canonical") == urljoin(SITE, G + address)
    assert found.meta("og:description") == found.meta("description") != ""
    assert found.meta("og:locale") == "en_GB"
    assert found.meta("og:site_name")


def test_a_dated_page_is_shared_as_the_current_one(client: Client, history: History) -> None:
    found = page(client, f"{FORMER_G}on/2026-09-01/categories/{ENTRY}/")
    assert found.meta("og:url") is None
    assert found.meta("robots") == "noindex"


def sitemap(client: Client, now: Any = NOW) -> dict[str, datetime | None]:
    """When every page of the sitemap last changed, by its address."""
    root = ElementTree.fromstring(get(client, "/sitemap.xml", now).content)  # noqa: S314 - our own
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {}
    for entry in root.iter(f"{space}url"):
        changed = entry.findtext(f"{space}lastmod")
        found[entry.findtext(f"{space}loc")] = datetime.fromisoformat(changed) if changed else None
    return found


def test_the_sitemap_says_when_each_page_changed(client: Client, history: History) -> None:
    first, second, third = (edition.live_at for edition in history.editions)
    found = sitemap(client)
    expected = {
        "": third,
        "updates/": third,
        "find/": third,
        "compare/": third,
        "check/": third,
        "table/": third,
        "in-full/": third,
        f"categories/{ENTRY}/": second,
        f"categories/{ENTRY}/updates/": second,
        f"categories/{T_LEVEL}/": second,
        "categories/level-4-and-5-higher-technical-qualifications/": first,
        "approval-tests/": third,  # which says how many categories face each test: one was withdrawn
        "approval-tests/employer-demand-test/": third,
    }
    assert {address: found[f"{SITE}{G}{address}"] for address in expected} == expected
    assert not any(WITHDRAWN in address for address in found)
    assert TONIGHT not in found.values()
    assert SECRET not in get(client, "/sitemap.xml").content.decode()
    later = sitemap(client, TONIGHT)
    assert later[f"{SITE}{G}categories/secret-slug/"] == TONIGHT


def test_a_page_changes_with_what_it_shows(
    client: Client, fixture_content: Content, django_assert_max_num_queries: Any
) -> None:
    factories.publish(fixture_content)
    test = "alternative-approval-test"
    renamed = factories.with_test(fixture_content, test, name="Another test")
    factories.publish(renamed, london(2026, 1, 1))
    entry = renamed.category_by_slug[ENTRY]
    lists = [
        one.model_dump() | ({"covers": "More."} if one.slug == entry.examples_list else {})
        for one in renamed.examples_lists
    ]
    listed = factories.altered(renamed, examples_lists=lists)
    factories.publish(listed, london(2026, 2, 1))
    unused = factories.with_category(listed, ENTRY, approval_tests=("employer-demand-test",))
    factories.publish(unused, london(2026, 3, 1))
    with django_assert_max_num_queries(3):
        found = sitemap(client)
    base = f"{SITE}{FORMER_G}"
    assert entry.approval_tests == (test, "employer-demand-test")
    assert found[f"{base}categories/{ENTRY}/"] == london(2026, 3, 1)
    assert found[f"{base}categories/{ENTRY}/updates/"] == london(2026, 3, 1)
    assert found[f"{base}approval-tests/{test}/"] == london(2026, 3, 1)  # it is applied to one less
    beside = [one for one in unused.current_categories if one.slug != ENTRY and one.examples_list]
    same_list = [one for one in beside if one.examples_list == entry.examples_list]
    same_test = [one for one in unused.current_categories if test in one.approval_tests and one not in same_list]
    neither = [one for one in unused.current_categories if one not in same_list + same_test and one.slug != ENTRY]
    assert same_list and same_test and neither
    for categories, changed in (
        (same_list, london(2026, 2, 1)),
        (same_test, london(2026, 1, 1)),
        (neither, factories.FIRST_DAY),
    ):
        for category in categories:
            assert found[f"{base}categories/{category.slug}/"] == changed
            assert found[f"{base}categories/{category.slug}/updates/"] == factories.FIRST_DAY


def test_a_move_and_the_withdrawal_of_a_test_change_lists_alone(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    tests, categories = fixture_content.approval_tests, fixture_content.categories
    moved = factories.altered(fixture_content, categories=(categories[-1], *categories[:-1]))
    factories.publish(moved, london(2026, 1, 1))
    found = sitemap(client)
    page_of_moved = f"{SITE}{FORMER_G}categories/{WITHDRAWN}/"
    assert found[page_of_moved] == factories.FIRST_DAY
    assert found[f"{page_of_moved}updates/"] == london(2026, 1, 1)
    unused = factories.altered(
        moved, categories=tuple(one for one in moved.categories if tests[1].slug not in one.approval_tests)
    )
    factories.publish(factories.with_test(unused, tests[1].slug, withdrawn="It ended."), london(2026, 2, 1))
    found = sitemap(client)
    assert found[f"{SITE}{FORMER_G}approval-tests/"] == london(2026, 2, 1)
    assert found[f"{SITE}{FORMER_G}approval-tests/{tests[0].slug}/"] == london(2026, 1, 1)  # it lists them in order
