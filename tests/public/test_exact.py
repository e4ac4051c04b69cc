"""Pages exactly as they stood at a second: what “Cite this page” gives reads so for ever, whatever comes later."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from categories.content.arrivals import stands_since
from categories.content.moments import exactly, written
from categories.content.schema import Content
from categories.models import Edition
from tests import factories
from tests.contents import revised
from tests.factories import london
from tests.html import Page

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
G = "/guidance/technical-qualification-categories/"
ENTRY, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"
NOW = london(2027, 6, 1, 12)


@pytest.fixture
def editions(fixture_content: Content) -> list[Edition]:
    """Edition 2 says that a month comes on 1 April 2027, edition 3 renames a category and the guidance."""
    steps = [{"state": "in-scope", "from": "2023-11"}, {"state": "in-scope", "from": "2027-04"}]
    second = revised(fixture_content, lambda one: {"availability": steps} if one["slug"] == ENTRY else {})
    third = factories.with_category(second, T_LEVEL, slug="t-level", title="T Level qualifications")
    return [
        factories.publish(fixture_content),
        factories.publish(second, london(2026, 9, 1, 9, 30)),
        factories.publish(factories.altered(third, slug="renamed"), london(2027, 5, 3, 12)),
    ]


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def cited(client: Client, address: str, now: Any = NOW) -> str:
    """The address that a page is cited by, below the site's own."""
    page = Page(get(client, address, now))
    [found] = [link for words, link in page.links.items() if words == link and "/at/" in words]
    return found.removeprefix(SITE)


EVERY_PAGE = [
    "",
    "?level=3&cohort=adults",
    "?q=first+aid",
    f"categories/{ENTRY}/",
    f"categories/{ENTRY}/updates/",
    "approval-tests/",
    "approval-tests/employer-demand-test/",
    "find/?level=3&relationship=aligns",
    f"compare/?category={ENTRY}&category={T_LEVEL}",
    "updates/",
    "updates/1/",
    "updates/2/?from=1",
]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_is_cited_with_its_filters(client: Client, editions: list[Edition], path: str) -> None:
    before = london(2027, 3, 31, 23, 59)
    address = cited(client, f"{G}{path}", before)
    assert address.startswith(f"{G}at/2026-09-01T08:30:00Z/")
    assert address.endswith(path.removeprefix("updates/2/?from=1"))
    then = get(client, address, before)
    assert then.status_code == 200
    was, now = Page(get(client, f"{G}{path}", before)), Page(then)
    was_said = re.sub("Get e-mail when .*? changes? ", "", was.main)  # alerts are of what comes
    for around in (0, -1):  # the citation itself
        parts = [re.split("Cite this page.*?(?=About this guidance|$)", said)[around] for said in (was_said, now.main)]
        assert parts[0] == parts[1]
    later = get(client, address, london(2029, 1, 1))
    assert later.content == then.content  # nothing that came later shows


def test_what_has_changed_since_a_day_is_cited_from_that_day_on(client: Client, editions: list[Edition]) -> None:
    before = london(2027, 3, 31, 23, 59)
    for base in (G, f"{G}categories/{ENTRY}/"):
        for day, since in (("2026-12-01", "2026-12-01T00:00:00Z"), ("2025-07-01", "2026-09-01T08:30:00Z")):
            address = cited(client, f"{base}updates/since/{day}/", before)
            assert address == f"{G}at/{since}/{base.removeprefix(G)}updates/since/{day}/"
            assert get(client, address, before).status_code == 200
            assert get(client, f"{G}at/2025-06-03T00:00:00Z/updates/since/{day}/", before).status_code == 404


