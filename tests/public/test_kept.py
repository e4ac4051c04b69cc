"""Answers that are kept for the next reader: of the present edition, and never when anything could differ."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import london, publish, with_category

pytestmark = pytest.mark.django_db

NOON = london(2026, 3, 2, 12)


@pytest.fixture
def edition(fixture_content, time_machine):
    time_machine.move_to(NOON, tick=False)
    return publish(fixture_content, london(2025, 6, 2))


@pytest.fixture
def base(fixture_content):
    return f"/guidance/{fixture_content.slug}/"


@pytest.mark.parametrize("path", ["", "categories.csv", "updates.atom", "find/", "?level=3"])
def test_the_second_reader_gets_the_same_with_one_query(path, edition, base, client, django_assert_num_queries):
    first = client.get(base + path)
    with django_assert_num_queries(1):
        second = client.get(base + path)
    assert second.content == first.content
    assert dict(second.headers) == dict(first.headers)


def test_a_new_edition_shows_at_once(edition, fixture_content, base, client):
    slug = fixture_content.categories[0].slug
    client.get(f"{base}categories/{slug}/")
    publish(with_category(fixture_content, slug, aim="Said anew."), NOON)
    assert "Said anew." in client.get(f"{base}categories/{slug}/").content.decode()


def test_a_scheduled_edition_shows_at_its_second_and_not_before(edition, fixture_content, base, client, time_machine):
    slug = fixture_content.categories[0].slug
    publish(with_category(fixture_content, slug, aim="Said anew."), NOON + timedelta(minutes=5))
    for seconds, shown in ((0, False), (299, False), (300, True)):
        time_machine.move_to(NOON + timedelta(seconds=seconds), tick=False)
        assert ("Said anew." in client.get(f"{base}categories/{slug}/").content.decode()) is shown


def test_a_month_arrives_with_its_first_day(edition, fixture_content, base, client, time_machine):
    slug = fixture_content.categories[0].slug
    scope = [{"state": "in-scope", "from": "2026-04"}]
    publish(with_category(fixture_content, slug, availability=scope), NOON)
    time_machine.move_to(london(2026, 3, 31, 23, 59), tick=False)
    assert "In scope from April 2026 (not yet)" in client.get(f"{base}categories/{slug}/").content.decode()
    time_machine.move_to(london(2026, 4, 1, 0, 0), tick=False)
    assert "(not yet)" not in client.get(f"{base}categories/{slug}/").content.decode()


def test_each_host_has_its_own_addresses(edition, fixture_content, base, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    path = f"{base}categories/{fixture_content.categories[0].slug}/"
    for host in settings.ALLOWED_HOSTS:
        page = Client(headers={"host": host}).get(path).content.decode()
        assert f"http://{host}{path}" in page


def test_what_is_not_found_is_not_kept(edition, base, client):
    assert client.get(f"{base}categories/nothing/").status_code == 404
    assert not cache._cache
