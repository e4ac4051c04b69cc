"""Which browser the tests drive, and how it is started."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-lcd-text",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def installed() -> str | None:
    """Return the path of this machine's own browser. On Ubuntu, chromium can be a stub that only asks for snap."""
    for name in BROWSERS:
        if (path := shutil.which(name)) and subprocess.run([path, "--version"], capture_output=True).returncode == 0:  # noqa: S603
            return path
    return None


def is_there(playwright: Playwright) -> bool:
    """Whether there is a browser to start: this machine's own, or one that Playwright fetched."""
    return bool(installed()) or Path(playwright.chromium.executable_path).exists()


def options() -> dict[str, Any]:
    """What to start it with; without one on this machine, Playwright looks for the one that it fetched itself."""
    path = installed()
    return {"args": QUIET} | ({"executable_path": path} if path else {})
