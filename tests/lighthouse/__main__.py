"""Scores pages by Lighthouse on a site of their own, and fails where one is below 100. Run by `make lighthouse`.

With names of tests/browser/addresses.py, those pages; with none, one page of each kind.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.browser import launch  # noqa: E402 - Django is set up first
from tests.browser.addresses import PAGES  # noqa: E402
from tests.server import serving  # noqa: E402

HERE = Path(__file__).parent
NAMES = [
    *("guidance", "in-full", "table", "category", "approval-test", "find-level", "find-result", "compare-2", "check"),
    *("updates", "update-2", "category-updates", "since", "since-category", "since-form", "on-day", "exact", "dated"),
]
KEPT_OUT = ["is-crawlable"]  # what search engines are told of pages of the past, on purpose


def main(names: list[str]) -> int:
    chromium = launch.installed()
    if not chromium:
        print("This machine lacks a Chromium browser.")
        return 1
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "tests.browser.seed") as server:
        asked = json.dumps({"base": server.url, "pages": {name: PAGES[name] for name in names}})
        command = ["node", str(HERE / "scores.mjs"), chromium]
        done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own
    low = 0
    for name, found in json.loads(done.stdout).items():
        lost = found.pop("lost")
        is_low = min(found.values()) < 100 and lost != KEPT_OUT
        low += is_low
        scores = "  ".join(f"{category} {score}" for category, score in found.items())
        print(f"{'LOW ' if is_low else 'ok  '}{name:18}{scores}{'  ' + ', '.join(lost) if lost else ''}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or NAMES))
