"""What others report of sites of this kind, tried in Chromium as a writer and an editor would meet it.

A lost session, a closed tab and two tabs are in `test_nothing_lost.py`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_nothing_lost import PATIENCE, example, on_a_slow_line
from tests.browser.test_public_pages import WIDE
from tests.server import Server, serving

TITLE = "Technical qualification categories: core aim and relationship to occupational standards"
PROPOSED = "Proposed changes to the technical qualification categories"
Person = Callable[[str], Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what is published here would be in the way of other tests."""
    folder: Path = tmp_path_factory.mktemp("cases")
    with serving(folder, "tests.browser.seed") as found:
        yield found


@pytest.fixture
def person(site: Server, browser: Browser) -> Iterator[Person]:
    """Somebody who has signed in, in a browser of their own."""
    contexts: list[BrowserContext] = []

    def signed_in(username: str) -> Page:
        contexts.append(browser.new_context(base_url=site.url, viewport=WIDE))
        page = contexts[-1].new_page()
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("correct horse")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What needs doing")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def guidance(page: Page, title: str = TITLE) -> str:
    page.goto("/admin/categories/guidance/")
    address = page.get_by_role("link", name=title, exact=True).get_attribute("href")
    assert address
    return address


def category(page: Page, number: int, of: str = TITLE) -> str:
    """Open the form of a category of a guidance; return its title."""
    page.goto("/admin/")
    edit = page.get_by_role("region", name="Edit a category")
    edit.locator("details").filter(has_text=of).get_by_role("link").nth(number).click()
    return page.get_by_label("Title:").input_value()


def save(page: Page, button: str = "Save") -> None:
    page.get_by_label("Internal note:").fill("As agreed")
    page.get_by_role("button", name=button, exact=True).click()


def changes_of(page: Page, name: str) -> Any:
    return page.locator(".app-change").filter(has_text=name)


def submit(page: Page, title: str, note: str, of: str = TITLE) -> str:
    """Submit one changed record; return the address of the submission."""
    page.goto(guidance(page, of).replace("/change/", "/changes/"))
    for box in page.get_by_role("checkbox").all():
        box.set_checked(title in (box.locator("xpath=ancestor::section[1]").text_content() or ""))
    page.get_by_label("Change note").fill(note)
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.get_by_text("waits for approval by a second person")).to_be_visible()
    return page.url


def test_a_list_that_is_split_shows_its_items(person: Person) -> None:
    """Case F15."""
    page = person("wendy")
    page.goto(guidance(page))
    page.get_by_label("Applies to:").fill("England and Wales")
    save(page)
    page.goto(guidance(page))
    page.get_by_label("Applies to:").fill("England\nWales")
    save(page, "Save and see what will change")
    row = changes_of(page, "Applies to")
    expect(row.locator("ins")).to_contain_text(["Wales"])


def test_what_looks_alike_is_told_apart(person: Person) -> None:
    """Case F17: letters are kept in one form; spaces that only differ to a machine are named."""
    page = person("wendy")
    title = category(page, 0)
    page.get_by_label("Example:", exact=True).fill("Cafe\u0301")
    aim = page.get_by_label("Core aim:")
    aim.fill(aim.input_value().replace(" ", "\u00a0", 1))
    save(page, "Save and see what will change")
    row = changes_of(page, title)
    expect(row).to_contain_text(re.compile("no-break space", re.IGNORECASE))
    expect(row).to_contain_text("Café")


def test_the_history_of_what_named_a_deleted_cohort_can_be_read(person: Person) -> None:
    """Case F18."""
    page = person("wendy")
    page.goto("/admin/categories/cohort/add/")
    page.get_by_label("Guidance:").select_option(label=TITLE)
    page.get_by_label("Name:").fill("Prisoners")
    save(page)
    expect(page.get_by_text("was added successfully")).to_be_visible()
    category(page, 1)
    address = page.url
    page.get_by_label("Prisoners").check()
    save(page)
    page.goto(address)
    page.get_by_label("Prisoners").uncheck()
    save(page)
    page.goto("/admin/categories/cohort/")
    page.get_by_role("link", name="Prisoners").first.click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_label("Internal note").fill("Nobody needs it")
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("was deleted successfully")).to_be_visible()
    page.goto(address)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_text("Prisoners").first).to_be_visible()
    for number in (0, 1, 2):
        page.get_by_role("link", name="as it was then").nth(number).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("History of")
        page.go_back()


