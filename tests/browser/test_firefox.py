"""The pages that Chromium is tried with, in Firefox, which Playwright cannot drive: by WebDriver BiDi."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.addresses import PAGES
from tests.server import Server

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PUPPETEER = Path(__file__).parents[2] / "node_modules" / "puppeteer-core"


@pytest.mark.skipif(not FIREFOX, reason="this machine lacks Firefox")
@pytest.mark.skipif(not shutil.which("node"), reason="this machine lacks Node.js, which drives Firefox")
@pytest.mark.skipif(not PUPPETEER.exists(), reason="puppeteer-core is not here: run “make css”")
def test_every_page_fits_in_firefox(server: Server) -> None:
    asked = json.dumps({"base": server.url, "pages": PAGES})
    done = subprocess.run(  # noqa: S603 - our own program
        ["node", str(Path(__file__).with_name("firefox.mjs")), str(FIREFOX)],  # noqa: S607
        input=asked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
