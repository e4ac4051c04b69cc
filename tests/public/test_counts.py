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
SOON = "level-2-cross-cutting-function-16-to-19-and-adults"
FACES = ["page", "table", "csv", "api", "feed"]


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


def found(client: Client, face: str, query: str) -> int | bool:
    """How many categories a face gives for a query; of a feed, whether an update touched any."""
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
    root = ElementTree.fromstring(get(client, f"{G}updates.atom?{query}").content)  # noqa: S314 - our own
    return root.find("{http://www.w3.org/2005/Atom}entry") is not None


@pytest.mark.parametrize("face", FACES)
def test_every_two_values_give_what_the_json_counts(client: Client, content: dict[str, Any], face: str) -> None:
    every = counted.values(content)
    assert len(every) >= 4 + 3 + 4 + 5
    wrong = []
    for asked in [[one] for one in every] + [list(two) for two in combinations(every, 2)]:
        number = len(counted.matching(content, asked, "2027-06"))
        got = found(client, face, urlencode(asked))
        if got != (number if face != "feed" else number > 0):
            wrong.append((asked, number, got))
    assert wrong == []
