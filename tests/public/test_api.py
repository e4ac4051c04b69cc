"""The API: every resource now and on a day, its faults, its former addresses, and that changes replay exactly."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from categories.content.canonical import as_json, digest, dump
from categories.content.rules import read
from categories.content.schema import Content
from categories.models import Edition
from tests import factories
from tests.door import Reader
from tests.factories import london
from tests.history import (
    ENTRY,
    FORMER_SLUG,
    FORMER_T_LEVEL,
    NOW,
    SECRET,
    SLUG,
    T_LEVEL,
    TONIGHT,
    WITHDRAWN,
    History,
    publish_history,
)
from tests.html import Page

pytestmark = pytest.mark.django_db

API = "/api/v1/"
G = f"{API}guidance/{SLUG}/"
RESOURCES = [
    "",
    "categories/",
    f"categories/{T_LEVEL}/",
    "editions/",
    "editions/3/",
    "editions/3/changes/",
    "editions/3/content.json",
]


@pytest.fixture
def history(fixture_content: Content) -> History:
    return publish_history(fixture_content)


def get(client: Client, address: str, now: Any = NOW, **params: Any) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address, params)


def body(client: Client, address: str, now: Any = NOW, **params: Any) -> Any:
    response = get(client, address, now, **params)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return response.json()


def problem(client: Client, address: str, status: int, now: Any = NOW, **params: Any) -> Any:
    """The problem that an address answers with: RFC 9457's members, and the status twice."""
    response = get(client, address, now, **params)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    found = response.json()
    assert (found["type"], found["status"]) == ("about:blank", status)
    assert found["title"]
    assert found["detail"][-1] in ".?"
    return found


def test_the_index_leads_to_everything(client: Client, history: History) -> None:
    index = body(client, API)
    assert set(index) == {"guidance", "openapi", "documentation"}
    for address in index.values():
        assert get(client, address).status_code == 200
    [listed] = body(client, index["guidance"])["guidance"]
    assert (listed["slug"], listed["edition"]["record"]["number"]) == (SLUG, 3)
    assert get(client, listed["page"]).status_code == 200
    guidance = body(client, listed["url"])
    assert body(client, guidance["edition"]["url"]) == guidance["edition"]


def test_guidance_is_the_newest_edition_in_the_content_format(client: Client, history: History) -> None:
    found = body(client, G)
    assert found["on"] == "2027-06-01"
    assert found["edition"]["record"] == history.newest.record()
    assert found["edition"]["record_digest"] == history.newest.record_digest
    assert dump(read(found["content"])[0]) == history.newest.content_text


def test_as_it_stood_on_a_day(client: Client, history: History) -> None:
    days = {"2025-06-02": 1, "2026-08-31": 1, "2026-09-01": 2, "2027-03-02": 2, "2027-03-03": 3, "2027-06-01": 3}
    for day, number in days.items():
        slug = SLUG if number == 3 else FORMER_SLUG
        found = body(client, f"{API}guidance/{slug}/", on=day)
        assert (found["on"], found["edition"]["record"]["number"]) == (day, number)
        assert body(client, f"{API}guidance/", on=day)["guidance"][0]["edition"]["record"]["number"] == number
        assert body(client, f"{API}guidance/{slug}/editions/", on=day)["count"] == number
        assert body(client, f"{API}guidance/{slug}/categories/", on=day)["edition"] == number
    assert body(client, f"{API}guidance/", on="2025-06-01")["guidance"] == []
    for rest in ("editions/3/", "editions/3/changes/", "editions/3/content.json"):
        detail = problem(client, f"{API}guidance/{FORMER_SLUG}/{rest}", 404, on="2026-09-01")["detail"]
        assert detail == "There is no edition 3. The newest on 1 September 2026 is 2."


