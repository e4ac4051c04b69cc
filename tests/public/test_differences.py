"""A difference that nobody would see is seen everywhere that readers meet it: on pages, in the API, in feeds."""

import html
from typing import Any

import pytest
from django.test import Client

from categories.content.canonical import as_json
from categories.content.schema import Content
from tests.factories import london, publish
from tests.html import Page, words
from tests.strategies import read

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"


@pytest.fixture(autouse=True)
def editions(fixture_content: Content) -> None:
    data: dict[str, Any] = as_json(fixture_content)
    data["applies_to"] = ["England and Wales"]
    data["introduction"] = "Read this first.\n\nThen the categories."
    publish(read(data), london(2026, 9, 1))
    data["applies_to"] = ["England", "Wales"]
    data["introduction"] = "Read this first. Then the categories."
    publish(read(data), london(2026, 9, 2))


def test_the_page_of_an_update_tells_it(client: Client) -> None:
    page = Page(client.get(f"{G}updates/2/"))
    said = {words(row[0]): words(row[1]) for row in page.all("div", "govuk-summary-list__row") if row[0].tag == "dt"}
    assert said["Applies to"] == "[deleted: England and Wales] [inserted: England] [inserted: Wales]"
    assert said["Introduction"] == (
        "Only spaces and line breaks differ. "
        "Read this first.[deleted: ¶paragraph break ][inserted: ␣space ]Then the categories."
    )


def test_the_api_tells_it(client: Client) -> None:
    (change,) = client.get("/api/v1/guidance/technical-qualification-categories/editions/2/changes/").json()["changes"]
    fields = {field["field"]: field for field in change["fields"]}
    nations = fields["applies_to"]
    assert (nations["before_words"], nations["after_words"]) == ("“England and Wales”", "England and Wales")
    assert (nations["before_items"], nations["after_items"]) == (["England and Wales"], ["England", "Wales"])
    assert (fields["introduction"]["before_items"], fields["introduction"]["after_items"]) == (None, None)


def test_the_feed_tells_it(client: Client) -> None:
    said = html.unescape(client.get(f"{G}updates.atom").content.decode())
    assert '<del><span class="govuk-visually-hidden">[deleted: </span>England and Wales' in said
    assert "Only spaces and line breaks differ." in said
