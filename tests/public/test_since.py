"""What has changed since a day, and the months that come: told on pages and in feeds, worked out by hand."""

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from categories.content import diff
from categories.content.schema import Content
from categories.models import Edition
from categories.public import months, resolver, since
from tests import factories
from tests.contents import revised
from tests.door import Reader
from tests.factories import london
from tests.html import Page, words
from tests.public.test_updates import said

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
ENTRY, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"
CROSS_2, CROSS_3 = (f"level-{level}-cross-cutting-function-16-to-19-and-adults" for level in (2, 3))
NOW = london(2027, 6, 1, 12)
ATOM = "{http://www.w3.org/2005/Atom}"


def in_scope(month: str) -> list[dict[str, str]]:
    return [{"state": "in-scope", "from": month}]


@pytest.fixture
def editions(fixture_content: Content) -> list[Edition]:
    """Edition 2: two categories come into scope in April 2027. 3 and 4, of one day: an aim, said and said again.

    Edition 5 adds a category, and edition 6 withdraws it, at the midnight with which its month comes.
    """
    second = revised(
        fixture_content, lambda one: {"availability": in_scope("2027-04")} if one["slug"] in (CROSS_2, CROSS_3) else {}
    )
    third = factories.with_category(second, ENTRY, aim="Said first.")
    fourth = factories.with_category(second, ENTRY, aim="Said again.")
    added = fourth.categories[0].model_dump() | {
        "id": "00000000-0000-0000-0000-000000000007", "slug": "added", "title": "Added", "withdrawn": None,
        "availability": in_scope("2027-05"),
    }  # fmt: skip
    fifth = factories.altered(fourth, categories=[*fourth.model_dump()["categories"], added])
    sixth = factories.with_category(fifth, "added", withdrawn="It was a mistake.")
    return [
        factories.publish(fixture_content),
        factories.publish(second, london(2026, 9, 1, 9, 30)),
        factories.publish(third, london(2026, 12, 1, 9)),
        factories.publish(fourth, london(2026, 12, 1, 17)),
        factories.publish(fifth, london(2027, 4, 20)),
        factories.publish(sixth, london(2027, 5, 1)),
    ]


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def page(client: Client, address: str, now: Any = NOW) -> Page:
    found = get(client, G + address, now)
    assert found.status_code == 200, found.get("Location")
    return Page(found)


def listed(found: Page, heading: str) -> list[str]:
    """The items of the list after a heading."""
    every = list(found.root.iter())
    start = next(place for place, one in enumerate(every) if one.get("id") == heading)
    after = next(one for one in every[start:] if one.tag in {"ul", "ol"})
    return [words(item) for item in after.findall("li")]


def test_all_that_differs_since_a_day(client: Client, editions: list[Edition]) -> None:
    found = page(client, "updates/since/2026-12-01/")
    assert found.h1 == "What has changed since 1 December 2026"
    titles = [editions[0].content.category_by_slug[slug].title for slug in (CROSS_2, CROSS_3)]
    assert listed(found, "months") == [f"{title}: In scope from April 2027" for title in titles]
    changed = {heading for heading, _, _ in said(found)}
    entry = editions[0].content.category_by_slug[ENTRY].title
    assert changed == {f"Category: {entry} Changed", "Category: Added Added, then withdrawn"}
    assert "Said again." in found.main
    assert "Said first." not in found.main  # it came and went
    assert "4 updates since then" in found.main
    assert "Compared with edition 2, live from 9:30am on 1 September 2026." in found.main


@pytest.mark.parametrize(
    ("day", "number"), [("2025-06-02", 5), ("2026-09-01", 5), ("2026-09-02", 4), ("2026-12-02", 2), ("2027-04-21", 1)]
)
def test_the_day_itself_counts(client: Client, editions: list[Edition], day: str, number: int) -> None:
    found = page(client, f"updates/since/{day}/")
    assert f"{number} update{'s' if number > 1 else ''} since then" in found.main
    assert ("nothing was published before it" in found.main) == (day == "2025-06-02")


