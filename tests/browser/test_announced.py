"""Announced changes in Chromium: accessible and readable, for readers and for the Editor who announces."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scheduled_seed import SCHEDULED
from tests.browser.test_fix import sign_in
from tests.browser.test_public_pages import STANDARDS, axe_problems, width_problems
from tests.server import Server, serving

G = "/guidance/technical-qualification-categories/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what is announced here would be on the pages of other tests."""
    folder: Path = tmp_path_factory.mktemp("announced")
    with serving(folder, "tests.browser.announced_seed") as found:
        yield found


def check(page: Page) -> None:
    assert [*axe_problems(page, [*STANDARDS, "best-practice"]), *width_problems(page)] == []


def test_readers_find_what_is_announced_and_what_was_taken_back(page: Page, site: Server) -> None:
    for place in ("", "in-full/", f"categories/{SCHEDULED}/"):
        page.goto(f"{site.url}{G}{place}")
        expect(page.get_by_text(re.compile(r"^This (guidance )?will change on \d"))).to_be_visible()
        check(page)
        page.get_by_role("link", name="See exactly what will change on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Change announced for"))
        expect(page.get_by_text("Not in force")).to_be_visible()
        expect(page.locator("ins").first).to_be_visible()
    check(page)
    page.get_by_role("link", name="Announced changes").click()
    check(page)
    page.get_by_role("link", name=re.compile("^Change that was announced")).click()
    expect(page.get_by_text("Colleges asked us to say it better first.").first).to_be_visible()
    check(page)
    page.goto(f"{site.url}{G}updates/")
    page.get_by_role("link", name="what is announced").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Announced changes")


def test_an_editor_announces_what_is_to_be_approved(page: Page, site: Server) -> None:
    """What was taken back is submitted again, and announced with its approval."""
    sign_in(page, site, "wendy")
    page.get_by_role("link", name=re.compile("Submit (it )?again|What will change")).first.click()
    page.get_by_role("button", name="Submit for approval").click()
    sign_in(page, site, "erin")
    page.get_by_role("link", name=re.compile(r"^Submission \d+ of ")).first.click()
    form = page.locator("#approve")
    form.get_by_label("At a set time").check()
    form.get_by_label("Day", exact=True).fill(
        page.evaluate("new Date(Date.now() + 20 * 864e5).toISOString().slice(0, 10)")
    )
    form.get_by_label("Time", exact=True).fill("09:00")
    form.get_by_label("Announce it").check()
    assert [*axe_problems(page, STANDARDS)] == []
    form.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("It is announced: readers see what will change, and when.")).to_be_visible()
    page.get_by_role("link", name="What readers are told of it").click()
    expect(page.get_by_text("Not in force")).to_be_visible()
