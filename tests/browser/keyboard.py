"""Goes through a page with the keyboard alone, as people do, and minds that the focus is in sight."""

import re
from typing import Any

from playwright.sync_api import Locator, Page

FARTHEST = 150  # presses of the Tab key
# Whether what has the focus is the thing wanted, and whether that is seen: on public pages by GOV.UK's yellow, for a
# checkbox or radio button on the label after it, which draws it; on others by an outline
FOCUS = """wanted => {
    const focused = document.activeElement, box = focused.getBoundingClientRect()
    if (focused === document.body) return {}  // past the last thing on the page
    const style = getComputedStyle(focused)
    const outline = style.outlineStyle === 'none' || style.outlineColor === 'rgba(0, 0, 0, 0)' ? '' : style.outlineColor
    const drawn = [style.backgroundColor, style.boxShadow, outline]
    if (focused.matches('[type=checkbox], [type=radio]')) {
        drawn.push(getComputedStyle(focused.nextElementSibling ?? focused, '::before').boxShadow)
    }
    const marked = document.documentElement.matches('.govuk-template')
        ? drawn.some(value => value.includes('rgb(255, 221, 0)'))
        : outline !== ''
    // In a field for a day or a time, Chromium marks the part that has the focus
    const parted = focused.matches('[type=date], [type=time]')
    const unseen = !(marked || parted) || box.bottom <= 0 || box.top >= innerHeight
    return {reached: focused === wanted, unseen: unseen && focused.outerHTML.slice(0, 200)}
}"""


def reach(page: Page, role: Any, name: str | re.Pattern[str]) -> Locator:
    """Move the focus with the Tab key, from where it is, to the first thing of this role and name."""
    return reach_the(page, page.get_by_role(role, name=name, exact=isinstance(name, str)).first)


def reach_the(page: Page, wanted: Locator) -> Locator:
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        focus = wanted.evaluate(FOCUS)
        assert not focus.get("unseen"), f"the focus cannot be seen on {focus['unseen']}"
        if focus.get("reached"):
            return wanted
    raise AssertionError(f"the Tab key does not reach {wanted}")


def follow(page: Page, name: str | re.Pattern[str], role: Any = "link") -> None:
    reach(page, role, name)
    page.keyboard.press("Enter")


def unfold(page: Page) -> None:
    reach_the(page, page.locator(".app-filter > summary"))
    page.keyboard.press("Enter")
