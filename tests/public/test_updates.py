"""The public record of editions: what changed, when and how, by expectations worked out by hand."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from categories.content import diff
from categories.content.schema import Content
from categories.models import Edition
from tests import factories
from tests.factories import london, with_category
from tests.history import publish_four
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
ENTRY = "level-2-occupational-entry-16-to-19-and-adults"
HTQ = "level-4-and-5-higher-technical-qualifications"
SPECIALIST = "additional-specialist-competence-test"
NOW = london(2027, 6, 1, 12)


@pytest.fixture
def history(fixture_content: Content) -> list[Edition]:
    return publish_four(fixture_content)


def answer(client: Client, address: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.get(address)


def get(client: Client, address: str) -> Page:
    """A page that is there and is valid."""
    response = answer(client, address)
    assert response.status_code == 200, response.get("Location")
    return Page(response)


def entries(page: Page) -> list[str]:
    return [words(item) for item in page.all("li") if (item.get("id") or "").startswith("edition-")]


def said(page: Page) -> list[tuple[str, str, str]]:
    """Every field that a page says changed: the record's heading, the field and its marked words."""
    found = []
    for section in page.all("section", "app-change"):
        heading = next(element for element in section.iter() if element.tag in {"h2", "h3"})
        rows = [row for row in section.iter("div") if row.get("class") == "govuk-summary-list__row"]
        found += [(words(heading), *(words(cell) for cell in row)) for row in rows]
        found += [(words(heading), "", "")] if not rows else []
    return found