def test_since_a_day_after_which_nothing_came(client: Client, editions: list[Edition]) -> None:
    found = page(client, "updates/since/2027-05-02/")
    assert "Nothing. The guidance reads as it did when that day began." in found.main
    assert said(found) == []
    found = page(client, f"categories/{T_LEVEL}/updates/since/2025-06-02/")
    assert "Nothing. This category reads as it did when that day began." in found.main


def test_a_month_that_begins_with_the_day_counts(client: Client, editions: list[Edition]) -> None:
    april = "In scope from April 2027"
    assert april in page(client, "updates/since/2027-04-01/").main
    assert "Months that have come" not in page(client, "updates/since/2027-04-02/").main
    assert april in page(client, f"categories/{CROSS_2}/updates/since/2027-04-01/").main
    before = page(client, "updates/since/2027-01-01/", london(2027, 3, 31, 23, 59, 59))
    assert "Months that have come" not in before.main


def test_what_has_changed_of_one_category(client: Client, editions: list[Edition]) -> None:
    found = page(client, f"categories/{ENTRY}/updates/since/2026-12-01/")
    assert [row[1] for row in said(found)] == ["Core aim"]
    assert "2 updates since then" in found.main
    assert "What has changed since 1 December 2026" in found.h1
    found = page(client, "categories/added/updates/since/2026-12-01/")
    assert "Added, then withdrawn" in found.main


def test_it_is_reached_by_a_date_and_from_dated_pages(client: Client, editions: list[Edition]) -> None:
    for form, leads_to in (
        ("updates/since/", "updates/since/2026-09-01/"),
        (f"categories/{ENTRY}/updates/since/", f"categories/{ENTRY}/updates/since/2026-09-01/"),
    ):
        assert len([*page(client, form).all("main")[0].iter("input")]) == 3
        found = get(client, f"{G}{form}?day=1&month=9&year=2026")
        assert (found.status_code, found["Location"]) == (302, G + leads_to)
        assert "must be today or in the past" in page(client, f"{form}?day=2&month=6&year=2027").main
    assert [one.get("action") for one in page(client, "updates/").all("main")[0].iter("form")] == [f"{G}updates/since/"]
    since_then = "What has changed since then"
    links = page(client, "on/2026-09-01/").links
    assert links[since_then] == f"{G}updates/since/2026-09-02/"  # what stood at the end of that day is known
    assert page(client, f"on/2026-09-01/categories/{ENTRY}/").links[since_then] == (
        f"{G}categories/{ENTRY}/updates/since/2026-09-02/"
    )
    assert page(client, "at/2026-09-01T08:30:00Z/").links[since_then] == f"{G}updates/since/2026-09-01/"
    assert since_then not in page(client, "on/2027-06-01/").links
    for address in ("on/2026-12-01/", "on/2026-11-30/", f"at/2026-12-01T10:00:00Z/categories/{ENTRY}/"):
        assert get(client, page(client, address).links[since_then]).status_code == 200


def test_as_it_was_known_on_a_day(client: Client, editions: list[Edition]) -> None:
    found = page(client, "on/2026-12-31/updates/since/2026-09-01/")
    assert "3 updates since then" in found.main
    assert "Months that have come" not in found.main
    assert get(client, f"{G}on/2026-12-31/updates/since/2027-01-01/").status_code == 404
    links = page(client, "on/2026-12-31/updates/since/2026-09-01/").links
    for words_ in ("As it stands now", "Before that: 30 November 2026", "Next change: 20 April 2027"):
        assert get(client, links[words_]).status_code == 200


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-02-30", "2026-02-30 is not a day in the calendar."),
        ("2027-06-02", "2027-06-02 has not come yet."),
        ("2025-06-01", "Nothing was published before 2 June 2025."),
        ("0000-00-00", "0000-00-00 is not a day in the calendar."),
    ],
)
def test_a_day_that_cannot_be_asked_for(client: Client, editions: list[Edition], day: str, sentence: str) -> None:
    for base in ("updates/since/", f"categories/{ENTRY}/updates/since/"):
        found = get(client, f"{G}{base}{day}/")
        assert found.status_code == 404
        assert sentence in Page(found).main
        [nearest] = [link for text, link in Page(found).links.items() if text.startswith("What has changed since")]
        assert get(client, nearest).status_code == 200


