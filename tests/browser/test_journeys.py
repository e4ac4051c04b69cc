"""What readers come to do, with the keyboard alone, where the focus is always in sight; with JavaScript and without."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.addresses import G
from tests.browser.keyboard import follow, reach, unfold


@pytest.fixture(params=[True, False], ids=["javascript", "no javascript"])
def reader(request: pytest.FixtureRequest, new_context: Any) -> Page:
    return new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900}).new_page()


def tick(page: Page, name: str | re.Pattern[str]) -> None:
    box = reach(page, "checkbox", name)
    page.keyboard.press("Space")
    expect(box).to_be_checked()


def choose(page: Page, first: str, downwards: int, chosen: str) -> None:
    """Choose a radio button: Tab leads to the first one or the chosen one, the arrow keys on and round to the first."""
    reach(page, "radio", first)
    page.keyboard.press("Space")
    for _ in range(downwards):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=chosen, exact=True)).to_be_checked()
    follow(page, "Continue", "button")


def test_skip_to_what_the_page_says(reader: Page) -> None:
    reader.goto(f"{G}categories/level-3-t-level/")
    follow(reader, "Skip to main content")
    follow(reader, "Core aim")
    expect(reader).to_have_url(re.compile("#aim$"))


@pytest.mark.parametrize("width", [1280, 320])
def test_filter(reader: Page, width: int) -> None:
    reader.set_viewport_size({"width": width, "height": 900})
    reader.goto(G)

    if width == 320:
        unfold(reader)
    for name in ("Level 3 (7)", "Adults (10)", "In scope (6)"):
        tick(reader, name)
    follow(reader, "Apply filters", "button")
    expect(shown(reader)).to_have_text("Showing 3 of 12 categories")
    expect(reader).to_have_url(re.compile(r"level=3&cohort=adults&availability=in-scope"))
    expect(reader).to_have_title(re.compile("^3 of 12 categories - "))
    expect(shown(reader)).to_be_focused()  # once it is, nothing takes the focus from what the keyboard reaches
    follow(reader, re.compile("^Remove filter: In scope"))
    expect(shown(reader)).to_have_text("Showing 6 of 12 categories")
    expect(shown(reader)).to_be_focused()
    follow(reader, "Clear filters")
    expect(shown(reader)).to_have_text("Showing 12 of 12 categories")
    reader.goto(G)
    if width == 320:
        unfold(reader)
    reach(reader, "searchbox", "Search words")
    reader.keyboard.type("higher education")
    reader.keyboard.press("Enter")
    expect(shown(reader)).to_have_text("Showing 1 of 12 categories")
    expect(reader.locator("mark").first).to_have_text("Higher")
    reader.go_back()
    expect(shown(reader)).to_have_text("Showing 12 of 12 categories")


def shown(page: Page) -> Locator:
    return page.locator("#showing_results")


def test_find_a_category(reader: Page) -> None:
    reader.goto(G)
    follow(reader, "Find your category")
    expect(heading(reader)).to_have_text("Which learners is the qualification for?")
    follow(reader, "Continue", "button")
    expect(reader.get_by_role("alert")).to_contain_text("Select an answer")
    follow(reader, re.compile("^Select an answer"))
    expect(reader.get_by_role("checkbox", name="16 to 19")).to_be_focused()
    expect(heading(reader)).to_be_in_viewport()
    reader.keyboard.press("Shift+Tab")
    tick(reader, "Adults")
    follow(reader, "Continue", "button")
    expect(heading(reader)).to_have_text("What level is the qualification?")
    choose(reader, "Level 2", 1, "Level 3")
    expect(heading(reader)).to_have_text("How does the qualification relate to occupational standards?")
    choose(
        reader, "Aligns to an occupational standard or standards", 0, "Aligns to an occupational standard or standards"
    )
    expect(heading(reader)).to_have_text("Does a T Level cover the occupational standard?")
    choose(reader, "Yes, a T Level covers it", 1, "No, no T Level covers it")
    expect(heading(reader)).to_have_text("2 categories may fit your qualification")
    expect(reader.get_by_role("article")).to_have_count(2)
    follow(reader, "Change T Levels")
    choose(reader, "No, no T Level covers it", 2, "Yes, a T Level covers it")
    expect(heading(reader)).to_have_text("1 category may fit your qualification")
    follow(reader, "Back")
    expect(heading(reader)).to_have_text("Does a T Level cover the occupational standard?")
    expect(reader.get_by_role("radio", name="Yes, a T Level covers it")).to_be_checked()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_compare_categories(reader: Page) -> None:
    reader.goto(G)
    follow(reader, "Compare")
    tick(reader, "Level 3 occupational entry technical qualifications - 16 to 19 and adults")
    follow(reader, "Compare", "button")
    expect(reader.get_by_role("alert")).to_contain_text("Choose another category")
    tick(reader, "Level 3 occupational entry technical qualifications - adults only")
    follow(reader, "Compare", "button")
    expect(heading(reader)).to_have_text("Compare 2 categories")
    cohorts = reader.get_by_role("row").filter(has=reader.get_by_role("rowheader", name="Cohorts"))
    expect(cohorts.get_by_role("cell")).to_have_text(["16 to 19 and adults", "Adults only"], use_inner_text=True)
    same = reader.get_by_text("Level 3", exact=True)
    expect(same).to_be_hidden()
    follow(reader, re.compile("are the same$"))  # the browser unfolds what the link leads to
    expect(same).to_be_visible()
    follow(reader, re.compile("^Remove Level 3 occupational entry technical qualifications - adults only"))
    expect(heading(reader)).to_have_text("Compare categories")
    expect(reader.get_by_role("checkbox", checked=True)).to_have_count(1)


class Clicks:
    """Somebody with a mouse, whose clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def on(self, role: Any, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.number += 1


def test_what_readers_come_for_takes_few_clicks(new_context: Any) -> None:
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()

    def begin() -> Clicks:
        page.goto(G)
        return Clicks(page)

    # Level 3, for adults, in care
    clicks = begin()
    clicks.on("checkbox", "Level 3 (7)")
    clicks.on("checkbox", "Adults (10)")
    page.get_by_role("searchbox").fill("care")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("The categories are not by occupation or subject")).to_be_visible()
    clicks.on("link", re.compile("^Remove filter: .*care"))
    expect(shown(page)).to_have_text("Showing 6 of 12 categories")
    assert clicks.number == 3

    # Is level 3 cross-cutting open yet?
    begin()
    card = page.get_by_role("article").filter(has_text="Level 3 cross-cutting function")
    expect(card.get_by_text("Not yet available")).to_be_visible()

    # What changed since 1 September?
    clicks = begin()
    clicks.on("link", "Updates")
    for part, value in {"Day": "1", "Month": "9", "Year": "2025"}.items():
        page.get_by_label(part).fill(value)
    clicks.on("button", "See what has changed")
    expect(heading(page)).to_have_text("What has changed since 1 September 2025")
    assert clicks.number == 2

    # Send exactly what I see
    clicks = begin()
    clicks.on("checkbox", "Level 3 (7)")
    clicks.on("button", "Apply filters")
    page.get_by_text("Cite this page", exact=True).click()
    lasting = page.locator("#cite a").get_attribute("href")
    assert lasting
    assert "/at/" in lasting
    assert lasting.endswith("?level=3")
    page.goto(lasting)
    expect(shown(page)).to_have_text("Showing 7 of 12 categories")

    # In Excel
    clicks = begin()
    with page.expect_download() as got:
        clicks.on("link", "Get this list as a spreadsheet (CSV)")
    assert got.value.path().read_bytes().startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    assert clicks.number == 1
