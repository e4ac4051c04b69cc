"""Two tabs, a lost session, a slow line and two clicks, in Chromium: nothing that staff type is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_public_pages import STANDARDS, TOO_WIDE, WIDE, axe_problems

TABLET = {"width": 768, "height": 1024}
PATIENCE = 60_000  # milliseconds, for two saves on a slow line


@pytest.fixture(autouse=True)
def wide(page: Page) -> None:
    page.set_viewport_size(WIDE)


def category(page: Page, number: int) -> str:
    """The address of the form of a category."""
    page.goto("/admin/categories/category/")
    address = page.locator("#result_list tbody th a, #result_list .field-title a").nth(number).get_attribute("href")
    assert address
    return address


def example(page: Page) -> Any:
    return page.get_by_label("Example:", exact=True)


def sign_in_again(page: Page) -> None:
    page.get_by_label("Username").fill("wendy")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()


def on_a_slow_line(page: Page) -> list[str]:
    """Make each answer take 300 ms; returns the addresses of the forms that are sent from now on."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    conditions = {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", conditions)
    return sent


def test_what_was_typed_outlives_a_closed_tab(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    address = category(page, 2)
    page.goto(address)
    example(page).fill("Typed, then the tab was closed.")
    expect(page.get_by_text("Kept in this browser at")).to_be_visible()
    tab = page.context.new_page()
    page.close()
    tab.set_viewport_size(WIDE)
    tab.goto(address)
    offer = tab.get_by_role("region", name="What you typed before")
    expect(offer).to_contain_text(re.compile(r"What you typed at \d\d:\d\d is not saved"))
    for size in (WIDE, TABLET):
        tab.set_viewport_size(size)
        assert list(axe_problems(tab, STANDARDS)) == []
        assert tab.evaluate(TOO_WIDE) == []
    offer.get_by_role("button", name="Restore").click()
    expect(example(tab)).to_have_value("Typed, then the tab was closed.")
    tab.get_by_label("Internal note:").fill("Restored")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_text("was changed successfully")).to_be_visible()
    tab.goto(address)
    expect(tab.get_by_text("is not saved")).to_have_count(0)


def test_what_was_typed_outlives_a_lost_session(page: Page, sign_in: Callable[[str], None]) -> None:
    """Case B4."""
    sign_in("wendy")
    address = category(page, 3)
    page.goto(address)
    example(page).fill("AN HOUR OF WORK")
    page.get_by_label("Internal note:").fill("n")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What you sent was not saved.")).to_be_visible()
    sign_in_again(page)
    page.get_by_role("button", name="Restore").click()
    expect(example(page)).to_have_value("AN HOUR OF WORK")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_a_second_tab_that_signs_in_anew_costs_nothing(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    address = category(page, 4)
    page.goto(address)
    example(page).fill("Typed in the first tab")
    page.get_by_label("Internal note:").fill("n")
    other = page.context.new_page()
    page.context.clear_cookies(name="sessionid")
    other.goto("/admin/login/")
    sign_in_again(other)
    expect(other.get_by_role("heading", level=1)).to_have_text("What needs doing")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was saved")
    for size in (WIDE, TABLET):
        page.set_viewport_size(size)
        assert list(axe_problems(page, STANDARDS)) == []
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(address)
    expect(example(page)).to_have_value("Typed in the first tab")
    expect(page.get_by_text("is not saved")).to_have_count(0)


def test_two_tabs_that_both_type_are_shown_both(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    address = category(page, 5)
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    example(other).fill("From the second tab.")
    other.get_by_label("Internal note:").fill("n")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("was changed successfully")).to_be_visible()
    example(page).fill("From the first tab.")
    page.get_by_label("Internal note:").fill("n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("you both changed"))).to_be_visible()
    for size in (WIDE, TABLET):
        page.set_viewport_size(size)
        assert list(axe_problems(page, STANDARDS)) == []
        assert page.evaluate(TOO_WIDE) == []
    page.get_by_label("Leave “Example” as it is saved now").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist li")).to_have_count(1)
    page.goto(address)
    expect(example(page)).to_have_value("From the second tab.")


def test_leaving_asks_first(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    page.goto(category(page, 6))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    example(page).fill("Half a sentence")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs doing")
    assert asked == ["beforeunload"]


def test_two_clicks_save_once_and_say_so(page: Page, sign_in: Callable[[str], None]) -> None:
    """Case B1, on a slow line; and without the script, when both are sent."""
    sign_in("wendy")
    page.goto(category(page, 7))
    example(page).fill("Double click")
    page.get_by_label("Internal note:").fill("n")
    sent = on_a_slow_line(page)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.locator(".messagelist li.success")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".messagelist li")).to_contain_text("was changed successfully")
    assert len([url for url in sent if "/change/" in url]) == 1


def test_two_clicks_without_the_script_too(new_context: Any, page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    address = category(page, 8)
    plain = new_context(java_script_enabled=False, storage_state=page.context.storage_state()).new_page()
    plain.goto(address)
    plain.get_by_label("Example:", exact=True).fill("Double click, no script")
    plain.get_by_label("Internal note:").fill("n")
    on_a_slow_line(plain)
    plain.get_by_role("button", name="Save", exact=True).dblclick()
    expect(plain.locator(".messagelist li.success")).to_have_count(1, timeout=PATIENCE)
    expect(plain.locator(".messagelist li")).to_contain_text("was changed successfully")