def told(found: Page) -> list[tuple[str, str]]:
    """The heading of each day of a log with the id of each thing below it."""
    day, rows = "", []
    for one in found.root.iter():
        if "app-day" in (one.get("class") or ""):
            day = words(one)
        elif (one.get("id") or "").startswith(("edition-", "month-")):
            rows.append((day, one.get("id") or ""))
    return rows


def test_the_log_has_days_months_and_names(client: Client, editions: list[Edition]) -> None:
    found = page(client, "updates/")
    assert told(found) == [
        ("1 May 2027", "edition-6"),  # its midnight is that of a month, which it tells of itself
        ("20 April 2027", "edition-5"),
        ("1 April 2027", "month-2027-04"),
        ("1 December 2026", "edition-4"),
        ("1 December 2026", "edition-3"),
        ("1 September 2026", "edition-2"),
        ("2 June 2025", "edition-1"),
    ]
    items = {one.get("id"): words(one) for one in found.all("li")}
    assert "Overtaken the same day by edition 4." in items["edition-3"]
    assert "Overtaken" not in items["edition-4"] + items["edition-2"]
    entry = editions[0].content.category_by_slug[ENTRY].title
    assert f"1 category changed: {entry}" in items["edition-4"]
    assert found.links[entry] == f"{G}categories/{ENTRY}/"
    assert items["month-2027-04"].startswith("April 2027 has come")
    before = page(client, "updates/", london(2027, 3, 31, 23, 59, 59))
    assert "month-2027-04" not in before.ids
    assert "month-2027-04" in page(client, "updates/", london(2027, 4, 1)).ids
    assert told(page(client, f"categories/{CROSS_3}/updates/")) == [
        ("1 April 2027", "month-2027-04"),
        ("1 September 2026", "edition-2"),
        ("2 June 2025", "edition-1"),
    ]
    assert told(page(client, "categories/added/updates/")) == [
        ("1 May 2027", "edition-6"),
        ("20 April 2027", "edition-5"),
    ]


def test_each_page_of_the_log_has_its_own_months_title_and_canonical(client: Client, fixture_content: Content) -> None:
    stated = revised(fixture_content, lambda one: {"availability": in_scope("2026-02")} if one["slug"] == ENTRY else {})
    for number in range(1, 31):
        live_at = london(2026, 1, number) if number < 11 else london(2026, 3, 1) + timedelta(hours=number)
        factories.publish(factories.altered(stated, summary=f"Summary {number}."), live_at)
    first, second = page(client, "updates/"), page(client, "updates/?page=2")
    assert "month-2026-02" not in first.ids
    assert told(second)[0] == ("1 February 2026", "month-2026-02")
    assert second.h1 == "Updates, page 2 of 2"
    assert second.title.startswith("Updates, page 2 of 2 - ")
    assert second.link_to("canonical") == f"http://testserver{G}updates/?page=2"
    assert second.meta("robots") is None
    assert first.link_to("canonical") == f"http://testserver{G}updates/"
    assert len({first.title, second.title}) == 2


def feed(client: Client, address: str, now: Any = NOW) -> list[str]:
    found = get(client, G + address, now)
    assert found.status_code == 200, found.content
    root = ElementTree.fromstring(found.content)  # noqa: S314 - our own
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    updated = [entry.findtext(f"{ATOM}updated") or "" for entry in root.iter(f"{ATOM}entry")]
    assert updated == sorted(updated, reverse=True)
    return [(entry.findtext(f"{ATOM}title") or "").split(":")[0].split(". ")[0] for entry in root.iter(f"{ATOM}entry")]


def test_feeds_tell_the_months_too(client: Client, editions: list[Edition]) -> None:
    six, five, april, *rest = feed(client, "updates.atom")
    assert (six, five, april) == ("Edition 6", "Edition 5", "April 2027 has come")
    assert rest == ["Edition 4", "Edition 3", "Edition 2", "Edition 1"]
    assert feed(client, f"categories/{CROSS_2}/updates.atom") == ["April 2027 has come", "Edition 2", "Edition 1"]
    assert feed(client, "categories/added/updates.atom") == ["Edition 6", "Edition 5"]
    assert feed(client, "updates.atom", london(2027, 3, 31, 23, 59)) == rest
    assert feed(client, "updates.atom?before=5") == ["April 2027 has come", *rest]