def test_addresses_of_a_day_stay_on_that_day(client: Client, history: History) -> None:
    found = body(client, f"{API}guidance/{FORMER_SLUG}/editions/", on="2026-09-01")
    for edition in found["editions"]:
        for name in ("url", "content_url", "changes_url"):
            assert edition[name].endswith("?on=2026-09-01")
            assert get(client, edition[name]).status_code == 200
    [category] = body(client, f"{API}guidance/{FORMER_SLUG}/categories/", on="2026-08-31", q="T Level outline")[
        "categories"
    ]
    assert category["slug"] == FORMER_T_LEVEL
    assert get(client, category["url"]).status_code == get(client, category["page"]).status_code == 200


@pytest.mark.parametrize("resource", RESOURCES)
@pytest.mark.parametrize(
    ("day", "status", "detail"),
    [
        ("2027-02-30", 422, "“2027-02-30” is not a day in the calendar. Use YYYY-MM-DD, such as 2027-06-01."),
        ("20270228", 422, "“20270228” is not a day in the calendar. Use YYYY-MM-DD, such as 2027-06-01."),
        ("yesterday", 422, "“yesterday” is not a day in the calendar. Use YYYY-MM-DD, such as 2027-06-01."),
        ("2027-06-02", 422, "2 June 2027 has not come yet. Use 2027-06-01 at the latest."),
        ("2025-06-01", 404, "This guidance was not published yet on 1 June 2025. Its first day is 2025-06-02."),
    ],
)  # fmt: skip
def test_days_that_cannot_be_shown(
    client: Client, history: History, resource: str, day: str, status: int, detail: str
) -> None:
    found = problem(client, G + resource, status, on=day)
    assert found["detail"] == detail
    assert found["errors"] == ([{"parameter": "on", "detail": detail}] if status == 422 else [])


def test_categories_through_the_one_parser(client: Client, history: History) -> None:
    everything = body(client, f"{G}categories/")
    assert everything["count"] == len(everything["categories"]) == 11
    assert WITHDRAWN not in [category["slug"] for category in everything["categories"]]
    found = body(client, f"{G}categories/", level=["4", "5"], availability="in-scope", q="higher education")
    assert [category["slug"] for category in found["categories"]] == ["level-4-and-5-higher-technical-qualifications"]
    assert body(client, f"{G}categories/", level="", q="")["count"] == 11
    unknown = problem(client, f"{G}categories/", 422, level=["4", "9"], cohort="children")
    assert [one["parameter"] for one in unknown["errors"]] == ["level", "cohort"]
    assert "“9”" in unknown["errors"][0]["detail"]


def test_a_category_has_the_format_and_what_is_true_of_the_day(client: Client, history: History) -> None:
    found = body(client, f"{G}categories/{ENTRY}/")
    category = found["category"]
    expected = next(one for one in as_json(history.newest.content)["categories"] if one["slug"] == ENTRY)
    assert {name: category[name] for name in expected} == expected
    assert category["availability_on"] == "in-scope"
    assert get(client, category["page"]).status_code == 200


def test_availability_is_of_the_day(client: Client, fixture_content: Content) -> None:
    content = factories.with_category(fixture_content, ENTRY, availability=[{"state": "in-scope", "from": "2025-09"}])
    factories.publish(content)
    address = f"{API}guidance/{FORMER_SLUG}/categories/"
    assert body(client, f"{address}{ENTRY}/", on="2025-08-31")["category"]["availability_on"] == "in-scope-later"
    assert body(client, f"{address}{ENTRY}/", on="2025-09-01")["category"]["availability_on"] == "in-scope"
    later = body(client, address, on="2025-08-31", availability="in-scope-later")
    assert [category["slug"] for category in later["categories"]] == [ENTRY]


def test_a_withdrawn_category_answers_with_what_it_last_said(client: Client, history: History) -> None:
    category = body(client, f"{G}categories/{WITHDRAWN}/")["category"]
    assert category["withdrawn"] == "It was never used."
    assert category["aim"]


