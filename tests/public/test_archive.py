"""The archive of the record proves itself without the site, and corrections are listed."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.test import Client

from categories.content.note import Signer
from categories.content.schema import Content
from tests.history import FORMER_SLUG, NOW, SLUG, TONIGHT, publish_history
from tests.html import Page

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
THEN = f"/guidance/{FORMER_SLUG}/on/2026-09-01/"


def get(client: Client, address: str, now: Any = NOW) -> Any:
    with time_machine.travel(now, tick=False):
        return client.get(address)


@pytest.fixture
def signer(settings: Any) -> Signer:
    found = Signer.made("guidance.example.org")
    settings.SIGNERS = [found]
    return found


@pytest.fixture
def folder(client: Client, fixture_content: Content, signer: Signer, tmp_path: Path) -> Path:
    """The archive, unpacked."""
    publish_history(fixture_content)
    ZipFile(io.BytesIO(get(client, f"{G}archive.zip").content)).extractall(tmp_path)
    return tmp_path


def checked(folder: Path, *keys: str) -> tuple[int, str]:
    command = [sys.executable, "-I", str(folder / "check.py"), *keys]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    return found.returncode, found.stdout + found.stderr


def test_it_checks_itself_without_the_site(folder: Path, signer: Signer) -> None:
    code, said = checked(folder)
    assert code == 0 and said.startswith("The record is whole. Its head:\nedition 3\nsha256 ")
    assert checked(folder, str(signer.public))[1].startswith("The record is whole, and its head is signed.")
    other = Signer.made("guidance.example.org").public
    assert checked(folder, str(other)) == (1, "The record is whole, but its head is not signed by this key.\n")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("editions/000001/content.json", "Edition 1: its content has another digest."),
        ("editions/000001/record.json", "Edition 2: it does not follow the edition before it."),
        ("editions/000003/record.json", "The record is whole, but head.txt is of another."),
    ],
)
def test_it_says_what_was_altered(folder: Path, file: str, said: str) -> None:
    path = folder / file
    path.write_bytes(
        path.read_bytes()
        .replace(b"2025-06-02", b"2025-06-03")
        .replace(b'"number":1', b'"number":1 ')
        .replace(b"One ended", b"Two ended")
    )
    assert checked(folder) == (1, f"{said}\n")


def test_an_edition_that_is_taken_out_is_missed(folder: Path) -> None:
    for file in ("record.json", "content.json"):
        (folder / "editions/000002" / file).unlink()
    (folder / "editions/000002").rmdir()
    assert checked(folder) == (1, "Edition 2: its number is another.\n")


def test_it_is_the_same_bytes_until_something_is_added(client: Client, reader: Any, fixture_content: Content) -> None:
    publish_history(fixture_content)
    first, again = get(client, f"{G}archive.zip"), get(client, f"{G}archive.zip", TONIGHT.replace(hour=19))
    assert first.content == again.content
    assert first.headers["Content-Disposition"] == f'attachment; filename="{SLUG}-3.zip"'
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert len(ZipFile(io.BytesIO(get(client, f"{G}archive.zip", TONIGHT).content)).namelist()) == 3 + 2 * 4
    assert len(ZipFile(io.BytesIO(get(client, f"{THEN}archive.zip").content)).namelist()) == 3 + 2 * 2
    with time_machine.travel(NOW, tick=False):
        kept = reader.get(f"{G}archive.zip", {"Accept-Encoding": "br, gzip"})
    assert kept.content == first.content and "Content-Encoding" not in kept.headers and kept.headers["ETag"]


def test_corrections_are_listed(client: Client, fixture_content: Content, django_assert_num_queries: Any) -> None:
    publish_history(fixture_content)
    with django_assert_num_queries(2):
        page = Page(get(client, f"{G}corrections/"))
    assert page.links["edition 2"] == f"{G}updates/2/"
    assert "One ended." in page.text
    assert "Nothing has been corrected" in Page(get(client, f"{THEN}corrections/")).text