def test_a_page_has_read_so_since_the_last_midnight_with_which_a_month_came(
    client: Client, editions: list[Edition]
) -> None:
    assert cited(client, G, london(2027, 3, 31, 23, 59, 59)) == f"{G}at/2026-09-01T08:30:00Z/"
    assert cited(client, G, london(2027, 4, 1)) == f"{G}at/2027-03-31T23:00:00Z/"
    facts = Page(get(client, G, london(2027, 4, 2, 15))).facts
    assert facts["It has read so since"] == "midnight on 1 April 2027"
    assert facts["In words"] == (
        f"Skills England, “{editions[0].content.title}”, edition 2, as it has read since midnight on 1 April 2027, "
        f"{SITE}{G}at/2027-03-31T23:00:00Z/"
    )
    before, after = (
        Page(get(client, f"{G}at/{moment}/categories/{ENTRY}/")).main
        for moment in ("2027-03-31T22:59:59Z", "2027-03-31T23:00:00Z")
    )
    assert "In scope from April 2027 (not yet)" in before
    assert "(not yet)" not in after


def test_the_citation_is_the_same_on_every_rendering(client: Client, editions: list[Edition]) -> None:
    for page in ("", f"categories/{ENTRY}/", "updates/"):
        addresses = {
            cited(client, f"{G}{page}", london(2026, 9, 1, 9, 30) + timedelta(days=days)) for days in range(0, 200, 19)
        }
        assert addresses == {f"{G}at/2026-09-01T08:30:00Z/{page}"}
    assert cited(client, f"{G}on/2026-12-25/") == f"{G}at/2026-09-01T08:30:00Z/"
    assert cited(client, f"{G}at/2026-12-25T10:00:00Z/") == f"{G}at/2026-09-01T08:30:00Z/"


def test_a_day_that_is_not_over_has_no_end(client: Client, editions: list[Edition]) -> None:
    for page in ("", f"categories/{ENTRY}/", "updates/", "on/2027-06-01/"):
        assert "end of" not in Page(get(client, f"/guidance/renamed/{page}")).main


def test_the_banner_leads_blindly(client: Client, editions: list[Edition]) -> None:
    page = Page(get(client, f"{G}at/2026-10-05T10:11:12Z/categories/{T_LEVEL}/?utm=x"))
    assert page.title.endswith("(as it stood at 11:11:12am on 5 October 2026) - Technical qualification guidance")
    assert "exactly as it stood at 11:11:12am on 5 October 2026: edition 2" in " ".join(
        "".join(page.all("section", "app-banner")[0].itertext()).split()
    )
    assert page.links["As it stands now"] == f"{G}categories/{T_LEVEL}/"
    assert page.link_to("canonical") == f"{SITE}{G}categories/{T_LEVEL}/"
    assert page.meta("robots") == "noindex"
    assert get(client, page.links["As it stands now"]).status_code == 301


def test_it_is_a_memento(client: Client, editions: list[Edition]) -> None:
    found = get(client, f"{G}at/2026-10-05T10:11:12Z/categories/{ENTRY}/?level=3")
    original = f"{SITE}{G}categories/{ENTRY}/?level=3"
    assert found["Memento-Datetime"] == "Mon, 05 Oct 2026 10:11:12 GMT"
    assert found["X-Robots-Tag"] == "noindex"
    time_map = f"{SITE}{G}timemap/categories/{ENTRY}/?level=3"
    assert found["Link"] == (
        f'<{original}>; rel="original", <{time_map}>; rel="timemap"; type="application/link-format"'
    )
    for address in (f"{G}at/2026-10-05T10:11:12Z/categories/t-level/", f"{G}at/2026-10-05T10:11:12Z/categories/x/"):
        assert "Memento-Datetime" not in get(client, address).headers


LINK = re.compile(r'<([^>]+)>; rel="([a-z]+)"(?:; type="[^"]+")?(?:; datetime="([^"]+)")?')


