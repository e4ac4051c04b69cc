"""Parts of pages that are made once for a reading: never shown in another, and none for what is searched for."""

import pytest

from categories.public import fragments
from tests.factories import london, publish, with_category
from tests.history import ENTRY
from tests.html import Page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_made():
    fragments.clear()


@pytest.fixture
def base(fixture_content) -> str:
    publish(fixture_content)
    return f"/guidance/{fixture_content.slug}/"


def card(client, address: str) -> str:
    return Page(client.get(address)).articles[ENTRY]


def test_a_part_is_made_once_and_again_for_each_edition(base, fixture_content, client):
    made = card(client, base)
    assert card(client, base) == made
    publish(with_category(fixture_content, ENTRY, aim="Another aim altogether."), london(2025, 7, 1))
    assert "Another aim altogether." in card(client, base)
    assert card(client, f"{base}on/2025-06-30/") == made


def test_months_that_come_are_told_on_their_day(base, fixture_content, client, time_machine):
    steps = [{"state": "in-scope", "from": "2026-03"}]
    publish(with_category(fixture_content, ENTRY, availability=steps), london(2025, 7, 1))
    time_machine.move_to(london(2026, 2, 28, 23, 59))
    assert "(not yet)" in card(client, base)
    time_machine.move_to(london(2026, 3, 1))
    assert "(not yet)" not in card(client, base)


def test_links_of_a_dated_page_stay_on_its_day(base, client):
    Page(client.get(base))
    links = Page(client.get(f"{base}on/2025-06-30/")).links
    assert f"{base}on/2025-06-30/categories/{ENTRY}/" in links.values()
    assert f"{base}categories/{ENTRY}/" not in links.values()


def test_words_that_were_searched_for_are_marked_on_their_page_alone(base, client):
    plain = client.get(base).content
    assert b"<mark>" in client.get(base, {"q": "occupation"}).content
    assert client.get(base).content == plain
    assert b"<mark>" not in plain


def test_filters_stand_ticked_on_their_page_alone(base, client):
    plain = client.get(base).content
    assert b"checked" in client.get(base, {"level": "3"}).content
    assert client.get(base).content == plain
    assert b"checked" not in plain


def test_no_more_parts_are_kept_than_fit(base, client, monkeypatch):
    monkeypatch.setattr(fragments, "MOST", 2)
    assert client.get(base).content == client.get(base).content
    reading = client.get(base).context["reading"]
    assert len(fragments._kept(reading.edition.record_digest, reading.day, reading.base)) == 2
