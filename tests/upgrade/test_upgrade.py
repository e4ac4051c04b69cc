"""An upgrade of a database of an earlier release loses and alters nothing of what the site says of it."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.upgrade import said
from tests.upgrade.facts import (
    ALIKE,
    BESIDES,
    OTHERWISE,
    SPELLED_OUT,
    Facts,
    Meant,
    facts_before,
    facts_now,
    goes_on,
)

STEPS = {"sqlite": 1, "postgresql": 7}  # every address on one database, and each seventh on the other
COMPARED = {  # so many, and no fewer
    "sqlite": {
        "addresses": 2986,
        "pages": 1277,
        "redirects and errors": 1121,
        "facts": 131455,
        "rows of CSV": 913,
        "bodies of JSON": 515,
        "feeds": 122,
        "ids of feeds and their entries": 79,
        "digests of content.json": 19,
        "digests of the record": 20,
        "entries of histories": 310,
    },
    "postgresql": {
        "addresses": 428,
        "pages": 177,
        "redirects and errors": 166,
        "facts": 18006,
        "rows of CSV": 106,
        "bodies of JSON": 75,
        "feeds": 18,
        "ids of feeds and their entries": 32,
        "digests of content.json": 4,
        "digests of the record": 20,
        "entries of histories": 47,
    },
}


@dataclass(frozen=True)
class Difference:
    """Facts that one answer does not state any more, or states anew."""

    address: str
    gone: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.address, *(f"  - {one}" for one in self.gone), *(f"  + {one}" for one in self.new)])


def differences(before: said.Said, after: said.Said, met: Counter[Meant]) -> Iterator[Difference]:
    """Yield all that is not said any more, or is said anew: public, staff, the record."""
    for part in ("public", "staff"):
        for moment, answers in before[part].items():
            now = after[part][moment]
            yield from _of(f"{part} {moment}", Counter(answers.keys()), Counter(now.keys()))
            for address in answers.keys() & now.keys():
                if not goes_on(address, answers[address], now[address], now):
                    facts = facts_before(address, answers[address], met), facts_now(address, now[address], met)
                    yield from _of(f"{moment} {address}", *facts)
    for part in ("record", "check_editions"):
        yield from _of(part, *(Counter(map(json.dumps, side[part])) for side in (before, after)))


def _of(address: str, was: Facts, now: Facts) -> Iterator[Difference]:
    gone = tuple((was - now).elements())
    new = tuple(one for one in (now - was).elements() if not one.endswith(SPELLED_OUT))
    if gone or new:
        yield Difference(address, gone, new)


def faults(before: said.Said, after: said.Said, meant: list[Meant]) -> list[str]:
    """Say each difference, once for all its addresses, and each of what is meant that there is not."""
    met: Counter[Meant] = Counter()
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Difference]] = {}
    for one in differences(before, after, met):
        found.setdefault((one.gone, one.new), []).append(one)
    missing = [f"Not met: {one.why} ({one.lines})" for one in meant if not met[one]]
    return [f"{len(alike)} times, first at {alike[0]}" for alike in found.values()] + missing


def compared(before: said.Said) -> dict[str, int]:
    """Count what there is to compare."""
    answers = [
        (address, answer)
        for part in ("public", "staff")
        for by_address in before[part].values()
        for address, answer in by_address.items()
    ]
    of_kind: dict[str, list[tuple[str, said.Answer]]] = {}
    for address, answer in answers:
        of_kind.setdefault(answer[2], []).append((address, answer))
    met: Counter[Meant] = Counter()
    return {
        "addresses": len(answers),
        "pages": sum(answer[0] == 200 for _, answer in of_kind["html"]),
        "redirects and errors": sum(answer[0] != 200 for _, answer in answers),
        "facts": sum(facts_before(address, answer, met).total() for address, answer in answers),
        "rows of CSV": sum(len(answer[3]) - 1 for _, answer in of_kind["csv"]),
        "bodies of JSON": len(of_kind["json"]),
        "feeds": len(of_kind["atom"]),
        "ids of feeds and their entries": len({one[0] for _, answer in of_kind["atom"] for one in answer[3]}),
        "digests of content.json": len(of_kind["digest"]),
        "digests of the record": 2 * len(before["record"]),
        "entries of histories": sum(
            bool(re.match(r"(Added|Changed|Deleted|As) .*\b(by|left it)\b", line))
            for address, answer in of_kind["html"]
            if address.startswith("history ")
            for line in answer[3]
        ),
    }


@pytest.fixture(scope="module")
def before() -> said.Said:
    return said.unpacked(said.read("release_1_said.json.xz"))


@pytest.mark.parametrize("database", STEPS)
def test_what_release_1_said_is_still_said(
    database: str, tmp_path: Path, before: said.Said, request: pytest.FixtureRequest, subtests: Any
) -> None:
    url = f"sqlite:///{tmp_path}/release-1.sqlite3"
    if database == "postgresql":
        url = postgres.new_database(request.getfixturevalue("server"), "release_1")
    step, out = STEPS[database], tmp_path / "said.json"
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": "only-for-tests-" * 4}  # links are signed with it
    command = [sys.executable, "-m", "tests.upgrade.said", str(out), str(step)]
    subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own
    sample, after = said.sampled(before, step), json.loads(out.read_text(encoding="utf-8"))
    meant = [*OTHERWISE, *ALIKE, *BESIDES] if step == 1 else []
    found = faults(sample, after, meant)
    assert not found, f"{len(found)} differences that nobody listed:\n" + "\n".join(found[:20])
    assert compared(sample) == COMPARED[database]
    for alteration in ALTERED if step == 1 else []:
        with subtests.test(" -> ".join(alteration)):
            assert len(faults(*altered(before, after, *alteration), [])) == 1


GUIDANCE = "/guidance/technical-qualification-categories/"
ENTRY = f"{GUIDANCE}categories/level-2-occupational-entry-16-to-19-and-adults/"
COMPARED_WITH = "compare/?category=level-2-employer-proposed-adults-only&category=level-3-cross-cutting-function"
HISTORY = "history category 5a37f0c5-fe1d-480e-a8fa-043d250d8267"
ALTERED = [  # an address, and words in its answer that become others
    (GUIDANCE, "The guidance is under review.", "It is not."),
    (GUIDANCE, "Short forms on this page", "Short forms"),
    (ENTRY, "In scope from November 2023", "In scope"),
    (ENTRY, '"Levels", "Level 2", "Cohorts", "16 to 19 and', '"Cohorts", "Level 2", "Levels", "16 to 19 and'),
    (f"{GUIDANCE}{COMPARED_WITH}-16-to-19-and-adults", "Not stated in this guidance", "No"),
    (f"{GUIDANCE}categories.csv", '"2023-11"', '""'),
    (f"{GUIDANCE}categories.csv", '"2026-09"', '"2026-10"'),
    (f"{GUIDANCE}updates.atom", "urn:uuid:", "urn:uuid:0"),
    (f"/api/v1{GUIDANCE}categories/", '"2023-11"', "null"),
    (f"/api/v1{GUIDANCE}categories/", '"t_level": null', '"t_level": "not-covered"'),
    (f"/api/v1{GUIDANCE}editions/4/changes/", '"3 and 4"', '"4"'),
    (f"/api/v1{GUIDANCE}editions/4/content.json", '"digest", ["', '"digest", ["0'),
    (f"{GUIDANCE}categories/level-3-t-level/", "[301", "[302"),
    (HISTORY, "Changed by Wendy Writer", "Changed by Will Writer"),
    (HISTORY, "For people who change careers", ""),
    (HISTORY, "In scope from November 2023", "In scope"),
    (f"{HISTORY} 1", "In scope from November 2023", "Nothing"),
]


def altered(before: said.Said, after: said.Said, address: str, words: str, others: str) -> tuple[said.Said, said.Said]:
    """Return what was said at one address, and what is said there with other words."""
    part = "staff" if address.startswith("history ") else "public"
    moment = next(iter(before[part]))
    text = json.dumps(after[part][moment][address], ensure_ascii=False)
    assert words in text, text
    was, now = before[part][moment][address], json.loads(text.replace(words, others))
    return tuple(NOTHING | {part: {moment: {address: answer}}} for answer in (was, now))


NOTHING: said.Said = {"public": {}, "staff": {}, "record": [], "check_editions": []}


def test_an_address_that_is_not_asked_for_and_another_record_are_noticed() -> None:
    one = NOTHING | {"public": {"2026-05-06": {"/": [200, None, "html", ["Title"]]}}, "record": [["id", 1, "digest"]]}
    assert faults(one, one, []) == []
    assert len(faults(one, one | {"public": {"2026-05-06": {}}}, [])) == 1
    assert len(faults(one, one | {"record": [["id", 1, "another digest"]]}, [])) == 1


def test_what_is_meant_and_is_not_there_is_noticed() -> None:
    pages = {"public": {"2026-05-06": {"/": [200, None, "html", ["Title"]]}}}
    never = Meant("Another title", "", "^Heading$")
    assert faults(NOTHING | pages, NOTHING | pages, [never]) == ["Not met: Another title (^Heading$)"]


def test_an_address_that_goes_on_must_go_to_what_is_not_found_either() -> None:
    was, now = [404, None, "html", ["Page not found"]], [301, "/guidance/categories-from-2027/", "html", []]
    address = "/guidance/proposed-changes/"
    assert goes_on(address, was, now, {})
    assert not goes_on(address, was, now, {"/guidance/categories-from-2027/": [200, None, "html", []]})
    assert not goes_on("/guidance/another/", was, now, {})
    assert not goes_on(address, was, [302, *now[1:]], {})
