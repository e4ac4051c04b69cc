"""The recipe of docs/proof.md, run as it stands there against a running site, and against records tampered with."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from categories.content.canonical import canonical, digest
from categories.content.schema import Content
from categories.models import Edition
from tests.forced import force
from tests.history import FORMER_SLUG, NOW, SLUG, History, publish_history

RECIPE = Path(__file__).parents[2] / "docs" / "proof.md"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history(fixture_content: Content) -> Iterator[History]:
    with time_machine.travel(NOW):
        yield publish_history(fixture_content)


def run(site: str, guidance: str) -> tuple[int, str]:
    """Run the recipe in a Python of its own: how it ended, and what it said."""
    [code] = re.findall(r"^```python\n(.*?)^```", RECIPE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found = subprocess.run(  # noqa: S603 - our own document
        [sys.executable, "-I", "-c", code, site, guidance], capture_output=True, text=True, timeout=60, check=False
    )
    return found.returncode, (found.stdout + found.stderr).strip()


def tamper(number: int, **values: object) -> None:
    """Alter a stored edition behind the site's back."""
    for column, value in values.items():
        force(f"UPDATE categories_edition SET {column} = %s WHERE number = %s", value, number)  # noqa: S608


def test_the_recipe_finds_that_everything_holds(live_server, history: History) -> None:
    head = history.newest.record_digest
    for guidance in (SLUG, FORMER_SLUG):
        assert run(live_server.url, guidance) == (0, f"Everything holds. The head of the chain is {head}")


def test_the_recipe_says_what_it_cannot_fetch(live_server, history: History) -> None:
    address = f"{live_server.url}/api/v1/guidance/nothing/editions/"
    assert run(live_server.url, "nothing") == (1, f"{address} cannot be fetched: HTTP Error 404: Not Found")
    status, said = run("http://127.0.0.1:1", SLUG)
    assert (status, len(said.splitlines())) == (1, 1)
    assert "cannot be fetched" in said


def test_the_recipe_finds_what_was_tampered_with(live_server, history: History) -> None:
    second = history.editions[1]
    tamper(2, change_note="Nothing happened.")
    assert run(live_server.url, SLUG) == (1, "edition 2: the record is not the one that was sealed")

    # Sealed afresh, it no longer fits the edition after it
    altered = second.record() | {"change_note": "Nothing happened."}
    tamper(2, record_digest=digest(canonical(altered)))
    assert run(live_server.url, SLUG) == (1, "edition 2: the chain is broken after it")

    tamper(2, change_note=second.change_note, record_digest=second.record_digest)
    tamper(1, content_text=history.editions[0].content_text.replace("Level 2", "Level 9", 1))
    assert run(live_server.url, SLUG) == (1, "edition 1: the content is not the one that was sealed")


def test_the_recipe_finds_that_an_edition_was_taken_out(live_server, history: History) -> None:
    first = history.editions[0].pk
    force("UPDATE categories_submission SET edition_id = NULL WHERE edition_id = %s", first)
    force("DELETE FROM categories_editionchange WHERE edition_id = %s", first)
    force("DELETE FROM categories_edition WHERE number = 1")
    assert run(live_server.url, SLUG) == (1, "the record ends before edition 1")
    assert Edition.objects.count() == 3
