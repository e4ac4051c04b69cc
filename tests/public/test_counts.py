"""Brute force: every two values of filters give the same on every face as a count made from the JSON."""

import csv
import io
import re
from itertools import combinations
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from tests import counted, factories
from tests.contents import revised
from tests.factories import london

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
API = f"/api/v1{G}"
NOW = london(2027, 6, 1, 12)
ENTRY, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"
HTQ = "level-4-and-5-higher-technical-qualifications"
SOON = "level-2-cross-cutting-function-16-to-19-and-adults"
FACES = ["page", "table", "csv", "api"]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def content(client: Client, fixture_content: Content) -> dict[str, Any]:
    """What the API says of a guidance in which a month is to come, too."""
    steps = [{"state": "in-scope", "from": "2027-09"}]
    factories.publish(revised(fixture_content, lambda one: {"availability": steps} if one["slug"] == SOON else {}))
    return get(client, API).json()["content"]


def get(client: Client, address: str) -> Any:
    with time_machine.travel(NOW, tick=False):
        response = client.get(address)
    assert response.status_code == 200, address
    return response


def found(client: Client, face: str, query: str) -> int:
    """How many categories a face gives for a query."""
    match face:
        case "page" | "table":
            address = G if face == "page" else f"{G}table/"
            counts = re.search(r"Showing (\d+) of (\d+)", get(client, f"{address}?{query}").content.decode())
            assert counts
            return int(counts[1])
        case "csv":
            text = get(client, f"{G}categories.csv?{query}").content.decode("utf-8-sig")
            return len(list(csv.DictReader(io.StringIO(text, newline=""), strict=True)))
        case "api":
            answer = get(client, f"{API}categories/?{query}").json()
            assert answer["count"] == len(answer["categories"])
            return int(answer["count"])
    raise ValueError(face)


@pytest.mark.parametrize("face", FACES)
def test_every_two_values_give_what_the_json_counts(client: Client, content: dict[str, Any], face: str) -> None:
    every = counted.values(content) + counted.searches()
    assert len(every) >= 4 + 3 + 4 + 5 + 5
    wrong = []
    for asked in ones_and_twos(every):
        number = len(counted.matching(content, asked, "2027-06"))
        got = found(client, face, urlencode(asked))
        if got != number:
            wrong.append((asked, number, got))
    assert wrong == []


def ones_and_twos(every: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    twos = [list(two) for two in combinations(every, 2) if {name for name, _ in two} != {"q"}]
    return [[one] for one in every] + twos


@pytest.fixture
def editions(client: Client, fixture_content: Content) -> list[tuple[str, dict[str, Any]]]:
    """The contents of four editions as the API gives them, each with the month in which it went live.

    2: what was not yet available comes in April 2027. 3: two aims, and a category is for adults alone. 4: one is
    withdrawn, and another faces one test less.
    """
    second = revised(
        fixture_content,
        lambda one: {"availability": [{"state": "in-scope", "from": "2027-04"}]} if one["slug"] == SOON else {},
    )
    third = revised(
        second,
        lambda one: {"aim": "Another aim."} if one["slug"] in (T_LEVEL, HTQ) else
        {"cohorts": ["adults"]} if one["slug"] == ENTRY else {},
    )  # fmt: skip
    fourth = revised(
        third,
        lambda one: {"withdrawn": "It was never used."} if one["slug"] == T_LEVEL else
        {"approval_tests": one["approval_tests"][:1]} if one["slug"] == ENTRY else {},
    )  # fmt: skip
    months = ("2025-06", "2026-09", "2027-02", "2027-05")
    for month, content in zip(months, (fixture_content, second, third, fourth), strict=True):
        factories.publish(content, london(*map(int, month.split("-")), 2))
    told = [get(client, f"{API}editions/{number}/content.json").json() for number in range(1, 5)]
    return list(zip(months, told, strict=True))


def test_a_feed_for_every_two_values_tells_what_the_json_tells(
    client: Client, editions: list[tuple[str, dict[str, Any]]]
) -> None:
    wrong, lengths = [], set()
    for asked in ones_and_twos(counted.values(editions[0][1]) + counted.searches()):
        expected = counted.told(editions, asked, "2027-06")
        root = ElementTree.fromstring(get(client, f"{G}updates.atom?{urlencode(asked)}").content)  # noqa: S314 - our own
        titles = [str(entry.findtext(f"{ATOM}title")) for entry in root.iter(f"{ATOM}entry")]
        got = [re.sub(r"^April 2027 has come.*", "2027-04", title.split(":")[0]) for title in titles]
        lengths.add(len(got))
        if got != expected:
            wrong.append((asked, expected, got))
    assert wrong == []
    assert lengths >= {0, 1, 2, 3, 4}
