"""Nothing depends on an edition that is not live yet: not one byte, and not one header, at any public address.

But what is announced is told, where readers look for what is to come, and nowhere else.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from categories import mirror
from categories.content import rules
from categories.content.canonical import as_json
from categories.content.schema import Content
from categories.models import Edition, EditionChange, Follower, Subscription
from categories.public import telling
from tests import addresses, factories
from tests.door import Reader
from tests.factories import london
from tests.history import ENTRY, FORMER_T_LEVEL, NOW, SLUG, TONIGHT, WITHDRAWN, publish_history
from tests.mail import written

pytestmark = pytest.mark.django_db

MARKER = "zebra"
NEW, NEW_TEST = UUID(int=77), UUID(int=78)
# For each part of an address what is there today, and what only the edition of tonight would bring
VALUES = {
    "guidance": [SLUG, f"{MARKER}-guidance"],
    "on": ["2027-06-01", "2027-06-02"],
    "at": ["2027-06-01T10:59:59Z", "2027-06-01T19:00:00Z"],
    "since": ["2027-06-01", "2027-06-02"],
    "timemap": ["", f"categories/{ENTRY}/", f"categories/{MARKER}-category/"],
    "categories": [ENTRY, f"{MARKER}-category"],
    "approval-tests": ["employer-demand-test", f"{MARKER}-test"],
    "updates": ["3", "4"],
    "editions": ["3", "4"],
    "id": [str(NEW)],
    "announced": [str(UUID(int=90))],
    **{part: ["nothing"] for part in ("alerts", "confirm", "end")},
}
QUERY = (
    f"?level=6&cohort={MARKER}&approval={MARKER}-test&availability={MARKER}-later&relationship={MARKER}&q={MARKER}"
    f"&category={MARKER}-category&from=4&before=5"
)
DAYS = ["?on=2027-06-01", "?on=2027-06-02"]


def tonight(live: Content) -> Content:
    """The content of an edition that says something new in every place there is."""
    data: dict[str, Any] = as_json(live) | {
        name: f"{MARKER} {name}" for name in ("title", "summary", "publisher", "notice", "caution", "introduction")
    }
    web = f"https://{MARKER}.uk/"
    data |= {"slug": f"{MARKER}-guidance", "applies_to": [MARKER], "links": [{"title": MARKER, "url": web}]}
    data["contact"] = {"name": MARKER, "email": f"{MARKER}@example.org", "url": web}
    data["levels"].append({"id": str(UUID(int=80)), "number": 6})
    term = {"slug": MARKER, "name": MARKER}
    data["cohorts"].append({"id": str(UUID(int=81)), **term})
    data["relationships"].append({"id": str(UUID(int=82)), **term, "definition": MARKER, "to_standard": True})
    data["t_levels"].append({"id": str(UUID(int=83)), **term, "covered": "may-be"})
    data["availabilities"].append({"id": str(UUID(int=84)), **term, "dated": True})
    data["short_forms"].append({"id": str(UUID(int=85)), "term": MARKER, "meaning": f"{MARKER} meaning"})
    test = next(test for test in data["approval_tests"] if test["slug"] == "employer-demand-test")
    test |= {"slug": f"{MARKER}-test", "name": f"{MARKER} test", "description": f"{MARKER} meaning"}
    for category in data["categories"]:
        category["approval_tests"] = [
            slug.replace("employer-demand-test", f"{MARKER}-test") for slug in category["approval_tests"]
        ]
    category = next(category for category in data["categories"] if category["slug"] == ENTRY)
    category |= {name: f"{MARKER} {name}" for name in ("title", "aim", "example", "relationship_text")}
    category |= {"slug": f"{MARKER}-category", "synonyms": [MARKER], "levels": [6]}
    category |= {"cohorts": [MARKER], "relationship": MARKER, "t_level": MARKER}
    category |= {"availability": [{"state": MARKER, "from": "2027-06"}], "approval_text": MARKER}
    data["categories"].append(category | {"id": str(NEW), "slug": f"{MARKER}-new", "title": f"{MARKER} new"})
    data["categories"].append(category | {"id": str(UUID(int=79)), "slug": "gone", "withdrawn": MARKER})
    data["approval_tests"].append(test | {"id": str(NEW_TEST), "slug": f"{MARKER}-test-2", "name": f"{MARKER} two"})
    data["examples_lists"].append({"id": str(UUID(int=86)), **term, "covers": MARKER, "text": MARKER, "url": web})
    found, faults = rules.read(data)
    assert found, faults
    return found


def queries(address: str) -> list[str]:
    return [QUERY, *DAYS] if address.startswith("/api/") else [QUERY]


def get(client: Client | Reader, address: str, now: Any = NOW) -> tuple[int, dict[str, str], bytes]:
    with time_machine.travel(now, tick=False):
        response = client.get(address)
    response.headers.pop("X-Request-ID", None)  # of each request its own
    return response.status_code, dict(response.headers), response.content


def follow(content: Content) -> None:
    """Let somebody follow everything, somebody a category, and somebody what a filter finds."""
    before = london(2027, 6, 1, 1)
    for about in ("", f"id:{content.category_by_slug[ENTRY].id}", "level=2"):
        follower = Follower.objects.create(address=f"{len(about)}@example.org")
        Subscription.objects.create(
            follower=follower, guidance_id=content.id, about=about, at_once=True, weekly=1, minor=True, months=True,
            made_at=before, confirmed_at=before, weekly_due_at=NOW,
        )  # fmt: skip


def told_at(moment: Any) -> str:
    """What followers have been told by a moment."""
    telling.tell(lambda: moment)
    return "".join(f"{message.subject}{message.letter.text}{message.letter.html}" for message in written())


def test_what_is_scheduled_changes_no_public_answer(client: Client, reader: Reader, fixture_content: Content) -> None:
    editions = publish_history(fixture_content).editions
    factories.take_off(Edition.objects.get(number=4), NOW)
    follow(editions[-1].content)
    plain = addresses.every(VALUES)
    asked = [*plain, *(address + query for address in plain if MARKER not in address for query in queries(address))]
    before = {address: get(client, address) for address in asked}
    at_the_door = {address: get(reader, address) for address in asked}
    assert len(before) > 150

    scheduled = factories.publish(
        tonight(editions[-1].content), TONIGHT, made_at=london(2027, 6, 1, 9),
        change_note=f"{MARKER} note", update_type="minor", corrects=editions[-1],
    )  # fmt: skip
    for address, answer in before.items():
        assert get(client, address) == answer, address
        assert get(reader, address) == get(Reader(), address) == at_the_door[address], address  # kept, and made now
    for address in plain:
        if MARKER not in address:
            everything = f"{before[address][1:]}{at_the_door[address][1:]}"
            for secret in (MARKER, scheduled.record_digest, scheduled.content_digest, str(NEW_TEST)):
                assert secret not in everything, (address, secret)

    shown = [address for address in plain if MARKER.encode() in get(client, address, TONIGHT)[2]]
    assert shown == [address for address in plain if MARKER.encode() in get(reader, address, TONIGHT)[2]]
    routes = {route for route in addresses.routes() if set(addresses.filled(route, VALUES)) & set(shown)}
    quiet = {route for route in addresses.routes() if "guidance/<" in route and route not in routes}
    # Every page of the guidance would have told of it, its head by a digest alone, and the archive in packed bytes. An
    # announcement tells of nothing but itself
    assert all(route.endswith(("/head.txt", "/archive.zip", "/announced/<uuid:announcement>/")) for route in quiet)

    assert told_at(NOW) == ""
    letters = told_at(TONIGHT)
    assert MARKER in letters and scheduled.record_digest in letters  # it would have been told

    factories.take_off(scheduled, NOW)
    assert not EditionChange.objects.filter(slug__contains=MARKER).exists()
    for address in plain:
        assert get(client, address) == before[address], address
        if MARKER not in address:
            assert MARKER.encode() not in get(client, address, TONIGHT)[2], address


SECOND = timedelta(seconds=1)
ANNOUNCED_AT, IN_FORCE = london(2027, 6, 1, 11, 59), london(2027, 6, 1, 11, 59, 2)
EARLIER, TOLD = london(2027, 6, 1, 19), "What everybody may know"


def test_what_is_announced_is_told_in_its_place_and_nothing_that_follows_it_is(
    client: Client, reader: Reader, fixture_content: Content
) -> None:
    newest = publish_history(fixture_content).newest
    factories.take_off(Edition.objects.get(number=4), NOW)
    follow(newest.content)
    edition = factories.publish(
        factories.with_category(newest.content, ENTRY, aim=TOLD), EARLIER, made_at=london(2027, 6, 1, 9),
        change_note=f"{TOLD} note",
    )  # fmt: skip
    values = VALUES | {"announced": [str(UUID(int=90))]}
    plain = addresses.every(values)
    before = {address: get(client, address) for address in plain}
    line = factories.announce(edition, ANNOUNCED_AT)
    own = f"/guidance/{SLUG}/announced/{line.announcement}/"
    assert [get(face, own, IN_FORCE - SECOND)[0] for face in (client, Reader())] == [404, 404]
    assert get(client, own)[0] == get(reader, own)[0] == 200

    # Where readers are told of it; and nowhere else, in the API, a feed, a list or a dated page, has a byte changed
    places = ["", "in-full/", f"categories/{ENTRY}/", "announced/"]
    told = {f"/guidance/{SLUG}/{place}" for place in places}
    with_it = {address: get(client, address) for address in plain}
    assert {address for address in plain if with_it[address] != before[address]} == told
    for address in sorted(told):
        text = with_it[address][2].decode()
        assert "1 June 2027" in text and f"{own}" in text, address
        assert (TOLD in text) == address.endswith("/announced/")
        for digest in (edition.record_digest, edition.content_digest, line.record_digest):
            assert digest not in f"{with_it[address]}", address

    # What goes live after it is as secret as ever
    shown = [*plain, own]
    before = {address: get(client, address) for address in shown}
    at_the_door = {address: get(reader, address) for address in shown}
    following = factories.publish(
        tonight(edition.content), TONIGHT, made_at=london(2027, 6, 1, 9), change_note=f"{MARKER} note"
    )
    for address in shown:
        assert get(client, address) == before[address], address
        assert get(reader, address) == get(Reader(), address) == at_the_door[address], address
    for address in (one for one in shown if MARKER not in one):
        for secret in (MARKER, following.record_digest, following.content_digest):
            assert secret not in f"{before[address][1:]}", (address, secret)
    assert MARKER not in told_at(NOW)


def test_what_is_scheduled_is_not_in_the_mirror(
    fixture_content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no test takes the power away
    chosen = tuple(fixture_content.category_by_slug[slug] for slug in (ENTRY, FORMER_T_LEVEL, WITHDRAWN))
    live = publish_history(factories.altered(fixture_content, categories=chosen)).newest.content
    factories.take_off(Edition.objects.get(number=4), NOW)
    announced = factories.publish(
        factories.with_category(live, ENTRY, aim=TOLD), EARLIER, made_at=london(2027, 6, 1, 9)
    )
    line = factories.announce(announced, ANNOUNCED_AT)
    before = mirrored(tmp_path, NOW)
    assert len(before) > 300
    told = {name for name, body in before.items() if TOLD.encode() in body}
    assert told and all("/announced/" in name for name in told)
    assert any(str(line.announcement) in name for name in told)
    factories.publish(tonight(announced.content), TONIGHT, made_at=london(2027, 6, 1, 9), change_note=f"{MARKER} note")
    assert mirrored(tmp_path, NOW) == before
    assert MARKER in f"{mirrored(tmp_path, TONIGHT)}"


def mirrored(folder: Path, at: Any) -> dict[str, bytes]:
    """Ask for everything, and return the mirror as of a moment: every file of it, the notes of its own included."""
    with time_machine.travel(at, tick=False):
        mirror.Mirror(folder / "mirror", at).make(anew=True)
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
