"""The public record as a whole: whatever the history, it replays, every day has its edition, no address ever breaks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from categories.content import diff
from categories.content.canonical import dump
from categories.content.schema import Content
from categories.models import Edition
from tests import factories, strategies
from tests.factories import london

pytestmark = pytest.mark.django_db

CHANGES = TypeAdapter(list[diff.Change])
GAPS = [timedelta(minutes=1), timedelta(hours=9), timedelta(days=1), timedelta(days=2, hours=15)]


@dataclass(frozen=True)
class Past:
    """A record at a moment: the editions that are live, and the scheduled one where there is one."""

    live: list[Edition]
    scheduled: list[Edition]
    now: datetime

    @property
    def slug(self) -> str:
        return self.live[-1].content.slug

    @property
    def days(self) -> list[date]:
        """Every day from before the first edition to the day after today."""
        first = timezone.localdate(self.live[0].live_at) - timedelta(days=2)
        return [first + timedelta(days=place) for place in range((timezone.localdate(self.now) - first).days + 2)]

    def on(self, day: date) -> Edition | None:
        """The edition that stood at the end of a day, found the long way."""
        if day > timezone.localdate(self.now):
            return None
        return next((one for one in reversed(self.live) if timezone.localdate(one.live_at) <= day), None)


@contextmanager
def published(history: list[Content], waits: list[timedelta], is_scheduled: bool) -> Iterator[Past]:
    """Publish a history from just before the clocks change, on 29 March 2026; leave nothing for the next example."""
    with transaction.atomic():
        live_at, editions = london(2026, 3, 27, 23), []
        for content, wait in zip(history, waits, strict=False):
            live_at = (live_at.astimezone(UTC) + wait).astimezone(factories.LONDON)
            editions.append(factories.publish(content, live_at))
        to_come = is_scheduled and len(editions) > 1
        now = live_at - timedelta(seconds=1) if to_come else live_at + timedelta(hours=30)
        yield Past(editions[:-1] if to_come else editions, editions[-1:] if to_come else [], now)
        transaction.set_rollback(True)


def any_history(examples: int) -> Any:
    """Try a test on some histories, told to it as a function that publishes one."""
    waits = st.lists(st.sampled_from(GAPS), min_size=4, max_size=4)
    suppressed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]

    def decorate(test: Any) -> Any:
        pasts = st.builds(published, strategies.histories, waits, st.booleans())
        phases = [Phase.explicit, Phase.reuse, Phase.generate]  # to shrink a whole record takes minutes
        return settings(max_examples=examples, phases=phases, suppress_health_check=suppressed)(
            given(record=pasts)(test)
        )

    return decorate


def get(client: Client, address: str, now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


def followed(client: Client, address: str, now: datetime) -> Any:
    """What an address answers with, or what the one redirect that it may be leads to."""
    response = get(client, address, now)
    return get(client, response["Location"], now) if response.status_code == 301 else response


@any_history(8)
def test_replaying_the_public_changes_reproduces_every_edition(client: Client, record: Any) -> None:
    with record as past:
        api, page = f"/api/v1/guidance/{past.slug}/editions", f"/guidance/{past.slug}/updates"
        by_api = by_page = None
        for edition in past.live:
            found = get(client, f"{api}/{edition.number}/changes/", past.now).json()["changes"]
            by_api = diff.apply(by_api, CHANGES.validate_json(json.dumps(found)), edition.guidance_id)
            assert dump(by_api) == get(client, f"{api}/{edition.number}/content.json", past.now).content.decode()
            shown = get(client, f"{page}/{edition.number}/", past.now).context["changes"]
            by_page = diff.apply(by_page, shown, edition.guidance_id) if by_page else edition.content
            assert dump(by_page) == edition.content_text
        assert dump(by_api) == past.live[-1].content_text
        at_once = get(client, f"{page}/{len(past.live)}/?from=1", past.now).context["changes"]
        if len(past.live) > 1:
            assert dump(diff.apply(past.live[0].content, at_once, past.live[0].guidance_id)) == dump(by_page)


@any_history(8)
def test_every_day_has_the_edition_that_was_live(client: Client, record: Any) -> None:
    with record as past:
        live_at = [edition.live_at for edition in past.live]
        for day in past.days:
            standing = past.on(day)
            found = followed(client, f"/guidance/{past.slug}/on/{day}/updates/", past.now)
            answer = followed(client, f"/api/v1/guidance/{past.slug}/?on={day}", past.now)
            if standing is None:
                assert found.status_code == 404
                assert answer.status_code == (404 if day < timezone.localdate(live_at[0]) else 422)
                continue
            end = min(past.now, london(day.year, day.month, day.day, 23, 59, 59) + timedelta(microseconds=999_999))
            assert standing == standing.guidance.editions.live(end).newest()
            assert found.context["reading"].edition == standing
            assert found.context["reading"].content == standing.content
            assert [edition.number for edition, _ in found.context["updates"]] == [*range(standing.number, 0, -1)]
            assert answer.json()["edition"]["record"] == standing.record()


def addresses(edition: Edition) -> dict[str, UUID | None]:
    """Every address, below that of the guidance, that an edition gave a page, with the record that it is about."""
    found: dict[str, UUID | None] = {"": None, "updates/": None, "updates.atom": None, "categories.csv": None}
    for category in edition.content.categories:
        for rest in ("", "updates/", "updates.atom"):
            found[f"categories/{category.slug}/{rest}"] = category.id
    return found | {f"approval-tests/{test.slug}/": test.id for test in edition.content.approval_tests}


ABOUT = {"category": "category", "category-updates": "category", "approval-test": "test"}


def about(response: Any) -> UUID | None:
    """The record that a page is about, or None for pages about all."""
    name = ABOUT.get(response.resolver_match.url_name)
    return response.context[name].id if name else None


@any_history(4)
def test_every_address_that_ever_worked_works_for_ever(client: Client, record: Any) -> None:
    with record as past:
        known = {
            f"/guidance/{edition.content.slug}/{rest}": identity
            for edition in past.live
            for rest, identity in addresses(edition).items()
        }
        present = {f"/guidance/{past.slug}/{rest}" for rest in addresses(past.live[-1])}
        for address, identity in known.items():
            first = get(client, address, past.now)
            assert first.status_code == (200 if address in present else 301), address
            found = followed(client, address, past.now)
            assert found.status_code == 200, address
            assert found.request["PATH_INFO"] in present
            if not address.endswith((".atom", ".csv")):
                assert about(found) == identity
        for identity in set(filter(None, known.values())):
            led = get(client, f"/id/{identity}/", past.now)
            assert (led.status_code, led["Location"] in present) == (303, True)
        for edition in past.scheduled:
            for rest in addresses(edition):
                address = f"/guidance/{edition.content.slug}/{rest}"
                if address not in known:
                    # A new slug beside old ones may pair up into an address that leads on; never to what is to come
                    found = get(client, address, past.now)
                    assert found.status_code in (301, 404), address
                    assert found.status_code == 404 or found["Location"] in present, address


@any_history(4)
def test_every_address_leads_to_that_of_its_day(client: Client, record: Any) -> None:
    with record as past:
        for day in past.days:
            standing = past.on(day)
            if standing is None:
                continue
            there = {identity for identity in addresses(standing).values() if identity}
            for edition in past.live:
                for rest, identity in addresses(edition).items():
                    if rest.endswith((".atom", ".csv", "updates/")):
                        continue
                    found = followed(client, f"/guidance/{edition.content.slug}/on/{day}/{rest}", past.now)
                    assert found.status_code == (404 if identity and identity not in there else 200), (day, rest)
                    if found.status_code == 200:
                        assert found.request["PATH_INFO"].startswith(f"/guidance/{standing.content.slug}/on/{day}/")
                        assert about(found) == identity
