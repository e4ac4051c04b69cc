"""Every kind of public page in Chromium: accessible, readable at any width, on paper, in any colours, by itself."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.browser.addresses import MISSING, PAGES, failure, previews
from tests.server import Server

PREVIEWS = ("preview", "preview-changes")
MOST_REQUESTS = 4  # the first view of the guidance needs three: tests/test_stylesheet.py, tests/bench/first_view.py
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}  # what 1280 by 1024 is at 400 %
PAPER = {"width": 680, "height": 1009}  # A4 within the margins of 15 mm that the style sheet sets

TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth
    const sticksOut = element => {
        const box = element.getBoundingClientRect()
        const hidden = box.width <= 1 || getComputedStyle(element).position === 'absolute'
        return !hidden && (box.right > width + 1 || box.left < -1)
    }
    const found = [...document.body.querySelectorAll('*')].filter(sticksOut)
    if (document.documentElement.scrollWidth > width) found.unshift(document.documentElement)
    return found.slice(0, 5).map(element => element.outerHTML.slice(0, 120))
}"""
# What has to be read stays in the flow, so that nothing lies over it where the window is small
FIXED = """() => [...document.body.querySelectorAll('*')]
    .filter(element => ['fixed', 'sticky'].includes(getComputedStyle(element).position))
    .map(element => element.outerHTML.slice(0, 120))"""