def test_two_clicks_on_a_new_record_make_one(person: Person) -> None:
    page = person("wendy")
    page.goto("/admin/categories/approvaltest/add/")
    page.get_by_label("Guidance:").select_option(label=TITLE)
    page.get_by_label("Name:").fill("Clicked twice")
    page.get_by_label("Internal note:").fill("n")
    on_a_slow_line(page)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.locator(".messagelist li")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".messagelist li")).to_contain_text("was added successfully")
    expect(page.locator("#result_list").get_by_role("link", name="Clicked twice")).to_have_count(1)


def test_two_clicks_submit_and_approve_once_and_say_so(person: Person) -> None:
    """Cases B2 and B3."""
    page = person("wendy")
    title = category(page, 2)
    example(page).fill("Submitted and approved by two clicks each.")
    save(page)
    page.goto(guidance(page).replace("/change/", "/changes/"))
    for box in page.get_by_role("checkbox").all():
        box.set_checked(title in (box.locator("xpath=ancestor::section[1]").text_content() or ""))
    page.get_by_label("Change note").fill("By two clicks.")
    on_a_slow_line(page)
    page.get_by_role("button", name="Submit for approval").dblclick()
    expect(page.locator(".messagelist li")).to_have_text(re.compile("waits for approval"), timeout=PATIENCE)
    editor = person("erin")
    editor.goto(page.url)
    on_a_slow_line(editor)
    editor.get_by_role("button", name="Approve").dblclick()
    expect(editor.locator(".messagelist li")).to_have_text(re.compile(r"Edition \d+ is live\."), timeout=PATIENCE)
    expect(editor.get_by_text("Nothing was done")).to_have_count(0)


def test_what_came_back_is_there_with_its_reason_and_all_that_was_written(person: Person, site: Server) -> None:
    """Cases F23, F24 and F26."""
    page = person("wendy")
    title = category(page, 3, PROPOSED)
    example(page).fill("To be sent back.")
    save(page)
    # The seed's own submission of this guidance waits: it is recalled first
    page.goto("/admin/")
    page.get_by_role("region", name="Submitted by you").get_by_role("link").first.click()
    page.get_by_role("heading", name="Recall").click()
    page.get_by_label("Why do you recall it?").fill("Another goes first")
    page.get_by_role("button", name="Recall").click()
    address = submit(page, title, "An hour’s words.", PROPOSED)
    editor = person("erin")
    editor.goto(address)
    editor.get_by_role("heading", name="Reject").click()
    editor.get_by_label("Why do you reject it?").fill("Typo in line 1")
    editor.get_by_role("button", name="Reject").click()
    expect(editor.get_by_text("You have rejected it.")).to_be_visible()
    page.goto("/admin/")
    back = page.get_by_role("region", name="Came back: mend and submit again").filter(has_text=PROPOSED)
    expect(back).to_contain_text("was rejected by Erin Editor")
    expect(back).to_contain_text("Typo in line 1")
    back.get_by_role("link", name=re.compile("^Submit it again")).click()
    expect(page.get_by_label("Change note")).to_have_value("An hour’s words.")
    told = "from categories.models import Message as M; m = M.objects.filter(subject__startswith='Rejected').last(); "
    letter = site.run("manage.py", "shell", "-v0", "-c", told + "print(m.to, m.body)")
    assert "wendy@example.org" in letter
    [path] = re.findall(r"https?://[^/\s]+(/admin/categories/submission/\d+/change/)", letter)
    page.goto(path)
    expect(page.get_by_text("Typo in line 1").first).to_be_visible()


def test_what_nobody_can_see_is_refused(person: Person) -> None:
    """Case F27."""
    page = person("wendy")
    category(page, 4)
    page.get_by_label("Title:").fill("\u200b")
    page.get_by_label("Core aim:").fill("&nbsp;")
    save(page)
    for field in ("Title", "Core aim"):
        expect(page.get_by_role("link", name=re.compile(f"^{field}: .*empty"))).to_be_visible()
    page.get_by_role("link", name=re.compile("^Core aim: ")).click()
    expect(page.get_by_label("Core aim:")).to_be_focused()


def test_a_link_to_nothing_on_this_site_is_named_with_the_nearest(person: Person) -> None:
    """Case F29."""
    page = person("wendy")
    category(page, 5)
    base = "/guidance/technical-qualification-categories/categories"
    example(page).fill(f"See [the other]({base}/level-3-t-levels/).")
    save(page, "Save and continue editing")
    note = page.get_by_role("region", name="Links to mend")
    expect(note).to_contain_text(f"Suggested: {base}/level-3-t-level/")
    note.get_by_role("link", name="Example").click()
    expect(example(page)).to_be_in_viewport()
