"""The feeds: Atom 1.0 by two independent readers, with what changed, what vouches for it and nothing to come."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import feedparser
import html5lib
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from categories.content.schema import Content
from categories.models import Edition
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
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
SITE = "http://testserver"
ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FEEDS = [f"{G}updates.atom", f"{G}categories/{T_LEVEL}/updates.atom", f"{G}categories/{WITHDRAWN}/updates.atom"]


@pytest.fixture
def history(fixture_content: Content) -> History:
    return publish_history(fixture_content)


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


class Feed:
    """A feed as Python's XML parser and feedparser read it, once it keeps the rules of RFC 4287."""

    def __init__(self, response: Any) -> None:
        assert response.status_code == 200, (response.status_code, response.get("Location"))
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies
        self.response = response
        self.root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
        self.read = feedparser.parse(response.content)
        assert not self.read.bozo
        assert self.read.version == "atom10"
        assert self.root.tag == f"{ATOM}feed"
        self.entries = self.root.findall(f"{ATOM}entry")
        assert self.only(self.root, "author")[0].text
        for element in (self.root, *self.entries):
            for name in ("id", "title", "updated"):
                assert self.only(element, name).text
            assert UUID(self.only(element, "id").text or "").version
        for entry in self.entries:
            assert RFC_3339.fullmatch(self.only(entry, "published").text or "")
            assert self.only(entry, "content").get("type") == "html"
            assert self.only(entry, "summary").get("type") == "html"
        assert RFC_3339.fullmatch(self.only(self.root, "updated").text or "")
        assert len(set(self.ids)) == len(self.ids)

    @staticmethod
    def only(element: Element, name: str) -> Element:
        [found] = element.findall(ATOM + name)
        return found

    @property
    def ids(self) -> list[str]:
        return [self.only(entry, "id").text or "" for entry in self.entries]

    @property
    def titles(self) -> list[str]:
        return [self.only(entry, "title").text or "" for entry in self.entries]

    @property
    def numbers(self) -> list[int]:
        return [int(title.split()[1].strip(":")) for title in self.titles]

    @property
    def contents(self) -> list[str]:
        """The words of what each entry holds, as a reader's program shows it."""
        parsed = [
            html5lib.parse(self.only(entry, "content").text, namespaceHTMLElements=False) for entry in self.entries
        ]
        assert not any(list(document.iter("script")) for document in parsed)
        return [words(document) for document in parsed]

    def link(self, relation: str, element: Element | None = None) -> str | None:
        parent = self.root if element is None else element
        return next((link.get("href") for link in parent.findall(f"{ATOM}link") if link.get("rel") == relation), None)


def feed(client: Client, address: str, now: Any = NOW) -> Feed:
    return Feed(get(client, address, now))


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_says_what_it_is_and_its_links_work(client: Client, history: History, address: str) -> None:
    found = feed(client, address)
    assert found.link("self") == f"{SITE}{address}"
    assert found.link("alternate") == f"{SITE}{address.removesuffix('.atom')}/"
    assert found.link("next") is None
    assert words(found.root.find(f"{ATOM}author")) == "Skills England"
    for link in (found.link("alternate"), *(found.link("alternate", entry) for entry in found.entries)):
        assert get(client, link or "").status_code == 200
    newest = found.entries[0]
    assert found.only(found.root, "updated").text == found.only(newest, "updated").text


def test_the_feed_of_the_guidance_has_every_edition(client: Client, history: History) -> None:
    found = feed(client, f"{G}updates.atom")
    assert found.read.feed.title == f"Updates: {history.newest.content.title}"
    assert found.titles == [
        "Edition 3 (minor): One ended. The rest stays.",
        "Edition 2: T Levels have a name <of> their own.",
        "Edition 1: What changed.",
    ]
    assert [datetime(*entry.published_parsed[:6], tzinfo=UTC) for entry in found.read.entries] == [
        datetime(2027, 3, 3, 12, tzinfo=UTC),
        datetime(2026, 9, 1, 8, 30, tzinfo=UTC),  # 9:30am in summer
        datetime(2025, 6, 1, 23, tzinfo=UTC),
    ]
    assert [[tag.term for tag in entry.tags] for entry in found.read.entries] == [
        ["minor", "changed", "withdrawn"],
        ["major", "changed"],
        ["major"],
    ]
    assert [found.link("alternate", entry) for entry in found.entries] == [
        f"{SITE}{G}updates/{number}/" for number in (3, 2, 1)
    ]