def test_a_feed_for_a_filter(client: Client, editions: list[Edition]) -> None:
    april = "April 2027 has come"
    assert feed(client, "updates.atom?level=2") == [
        "Edition 6", "Edition 5", april, "Edition 4", "Edition 3", "Edition 2", "Edition 1",
    ]  # fmt: skip
    assert feed(client, "updates.atom?level=3") == [april, "Edition 2", "Edition 1"]
    assert feed(client, "updates.atom?level=4") == ["Edition 1"]
    assert feed(client, "updates.atom?availability=not-yet-available") == ["Edition 2", "Edition 1"]  # before
    # “In scope later” is what matched before the month came
    assert feed(client, "updates.atom?availability=in-scope-later") == ["Edition 5", april, "Edition 2"]
    assert "level 3" in get(client, f"{G}updates.atom?level=3").content.decode().split("</title>")[0]
    ids = {get(client, f"{G}updates.atom{query}").content.decode().split("<id>")[1][:45] for query in ("", "?level=3")}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("level=9", "Level “9” is not in this guidance"),
        ("levle=3", "Did you mean “level”?"),
        ("amp;level=3", "Did you mean “level”?"),
        (
            "utm_source=mail",
            "“utm_source” is no parameter of this feed. Use level, cohort, availability, approval or q.",
        ),
        ("level=3&page=2", "“page” is no parameter of this feed."),
    ],
)
def test_a_feed_refuses_what_it_does_not_take(client: Client, editions: list[Edition], query: str, said: str) -> None:
    found = get(client, f"{G}updates.atom?{query}")
    assert found.status_code == 422
    assert said in found.content.decode()
    assert found["Access-Control-Allow-Origin"] == "*"


def test_a_feed_refuses_behind_the_door_too(reader: Reader, editions: list[Edition]) -> None:
    for address, why in (("updates.atom", "Use level,"), (f"categories/{CROSS_2}/updates.atom", "It takes none.")):
        assert reader.get(G + address).status_code == 200
        for query in ("foo=1", "foo=1&before=2", "utm_source=mail"):
            found = reader.get(f"{G}{address}?{query}")
            assert found.status_code == 422
            assert why in found.content.decode()
    assert reader.get(f"{G}categories/{CROSS_2}/updates.atom?level=3").status_code == 422


def test_the_queries_are_the_same_however_much_came(
    client: Client, editions: list[Edition], django_assert_max_num_queries: Any
) -> None:
    for address, most in (
        ("updates/since/2025-06-02/", 8),
        (f"categories/{ENTRY}/updates/since/2026-12-01/", 9),
        ("updates/", 5),
        ("updates.atom", 5),
        ("updates.atom?level=3", 5),
        (f"categories/{CROSS_2}/updates.atom", 4),
    ):
        with django_assert_max_num_queries(most):
            page(client, address) if address.endswith("/") else get(client, G + address)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.explicit, Phase.generate])
@given(day=st.dates(date(2025, 6, 2), date(2027, 6, 1)), now=st.dates(date(2025, 6, 2), date(2027, 6, 1)))
def test_since_and_the_log_agree_for_any_two_days(editions: list[Edition], day: date, now: date) -> None:
    """What differs applied to what stood gives what is read, and each month is told in exactly one way."""
    day, now = sorted((day, now))
    reading = resolver.current("technical-qualification-categories", london(now.year, now.month, now.day, 12))
    assert reading
    found = since._since(reading, day)
    midnight = london(day.year, day.month, day.day)
    stood = [one for one in editions if one.live_at < midnight] or editions[:1]
    assert found.before == stood[-1]
    assert diff.apply(found.before.content, found.changes, reading.content.id) == reading.content
    live = [(one.number, one.live_at) for one in editions if one.live_at <= reading.at]
    came = {arrival.month for _, arrival in months.arrived(reading, months.spans(live, reading.at))}
    assert came == ({"2027-04"} if now >= date(2027, 4, 1) else set())
    assert {one.month for one in found.months} == {
        month for month in came if stood[0] == editions[0] and date(2027, 4, 1) >= day
    }
