"""One history, worked out by hand, on every face of every day: pages, CSV, API and feeds say the same."""

import csv
import io
import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from categories.models import Edition
from tests import factories
from tests.factories import london
from tests.history import ENTRY, FORMER_SLUG, FORMER_T_LEVEL, HTQ, NOW, SPECIALIST, publish_four
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G, API = f"/guidance/{FORMER_SLUG}/", f"/api/v1/guidance/{FORMER_SLUG}/"
PROPOSED, FORMER_PROPOSED = "employer-proposed", "level-2-employer-proposed-adults-only"
FORMER_TITLE = "Level 2 employer-proposed technical qualifications - adults only"
ADDITIONAL = "level-2-additional-specialist-16-to-19-and-adults"


@dataclass(frozen=True)
class Day:
    """What is true of the guidance at the end of a day."""

    day: str
    edition: int
    categories: int
    level_2: int
    level_5: int
    tests: dict[str, int]  # how many categories face each test in use
    levels_of_htq: list[int]
    aim: str
    t_level: str
    proposed: str
    title_of_proposed: str
    withdrawn: bool
    last_updated: str  # empty while nothing was
    editions_of_proposed: list[int]


TESTS = {
    "alternative-approval-test": 4,
    SPECIALIST: 2,
    "significant-outcomes-test": 5,
    "employer-demand-test": 11,
    "a2d3-powers": 1,
}
FIRST = Day(
    "2025-06-02", 1, 12, 4, 1, TESTS, [4, 5], "The aim is for learners to enter the occupation", FORMER_T_LEVEL,
    FORMER_PROPOSED, FORMER_TITLE, False, "", [1],
)  # fmt: skip
SECOND = Day(
    "2026-09-01", 2, 12, 4, 0, TESTS, [4], "The aim is for people to join the occupation", "t-levels",
    PROPOSED, "Employer-proposed", False, "1 September 2026", [2, 1],
)  # fmt: skip
THIRD = Day(
    "2027-03-03", 3, 11, 3, 0,
    {"alternative-approval-test": 4, "significant-outcomes-test": 4, "employer-demand-test": 10, "a2d3-powers": 1},
    [4], "The aim is for people to join the occupation", "t-levels",
    PROPOSED, "Employer-proposed", True, "3 March 2027", [3, 2, 1],
)  # fmt: skip
# The fourth edition corrects a note: it is minor, so the guidance was last updated the day before
FOURTH = Day(**{**THIRD.__dict__, "day": "2027-03-04", "edition": 4})
DAYS = [
    FIRST,
    Day(**{**FIRST.__dict__, "day": "2026-08-31"}),
    SECOND,
    THIRD,
    FOURTH,
    Day(**{**FOURTH.__dict__, "day": ""}),
]
every_day = pytest.mark.parametrize("then", DAYS, ids=lambda then: then.day or "now")


@pytest.fixture(autouse=True)
def history(fixture_content: Content) -> list[Edition]:
    return publish_four(fixture_content)


def get(client: Client, address: str, status: int = 200) -> Any:
    with time_machine.travel(NOW, tick=False):
        response = client.get(address)
    assert response.status_code == status, (address, response.get("Location"))
    return response


def page(client: Client, then: Day, rest: str) -> Page:
    return Page(get(client, base(then) + rest))


def base(then: Day) -> str:
    return f"{G}on/{then.day}/" if then.day else G


def body(client: Client, then: Day, resource: str, status: int = 200) -> Any:
    on = f"{'&' if '?' in resource else '?'}on={then.day}" if then.day else ""
    return get(client, f"{API}{resource}{on}", status).json()


