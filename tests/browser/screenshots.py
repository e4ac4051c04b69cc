"""Takes every kind of public page as readers see it, and puts them on one sheet to look at. Run by `make screenshots`.

Not a test, so not collected with the tests: it makes index.html in the folder of --output, and docs/guidance-page.png.
"""

from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.addresses import MISSING, PAGES, failure, previews
from tests.server import Server

README_PICTURE = Path(__file__).parent.parent.parent / "docs" / "guidance-page.png"
VIEWS = {  # width in CSS pixels, medium. Paper is A4 within its margins
    "wide": (1280, "screen"),
    "narrow": (320, "screen"),
    "print": (680, "print"),
}
OPEN = "for (const fold of document.querySelectorAll('details')) fold.open = true"


@pytest.fixture(scope="session")
def addresses(server: Server) -> dict[str, str]:
    return PAGES | MISSING | previews(server)


@pytest.fixture(scope="session")
def folder(pytestconfig: pytest.Config) -> Path:
    found = Path(pytestconfig.getoption("--output"))
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.mark.parametrize("view", VIEWS)
def test_take(view: str, server: Server, addresses: dict[str, str], browser: Browser, folder: Path) -> None:
    width, medium = VIEWS[view]

    def take(name: str) -> None:
        page.screenshot(path=folder / f"{name}-{view}.png", full_page=True)

    context = browser.new_context(base_url=server.url, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.emulate_media(media=medium)
    for name, address in addresses.items():
        answer = page.goto(address)
        assert answer, name
        assert answer.status == (404 if name in MISSING else 200), name
        take(name)
        if medium == "print":
            page.pdf(path=folder / f"{name}.pdf", format="A4")
    page.route("**/failed/", lambda route: route.fulfill(status=500, content_type="text/html", body=failure(server)))
    page.goto("/failed/")
    take("500")
    if view == "narrow":
        page.goto(addresses["guidance-filtered"])
        page.evaluate(OPEN)
        take("guidance-unfolded")
    context.close()


def test_put_on_one_sheet(addresses: dict[str, str], folder: Path) -> None:
    rows = "".join(
        f'<h2>{escape(name)} <a href="{escape(address)}">{escape(address)}</a></h2><p>'
        + "".join(f'<img src="{name}-{view}.png" alt="{view}" loading="lazy">' for view in VIEWS)
        + "</p>"
        for name, address in {**addresses, "500": "", "guidance-unfolded": ""}.items()
    )
    style = "p {display: flex; align-items: start; gap: 16px} img {border: 1px solid; max-width: 31vw}"
    sheet = f'<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8"><title>Pages</title><style>{style}</style>{rows}'
    (folder / "index.html").write_text(sheet, encoding="utf-8")


def test_take_the_picture_of_the_readme(server: Server, browser: Browser) -> None:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 1120, "height": 1120}, device_scale_factor=0.65
    )
    page = context.new_page()
    page.goto(PAGES["guidance"])
    page.screenshot(path=README_PICTURE)
    context.close()
