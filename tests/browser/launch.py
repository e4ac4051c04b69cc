"""Which browser the tests drive, how it is started, and what it lacks."""

import re
import shutil
import subprocess
import sys
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


LIBRARY = re.compile(r"(\S+\.so\S*): cannot open shared object file")


def driver_lacks() -> str | None:
    """Say what keeps Playwright's driver from starting."""
    command = [sys.executable, "-m", "playwright", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return None
    if library := LIBRARY.search(done.stderr):
        return f"the library {library[1]}, for Playwright’s driver"
    return f"what Playwright’s driver needs: {(done.stderr.strip() or 'it does not start').splitlines()[-1]}"


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
