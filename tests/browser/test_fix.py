"""A typo, with an edition scheduled and another submission waiting: how many clicks and pages until it is mended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from tests.server import Server, serving

MOST_CLICKS, MOST_PAGES = 9, 6  # both front pages counted
CATEGORY = "Level 4 and 5 Higher Technical Qualifications"
ADDRESS = "/guidance/technical-qualification-categories/categories/level-4-and-5-higher-technical-qualifications/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what is scheduled here would be in the way of other tests."""
    folder: Path = tmp_path_factory.mktemp("scheduled")
    with serving(folder, "tests.browser.scheduled_seed") as found:
        yield found


class Hands:
    """Whoever uses the page: every click is counted, and every page that opens.

    No preview inside a page is one, nor is a page that says what came of a button on it.
    """

    def __init__(self, page: Page):
        self.page, self.clicks, self.pages, self.address = page, 0, 0, page.url
        page.on("framenavigated", self.opened)

    def opened(self, frame: Frame) -> None:
        if frame.parent_frame is None and frame.url != self.address:
            self.pages, self.address = self.pages + 1, frame.url

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()
        self.page.wait_for_load_state()


def sign_in(page: Page, site: Server, username: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site.url}/admin/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()


def test_a_typo_is_mended_while_an_edition_is_scheduled(page: Page, site: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, site, "wendy")
    hands = Hands(page)
    hands.pages = 1  # the front page
    hands.click(page.get_by_role("region", name="Edit a category").get_by_role("link", name=CATEGORY).last)
    hands.click(page.get_by_label("Core aim:"))
    page.keyboard.type("Typo mended. ")
    hands.click(page.get_by_label("Internal note:"))
    page.keyboard.type("A typo")
    hands.click(page.get_by_role("button", name="Save and see what will change"))
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)  # not what waits already
    expect(page.get_by_label("Before it, as a fix")).to_be_checked()
    hands.click(page.get_by_label("Change note"))
    page.keyboard.type("Mends a typo.")
    hands.click(page.get_by_label("Minor"))
    hands.click(page.get_by_role("button", name="Submit for approval"))
    expect(page.get_by_text("waits for approval by a second person")).to_be_visible()

    pages = hands.pages
    sign_in(page, site, "erin")
    hands.pages = pages + 1  # the front page again, for the editor
    hands.click(page.get_by_role("link", name=re.compile(r"^Submission \d+ of ")).first)
    expect(page.get_by_text(re.compile("Edition 5 is made again"))).to_be_visible()
    hands.click(page.get_by_role("button", name=re.compile("^Approve")))
    expect(page.get_by_text("Edition 5 is live.")).to_be_visible()
    assert hands.clicks <= MOST_CLICKS
    assert hands.pages <= MOST_PAGES
    print(f"{hands.clicks} clicks, {hands.pages} pages")

    page.goto(site.url + ADDRESS)
    expect(page.get_by_text("Typo mended.")).to_be_visible()