def test_updates_list_every_edition_newest_first(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/")
    digests = [f"Digests of edition {n}" for n in (4, 3, 2, 1)]
    first, second, third, fourth = reversed([text.split(digests[n])[0].strip() for n, text in enumerate(entries(page))])
    assert fourth == (
        "Edition 4 5pm on 4 March 2027, minor update, corrects edition 3 It was 1 category. "
        "No category, test or power changed."
    )
    assert third == (
        "Edition 3 midday on 3 March 2027, major update Withdrew 2 categories. "
        "Corrected by edition 4 at 5pm on 4 March 2027: It was 1 category. "
        "2 categories changed: Level 2 additional specialist technical qualifications - 16 to 19 and adults; "
        "Level 3 additional specialist technical qualifications - 16 to 19 and adults "
        "1 category withdrawn: Employer-proposed 1 test or power withdrawn: Additional specialist competence test"
    )
    assert second == (
        "Edition 2 9:30am on 1 September 2026, major update Shorter addresses. 4 categories changed: "
        "Level 2 occupational entry technical qualifications - 16 to 19 and adults; "
        "Level 4 and 5 Higher Technical Qualifications; Level 3 T Level technical qualifications; Employer-proposed "
        "1 test or power changed: Employer demand test"
    )
    assert first == (
        "Edition 1 midnight on 2 June 2025, major update Loaded <from> a file. 12 categories added "
        "5 tests or powers added"
    )


def test_updates_show_the_digests_and_the_head_of_the_chain(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/")
    for edition in history:
        assert page.text.count(edition.content_digest) == (2 if edition.number > 2 else 1)  # 3 and 4 say the same
        assert edition.record_digest in page.text
    assert f"The last is of edition 4: {history[3].record_digest} Keep the head, signed:" in page.main
    dated = get(client, f"{G}on/2026-09-01/updates/")
    assert f"The last is of edition 2: {history[1].record_digest} Keep the head, signed:" in dated.main
    for found, head in ((page, history[3]), (dated, history[1])):
        with time_machine.travel(NOW, tick=False):
            assert client.get(found.links["every record as JSON"]).json()["head"] == head.record_digest
    assert client.get(page.links["follow changes with a feed (Atom)"]).status_code == 200


def test_an_edition_shows_exactly_what_it_changed(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/2/")
    entry = "Category: Level 2 occupational entry technical qualifications - 16 to 19 and adults Changed"
    assert said(page) == [
        (
            entry,
            "Core aim",
            "The aim is for[deleted: learners][inserted: people] to[deleted: enter][inserted: join] the occupation "
            "that the qualification aligns to. They may still need learning or training at work before they reach "
            "'full' occupational competence.",
        ),
        ("Category: Level 4 and 5 Higher Technical Qualifications Changed", "Levels", "4 [deleted: 5]"),
        (
            "Category: Level 3 T Level technical qualifications Changed",
            "Address",
            "[deleted: level-3-t-level][inserted: t-levels]",
        ),
        (
            "Category: Employer-proposed Changed",
            "Address",
            "[deleted: level-2-employer-proposed-adults-only][inserted: employer-proposed]",
        ),
        (
            "Category: Employer-proposed Changed",
            "Title",
            "[deleted: Level 2 employer-proposed technical qualifications - adults only][inserted: Employer-proposed]",
        ),
        said(page)[-1],
    ]
    assert said(page)[-1][:2] == ("Approval test: Employer demand test Changed", "What it means")
    assert said(page)[-1][2].endswith("This meaning is not in the published guidance.[inserted: Ask them.]")
    assert "It was called “Level 2 employer-proposed technical qualifications - adults only”." in page.main
    assert page.main.count("It was called") == 1  # what else changed kept its title
    assert page.links["Read the guidance as it stood on 1 September 2026"] == f"{G}on/2026-09-01/"
    assert (page.links["Newer: edition 3"], page.links["Older: edition 1"]) == (f"{G}updates/3/", f"{G}updates/1/")


def test_a_withdrawal_is_marked_and_says_why(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/3/")
    assert ("Category: Employer-proposed Withdrawn", "Withdrawn because", "[inserted: Nobody proposed any.]") in said(
        page
    )
    assert (
        "Approval test: Additional specialist competence test Withdrawn",
        "Withdrawn because",
        "[inserted: It is *not* used.]",
    ) in said(page)
    assert "Corrected by edition 4 at 5pm on 4 March 2027: It was 1 category." in page.main
    assert len(said(page)) == 4


def test_a_correction_of_a_note_says_that_no_wording_changed(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/4/")
    assert said(page) == []
    assert (
        "No wording of the guidance changed: this edition corrects what edition 3 said about its change." in page.main
    )


def test_the_record_starts_with_the_first_edition(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/1/")
    assert said(page) == []
    assert "The record starts here" in page.main
    assert "Loaded <from> a file." in page.main
    assert (
        "It was put on record here at 10am on 5 January 2026, and held 12 categories and 5 approval tests and"
        in page.main
    )


def test_any_two_editions_can_be_compared(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}updates/4/?from=1")
    assert page.h1 == "From edition 1 to edition 4"
    headings = dict.fromkeys(heading for heading, _, _ in said(page))
    assert len(headings) == 8
    assert "Category: Employer-proposed Withdrawn" in headings
    back = get(client, f"{G}updates/1/?from=2")
    assert back.h1 == "From edition 2 to edition 1"
    assert ("Category: Level 4 and 5 Higher Technical Qualifications Changed", "Levels", "4 [inserted: 5]") in said(
        back
    )
    assert said(get(client, f"{G}updates/4/?from=3")) == []
    assert get(client, f"{G}updates/2/?from=1").h1 == "Edition 2"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("5", "Enter the number of an edition, from 1 to 4"),
        ("0", "Enter the number of an edition, from 1 to 4"),
        ("-1", "Enter the number of an edition, from 1 to 4"),
        ("x", "Enter the number of an edition, from 1 to 4"),
        ("1.5", "Enter the number of an edition, from 1 to 4"),
        ("9" * 5000, "Enter the number of an edition, from 1 to 4"),
        ("0_1", "Enter the number of an edition, from 1 to 4"),
        ("%2B1", "Enter the number of an edition, from 1 to 4"),
        ("%00<script>", "Enter the number of an edition, from 1 to 4"),
        ("2", "Enter an edition other than edition 2 itself"),
    ],
)
def test_an_edition_that_cannot_be_compared_with_is_explained(
    client: Client, history: list[Edition], written: str, problem: str
) -> None:
    page = get(client, f"{G}updates/2/?from={written}")
    assert page.title.startswith("Error: Edition 2")
    assert page.links[problem] == "#from"
    assert len(said(page)) == 6  # what the edition itself changed is still there
    assert "<script>" not in page.text


def test_an_edition_has_one_address(client: Client, history: list[Edition]) -> None:
    for base in (G, f"{G}on/2027-03-03/"):
        found = answer(client, f"{base}updates/002/?from=1")
        assert (found.status_code, found["Location"]) == (301, f"{base}updates/2/?from=1")
    assert answer(client, f"{G}updates/00/").status_code == 404
    api = "/api/v1/guidance/technical-qualification-categories/editions/"
    found = answer(client, f"{api}002/changes/?from=1")
    assert (found.status_code, found["Location"]) == (301, f"{api}2/changes/?from=1")


@pytest.mark.parametrize("empty", ["", "%20"])
def test_an_empty_value_asks_for_nothing(client: Client, history: list[Edition], empty: str) -> None:
    api = "/api/v1/guidance/technical-qualification-categories/editions/"
    for address in (f"{G}updates/2/?from=", f"{G}updates.atom?before=", f"{api}?before=", f"{api}2/changes/?from="):
        found, plain = answer(client, address + empty), answer(client, address.split("?")[0])
        assert found.status_code == plain.status_code == 200
        if "api" in address:
            assert found.json() == plain.json()


@pytest.mark.parametrize("address", ["updates/5/", "updates/0/", f"updates/{'9' * 40}/", "on/2026-09-01/updates/3/"])
def test_an_edition_that_is_not_there_is_explained(client: Client, history: list[Edition], address: str) -> None:
    with time_machine.travel(NOW, tick=False):
        response = client.get(G + address)
    assert response.status_code == 404
    page = Page(response)
    base = f"{G}on/2026-09-01/" if address.startswith("on/") else G
    assert page.links["All updates"] == f"{base}updates/"


def test_a_category_is_followed_through_its_renames(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}categories/employer-proposed/updates/")
    assert page.h1 == "Updates to Employer-proposed"
    third, second, first = entries(page)
    assert third.startswith("Edition 3 Withdrawn midday on 3 March 2027, major update Withdrew 2 categories.")
    assert third.endswith("Withdrawn because [inserted: Nobody proposed any.]")
    assert "[deleted: level-2-employer-proposed-adults-only][inserted: employer-proposed]" in second
    assert first.startswith("Edition 1 Added midnight on 2 June 2025")
    assert "Title Level 2 employer-proposed technical qualifications - adults only" in first
    for former in ("categories/level-2-employer-proposed-adults-only/updates/",):
        response = client.get(G + former)
        assert (response.status_code, response["Location"]) == (301, f"{G}categories/employer-proposed/updates/")
    page = get(client, f"{G}categories/employer-proposed/")
    assert page.links["See all updates to this category"] == f"{G}categories/employer-proposed/updates/"


def test_on_a_day_a_category_has_its_updates_until_then(client: Client, history: list[Edition]) -> None:
    page = get(client, f"{G}on/2026-08-31/categories/level-2-employer-proposed-adults-only/updates/")
    assert [text.split()[1] for text in entries(page)] == ["1"]
    response = client.get(f"{G}on/2026-08-31/categories/employer-proposed/updates/")
    assert response["Location"] == f"{G}on/2026-08-31/categories/level-2-employer-proposed-adults-only/updates/"
    page = get(client, f"{G}on/2027-03-03/updates/")
    assert [text.split()[1] for text in entries(page)] == ["3", "2", "1"]
    assert "Corrected by" not in page.main  # nobody knew that day


def test_updates_are_paged(client: Client, fixture_content: Content) -> None:
    for number in range(1, 46):
        factories.publish(
            factories.altered(fixture_content, summary=f"Summary {number}."), london(2026, 1, 1, 0, number)
        )
    pages = [get(client, f"{G}updates/?page={number}") for number in (1, 2, 3)]
    shown = [[int(text.split()[1]) for text in entries(page)] for page in pages]
    assert shown == [[*range(45, 25, -1)], [*range(25, 5, -1)], [*range(5, 0, -1)]]
    links = pages[1].links
    assert links["Newer updates : Page 1 of 3"] == "?page=1"
    assert links["Older updates : Page 3 of 3"] == "?page=3"
    for written in ("4", "0", "-1", "x", "9" * 5000, "1.5"):
        response = client.get(f"{G}updates/", {"page": written})
        assert response.status_code == 404
        assert "there are 3 pages" in Page(response).main


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in found.captured_queries]


def test_however_many_editions_the_queries_are_the_same_and_lists_read_no_content(
    client: Client, fixture_content: Content
) -> None:
    addresses = {"updates/": 5, "updates/2/": 3, f"categories/{ENTRY}/updates/": 5, "on/2026-01-01/updates/": 5}
    for first, last in ((1, 3), (4, 40)):
        for number in range(first, last + 1):
            aim = f"Aim {number}."
            factories.publish(with_category(fixture_content, ENTRY, aim=aim), london(2026, 1, 1, 0, number))
        for address, expected in addresses.items():
            queries = queries_of(client, G + address)
            assert len(queries) == expected, (address, last)
            if address.endswith("/updates/") and "categories" not in address:
                assert sum('"content_text"' in query for query in queries) == 1  # the reading itself


def test_changes_are_escaped(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    wild = '<script>alert(1)</script> & "quotes" [x](/a)'
    changed = with_category(fixture_content, ENTRY, title="<i>Title</i>", aim=wild)
    factories.publish(changed, london(2026, 1, 1), change_note=wild)
    for address in ("updates/", "updates/2/", f"categories/{ENTRY}/updates/"):
        page = get(client, G + address)
        assert "<script>alert" not in page.text
        assert "<i>" not in page.text
        assert wild in page.main


def test_the_page_of_a_move_says_where_to(client: Client, fixture_content: Content) -> None:
    factories.publish(fixture_content)
    categories = fixture_content.categories
    moved = factories.altered(fixture_content, categories=(categories[-1], *categories[:-1]))
    factories.publish(moved, london(2026, 1, 1))
    page = get(client, f"{G}updates/2/")
    assert said(page) == [(f"Category: {categories[-1].title} Moved", "", "")]
    assert "It now stands first in its list." in page.main
    (change,) = diff.changes(fixture_content, moved)
    assert change.place == 0


def test_what_cannot_be_seen_to_differ_says_so(client: Client, fixture_content: Content) -> None:
    slug = "level-3-t-level"
    aim = fixture_content.category_by_slug[slug].aim
    factories.publish(fixture_content)
    factories.publish(
        factories.with_category(fixture_content, slug, aim=aim.replace(" ", "\u00a0", 1)), london(2025, 9, 1)
    )
    page = get(client, f"{G}updates/2/")
    assert "Only spaces and line breaks differ." in page.main
    [inserted] = page.all("ins")
    assert "no-break space" in words(inserted).lower()
