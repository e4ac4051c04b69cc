"""The HTML of every kind of public page is valid: by a strict parser, and by the W3C's checker where Java runs it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from categories.public import failures
from categories.public.site import server_error
from tests.browser import seed
from tests.browser.addresses import MISSING, PAGES, previews
from tests.html import Page

JAR = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


@pytest.fixture
def answers(client: Client, db: None) -> dict[str, HttpResponse]:
    """Every kind of public page by its name."""
    seed.fill()
    addresses = PAGES | MISSING | previews()
    return {name: client.get(address, follow=True) for name, address in addresses.items()}


def test_every_page_is_valid(answers: dict[str, HttpResponse]) -> None:
    for name, answer in answers.items():
        assert answer.status_code == (404 if name in MISSING else 200), name
        Page(answer)  # raises for what a strict parser refuses


@pytest.mark.skipif(not JAR.exists(), reason="the Nu Html Checker is not here: run “make css”")
@pytest.mark.skipif(not shutil.which("java"), reason="this machine lacks Java, which runs the Nu Html Checker")
def test_the_nu_html_checker_finds_every_page_valid(answers: dict[str, HttpResponse], tmp_path: Path) -> None:
    failures_of_all = {"500": server_error(HttpRequest()), "503": failures.not_in_mirror(HttpRequest())}
    assert checked("java", answers | failures_of_all, tmp_path) == []


def checked(java: str, answers: dict[str, HttpResponse], folder: Path) -> list[str]:
    """What the checker says of the pages, all of them in one run: errors and warnings."""
    for name, answer in answers.items():
        (folder / f"{name}.html").write_bytes(answer.content)
    files = [str(folder / f"{name}.html") for name in answers]
    done = subprocess.run(  # noqa: S603 - its own files alone
        [java, "-jar", str(JAR), "--format", "json", "--exit-zero-always", *files],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    messages = json.loads(done.stderr)["messages"]
    return [f"{Path(one['url']).name} line {one.get('lastLine')}: {one['message']}" for one in messages]
