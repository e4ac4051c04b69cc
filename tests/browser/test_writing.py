"""Writing in Chromium: the bar over a Markdown field, paste from Word and the web, and the preview beside the form."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_public_pages import STANDARDS, TOO_WIDE, WIDE, axe_problems

TABLET = {"width": 768, "height": 1024}
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {margin: 0}</style></head>
<body>
<p class=MsoNormal>Learners <b>enter</b> an&nbsp;<i>occupation</i>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>One</p>
<p class=MsoListParagraphCxSpLast><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>Two</p>
<p class=MsoNormal>See <a href="https://example.org/list">the list</a>.</p></body></html>"""
WEB = """<div><h2>Aim</h2><script>alert(1)</script><p>First<br>second.</p><ol><li>A</li><li>B</li></ol>
<a href="javascript:alert(1)">bad link</a> <img src="https://example.org/x.png" alt="x"></div>"""
PASTE = """([selector, html]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", "plain");
  const field = document.querySelector(selector);
  field.focus();
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def form(page: Page, sign_in: Callable[[str], None]) -> Page:
    page.set_viewport_size(WIDE)
    sign_in("wendy")
    page.goto("/admin/categories/category/")
    page.goto(str(page.locator("#result_list .field-title a, #result_list tbody th a").nth(9).get_attribute("href")))
    return page


def aim(page: Page) -> Locator:
    return page.get_by_label("Core aim:", exact=True)


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="Format Core aim")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (WORD, "Learners **enter** an *occupation*.\n\n- One\n- Two\n\nSee [the list](https://example.org/list)."),
        (WEB, "Aim\n\nFirst\nsecond.\n\n1. A\n2. B\n\nbad link"),
    ],
    ids=["word", "web"],
)
def test_what_is_pasted_becomes_clean_markdown(html: str, markdown: str, form: Page) -> None:
    aim(form).fill("")
    form.evaluate(PASTE, ["#id_aim", html])
    expect(aim(form)).to_have_value(markdown)
    expect(bar(form).get_by_role("status")).to_have_text("Pasted as Markdown")
    form.keyboard.press("ControlOrMeta+Z")
    expect(aim(form)).to_have_value("")


def test_plain_text_is_pasted_as_it_is(form: Page) -> None:
    form.evaluate(PASTE, ["#id_aim", "<meta charset=utf-8><span>plain</span>"])
    expect(bar(form).get_by_role("status")).to_have_text("")


def test_the_bar_puts_in_the_marks_with_the_keyboard_too(form: Page) -> None:
    aim(form).fill("words")
    aim(form).select_text()
    bar(form).get_by_role("button", name="Bold").click()
    expect(aim(form)).to_have_value("**words**")
    aim(form).fill("one\ntwo")
    aim(form).select_text()
    form.keyboard.press("Shift+Tab")  # to the last button of the bar
    form.keyboard.press("Enter")
    expect(aim(form)).to_have_value("1. one\n2. two")


def test_the_preview_follows_what_is_typed(form: Page) -> None:
    said: list[str] = []
    form.on("console", lambda message: said.append(message.text))
    frame = form.frame_locator("iframe[title='Preview of the category']")
    aim(form).fill("An *aim* that nobody saved.")
    expect(frame.locator("em", has_text="aim")).to_be_visible()
    expect(frame.get_by_text("It shows what is typed in the form, saved or not.")).to_be_visible()
    wide = "iframe => iframe.getBoundingClientRect().width"
    assert form.locator("iframe").evaluate(wide) <= 375
    form.get_by_label("As on a desktop").check()
    assert form.locator("iframe").evaluate(wide) > 700
    form.get_by_label("Title:", exact=True).fill("")
    expect(frame.get_by_role("heading", name="This cannot be shown yet")).to_be_visible()
    assert [text for text in said if "status of 422" not in text] == []  # which is how it says so


def test_the_form_with_its_preview_is_accessible(form: Page) -> None:
    """Apart from what the page itself says: axe copies style sheets that import others, which the policy refuses."""
    frame = form.frame_locator("iframe[title='Preview of the category']")
    expect(frame.get_by_text("It shows what is typed in the form, saved or not.")).to_be_visible()
    form.get_by_label("As on a desktop").check()
    for size in (WIDE, TABLET):
        form.set_viewport_size(size)
        assert list(axe_problems(form, STANDARDS)) == []
        assert form.evaluate(TOO_WIDE) == []


def test_enter_in_a_field_saves_and_does_not_preview(form: Page) -> None:
    form.get_by_label("Internal note:").fill("n")
    form.get_by_label("Title:", exact=True).press("Enter")
    expect(form).not_to_have_url(re.compile("preview"))
    expect(form.get_by_text("You changed nothing, so nothing was saved.")).to_be_visible()


def test_without_a_script_the_preview_is_a_button(form: Page, new_context: Any) -> None:
    plain = new_context(java_script_enabled=False, storage_state=form.context.storage_state()).new_page()
    plain.goto(form.url)
    aim(plain).fill("An aim without a script.")
    plain.get_by_role("button", name="Show it").click()
    expect(plain.frame_locator("iframe").get_by_text("An aim without a script.")).to_be_visible()
    expect(aim(plain)).to_have_value("An aim without a script.")
