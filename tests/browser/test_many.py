"""One test on five categories, to its publication: how many clicks and pages. And the new pages of staff, by axe."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seed import FIXTURE
from tests.browser.test_fix import Hands, sign_in
from tests.browser.test_public_pages import STANDARDS, TOO_WIDE, axe_problems
from tests.server import Server, serving

MOST_CLICKS, MOST_PAGES = 12, 8
TABLET = {"width": 768, "height": 1024}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what is published here would be in the way of other tests."""
    folder: Path = tmp_path_factory.mktemp("many")
    with serving(folder, "tests.browser.seed") as found:
        yield found


def without(slug: str) -> list[str]:
    """The ids of the first five categories that do not face a test."""
    categories = json.loads(FIXTURE.read_text(encoding="utf-8"))["categories"]
    return [one["id"] for one in categories if slug not in one["approval_tests"]][:5]


def check(page: Page) -> None:
    """Accessible, and no wider than the window, on a desk and on a tablet."""
    for size in (DESKTOP, TABLET):
        page.set_viewport_size(size)
        assert list(axe_problems(page, STANDARDS)) == [], page.url
        assert page.evaluate(TOO_WIDE) == [], page.url
    page.set_viewport_size(DESKTOP)


def test_one_test_on_five_categories_is_published(page: Page, site: Server, tmp_path: Path) -> None:
    page.set_viewport_size(DESKTOP)
    sign_in(page, site, "wendy")
    hands = Hands(page)
    hands.pages = 1  # the front page
    hands.click(page.get_by_role("link", name="Categories", exact=True).first)
    for identity in without("significant-outcomes-test"):
        hands.click(page.locator(f"input.action-select[value='{identity}']"))
    hands.click(page.get_by_role("button", name="Change the ticked ones"))
    hands.click(page.get_by_role("group", name="Add approval tests").get_by_label("Significant outcomes test"))
    hands.click(page.get_by_role("button", name="See what changes"))
    expect(page.locator("#preview ins")).to_have_count(5)
    check(page)
    hands.click(page.get_by_role("button", name="Save and submit for approval"))
    expect(page.get_by_text("waits for approval by a second person")).to_be_visible()
    address = page.url

    pages = hands.pages
    sign_in(page, site, "erin")
    hands.pages = pages + 1  # the front page again, for the editor
    hands.click(page.locator(f"a[href='{address.removeprefix(site.url)}']").first)
    expect(page.get_by_role("navigation", name="Records").get_by_role("link")).to_have_count(5)
    check(page)
    hands.click(page.get_by_role("button", name=re.compile("^Approve")))
    expect(page.get_by_text(re.compile(r"Edition \d+ is live\."))).to_be_visible()
    print(f"{hands.clicks} clicks, {hands.pages} pages")
    assert hands.clicks <= MOST_CLICKS
    assert hands.pages <= MOST_PAGES


def test_a_comment_is_made_answered_and_resolved(page: Page, site: Server) -> None:
    page.set_viewport_size(DESKTOP)
    sign_in(page, site, "erin")
    page.get_by_role("link", name=re.compile(r"^Submission \d+ of ")).first.click()
    record = page.locator(".app-review__records > .app-change").first
    record.get_by_text(re.compile("^Comment on “")).click()
    record.get_by_label("Comment", exact=True).fill("Which learners?")
    record.get_by_role("button", name="Comment").click()
    expect(page.get_by_text("1 comment is not resolved yet")).to_be_visible()
    expect(page.get_by_role("navigation", name="Actions")).to_be_in_viewport()  # wherever one reads
    page.get_by_text(re.compile("^Answer or resolve")).click()
    check(page)
    page.get_by_label("Answer", exact=True).fill("Adults.")
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_text(re.compile("^Answer or resolve")).click()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Resolved by Erin Editor", exact=True)).to_be_visible()


def test_the_pages_that_compare_and_restore_are_accessible(page: Page, site: Server) -> None:
    sign_in(page, site, "wendy")
    page.goto(f"{site.url}/admin/categories/category/")
    check(page)
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="New category from a copy").click()
    page.get_by_label("Title:").press_sequentially("Level 9 (new) & better")
    expect(page.locator("#id_slug")).to_have_value("level-9-new-better")
    check(page)
    page.goto(f"{site.url}/admin/categories/category/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="as it was then").last.click()
    check(page)
    page.goto(f"{site.url}/admin/categories/edition/")
    page.locator("#result_list tbody th a").last.click()
    page.get_by_label("Compare it with edition").fill("3")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("edition 3")
    check(page)
