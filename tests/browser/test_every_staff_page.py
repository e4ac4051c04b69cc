"""Every page of staff in Chromium: accessible on a desk and on a tablet, large enough to read, by keyboard alone."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.keyboard import FOCUS
from tests.browser.test_public_pages import STANDARDS, TOO_WIDE, WIDE, axe_problems
from tests.server import Server, serving

TABLET = {"width": 768, "height": 1024}
SHOTS = os.environ.get("STAFF_SHOTS", "")  # a folder for pictures of every page, to look at
NAMES = [
    *("index", "help", "own-account", "password-change", "followers"),
    *("guidance-list", "guidance", "guidance-add", "guidance-history", "guidance-then", "changes", "put-back"),
    *("category-list", "category", "category-add", "category-history", "category-then", "many"),
    *("approvaltest-list", "approvaltest", "approvaltest-add", "approvaltest-history"),
    *("exampleslist", "exampleslist-add", "relationship", "availability", "shortform", "tlevel", "cohort", "delete"),
    *("level-list", "level", "level-add", "cohort-list"),
    *("submission-list", "submission", "rejected", "approved", "edition-list", "edition", "compare", "scheduled"),
    *("announced", "to-announce"),
    *("feedback-list", "feedback", "feedback-by-page", "message-list", "message"),
    *("formeraddress-list", "formeraddress", "user-list", "user", "user-add"),
]
SMALLEST = 14  # pixels
SMALL = """smallest => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement
        const isThere = walker.currentNode.data.trim() && parent.checkVisibility()
        if (!isThere || parent.closest('sup, .visually-hidden')) continue
        const size = parseFloat(getComputedStyle(parent).fontSize)
        if (size < smallest) found.push(`${size}px ${parent.outerHTML.slice(0, 100)}`)
    }
    return found.slice(0, 5)
}"""
# What has a colour or a border of its own, and words that touch its edge
TIGHT = """() => [...document.querySelectorAll('main *, #content *')].filter(element => {
    if (!element.checkVisibility() || element.matches('svg *, select, option, .visually-hidden')) return false
    const style = getComputedStyle(element)
    const outer = element.parentElement && getComputedStyle(element.parentElement).backgroundColor
    const filled = style.backgroundColor !== 'rgba(0, 0, 0, 0)' && style.backgroundColor !== outer
    const edged = parseFloat(style.borderLeftWidth) > 0 && style.borderLeftStyle !== 'none'
    const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    const inline = style.display === 'inline' && !edged
    return words && !inline && (filled || edged) && parseFloat(style.paddingLeft) < 4
}).slice(0, 5).map(element => element.outerHTML.slice(0, 120))"""
TABBABLE = """() => [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"], iframe'
)].filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0
        && one.type !== 'hidden' && one.getBoundingClientRect().width > 0).length"""
# Whether anything lies over the middle of what has the focus
COVERED = """() => {
    const focused = document.activeElement, box = focused.getBoundingClientRect()
    if (focused === document.body || focused.tagName === 'IFRAME' || box.width < 2) return ''
    const [across, down] = [Math.min(box.width / 2, 40), Math.min(box.height / 2, 8)]
    const over = document.elementFromPoint(box.left + across, box.top + down)
    const isOwn = !over || focused.contains(over) || over.contains(focused)
    return isOwn || over.closest('label')?.control === focused ? '' : focused.outerHTML.slice(0, 120)
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what is made here would be in the way of other tests."""
    folder: Path = tmp_path_factory.mktemp("staff")
    with serving(folder, "tests.browser.staff_seed") as found:
        yield found


@pytest.fixture(scope="module")
def addresses(site: Server) -> dict[str, str]:
    found: dict[str, str] = json.loads(site.run("-m", "tests.browser.staff_seed", "addresses"))
    return found


@pytest.fixture(scope="module")
def signed_in(site: Server, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url, viewport=WIDE)
    page = context.new_page()
    page.goto("/admin/login/")
    page.get_by_label("Username").fill("ruth")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs doing")
    yield context
    context.close()


@pytest.fixture
def staff_page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_accessible_and_large_enough(name: str, addresses: dict[str, str], staff_page: Page) -> None:
    said: list[str] = []
    staff_page.on("console", lambda one: said.append(one.text) if one.type in {"error", "warning"} else None)
    staff_page.on("pageerror", lambda error: said.append(str(error)))
    answer = staff_page.goto(addresses[name])
    assert answer and answer.ok, addresses[name]
    # Of the page alone, before axe writes styles into it; and an empty form has no preview yet
    found: list[Any] = [one for one in said if "status of 422" not in one]
    for size in (WIDE, TABLET):
        staff_page.set_viewport_size(size)
        found += axe_problems(staff_page, STANDARDS)
        found += staff_page.evaluate(TOO_WIDE)
        found += staff_page.evaluate(SMALL, SMALLEST)
        found += staff_page.evaluate(TIGHT)
        if SHOTS:
            staff_page.screenshot(path=f"{SHOTS}/{name}-{size['width']}.png", full_page=True)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_reaches_all_of_it_in_sight(name: str, addresses: dict[str, str], staff_page: Page) -> None:
    staff_page.set_viewport_size(WIDE)
    staff_page.goto(addresses[name])
    staff_page.evaluate("document.body.tabIndex = -1, document.body.focus()")  # some forms begin in their first field
    number, reached, hidden = staff_page.evaluate(TABBABLE), 0, []
    body = staff_page.locator("body")
    for _ in range(number + 5):
        staff_page.keyboard.press("Tab")
        focus = body.evaluate(FOCUS)
        if not focus:  # past the last thing on the page
            break
        reached += 1
        where = focus["unseen"] or staff_page.evaluate(COVERED)
        if where and not where.startswith("<iframe"):  # within it, the focus is of another page
            hidden.append(where)
    assert hidden == []
    radios = staff_page.evaluate("document.querySelectorAll('[type=radio]').length")  # of a group, one is reached
    assert reached >= number - radios
