"""The addresses of the site: which there are, that links find them all and none is broken, and any address answers."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
import time_machine
from django.test import Client
from django.urls import resolve

from categories.content.schema import Content
from tests import addresses, factories
from tests.factories import london
from tests.history import ENTRY, FORMER_SLUG, FORMER_T_LEVEL, NOW, SLUG, T_LEVEL, WITHDRAWN, publish_history
from tests.html import Page

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
G = f"/guidance/{SLUG}/"

# Others link to these. One may be added; one may never vanish
PAGES_OF_GUIDANCE = [
    "",
    "approval-tests/",
    "approval-tests/<slug:slug>/",
    "archive.zip",
    "categories.csv",
    "categories/<slug:slug>/",
    "categories/<slug:slug>/updates.atom",
    "categories/<slug:slug>/updates/",
    "categories/<slug:slug>/updates/since/",
    "categories/<slug:slug>/updates/since/<day:day>/",
    "check/",
    "compare/",
    "corrections/",
    "find/",
    "head.txt",
    "in-full/",
    "table/",
    "updates.atom",
    "updates/",
    "updates/<int:number>/",
    "updates/since/",
    "updates/since/<day:day>/",
]
RESOURCES_OF_GUIDANCE = [
    "",
    "categories/",
    "categories/<slug:category>/",
    "editions/",
    "editions/<int:number>/",
    "editions/<int:number>/changes/",
    "editions/<int:number>/content.json",
]
FROZEN = {
    "",
    ".well-known/security.txt",
    "accessibility-statement/",
    "alerts/<str:key>/",
    "alerts/asked/",
    "alerts/confirm/<str:key>/",
    "alerts/end/<str:key>/",
    "api/v1/",
    "api/v1/documentation/",
    "api/v1/guidance/",
    "api/v1/openapi.json",
    "^healthz/?$",
    "id/<uuid:record>/",
    "^readyz/?$",
    "feedback/",
    "feedback/thanks/",
    "privacy/",
    "robots.txt",
    "signing-keys.txt",
    "sitemap.xml",
    "guidance/<slug:guidance>/alerts/",
    "guidance/<slug:guidance>/announced/",
    "guidance/<slug:guidance>/announced/<uuid:announcement>/",
    "guidance/<slug:guidance>/on/",
    *(f"guidance/<slug:guidance>/{page}" for page in PAGES_OF_GUIDANCE),
    *(f"guidance/<slug:guidance>/on/<day:on>/{page}" for page in PAGES_OF_GUIDANCE),
    *(f"guidance/<slug:guidance>/at/<moment:at>/{page}" for page in PAGES_OF_GUIDANCE),
    "guidance/<slug:guidance>/timemap/",
    "guidance/<slug:guidance>/timemap/<path:page>",
    *(f"api/v1/guidance/<slug:guidance>/{resource}" for resource in RESOURCES_OF_GUIDANCE),
}
NOWHERE = r"api/v1/^[\s\S]+/\Z"  # answers in JSON what is not there
# What machines look for by its name, or mail or a form leads to, and nobody follows a link to
UNLINKED = {
    "alerts/<str:key>/",
    "alerts/asked/",
    "alerts/confirm/<str:key>/",
    "alerts/end/<str:key>/",
    "feedback/thanks/",
    "guidance/<slug:guidance>/on/<day:on>/updates/since/<day:day>/",
    "guidance/<slug:guidance>/on/<day:on>/categories/<slug:slug>/updates/since/<day:day>/",
    "guidance/<slug:guidance>/timemap/",
    "guidance/<slug:guidance>/timemap/<path:page>",
    ".well-known/security.txt",
    "^healthz/?$",
    "^readyz/?$",
    "robots.txt",
    "sitemap.xml",
}


def test_no_address_vanishes_and_every_new_one_is_frozen() -> None:
    assert set(addresses.routes()) - {NOWHERE} == FROZEN


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


@dataclass(frozen=True)
class Found:
    """What stands at an address, with the ids that a fragment can name and everything that it leads to."""

    address: str
    response: Any

    @property
    def media_type(self) -> str:
        return self.response["Content-Type"].split(";")[0]

    @cached_property
    def page(self) -> Any:
        return html5lib.parse(self.response.content.decode(), namespaceHTMLElements=False)

    @cached_property
    def ids(self) -> set[str]:
        return {element.get("id") for element in self.page.iter() if element.get("id")}

    def links(self) -> Iterator[str]:
        """Yield every address within the site, in full."""
        for link in self._written():
            whole = urljoin(SITE + self.address, link)
            if whole.startswith(f"{SITE}/") and not whole.startswith(f"{SITE}/static/"):
                yield whole.removeprefix(SITE)

    def _written(self) -> Iterator[str]:
        if self.media_type == "text/html":
            yield from (element.get("href") for tag in ("a", "link") for element in self.page.iter(tag))
            for form in self.page.iter("form"):
                address = urlsplit(form.get("action") or "").path
                assert (form.get("method") == "get") != address.endswith(("/check/", "/alerts/", "/feedback/"))
                yield form.get("action")
            # Citations are text to select, not links
            yield from (cell.text for cell in self.page.iter("dd") if (cell.text or "").startswith(SITE))
        elif self.media_type == "application/atom+xml":
            yield from (e.get("href") for e in ElementTree.fromstring(self.response.content).iter() if e.get("href"))  # noqa: S314
        elif self.media_type == "application/json":
            yield from _addresses_in(self.response.json())


def _addresses_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(SITE):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _addresses_in(inner)


@dataclass
class Crawl:
    """Everything that links lead to from one address, by address; and what is wrong with the links."""

    client: Client
    found: dict[str, Found] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    fragments: list[tuple[str, str, str]] = field(default_factory=list)

    def run(self, start: str) -> "Crawl":
        waiting = deque([("nowhere", start)])
        while waiting:
            source, link = waiting.popleft()
            address, fragment = urldefrag(link)
            if fragment:
                self.fragments.append((source, address, fragment))
            if address in self.found:
                continue
            response = get(self.client, address)
            if response.status_code in (301, 302, 303):
                response = get(self.client, response["Location"])  # a chain of two is a broken link
            if response.status_code != 200:
                self.broken.append(f"{link} on {source}: {response.status_code} {response.get('Location', '')}")
                continue
            self.found[address] = Found(response.wsgi_request.get_full_path(), response)
            waiting += [(address, link) for link in self.found[address].links()]
        self.broken += [
            f"#{fragment} of {address} on {source}"
            for source, address, fragment in self.fragments
            if address in self.found and fragment not in self.found[address].ids
        ]
        return self


def small(content: Content, *slugs: str) -> Content:
    """The content with a few of its categories alone."""
    return factories.altered(content, categories=tuple(content.category_by_slug[slug] for slug in slugs))


def publish_before(content: Content) -> None:
    """Publish an edition that has neither the category nor the tests that the next one adds."""
    [category] = small(content, FORMER_T_LEVEL).categories
    tests = tuple(test for test in content.approval_tests if test.slug in category.approval_tests)
    assert len(tests) < len(content.approval_tests)
    factories.publish(factories.altered(content, categories=(category,), approval_tests=tests), london(2025, 5, 1))


def test_links_find_every_address_and_none_is_broken(client: Client, fixture_content: Content) -> None:
    publish_before(fixture_content)
    history = publish_history(small(fixture_content, FORMER_T_LEVEL, WITHDRAWN))
    factories.announce(history.newest.guidance.editions.newest(), london(2027, 6, 1, 10))
    crawl = Crawl(client).run(G)
    assert crawl.broken == []
    routes = {resolve(urlsplit(found.address).path).route for found in crawl.found.values()}
    followed = {resolve(urlsplit(address).path).route for address in crawl.found}
    assert FROZEN - routes - followed - UNLINKED == set()
    assert crawl.fragments


def test_the_crawl_finds_what_is_broken(client: Client, fixture_content: Content) -> None:
    links = ["/guidance/nothing/", "/id/00000000-0000-0000-0000-000000000001/", "/accessibility-statement/#none"]
    aim = " ".join(f"[link]({link})" for link in links)
    factories.publish(factories.with_category(small(fixture_content, ENTRY), ENTRY, aim=aim))
    broken = Crawl(client).run(f"/guidance/{FORMER_SLUG}/").broken
    for sign in ("/guidance/nothing/ on ", f"{links[1]} on ", "#none of /accessibility-statement/ on "):
        assert any(line.startswith(sign) for line in broken)


def test_robots_lead_to_the_sitemap_and_it_to_pages_alone(client: Client, fixture_content: Content) -> None:
    publish_history(fixture_content)
    [line] = [line for line in get(client, "/robots.txt").content.decode().splitlines() if line.startswith("Sitemap:")]
    root = ElementTree.fromstring(get(client, line.split()[1]).content)  # noqa: S314 - our own
    for location in (element.text or "" for element in root.iter() if element.tag.endswith("}loc")):
        assert get(client, location).status_code == 200
        assert "/on/" not in location


LONG = "9" * 20
# For each part of an address, what it should never have
STRANGE: dict[str, list[str]] = {
    "guidance": [SLUG, "x" * 3000],
    "on": ["2027-06-01", "0000-00-00", "2026-02-30", "0001-01-01", "9999-12-31", "2025-06-01", "2027-06-02"],
    "at": [
        "2027-06-01T10:59:59Z",
        "2026-09-01T08:30:00.25Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2025-06-01T00:00:00Z",
        "2027-06-01T11:00:01Z",
        "2026-01-01T24:00:60Z",
    ],
    "since": ["2027-06-01", "0000-00-00", "2026-02-30", "9999-12-31", "2025-06-01"],
    "timemap": ["updates/", f"categories/{T_LEVEL}/", "nothing/", "%00", "x" * 3000],
    "categories": [T_LEVEL, "-" * 3000, "_"],
    "approval-tests": ["employer-demand-test", "0" * 300],
    "updates": ["3", "0", LONG, "9" * 5000],
    "editions": ["3", "0", LONG, "9" * 5000],
    "id": ["00000000-0000-0000-0000-000000000000"],
    "announced": ["00000000-0000-0000-0000-000000000000"],
    **{part: ["nothing", "%00", "x" * 3000] for part in ("alerts", "confirm", "end")},
}
STRANGE_QUERIES = [
    "page=0&from=x&before=x&on=x&at=x&level=x&cohort=x&category=x&day=x&month=2&year=2026",
    f"page=abc&from={LONG}&before={LONG}&on={LONG}&level={LONG}&day={LONG}&month={LONG}&year={LONG}",
    f"page={'9' * 5000}&from={'9' * 5000}&before={'9' * 5000}&on={'9' * 5000}&day={'9' * 5000}&month=1&year=1",
    "page=-1&from=-1&before=-1&on=-1&level=-1&day=-1&month=-1&year=-1",
    "page=%00&from=%00&before=%00&on=%00&level=%00&cohort=%00&q=%00&category=%00&approval=%00&day=%00&month=1&year=1",
    "page=1&page=2&from=1&from=2&before=1&before=2&on=2027-06-01&on=2026-01-01&q=a&q=b&level=2&level=2",
    "page=%D9%A1&from=%D9%A1&before=%D9%A1&on=%D9%A2%D9%A0%D9%A2%D9%A6-01-01&day=%D9%A1&month=%D9%A1&year=%D9%A2",
    "%00=%00&%FF%FE&=&&&&[]=%ED%A0%80&q=%ED%A0%80&from=1.5&page=1e3&on=2026-W01-1",
    "q=" + "x" * 6000,
    "&".join(f"category=c{number}&level={number}" for number in range(300)),
]
ANSWERS = {200, 301, 302, 303, 404, 422}


def answered(client: Client, address: str) -> None:
    """Whatever was asked for is answered: a fault of ours would be raised here."""
    response = get(client, address)
    assert response.status_code in ANSWERS, (response.status_code, address[:200])
    if response.status_code in (200, 404) and response["Content-Type"].startswith("text/html"):
        Page(response)
    if address.startswith("/api/v1/") and response.status_code in (404, 422):
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]


def test_any_part_of_an_address_is_answered(client: Client, fixture_content: Content) -> None:
    publish_history(fixture_content)
    for address in addresses.every(STRANGE):
        answered(client, address)


@pytest.mark.parametrize("query", STRANGE_QUERIES, ids=range(len(STRANGE_QUERIES)))
def test_any_query_is_answered(client: Client, fixture_content: Content, query: str) -> None:
    publish_history(fixture_content)
    ordinary = {part: values[:1] for part, values in STRANGE.items()}
    for address in addresses.every(ordinary):
        answered(client, f"{address}?{query}")


@pytest.mark.parametrize(
    "address",
    [
        f"{G}%00",
        f"/guidance/{SLUG}%00/",
        f"{G}categories/{T_LEVEL}%00/",
        f"{G}approval-tests/%00/",
        f"{G}updates/1%00/",
        f"{G}updates/-1/",
        f"{G}updates/1.5/",
        f"{G}updates/%D9%A1/",
        f"{G}on/2027-06-0%00/",
        f"{G}on/20270601/",
        f"{G}on/%D9%A2%D9%A0%D9%A2%D9%A7-06-01/",
        f"{G}on/2027-6-1/",
        "/id/%00/",
        "/id/nobody/",
        "/api/v1/%00/",
        f"/api/v1/guidance/{SLUG}%00/",
        "/%00",
        "/%FF%FE/",
        "/%ED%A0%80/",
        "/" + "x" * 6000,
        f"{G}../../../etc/passwd",
        f"{G}on/2027-06-01/on/2027-06-01/",
    ],
)
def test_nothing_is_at_an_address_that_cannot_be(client: Client, fixture_content: Content, address: str) -> None:
    publish_history(fixture_content)
    assert get(client, address).status_code == 404
    answered(client, address)


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        ("0000-00-00", "2 June 2025"),
        ("2026-02-30", "28 February 2026"),
        ("9999-12-31", "1 June 2027"),
        ("2027-06-02", "1 June 2027"),
        ("2025-06-01", "2 June 2025"),
    ],
)
def test_a_day_that_cannot_be_names_the_nearest(
    client: Client, fixture_content: Content, day: str, nearest: str
) -> None:
    publish_history(fixture_content)
    for rest in ("", "updates/", f"categories/{T_LEVEL}/", "compare/", "updates.atom", "categories.csv"):
        response = get(client, f"{G}on/{day}/{rest}")
        assert response.status_code == 404
        links = Page(response).links
        assert get(client, links[f"The guidance as it stood on {nearest}"]).status_code in (200, 301)
        same = links.get(f"This page as it stood on {nearest}")
        assert (same is None) == (rest == "")
        if same:
            assert same.endswith(f"/{rest.replace(T_LEVEL, FORMER_T_LEVEL)}" if "2027" not in nearest else f"/{rest}")
            assert get(client, same).status_code == 200


def test_a_day_that_cannot_be_leads_to_no_page_that_was_not_there(client: Client, fixture_content: Content) -> None:
    publish_before(fixture_content)
    publish_history(fixture_content)
    for rest in (
        f"categories/{ENTRY}/",
        f"categories/{ENTRY}/updates/",
        "approval-tests/employer-demand-test/",
        "updates/2/",
    ):
        there = Page(get(client, f"{G}on/2027-06-31/{rest}?page=2&level=3")).links[
            "This page as it stood on 1 June 2027"
        ]
        assert there == f"{G}on/2027-06-01/{rest}{'' if 'updates' in rest else '?page=2&level=3'}"
        assert get(client, there).status_code == 200
        links = Page(get(client, f"{G}on/2025-04-31/{rest}")).links
        assert "The guidance as it stood on 1 May 2025" in links
        assert not [words for words in links if words.startswith("This page")], rest
