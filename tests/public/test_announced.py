"""What readers see of announced changes, from the second at which each is announced to what becomes of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from categories.models import AnnouncementLine, Edition
from categories.publishing.announcements import line_of, taken_back, write
from tests import factories
from tests.door import Reader
from tests.factories import london
from tests.history import ENTRY, SLUG, TONIGHT, publish_history
from tests.html import Page

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
MADE, SAID_AT, IN_FORCE = london(2027, 6, 1, 9), london(2027, 6, 1, 9, 59, 58), london(2027, 6, 1, 10)
NEW_YEAR = london(2028, 1, 1)
SECOND = timedelta(seconds=1)
NOTE = "Tutors & <learners> asked for it."
EMPLOYERS = "employer-demand-test"


@pytest.fixture
def content(fixture_content: Content) -> Content:
    newest = publish_history(fixture_content).newest
    factories.take_off(Edition.objects.get(number=4), MADE)
    return newest.content


@pytest.fixture
def edition(content: Content) -> Edition:
    """An edition that changes the aim of a category, and the meaning of a test, with the new year."""
    changed = factories.with_category(content, ENTRY, aim="The aim is to begin & <stay> in an occupation.")
    changed = factories.with_test(changed, EMPLOYERS, description="Employers would hire for it.")
    return factories.publish(changed, NEW_YEAR, made_at=MADE, change_note=NOTE)


@pytest.fixture
def announced(edition: Edition) -> AnnouncementLine:
    return factories.announce(edition, SAID_AT)


def get(client: Client | Reader, address: str, now: Any = IN_FORCE) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def read(client: Client, address: str, now: Any = IN_FORCE) -> Page:
    response = get(client, address, now)
    assert response.status_code == 200, address
    return Page(response)


def own(line: AnnouncementLine) -> str:
    return f"{G}announced/{line.announcement}/"


def says(page: Page) -> str:
    """The words of the main part of a page, each space one."""
    [main] = page.all("main")
    return " ".join("".join(main.itertext()).split())


def test_what_is_announced_is_shown_word_by_word_and_as_not_in_force(
    client: Client, announced: AnnouncementLine
) -> None:
    for address in (f"{G}announced/", own(announced)):
        page = read(client, address)
        said = says(page)
        assert "Change announced for 1 January 2028" in said
        assert "Not in force This is to go live at midnight on 1 January 2028. Until then the guidance stands" in said
        assert "Announced at 10am on 1 June 2027 for midnight on 1 January 2028, as a major update" in said
        assert NOTE in said
        assert "would hire" in said
        assert "The aim is[deleted: for learners] to begin[inserted: &" in said
        assert not any("noindex" in (meta.get("content") or "") for meta in page.all("meta"))
    assert "No change is announced" not in said


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("", "This guidance will change on 1 January 2028."),
        ("in-full/", "This guidance will change on 1 January 2028."),
        (f"categories/{ENTRY}/", "This will change on 1 January 2028."),
        (f"approval-tests/{EMPLOYERS}/", "This will change on 1 January 2028."),
    ],
)
def test_pages_of_what_will_change_say_so_and_lead_there(
    place: str, words: str, client: Client, announced: AnnouncementLine
) -> None:
    page = read(client, f"{G}{place}")
    assert words in says(page)
    [link] = [link for link in page.all("a") if "announced/" in (link.get("href") or "")]
    assert link.get("href") == own(announced)
    assert "".join(link.itertext()) == "See exactly what will change on 1 January 2028"


@pytest.mark.parametrize(
    "address",
    [
        f"{G}categories/t-level/",
        f"{G}approval-tests/a2d3-powers/",
        f"{G}table/",
        f"{G}on/2027-06-01/",
        f"{G}on/2027-06-01/categories/{ENTRY}/",
        f"{G}at/2027-06-01T09:00:00Z/categories/{ENTRY}/",
        f"/api/v1{G}categories/{ENTRY}/",
    ],
)
def test_others_say_nothing_of_it(address: str, client: Client, announced: AnnouncementLine) -> None:
    text = get(client, address, IN_FORCE + timedelta(hours=1)).content.decode()
    assert "will change on" not in text
    assert str(announced.announcement) not in text


def test_nothing_is_announced_before_its_second(client: Client, announced: AnnouncementLine) -> None:
    before = IN_FORCE - SECOND
    assert "No change is announced" in says(read(client, f"{G}announced/", before))
    assert get(client, own(announced), before).status_code == 404
    assert "will change" not in says(read(client, f"{G}categories/{ENTRY}/", before))


def test_where_nothing_is_announced_the_page_says_so(client: Client, content: Content) -> None:
    assert "No change is announced. Not every change is" in says(read(client, f"{G}announced/"))
    missing = get(client, f"{G}announced/{UUID(int=1)}/")
    assert missing.status_code == 404
    assert "There is no such announcement." in missing.content.decode()
    assert get(client, f"{G}announced/1/").status_code == 404
    assert get(client, "/guidance/nothing/announced/").status_code == 404


def test_an_announcement_is_of_one_guidance(client: Client, announced: AnnouncementLine) -> None:
    factories.publish(factories.altered(Edition.objects.get(number=1).content, id=UUID(int=5), slug="another"))
    assert get(client, f"/guidance/another/announced/{announced.announcement}/").status_code == 404


def test_a_former_address_leads_on(client: Client, announced: AnnouncementLine) -> None:
    former = own(announced).replace(SLUG, "technical-qualification-categories")
    response = get(client, former)
    assert (response.status_code, response["Location"]) == (301, own(announced))


def rescheduled(edition: Edition, line: AnnouncementLine) -> None:
    """Go live in the evening instead, as publishing would make it."""
    factories.take_off(edition, SAID_AT)
    again = factories.publish(edition.content, TONIGHT, made_at=SAID_AT, change_note=NOTE)
    said = line_of(again, line.before_text, line.announcement, "rescheduled")
    said.why = "Colleges <asked> for it."
    write([said], IN_FORCE, IN_FORCE)


def test_a_new_time_is_told_with_the_reason(client: Client, edition: Edition, announced: AnnouncementLine) -> None:
    rescheduled(edition, announced)
    said = says(read(client, own(announced), IN_FORCE + 2 * SECOND))
    assert "Change announced for 1 June 2027" in said
    assert "This is to go live at 8pm on 1 June 2027." in said
    assert "for midnight on 1 January 2028, as a major update" in said
    assert "Rescheduled at 10am on 1 June 2027 to 8pm on 1 June 2027: Colleges <asked> for it." in said
    assert "This will change on 1 June 2027." in says(read(client, f"{G}categories/{ENTRY}/", IN_FORCE + 2 * SECOND))


def test_what_is_taken_back_says_so_and_stays(client: Client, edition: Edition, announced: AnnouncementLine) -> None:
    factories.take_off(edition, SAID_AT)
    write([taken_back(announced, "It <needs> more work.")], IN_FORCE, IN_FORCE)
    now = IN_FORCE + 2 * SECOND
    for later in (now, NEW_YEAR, NEW_YEAR + timedelta(days=400)):
        said = says(read(client, own(announced), later))
        assert "Change that was announced for 1 January 2028" in said
        assert "Taken back This does not come as it was announced: it was taken back at 10am on 1 June 2027." in said
        assert "It <needs> more work." in said
        assert "would hire" in said  # what was announced stays on record
        assert "will change" not in says(read(client, f"{G}categories/{ENTRY}/", later))
    page = read(client, f"{G}announced/", now)
    assert "No change is announced" in says(page)
    assert "Change that was announced for 1 January 2028, announced at 10am on 1 June 2027: taken back" in says(page)


def test_once_it_is_live_it_leads_to_the_update(client: Client, announced: AnnouncementLine) -> None:
    just_before = says(read(client, own(announced), NEW_YEAR - SECOND))
    assert "Not in force" in just_before
    page = read(client, own(announced), NEW_YEAR)
    assert "Live This is part of the guidance since midnight on 1 January 2028." in says(page)
    assert "What changed" in says(page)
    assert f"{G}updates/4/" in [link.get("href") for link in page.all("a")]
    assert "will change on" not in says(read(client, f"{G}categories/{ENTRY}/", NEW_YEAR))
    assert "announced at 10am on 1 June 2027: live as edition 4" in says(read(client, f"{G}announced/", NEW_YEAR))


def test_several_are_listed_the_soonest_first(client: Client, edition: Edition, announced: AnnouncementLine) -> None:
    later = factories.publish(
        factories.with_category(edition.content, ENTRY, title="Entry"), london(2028, 2, 1), made_at=MADE
    )
    second = factories.announce(later, SAID_AT)
    page = read(client, f"{G}announced/")
    assert [link.get("href") for heading in page.all("h2") for link in heading.iter("a")] == [
        own(announced),
        own(second),
    ]
    category = says(read(client, f"{G}categories/{ENTRY}/"))
    assert category.index("will change on 1 January 2028") < category.index("will change on 1 February 2028")


def test_every_process_switches_at_the_second_and_no_page_is_newer_then_older(announced: AnnouncementLine) -> None:
    """Doors that ask at different parts of a second: what one has told, no other takes back."""
    doors = [Reader() for _ in range(3)]
    found: list[bool] = []
    for tenth in range(-20, 21):
        now = IN_FORCE + tenth * SECOND / 10
        door = doors[tenth % 3]
        found.append(all(_tells(get(door, address, now)) for address in (f"{G}announced/", f"{G}categories/{ENTRY}/")))
        assert found[-1] == (now >= IN_FORCE)
    assert found == sorted(found)


def _tells(response: Any) -> bool:
    return "1 January 2028" in response.content.decode()


def test_a_line_changes_what_the_door_keeps_though_the_record_stands(
    edition: Edition, announced: AnnouncementLine
) -> None:
    door = Reader()
    assert "This will change on 1 January 2028." in get(door, f"{G}categories/{ENTRY}/").content.decode()
    rescheduled(edition, announced)
    for now, day in ((IN_FORCE + SECOND, "1 January 2028"), (IN_FORCE + 2 * SECOND, "1 June 2027")):
        assert f"This will change on {day}." in get(door, f"{G}categories/{ENTRY}/", now).content.decode()


@pytest.mark.parametrize(("place", "most"), [("announced/", 4), (f"categories/{ENTRY}/", 5), ("", 5)])
def test_the_queries_do_not_grow_with_announcements(
    place: str, most: int, client: Client, edition: Edition, announced: AnnouncementLine,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    for month in range(2, 6):
        previous = Edition.objects.latest("number")
        one = factories.with_category(previous.content, ENTRY, aim=f"The aim of month {month}.")
        factories.announce(factories.publish(one, london(2028, month, 1), made_at=MADE), SAID_AT)
    with django_assert_max_num_queries(most):
        assert get(client, f"{G}{place}").status_code == 200


def test_a_line_that_follows_nothing_breaks_no_page(client: Client, edition: Edition) -> None:
    line = line_of(edition, None, UUID(int=7), "announced")
    write([line], SAID_AT, SAID_AT)
    for address in (f"{G}announced/", own(line), f"{G}categories/{ENTRY}/", f"{G}updates/"):
        read(client, address)