UNREACHABLE = """() => [...document.querySelectorAll('main :is(h1, h2, a, input, button, summary)')].filter(element => {
    if (!element.checkVisibility()) return false
    const box = element.getBoundingClientRect(), end = document.documentElement.scrollHeight
    return box.top + scrollY < 0 || box.bottom + scrollY > end || box.left < 0 || box.right > innerWidth
}).map(element => element.outerHTML.slice(0, 120))"""
CUT_OFF = """() => [...document.body.querySelectorAll(':not(input)')].filter(element => {
    const style = getComputedStyle(element), hidden = element.clientWidth <= 1 || !element.checkVisibility()
    const cut = [style.overflowX, style.overflowY].some(one => ['hidden', 'clip'].includes(one))
    return cut && !hidden &&
        (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
}).map(element => element.outerHTML.slice(0, 120))"""
MOVING = """() => [...document.querySelectorAll('*')].filter(element => {
    const style = getComputedStyle(element)
    return style.transitionDuration !== '0s' || style.animationName !== 'none' || style.scrollBehavior !== 'auto'
}).map(element => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="session")
def addresses(server: Server) -> dict[str, str]:
    return PAGES | MISSING | previews(server)


@pytest.mark.parametrize("name", [*PAGES, *MISSING, *PREVIEWS])
def test_page(name: str, addresses: dict[str, str], page: Page, base_url: str) -> None:
    asked: list[Request] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size(WIDE)
    answer = page.goto(addresses[name])
    assert answer
    found = [
        *travel_problems(asked, base_url),
        *axe_problems(page, [*STANDARDS, "best-practice"]),
        *width_problems(page),
    ]
    if page.context.cookies():
        found.append(f"it sets a cookie: {page.context.cookies()}")
    if answer.status != (404 if name in MISSING else 200):
        found.append(f"its status is {answer.status}")
    # Chromium says of a missing page that it is missing
    found += [line for line in said if not (name in MISSING and "status of 404" in line)]
    assert found == []


def test_the_page_of_a_failure(server: Server, page: Page) -> None:
    page.route("**/failed/", lambda route: route.fulfill(status=500, content_type="text/html", body=failure(server)))
    page.goto("/failed/")
    assert page.get_by_role("heading", level=1).inner_text() == "Sorry, there is a problem"
    assert [*axe_problems(page, STANDARDS), *width_problems(page)] == []


def travel_problems(asked: list[Request], base_url: str) -> Iterator[str]:
    """What the first view takes from the network that it should not."""
    views = [request for request in asked if not request.redirected_from]
    if len(views) > MOST_REQUESTS:
        yield f"it needs {len(views)} requests: {[request.url for request in views]}"
    elsewhere = [one.url for one in asked if urlsplit(one.url).netloc != urlsplit(base_url).netloc]
    if elsewhere:
        yield f"it asks other hosts: {elsewhere}"
    heavy = [one.url for one in asked if one.resource_type in {"font", "script"}]
    if heavy:
        yield f"it takes fonts or scripts: {heavy}"


def axe_problems(page: Page, rules: list[str]) -> Iterator[str]:
    for violation in Axe().run(page, options={"runOnly": rules}).response["violations"]:
        yield f"axe {violation['id']}: {[node['html'][:120] for node in violation['nodes']]}"


def width_problems(page: Page) -> Iterator[str]:
    """What sticks out, is cut off or cannot be reached: with larger text, on a narrow screen, at 400 % and on paper."""
    page.set_viewport_size(WIDE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    yield from (f"too wide with text at 200 %: {element}" for element in page.evaluate(TOO_WIDE))
    yield from (f"cut off with text at 200 %: {element}" for element in page.evaluate(CUT_OFF))
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(NARROW)
    yield from (f"too wide at 320 pixels: {element}" for element in page.evaluate(TOO_WIDE))
    page.set_viewport_size(ZOOMED)
    yield from (f"lies over the page at 400 %: {element}" for element in page.evaluate(FIXED))
    yield from (f"out of reach at 400 %: {element}" for element in page.evaluate(UNREACHABLE))
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    yield from (f"too wide on paper: {element}" for element in page.evaluate(TOO_WIDE))
    page.emulate_media(media="screen")


MARGINS = """() => [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
    .filter(rule => rule instanceof CSSPageRule).map(rule => rule.style.margin)"""
UNDERLINED = """() => [...document.querySelectorAll('a')]
    .filter(link => link.checkVisibility() && getComputedStyle(link).textDecorationLine !== 'none')
    .map(link => link.getAttribute('href')).filter(href => !href.startsWith('http'))"""


@pytest.mark.parametrize(
    "name",
    [
        "guidance",
        "table",
        "in-full",
        "category",
        "compare",
        "compare-4",
        "find-level",
        "find-result",
        "updates",
        "update-2",
        "on-day",
        "exact",
        "since",
    ],
)
def test_a_page_prints_as_a_document(name: str, addresses: dict[str, str], page: Page) -> None:
    page.goto(addresses[name])
    page.emulate_media(media="print")
    assert not page.locator(".app-navigation").is_visible()
    assert not page.get_by_role("button").and_(page.locator(":visible")).count()
    assert page.url in page.locator(".app-address").inner_text()
    of_its_own = ["7mm"] if name == "table" else []
    assert page.evaluate(MARGINS) == ["15mm", *of_its_own]
    assert page.evaluate(UNDERLINED) == []
    assert re.search(rb"/Type\s*/Page\b", printed := page.pdf(format="A4"))
    assert printed.startswith(b"%PDF-")


def test_what_is_folded_on_a_screen_is_open_on_paper(addresses: dict[str, str], page: Page) -> None:
    page.goto(addresses["compare-2"])
    same = page.get_by_text("Aligns to an occupational standard or standards", exact=True)
    assert not same.is_visible()
    page.emulate_media(media="print")
    assert same.is_visible()


def test_the_table_prints_on_one_landscape_sheet(addresses: dict[str, str], page: Page) -> None:
    page.goto(addresses["table"])
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    [box] = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [round(float(side)) for side in box] == [842, 595]  # points


LIST = """Title\tLevel\tLearners
Diploma in Adult Care\t3\tAdults
T Level in Digital Production, Design and Development\t3\t16 to 19
Certificate of {0}\tsix\t
"""


def test_what_a_list_is_found_to_fit(addresses: dict[str, str], page: Page) -> None:
    page.set_viewport_size(WIDE)
    page.goto(addresses["check"])
    page.get_by_label("Paste a list").fill(
        LIST.format("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten")
    )
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("heading", name="Level 3, Adults")).to_have_count(1)
    assert not page.context.cookies()
    assert [*axe_problems(page, [*STANDARDS, "best-practice"]), *width_problems(page)] == []
    page.set_viewport_size(WIDE)
    with page.expect_download() as got:
        page.get_by_role("button", name="Get the list with what was found (CSV)").click()
    assert "Diploma in Adult Care" in got.value.path().read_text(encoding="utf-8-sig")


def test_the_list_is_brief(addresses: dict[str, str], page: Page) -> None:
    page.set_viewport_size(WIDE)
    page.goto(addresses["guidance"])
    assert page.get_by_role("article").count() == 12
    assert page.evaluate("document.documentElement.scrollHeight") < 3200
    page.set_viewport_size(PHONE)
    assert page.get_by_role("article").first.evaluate("one => one.getBoundingClientRect().top + scrollY") < 700


def test_filters_are_true_to_the_list_after_back(addresses: dict[str, str], page: Page) -> None:
    page.set_viewport_size(WIDE)
    page.goto(addresses["guidance"])
    page.get_by_label("Level 3 (7)").check()
    page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url(re.compile("level=3"))
    page.go_back()
    assert page.locator("#showing_results").inner_text() == "Showing 12 of 12 categories"
    assert page.get_by_role("checkbox", checked=True).count() == 0


# GOV.UK Frontend draws the outline of a checkbox or radio button on the label before which it lies
OUTLINE = """() => {
    const focused = document.activeElement
    const replaced = focused.matches('[type=checkbox], [type=radio]')
    const style = replaced ? getComputedStyle(focused.nextElementSibling, '::before') : getComputedStyle(focused)
    return [style.outlineStyle, parseFloat(style.outlineWidth)]
}"""
EDGE = "item => [getComputedStyle(item).borderBottomStyle, parseFloat(getComputedStyle(item).borderBottomWidth)]"


def test_forced_colours_keep_focus_and_the_current_page_in_sight(new_context: Any, addresses: dict[str, str]) -> None:
    page = new_context(forced_colors="active", viewport=WIDE).new_page()
    for name in (
        *("guidance-filtered", "category", "find-level", "compare", "update-4"),
        *("table-ordered", "in-full", "check", "since", "since-form", "exact"),
    ):
        page.goto(addresses[name])
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            style, width = page.evaluate(OUTLINE)
            assert (style, width) == ("solid", 3), page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        for item in page.locator(".app-navigation__item").all():
            style, width = item.evaluate(EDGE)
            assert (style == "solid" and width >= 3) == (item.locator("[aria-current]").count() == 1), name


def test_nothing_moves_for_those_who_asked_for_less_motion(
    new_context: Any, base_url: str, addresses: dict[str, str]
) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    for name in ("guidance", "category", "find-level", "compare-2"):
        page.goto(addresses[name])
        assert page.evaluate(MOVING) == [], name


@pytest.mark.parametrize(
    ("name", "width", "display"),
    [
        ("compare-2", 768, "table"),
        ("compare-2", 640, "block"),
        ("compare-4", 768, "block"),
        ("compare-4", 1024, "table"),
    ],
)
def test_a_comparison_is_a_table_where_its_columns_have_room(
    name: str, width: int, display: str, addresses: dict[str, str], page: Page
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(addresses[name])
    assert page.locator(".app-compare").evaluate("table => getComputedStyle(table).display") == display
    assert page.evaluate(TOO_WIDE) == []


def test_reasons_stand_closer_to_their_category_than_the_next_one_does(addresses: dict[str, str], page: Page) -> None:
    page.goto(addresses["find-none"])
    page.locator(".app-ruled-out summary").click()
    items = page.locator(".app-ruled-out li").filter(has=page.locator(".app-because + .app-because"))
    within = items.first.evaluate("""item => {
        const [one, other] = [...item.querySelectorAll('.app-because')].map(reason => reason.getBoundingClientRect())
        return [other.top - one.bottom, item.nextElementSibling.getBoundingClientRect().top - other.bottom]
    }""")
    assert within[0] < within[1]
