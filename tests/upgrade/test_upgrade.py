"""An upgrade of a database of an earlier release loses and alters nothing of what the site says of it."""

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.upgrade import said


@dataclass(frozen=True)
class Difference:
    """Statements of one answer that became others; either may be none."""

    address: str
    was: tuple[str, ...]
    now: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([self.address, *(f"  - {line}" for line in self.was), *(f"  + {line}" for line in self.now)])


@dataclass(frozen=True)
class Known:
    """Differences that a release made on purpose. Each is a regular expression of all that it is to match.

    `was` and `now` are of the statements of a difference, a line each.
    """

    why: str
    addresses: str
    was: str
    now: str

    def covers(self, one: Difference) -> bool:
        return all(
            re.fullmatch(expression, text, re.DOTALL)
            for expression, text in (
                (self.addresses, one.address),
                (self.was, "\n".join(one.was)),
                (self.now, "\n".join(one.now)),
            )
        )


KNOWN: list[Known] = []


def lines(answer: said.Answer) -> list[str]:
    """Write an answer as lines to compare: how it was answered, then each statement, or each value of JSON."""
    status, location, kind, statements = answer
    values = flat(statements[0]) if kind == "json" else map(line, statements)
    return [" ".join(filter(None, [str(status), kind, location])), *values]


def line(statement: Any) -> str:
    return statement if isinstance(statement, str) else json.dumps(statement, ensure_ascii=False)


def flat(value: Any, path: str = "") -> Iterator[str]:
    """Yield each value of JSON by its path: 'categories[0].title: "…"'."""
    if isinstance(value, dict) and value:
        for name in sorted(value):
            yield from flat(value[name], f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and value:
        for place, one in enumerate(value):
            yield from flat(one, f"{path}[{place}]")
    else:
        yield f"{path}: {json.dumps(value, ensure_ascii=False)}"


def differences(before: said.Said, after: said.Said) -> Iterator[Difference]:
    """Yield all that is not said any more, or is said anew: public, staff, the record."""
    for part in ("public", "staff"):
        for moment, answers in before[part].items():
            for address, answer in answers.items():
                if answer != after[part][moment][address]:
                    yield from _of(f"{moment} {address}", lines(answer), lines(after[part][moment][address]))
    for part in ("record", "check_editions"):
        yield from _of(part, list(map(line, before[part])), list(map(line, after[part])))


def _of(address: str, was: list[str], now: list[str]) -> Iterator[Difference]:
    for verb, start, end, start_now, end_now in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if verb != "equal":
            yield Difference(address, tuple(was[start:end]), tuple(now[start_now:end_now]))


def faults(before: said.Said, after: said.Said, known: list[Known]) -> list[str]:
    """Say each difference that is not known, once for all its addresses, and each known one that there is not."""
    found = list(differences(before, after))
    unknown: dict[tuple[Any, Any], list[Difference]] = {}
    for one in found:
        if not any(every.covers(one) for every in known):
            unknown.setdefault((one.was, one.now), []).append(one)
    missing = [f"Not met: {every.why}" for every in known if not any(map(every.covers, found))]
    return [f"{len(alike)} times, first at {alike[0]}" for alike in unknown.values()] + missing


@pytest.fixture(scope="module")
def before() -> said.Said:
    return said.unpacked(said.read("release_1_said.json.xz"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/release-1.sqlite3"
    return postgres.new_database(request.getfixturevalue("server"), "release_1")


def test_what_release_1_said_is_still_said(url: str, tmp_path: Path, before: said.Said) -> None:
    out = tmp_path / "said.json"
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": "only-for-tests-" * 4}  # links are signed with it
    subprocess.run([sys.executable, "-m", "tests.upgrade.said", str(out)], env=environment, check=True)  # noqa: S603 - our own
    found = faults(before, json.loads(out.read_text(encoding="utf-8")), KNOWN)
    assert not found, f"{len(found)} differences that nobody listed:\n" + "\n".join(found[:20])


def test_a_lost_sentence_and_an_added_one_are_noticed_and_can_be_listed(before: said.Said) -> None:
    after = copy.deepcopy(before)
    (moment,) = before["staff"]
    page = next(iter(before["staff"][moment]))
    after["staff"][moment][page][3][0] = "Another title"
    address = "/guidance/technical-qualification-categories/"
    del after["public"][moment][address][3][-1]
    after["record"][0][-1] = "another digest"
    assert len(faults(before, after, [])) == 3
    known = Known("Titles", ".* history guidance .*", "History of .*", "Another title")
    assert len(faults(before, after, [known])) == 2
    assert faults(before, before, [known]) == ["Not met: Titles"]