def test_entries_say_before_and_after_word_by_word(client: Client, history: History) -> None:
    third, second, first = feed(client, f"{G}updates.atom").contents
    for phrase in (
        "T Levels have a name <of> their own.",
        "for learners to[deleted: enter the][inserted: begin an] occupation",
        "[deleted: level-3-t-level][inserted: t-level]",
        "Category: T Level <technical> qualifications Changed",
        "It was called “Level 3 T Level technical qualifications”.",
        "[deleted: Level 3 ]T Level[deleted: technical][inserted: <technical>] qualifications",
    ):
        assert phrase in second
    for phrase in (
        "It corrects edition 2.",
        "Guidance: Technical qualification categories: core aim and relationship to occupational standards Changed",
        "Address[deleted: technical-qualification-categories][inserted: technical-qualifications]",
        "Category: Level 3 employer-proposed technical qualifications - adults only Withdrawn",
        "Levels[inserted: 2]3",
        "Withdrawn because[inserted: It was never used.]",
    ):
        assert phrase in third
    assert "The record starts here." in first


def test_the_feed_of_a_category_has_its_changes_alone(client: Client, history: History) -> None:
    found = feed(client, f"{G}categories/{T_LEVEL}/updates.atom")
    assert found.read.feed.title == "Updates: T Level <technical> qualifications"
    assert found.numbers == [2, 1]
    second, first = found.contents
    assert "[deleted: level-3-t-level][inserted: t-level]" in second
    assert "occupational entry" not in second
    assert "Level 3 T Level technical qualifications Added" in first


def test_a_withdrawal_is_in_the_feed_of_the_category(client: Client, history: History) -> None:
    found = feed(client, f"{G}categories/{WITHDRAWN}/updates.atom")
    assert found.numbers == [3, 1]
    assert "adults only Withdrawn" in found.contents[0]
    assert "Withdrawn because[inserted: It was never used.]" in found.contents[0]
    assert [tag.term for tag in found.read.entries[0].tags] == ["minor", "withdrawn"]


def test_every_category_has_a_feed(client: Client, history: History) -> None:
    feeds = {
        one.slug: feed(client, f"{G}categories/{one.slug}/updates.atom") for one in history.newest.content.categories
    }
    assert {slug: found.numbers for slug, found in feeds.items() if found.numbers != [1]} == {
        ENTRY: [2, 1],
        T_LEVEL: [2, 1],
        WITHDRAWN: [3, 1],
    }
    every = [identity for found in [*feeds.values(), feed(client, f"{G}updates.atom")] for identity in found.ids]
    assert len(set(every)) == len(every) == 12 + 3 + 3


@pytest.mark.parametrize("address", FEEDS)
def test_digests_and_the_head_of_the_chain(client: Client, history: History, address: str) -> None:
    found = feed(client, address)
    assert found.read.feed.subtitle == f"Edition 3 is the newest. SHA-256 of its record: {history.newest.record_digest}"
    for number, text in zip(found.numbers, found.contents, strict=True):
        edition = history.editions[number - 1]
        for digest in filter(None, (edition.content_digest, edition.record_digest, edition.previous_record_digest)):
            assert digest in text
    dated = feed(client, f"/guidance/{FORMER_SLUG}/on/2026-09-01/updates.atom")
    assert history.editions[1].record_digest in dated.read.feed.subtitle


def test_ids_stay_the_same(client: Client, history: History) -> None:
    record = history.newest.content.category_by_slug[T_LEVEL].id
    for now, addresses in {
        london(2026, 8, 31): ("updates.atom", f"categories/{FORMER_T_LEVEL}/updates.atom"),
        london(2026, 9, 1, 10): ("updates.atom", f"categories/{T_LEVEL}/updates.atom"),
    }.items():
        for address, former in zip(
            (f"{G}updates.atom", f"{G}categories/{T_LEVEL}/updates.atom"), addresses, strict=True
        ):
            then, later = feed(client, f"/guidance/{FORMER_SLUG}/{former}", now), feed(client, address)
            assert then.ids
            assert later.ids[-len(then.ids) :] == then.ids
            assert later.read.feed.id == then.read.feed.id
    assert feed(client, f"{G}categories/{T_LEVEL}/updates.atom").read.feed.id == record.urn
    other_site = feed(Client(headers={"host": "localhost"}), f"{G}updates.atom")
    assert other_site.ids == feed(client, f"{G}updates.atom").ids


@pytest.mark.parametrize(
    ("former", "present"),
    [
        (f"/guidance/{FORMER_SLUG}/updates.atom", f"{G}updates.atom"),
        (f"/guidance/{FORMER_SLUG}/updates.atom?before=2", f"{G}updates.atom?before=2"),
        (f"{G}categories/{FORMER_T_LEVEL}/updates.atom", f"{G}categories/{T_LEVEL}/updates.atom"),
        (f"/guidance/{FORMER_SLUG}/categories/{FORMER_T_LEVEL}/updates.atom", f"{G}categories/{T_LEVEL}/updates.atom"),
        (
            f"{G}on/2025-06-02/categories/{T_LEVEL}/updates.atom",
            f"/guidance/{FORMER_SLUG}/on/2025-06-02/categories/{FORMER_T_LEVEL}/updates.atom",
        ),
    ],
)
def test_former_addresses_lead_straight_to_the_present_ones(
    client: Client, history: History, former: str, present: str
) -> None:
    response = get(client, former)
    assert (response.status_code, response["Location"]) == (301, present)
    assert response["Access-Control-Allow-Origin"] == "*"
    feed(client, present)