def test_former_slugs_lead_straight_to_the_present_ones(client: Client, history: History) -> None:
    for resource in RESOURCES:
        found = get(client, f"{API}guidance/{FORMER_SLUG}/{resource}?q=aim")
        assert (found.status_code, found["Location"]) == (301, f"{G}{resource}?q=aim")
    both_former = get(client, f"{API}guidance/{FORMER_SLUG}/categories/{FORMER_T_LEVEL}/")
    assert (both_former.status_code, both_former["Location"]) == (301, f"{G}categories/{T_LEVEL}/")
    dated = get(client, f"{G}categories/{T_LEVEL}/?on=2025-06-02")
    then = f"{API}guidance/{FORMER_SLUG}/categories/{FORMER_T_LEVEL}/?on=2025-06-02"
    assert (dated.status_code, dated["Location"]) == (301, then)
    assert get(client, then).status_code == 200


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"{API}nothing/", "/api/v1/ says where to begin"),
        (f"{API}guidance/nothing/", "There is no guidance “nothing”. /api/v1/guidance/ lists all there is."),
        (f"{API}guidance/nothing/?on=2026-01-01", "There is no guidance “nothing”."),
        (f"{G}categories/nothing/", "There is no category “nothing”."),
        (f"{G}categories/nothing/?on=2027-04-01", "in the guidance as it stood on 1 April 2027"),
        (f"{G}editions/0/", "There is no edition 0. The newest is 3."),
        (f"{G}editions/4/", "There is no edition 4. The newest is 3."),
        (f"{G}editions/4/changes/", "There is no edition 4. The newest is 3."),
        (f"{G}editions/99999999999999999999999/", "There is no edition 99999999999999999999999."),
        (f"{G}editions/99999999999999999999999/changes/", "There is no edition 99999999999999999999999."),
        (f"{G}editions/99999999999999999999999/content.json", "There is no edition 99999999999999999999999."),
    ],
)
def test_what_is_not_there(client: Client, history: History, address: str, words: str) -> None:
    assert words in problem(client, address, 404)["detail"]