def rows(client: Client, then: Day, query: str = "") -> list[dict[str, str]]:
    text = get(client, f"{base(then)}categories.csv{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@every_day
def test_the_guidance(client: Client, then: Day) -> None:
    found = page(client, then, "")
    assert f"Showing {then.categories} of {then.categories} categories" in found.main
    dates = {name: found.facts.get(name, "").removesuffix(" See all updates") for name in ("Published", "Last updated")}
    assert dates == {"Published": "2 June 2025", "Last updated": then.last_updated}
    assert then.aim in found.articles[ENTRY]
    assert (then.t_level in found.articles) and (then.proposed in found.articles) != then.withdrawn
    assert f"Level {'4 and 5' if len(then.levels_of_htq) > 1 else '4'}" in found.articles[HTQ]
    for query, number in {"level=2": then.level_2, "level=5": then.level_5, "level=4": 1}.items():
        assert f"Showing {number} of {then.categories} categories" in page(client, then, f"?{query}").main
        assert len(rows(client, then, f"?{query}")) == number
        assert body(client, then, f"categories/?{query}")["count"] == number


@every_day
def test_the_approval_tests(client: Client, then: Day) -> None:
    found = page(client, then, "approval-tests/")
    assert list(found.articles) == list(then.tests)
    for slug, number in then.tests.items():
        assert f"Applied to {number} categor" in found.articles[slug]
        assert body(client, then, f"categories/?approval={slug}")["count"] == number
    meaning = page(client, then, "approval-tests/employer-demand-test/").main
    assert ("Ask them." in meaning) == (then.edition > 1)
    specialist = page(client, then, f"approval-tests/{SPECIALIST}/").main
    assert ("was withdrawn on 3 March 2027" in specialist) == then.withdrawn
    assert ("It is applied to no category." in specialist) == then.withdrawn
    asked = f"?approval={SPECIALIST}"
    if then.withdrawn:
        get(client, f"{base(then)}categories.csv{asked}", 422)
        body(client, then, f"categories/{asked}", 422)
        assert "is not in this guidance" in page(client, then, asked).main
    else:
        assert len(rows(client, then, asked)) == 2


@every_day
def test_a_category_that_was_renamed_and_withdrawn(client: Client, then: Day) -> None:
    found = page(client, then, f"categories/{then.proposed}/")
    assert found.h1 == then.title_of_proposed
    assert ("This category was withdrawn on 3 March 2027 Nobody proposed any." in found.main) == then.withdrawn
    answer = body(client, then, f"categories/{then.proposed}/")["category"]
    assert (answer["title"], answer["withdrawn"]) == (
        then.title_of_proposed,
        "Nobody proposed any." if then.withdrawn else None,
    )
    other = FORMER_PROPOSED if then.proposed == PROPOSED else PROPOSED
    moved = get(client, f"{base(then)}categories/{other}/", 301)
    assert moved["Location"] == f"{base(then)}categories/{then.proposed}/"
    titles = [row["Title"] for row in rows(client, then)]
    assert (then.title_of_proposed in titles) != then.withdrawn
    assert len(titles) == then.categories


@every_day
def test_the_updates_of_a_category(client: Client, then: Day) -> None:
    found = page(client, then, f"categories/{then.proposed}/updates/")
    assert found.h1 == f"Updates to {then.title_of_proposed}"
    entries = [item for item in found.ids if item.startswith("edition-")]
    assert entries == [f"edition-{number}" for number in then.editions_of_proposed]
    feed = ElementTree.fromstring(get(client, f"{base(then)}categories/{then.proposed}/updates.atom").content)  # noqa: S314
    titles = [element.text or "" for element in feed.iter("{http://www.w3.org/2005/Atom}title")][1:]
    assert [int(title.split()[1].strip(":")) for title in titles] == then.editions_of_proposed
    untouched = page(client, then, "categories/level-3-occupational-entry-adults-only/updates/")
    assert [item for item in untouched.ids if item.startswith("edition-")] == ["edition-1"]


@every_day
def test_a_comparison(client: Client, then: Day) -> None:
    found = page(client, then, f"compare/?category={HTQ}&category={ENTRY}&category={ADDITIONAL}")
    facts = {words(row[0]): [words(cell) for cell in row[1:]] for row in found.all("tr")}
    levels, aims, faced = (facts[name] for name in ("Levels", "Core aim", "Approval tests and powers"))
    assert levels[0].endswith(" Level 4 and 5" if then.edition == 1 else " Level 4")
    assert then.aim in aims[1]
    specialist = "Additional specialist competence test and employer demand test"
    assert faced[2].endswith(" Employer demand test" if then.withdrawn else f" {specialist}")
    assert (specialist in faced[2]) != then.withdrawn


@every_day
def test_the_editions(client: Client, then: Day, history: list[Edition]) -> None:
    newest_first = [*range(then.edition, 0, -1)]
    found = page(client, then, "updates/")
    assert [item for item in found.ids if item.startswith("edition-")] == [f"edition-{n}" for n in newest_first]
    assert ("Corrected by edition 4" in found.main) == (then.edition == 4)
    answer = body(client, then, "editions/")
    assert [one["record"]["number"] for one in answer["editions"]] == newest_first
    assert answer["head"] == history[then.edition - 1].record_digest
    assert body(client, then, "")["edition"]["record"] == history[then.edition - 1].record()
    feed = get(client, f"{base(then)}updates.atom").content.decode()
    assert re.findall(r"<title>Edition (\d)", feed) == [str(number) for number in newest_first]
    if then.edition < 4:
        for rest in (f"updates/{then.edition + 1}/",):
            get(client, base(then) + rest, 404)
        body(client, then, f"editions/{then.edition + 1}/", 404)


def changed(client: Client, resource: str) -> list[tuple[str, str, list[str]]]:
    answer = get(client, API + resource).json()
    return [(one["slug"], one["action"], [field["field"] for field in one["fields"]]) for one in answer["changes"]]


ADDITIONAL_3 = "level-3-additional-specialist-16-to-19-and-adults"
EDITED = [
    (ENTRY, "changed", ["aim"]),
    (HTQ, "changed", ["levels"]),
    ("t-levels", "changed", ["slug"]),
    (PROPOSED, "changed", ["slug", "title"]),
    ("employer-demand-test", "changed", ["description"]),
]
WITHDREW = [
    (ADDITIONAL, "changed", ["approval_tests"]),
    (ADDITIONAL_3, "changed", ["approval_tests"]),
    (PROPOSED, "withdrawn", ["withdrawn"]),
    (SPECIALIST, "withdrawn", ["withdrawn"]),
]


def test_the_changes_as_json(client: Client) -> None:
    assert changed(client, "editions/2/changes/") == EDITED
    assert changed(client, "editions/3/changes/") == WITHDREW
    assert changed(client, "editions/4/changes/") == []
    assert changed(client, "editions/4/changes/?from=1") == [
        EDITED[0], EDITED[1], EDITED[2], *WITHDREW[:2], (PROPOSED, "withdrawn", ["slug", "title", "withdrawn"]),
        WITHDREW[3], EDITED[4],
    ]  # fmt: skip
    assert changed(client, "editions/1/changes/?from=2") == [
        (slug.replace("t-levels", FORMER_T_LEVEL).replace(PROPOSED, FORMER_PROPOSED), action, fields)
        for slug, action, fields in EDITED
    ]


def test_both_withdrawn_records_are_reached_by_their_ids(client: Client, history: list[Edition]) -> None:
    content = history[-1].content
    for record, address in {
        content.category_by_slug[PROPOSED].id: f"{G}categories/{PROPOSED}/",
        content.approval_test_by_slug[SPECIALIST].id: f"{G}approval-tests/{SPECIALIST}/",
        content.category_by_slug["t-levels"].id: f"{G}categories/t-levels/",
    }.items():
        assert get(client, f"/id/{record}/", 303)["Location"] == address


def test_the_citation_of_a_renamed_category(client: Client, history: list[Edition]) -> None:
    found = page(client, SECOND, f"categories/{PROPOSED}/")
    dated = f"http://testserver{G}on/2026-09-01/categories/{PROPOSED}/"
    edition = f"http://testserver{G}updates/2/"
    assert found.facts["As it stands now"] == f"http://testserver{G}categories/{PROPOSED}/"
    assert found.facts["As it stood at the end of 1 September 2026"] == dated
    assert found.facts["The edition that you are reading"] == edition
    assert found.facts["In words"] == (
        f"Skills England, “Employer-proposed”, in “{history[0].content.title}”, edition 2, live from "
        f"1 September 2026, {edition}"
    )
    renamed = factories.with_category(history[-1].content, PROPOSED, slug="proposed")
    factories.publish(renamed, london(2027, 5, 1))
    assert page(client, SECOND, f"categories/{PROPOSED}/").facts["In words"].endswith(edition)