def test_on_a_day_a_feed_ends_with_that_day(client: Client, history: History) -> None:
    base = f"/guidance/{FORMER_SLUG}/on/2026-08-31/"
    found = feed(client, f"{base}updates.atom")
    assert found.numbers == [1]
    assert found.link("alternate", found.entries[0]) == f"{SITE}{base}updates/1/"
    assert feed(client, f"{base}categories/{FORMER_T_LEVEL}/updates.atom").numbers == [1]
    assert get(client, f"{base}categories/nothing/updates.atom").status_code == 404


def test_nothing_to_come_is_in_a_feed_before_its_moment(client: Client, history: History) -> None:
    scheduled = Edition.objects.get(number=4)
    addresses = [*FEEDS, f"{G}categories/{ENTRY}/updates.atom", f"{G}on/2027-06-01/updates.atom"]
    before = {address: get(client, address, TONIGHT - timedelta(microseconds=1)) for address in addresses}
    for response in before.values():
        text = response.content.decode() + str(response.headers)
        for secret in (SECRET, "secret-slug", scheduled.record_digest, scheduled.content_digest):
            assert secret not in text
    assert get(client, f"{G}categories/secret-slug/updates.atom").status_code == 404
    assert feed(client, f"{G}updates.atom", TONIGHT).titles[0] == f"Edition 4: {SECRET}"
    assert feed(client, f"{G}categories/secret-slug/updates.atom", TONIGHT).numbers == [4, 2, 1]
    factories.take_off(scheduled, NOW)
    for address, response in before.items():
        without = get(client, address, TONIGHT - timedelta(microseconds=1))
        assert (without.content, without.headers) == (response.content, response.headers)


def test_long_records_come_in_pages(client: Client, fixture_content: Content) -> None:
    queries, base = set(), f"/guidance/{FORMER_SLUG}/"
    for number in range(1, 111):
        aim = f"Aim {number}."
        live_at = london(2026, 1, 1) + timedelta(hours=number)
        factories.publish(factories.with_category(fixture_content, ENTRY, aim=aim), live_at)
        if number in (2, 60, 110):
            with CaptureQueriesContext(connection) as captured:
                feed(client, f"{base}updates.atom")
                feed(client, f"{base}categories/{ENTRY}/updates.atom")
            queries.add(len(captured))
    assert queries == {2 + 3}
    for feed_address in ("updates.atom", f"categories/{ENTRY}/updates.atom"):
        address, pages = base + feed_address, []
        while address:
            pages.append(feed(client, address))
            assert pages[-1].link("self") in (address, SITE + address)
            address = pages[-1].link("next")
        assert [page.numbers for page in pages] == [[*range(110, 60, -1)], [*range(60, 10, -1)], [*range(10, 0, -1)]]
        assert "Aim[deleted: 60.][inserted: 61.]" in pages[0].contents[-1]
        assert len({identity for page in pages for identity in page.ids}) == 110


@pytest.mark.parametrize("written", ["x", "0", "-1", "1.5", "9" * 5000, "%00", "1%00", "٣"])
def test_a_page_of_a_feed_that_cannot_be_is_explained(client: Client, history: History, written: str) -> None:
    for address in FEEDS:
        response = get(client, f"{address}?before={written}")
        assert response.status_code == 404
        page = Page(response)
        assert "“before” must be the number of an edition" in page.main
        assert page.links["Feed"] == address


def test_before_any_number_or_none(client: Client, history: History) -> None:
    for address, numbers in ((FEEDS[0], [3, 2, 1]), (FEEDS[1], [2, 1])):
        assert feed(client, f"{address}?before=999999999").numbers == numbers
        assert feed(client, f"{address}?before=").numbers == numbers
        assert feed(client, f"{address}?before=1").numbers == []


WILD = '<script>alert(1)</script> & "quotes" ]]> &amp; <b>é😀</b>'


def test_whatever_was_written_is_escaped(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    changed = factories.with_category(fixture_content, ENTRY, title=WILD, aim=f"[x](/a) {WILD}")
    factories.publish(changed, london(2026, 1, 1), change_note=WILD)
    base = f"/guidance/{FORMER_SLUG}/"
    for address in ("updates.atom", f"categories/{ENTRY}/updates.atom"):
        found = feed(client, base + address)
        assert found.titles[0] == f"Edition 2: {WILD}"
        assert found.contents[0].count(WILD) == 4  # the note, the heading, the title and the aim
    assert found.only(found.root, "title").text == f"Updates: {WILD}"


def test_a_long_change_note_makes_a_short_title(client: Client, fixture_content: Content) -> None:
    note = "A change note of many words. " * 20
    factories.publish(fixture_content, change_note=note)
    found = feed(client, f"/guidance/{FORMER_SLUG}/updates.atom")
    assert len(found.titles[0]) <= len("Edition 1: ") + 120
    assert note.strip() in found.contents[0]