def test_the_time_map_lists_every_moment_since_which_a_page_read_otherwise(
    client: Client, editions: list[Edition], django_assert_max_num_queries: Any
) -> None:
    found = get(client, f"{G}timemap/categories/{T_LEVEL}/")
    assert (found.status_code, found["Location"]) == (301, "/guidance/renamed/timemap/categories/t-level/")
    with django_assert_max_num_queries(6):
        found = get(client, found["Location"])
    assert found["Content-Type"] == "application/link-format"
    links = [LINK.fullmatch(line) for line in found.content.decode().rstrip("\n").split(",\n")]
    assert [link and link.groups() for link in links] == [
        (f"{SITE}/guidance/renamed/categories/t-level/", "original", None),
        (f"{SITE}/guidance/renamed/timemap/categories/t-level/", "self", None),
        *(
            (f"{SITE}/guidance/{slug}/at/{at}/categories/{category}/", "memento", said)
            for slug, at, category, said in [
                (editions[0].content.slug, "2025-06-01T23:00:00Z", T_LEVEL, "Sun, 01 Jun 2025 23:00:00 GMT"),
                (editions[0].content.slug, "2026-09-01T08:30:00Z", T_LEVEL, "Tue, 01 Sep 2026 08:30:00 GMT"),
                (editions[0].content.slug, "2027-03-31T23:00:00Z", T_LEVEL, "Wed, 31 Mar 2027 23:00:00 GMT"),
                ("renamed", "2027-05-03T11:00:00Z", "t-level", "Mon, 03 May 2027 11:00:00 GMT"),
            ]
        ),
    ]
    for link in links[2:]:
        assert link
        memento = get(client, link[1].removeprefix(SITE))
        assert (memento.status_code, memento["Memento-Datetime"]) == (200, link[3])
        assert f'<{links[0][1]}>; rel="original"' in get(client, links[-1][1].removeprefix(SITE))["Link"]


def test_a_time_map_has_no_moment_at_which_its_page_was_not_there(client: Client, editions: list[Edition]) -> None:
    added = editions[2].content.categories[0].model_dump() | {"id": UUID(int=7), "slug": "added"}
    more = factories.altered(editions[2].content, categories=[*editions[2].content.categories, added])
    factories.publish(more, london(2027, 5, 20))
    for page, number in (("categories/added/", 1), ("updates/4/", 1), ("updates/3/", 2), ("?level=3", 5)):
        text = get(client, f"/guidance/renamed/timemap/{page}").content.decode()
        assert text.count('rel="memento"') == number
        assert text.count("level=3") == (7 if "level" in page else 0)
    for address in ("nothing/", "categories/nothing/", "on/2027-01-01/"):
        assert get(client, f"/guidance/renamed/timemap/{address}").status_code == 404
    assert get(client, "/guidance/nothing/timemap/").status_code == 404


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-02-30T10:00:00Z", "2026-02-30T10:00:00Z is not a moment in the calendar."),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z is not a moment in the calendar."),
        ("2027-06-01T11:00:01Z", "12:00:01pm on 1 June 2027 has not come yet, so nobody can say how the guidance will "
                                 "stand then."),
        ("2025-06-01T22:59:59Z", "This guidance was not published yet at 11:59:59pm on 1 June 2025."),
    ],
)  # fmt: skip
def test_a_moment_that_cannot_be_shown(client: Client, editions: list[Edition], moment: str, sentence: str) -> None:
    for page in ("", f"categories/{ENTRY}/", "categories.csv"):
        found = get(client, f"{G}at/{moment}/{page}")
        assert found.status_code == 404
        assert sentence in Page(found).main
    answer = get(client, f"/api/v1{G}?at={moment}")
    assert answer.status_code == (404 if "published" in sentence else 422)
    assert moment in answer.json()["detail"]


def test_one_moment_has_one_address(client: Client, editions: list[Edition]) -> None:
    found = get(client, f"{G}at/2026-09-01T08:30:00.000Z/?level=3")
    assert (found.status_code, found["Location"]) == (301, f"{G}at/2026-09-01T08:30:00Z/?level=3")
    found = get(client, "/guidance/renamed/at/2026-09-01T08:30:00Z/categories/t-level/")
    assert (found.status_code, found["Location"]) == (301, f"{G}at/2026-09-01T08:30:00Z/categories/{T_LEVEL}/")


