"""The recipe of docs/proof.md, run as it stands there against a running site, and against records tampered with."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import time_machine

from categories.content.canonical import canonical, digest
from categories.content.note import Signer
from categories.content.schema import Content
from categories.models import Edition
from categories.publishing import heads
from tests.forced import force
from tests.history import FORMER_SLUG, NOW, SLUG, History, publish_history

RECIPE = Path(__file__).parents[2] / "docs" / "proof.md"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history(fixture_content: Content) -> Iterator[History]:
    with time_machine.travel(NOW):
        yield publish_history(fixture_content)


def run(site: str, guidance: str, *given: str) -> tuple[int, str]:
    """Run the recipe in a Python of its own: how it ended, and what it said."""
    [code] = re.findall(r"^```python\n(.*?)^```", RECIPE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found = subprocess.run(  # noqa: S603 - our own document
        [sys.executable, "-I", "-c", code, site, guidance, *given],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
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


def test_a_head_that_somebody_saved_is_part_of_the_record(live_server, history: History, tmp_path: Path) -> None:
    note = fetched(f"{live_server.url}/guidance/{SLUG}/on/2026-09-01/head.txt")
    assert f"sha256 {history.editions[1].record_digest}\n" in note
    (tmp_path / "head.txt").write_text(note, encoding="utf-8")
    assert run(live_server.url, SLUG, str(tmp_path / "head.txt"), history.editions[0].record_digest)[0] == 0


def test_an_heir_with_the_heads_file_finds_a_rewritten_past(
    live_server, history: History, tmp_path: Path, settings: Any
) -> None:
    """All is sealed afresh, so that every digest holds; only what somebody kept does not."""
    settings.HEADS_FILE = tmp_path / "heads"
    heads.keep(history.editions[0].guidance_id)
    assert run(live_server.url, SLUG, str(settings.HEADS_FILE))[0] == 0
    previous = None
    for edition in history.editions:
        edition.change_note, old = f"{edition.change_note} Really.", edition.record_digest
        edition.sealed(previous)
        force(
            "UPDATE categories_edition SET change_note = %s, previous_record_digest = %s, record_digest = %s "
            "WHERE record_digest = %s",
            edition.change_note,
            edition.previous_record_digest,
            edition.record_digest,
            old,
        )
        previous = edition
    assert run(live_server.url, SLUG)[0] == 0
    status, said = run(live_server.url, SLUG, str(settings.HEADS_FILE))
    assert (status, said.split(":")[0]) == (1, "the past was rewritten")
    assert any("is gone or another now" in fault for fault in heads.faults())


def test_heads_of_other_guidance_are_told_apart(live_server, history: History, tmp_path: Path, settings: Any) -> None:
    settings.HEADS_FILE = tmp_path / "heads"
    heads.keep(history.editions[0].guidance_id)
    ours = settings.HEADS_FILE.read_text(encoding="utf-8")
    digest, key = history.newest.record_digest, str(history.editions[0].guidance_id)
    theirs = ours.replace(digest, "0" * 64).replace(key, "e" + key[1:])
    settings.HEADS_FILE.write_text(f"{theirs}{ours}", encoding="utf-8")
    assert run(live_server.url, SLUG, str(settings.HEADS_FILE))[0] == 0
    settings.HEADS_FILE.write_text(theirs, encoding="utf-8")
    status, said = run(live_server.url, SLUG, str(settings.HEADS_FILE))
    assert (status, "has no head of this guidance" in said) == (1, True)


def test_a_signed_head_holds_and_another_key_does_not(live_server, history: History, settings: Any) -> None:
    assert fetched(f"{live_server.url}/guidance/{SLUG}/head.txt").endswith(
        "\n\nunsigned: this site has no signing key\n"
    )
    assert fetched(f"{live_server.url}/signing-keys.txt") == "none: this site signs nothing\n"
    signer, former = Signer.made("testserver"), Signer.made("testserver")
    settings.SIGNERS, settings.FORMER_KEYS = [signer], [former.public]
    assert fetched(f"{live_server.url}/signing-keys.txt") == f"{signer.public}\n{former.public}\n"
    status, said = run(live_server.url, SLUG, str(signer.public))
    assert (status, said.endswith(", and is signed")) == (0, True)
    assert run(live_server.url, SLUG, str(former.public)) == (1, "the head is not signed by that key")


def fetched(address: str) -> str:
    with urlopen(address) as answer:  # noqa: S310 - our own server
        return answer.read().decode()