@pytest.mark.parametrize(
    ("resource", "params", "parameter"),
    [
        ("editions/", {"before": "x"}, "before"),
        ("editions/", {"before": "0"}, "before"),
        ("editions/3/changes/", {"from": "99999999999999999999999"}, "from"),
        ("editions/3/changes/", {"from": "x"}, "from"),
        ("editions/3/changes/", {"from": "0"}, "from"),
        ("editions/3/changes/", {"from": "4"}, "from"),
        ("editions/3/changes/", {"from": "0_1"}, "from"),
        ("editions/3/changes/", {"from": "1.0"}, "from"),
        ("editions/", {"before": "1_0"}, "before"),
        ("editions/", {"before": "\u0661"}, "before"),
        ("categories/", {"levels": "3"}, "levels"),
        ("categories/", {"q": "a\x00b"}, "q"),
        ("categories/", {"level": "3\x00"}, "level"),
        ("", {"on": "2027-01-01\x00"}, "on"),
    ],
)
def test_parameters_that_cannot_be_taken(
    client: Client, history: History, resource: str, params: dict[str, str], parameter: str
) -> None:
    found = problem(client, f"{G}{resource}?{urlencode(params)}", 422)
    assert [one["parameter"] for one in found["errors"]] == [parameter]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(history: History, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for address in (API, G, f"{G}editions/", f"{API}openapi.json", f"{API}nothing/"):
        found = getattr(client, method)(address)
        assert (found.status_code, found["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert found["Content-Type"] == "application/problem+json"
        assert method.upper() in found.json()["detail"]


def test_any_site_may_read_it_without_cookies(client: Client, history: History) -> None:
    for address in (API, f"{API}guidance/", *(G + resource for resource in RESOURCES), f"{G}categories/nothing/"):
        found = get(client, address)
        assert found["Access-Control-Allow-Origin"] == "*"
        assert not found.cookies
        assert "Cookie" not in found.get("Vary", "")
        assert found["Cache-Control"] == "public, max-age=0, s-maxage=1"
        assert found["Access-Control-Expose-Headers"] == "ETag"
        asked = client.options(address)
        assert (asked.status_code, asked["Allow"]) == (204, "GET, HEAD, OPTIONS")
        assert asked["Access-Control-Allow-Origin"] == "*"
        assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
    head = client.head(f"{API}guidance/")
    assert (head.status_code, head.content) == (200, b"")


def test_what_has_not_changed_is_not_sent_again(reader: Reader, history: History) -> None:
    for resource in RESOURCES:
        with time_machine.travel(NOW, tick=False):
            etag = reader.get(G + resource)["ETag"]
            again = reader.get(G + resource, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Access-Control-Allow-Origin"] == "*"


def test_nothing_of_a_scheduled_edition_before_its_moment(client: Client, history: History) -> None:
    addresses = [API, f"{API}guidance/", *(G + resource for resource in RESOURCES), f"{G}categories/{ENTRY}/"]
    addresses += [f"{address}?on=2027-06-01" for address in addresses[1:]]
    addresses += [f"{G}editions/4/", f"{G}editions/4/changes/", f"{G}editions/4/content.json"]
    addresses += [f"{G}editions/3/changes/?from=4", f"{G}categories/secret-slug/", f"{API}openapi.json"]
    before = {address: get(client, address) for address in addresses}
    scheduled = Edition.objects.get(number=4)
    for found in before.values():
        text = found.content.decode() + str(found.headers)
        assert SECRET not in text
        assert scheduled.record_digest not in text
        assert scheduled.content_digest not in text
    with transaction.atomic():
        factories.take_off(scheduled, NOW)
        for address, found in before.items():
            without = get(client, address)
            for answer in (without, found):
                answer.headers.pop("X-Request-ID", None)  # of each request its own
            assert (without.content, without.headers) == (found.content, found.headers), address
    assert get(client, f"{G}categories/secret-slug/").status_code == 404


def test_it_goes_live_at_its_moment(client: Client, history: History) -> None:
    assert body(client, G, now=TONIGHT - timedelta(microseconds=1))["edition"]["record"]["number"] == 3
    assert body(client, G, now=TONIGHT)["edition"]["record"]["number"] == 4


def test_editions_form_a_chain_page_by_page(client: Client, fixture_content: Content) -> None:
    content = fixture_content
    for number in range(1, 104):
        live_at = london(2026, 1, 1) + timedelta(hours=number)
        newest = factories.publish(factories.altered(content, summary=f"Summary {number}."), live_at)
    address, numbers, pages, expected = f"{API}guidance/{FORMER_SLUG}/editions/", [], 0, newest.record_digest
    while address:
        page = body(client, address)
        assert (page["count"], page["head"]) == (103, newest.record_digest)
        for edition in page["editions"]:
            assert edition["record_digest"] == expected
            expected = edition["record"]["previous_record_digest"]
            numbers.append(edition["record"]["number"])
        address, pages = page["next"], pages + 1
    assert (numbers, pages, expected) == (list(range(103, 0, -1)), 3, None)


def test_before_any_number(client: Client, history: History) -> None:
    assert body(client, f"{G}editions/", before=1)["editions"] == []
    assert len(body(client, f"{G}editions/", before=99999999999999999999999)["editions"]) == 3


def test_the_content_of_an_edition_is_its_bytes(client: Client, history: History) -> None:
    for edition in history.editions:
        found = get(client, f"{G}editions/{edition.number}/content.json")
        assert found.content == edition.content_text.encode()
        assert digest(found.content.decode()) == edition.content_digest


def test_changes_by_hand(client: Client, history: History) -> None:
    found = body(client, f"{G}editions/2/changes/")
    assert (found["from"], found["to"]) == (1, 2)
    aim, t_level = found["changes"]
    assert (aim["kind"], aim["action"], aim["slug"], aim["place"]) == ("category", "changed", ENTRY, None)
    [field] = aim["fields"]
    assert (field["field"], field["label"]) == ("aim", "Core aim")
    assert field["after"] == field["after_words"] == "The aim is for learners to begin an occupation & <stay>."
    assert [one["field"] for one in t_level["fields"]] == ["slug", "title"]
    assert (t_level["fields"][0]["before"], t_level["fields"][0]["after"]) == (FORMER_T_LEVEL, T_LEVEL)
    third = body(client, f"{G}editions/3/changes/")["changes"]
    assert [(one["kind"], one["action"]) for one in third] == [("guidance", "changed"), ("category", "withdrawn")]
    levels = next(one for one in third[1]["fields"] if one["field"] == "levels")
    two, three = (str(level.id) for level in history.newest.content.levels[:2])
    assert (levels["before"], levels["after"], levels["after_words"]) == ([three], sorted([two, three]), "2 and 3")
    assert body(client, f"{G}editions/3/changes/", **{"from": 3})["changes"] == []
    assert len(body(client, f"{G}editions/3/changes/", **{"from": 1})["changes"]) == 4
    backwards = body(client, f"{G}editions/1/changes/", **{"from": 3})
    assert (backwards["from"], backwards["to"], len(backwards["changes"])) == (3, 1, 4)


def test_a_constant_number_of_queries(client: Client, fixture_content: Content, django_assert_num_queries) -> None:
    for number in range(1, 12):
        content = factories.altered(fixture_content, summary=f"Summary {number}.")
        factories.publish(content, london(2026, 1, 1) + timedelta(days=number))
    base = f"{API}guidance/{FORMER_SLUG}/"
    queries = {
        "": 1, "categories/?level=3": 1, f"categories/{ENTRY}/": 1, "editions/": 2, "editions/11/": 1, "editions/5/": 2,
        "editions/11/changes/": 2, "editions/11/changes/?from=1": 2, "editions/5/content.json": 2,
        "?on=2026-01-05": 3, "editions/?on=2026-01-05": 4,
    }  # fmt: skip
    for resource, number in queries.items():
        with django_assert_num_queries(number):
            get(client, base + resource)


def test_the_page_for_people_shows_everything_there_is(client: Client, history: History) -> None:
    description = body_of_openapi = get(client, f"{API}openapi.json").json()
    assert description["openapi"] == "3.1.0"
    response = get(client, f"{API}documentation/")
    page = Page(response)
    for path in body_of_openapi["paths"]:
        assert f"GET {path}" in page.text
    answers = json.dumps([path["get"]["responses"] for path in description["paths"].values()])
    for name in description["components"]["schemas"]:
        assert (name in page.ids) == (name not in {"FilterParameters", "When"}), name
    assert "PublishedGuidance" in answers
    assert not page.all("script")
    assert not page.all("style")


def test_every_member_is_always_there(client: Client) -> None:
    """What an answer always holds is named as required, so that programs can count on it."""
    schemas = get(client, f"{API}openapi.json").json()["components"]["schemas"]
    for name in ("Content", "Category", "CategoryOnDay", "Record", "EditionList"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name


def test_the_document_names_everything_and_its_addresses_answer(client: Client, fixture_content: Content) -> None:
    document = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    factories.publish(fixture_content)
    factories.publish(factories.altered(fixture_content, summary="Another."), london(2026, 1, 1))
    written = re.findall(r"https://SITE(/[^\s\"]+)", document)
    assert len(written) > 9
    for address in written:
        assert get(client, address).status_code == 200, address
    named = document.replace("`G ", f"`{API}guidance/{{guidance}}/").replace("`G`", f"`{API}guidance/{{guidance}}/`")
    for path, operations in get(client, f"{API}openapi.json").json()["paths"].items():
        assert f"`{path}`" in named
        for parameter in operations["get"].get("parameters", []):
            assert parameter["in"] == "path" or f"`{parameter['name']}`" in document
    statuses = {"301", "304", "404", "405", "422"}
    assert set(re.findall(r"^\| (\d{3}) \|", document, re.MULTILINE)) == statuses
    fault = json.loads(re.findall(r"```json\n(.*?)```", document, re.DOTALL)[1])
    assert problem(client, f"{API}guidance/{FORMER_SLUG}/categories/?level=9", 422) == fault
    edition = json.loads(re.findall(r"```json\n(.*?)```", document, re.DOTALL)[0])
    answer = body(client, f"{API}guidance/{FORMER_SLUG}/editions/2/")
    assert (list(edition), list(edition["record"])) == (list(answer), list(answer["record"]))