def test_the_api_reads_at_a_moment(client: Client, editions: list[Edition]) -> None:
    asked = "at=2027-03-31T22:59:59Z"
    answer = get(client, f"/api/v1{G}categories/{ENTRY}/?{asked}").json()
    assert (answer["on"], answer["edition"]) == ("2027-03-31", 2)
    assert answer["category"]["availability_next"] == {"state": "in-scope", "from": "2027-04"}
    assert answer["category"]["url"].endswith(f"?{asked}")
    assert answer["category"]["page"] == f"{SITE}{G}at/2027-03-31T22:59:59Z/categories/{ENTRY}/"
    listed = get(client, f"/api/v1/guidance/?{asked}").json()
    assert listed["guidance"][0]["edition"]["record"]["number"] == 2
    assert unquote(listed["guidance"][0]["url"]).endswith(f"?{asked}")
    for address in (f"/api/v1{G}", "/api/v1/guidance/"):
        both = get(client, f"{address}?{asked}&on=2027-03-31")
        assert (both.status_code, both.json()["detail"]) == (422, "Use “on” or “at”, not both.")


def test_two_editions_within_one_second_are_told_apart(client: Client, fixture_content: Content) -> None:
    at = london(2027, 5, 3, 12)
    first, second = (at + timedelta(microseconds=part) for part in (300_000, 700_000))
    factories.publish(factories.altered(fixture_content, summary="First."), first)
    factories.publish(factories.altered(fixture_content, summary="Second."), second)
    between = cited(client, G, at + timedelta(microseconds=500_000))
    assert between == f"{G}at/2027-05-03T11:00:00.3Z/"
    assert cited(client, G) == f"{G}at/2027-05-03T11:00:01Z/"
    for address, summary in ((between, "First."), (f"{G}at/2027-05-03T11:00:01Z/", "Second.")):
        assert summary in Page(get(client, address)).main
    time_map = get(client, f"{G}timemap/").content.decode()
    assert between in time_map
    assert "11:00:01Z" in time_map


DAYS = (datetime(2026, 3, 20), datetime(2026, 11, 20))  # noqa: DTZ001 - of a zone that the strategy gives
moments = st.datetimes(*DAYS, timezones=st.just(UTC))
months = st.sampled_from([f"2026-{month:02}" for month in range(1, 13)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.explicit, Phase.generate])
@given(
    lives=st.lists(moments, min_size=1, max_size=4, unique=True),
    within=st.integers(0, 999_999),
    steps=st.lists(months, min_size=4, max_size=4),
    after=st.timedeltas(timedelta(0), timedelta(days=90)),
)
def test_at_any_moment_what_is_cited_reads_as_what_was_read(
    fixture_content: Content, lives: list[datetime], within: int, steps: list[str], after: timedelta
) -> None:
    """Whatever went live when, and whenever somebody reads."""
    from categories.public.resolver import current, exact

    lives = sorted([*lives, lives[0] + timedelta(microseconds=within + 1)])
    with transaction.atomic():
        for live_at, month in zip(lives, [*steps, "2026-01"], strict=False):
            step = [{"state": "in-scope", "from": month}]
            content = revised(
                fixture_content, lambda one, step=step: {"availability": step} if one["slug"] == ENTRY else {}
            )
            factories.publish(content, live_at)
        for at in {*lives, lives[-1] + after}:
            reading = current(fixture_content.slug, at)
            assert reading
            assert lives[0] <= reading.since <= at
            then = exact(fixture_content.slug, datetime.fromisoformat(written(reading.since)), at)
            assert then
            assert (then.edition, then.since) == (reading.edition, reading.since)
            category = reading.content.category_by_slug[ENTRY]
            assert category.step_on(then.day) == category.step_on(reading.day)
            assert not reading.since.microsecond or at - reading.edition.live_at < timedelta(seconds=1)
        transaction.set_rollback(True)


def test_since_counts_withdrawn_categories_too(fixture_content: Content) -> None:
    steps = [{"state": "in-scope", "from": "2026-04"}]
    content = revised(
        fixture_content, lambda one: {"availability": steps, "withdrawn": "Over."} if one["slug"] == ENTRY else {}
    )
    assert stands_since(content, london(2026, 3, 1), london(2026, 6, 1)) == london(2026, 4, 1)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert [exactly(at) for at in (first, second)] == [
        "1:30am (BST) on 25 October 2026",
        "1:30am (GMT) on 25 October 2026",
    ]
    assert exactly(first + timedelta(seconds=1.25)) == "1:30:01.25am (BST) on 25 October 2026"
