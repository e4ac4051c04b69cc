"""Measure speed, memory and size as ratios against a baseline of the same run.

    [QUICK=1] python -m tests.bench [SUBJECT…]

Prints one table, and exits 1 when a bound is broken. Needs the stylesheet (`make css`); leaves nothing behind.
"""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from tests.bench.clockwork import QUICK, Row

IN_BRIEF = ("words", "first_view", "peer", "hot", "fronts", "junk", "start")
LONG = ("growth", "staff", "publications", "outage", "memory")  # QUICK=1 leaves them out unless they are named
SUBJECTS = IN_BRIEF if QUICK else IN_BRIEF + LONG
LINE = "{:<58} {:>14} {:>14} {:>7} {:>13} {:>7}  {}"


def line(row: Row) -> str:
    spread = "{:.2f} to {:.2f}".format(*row.spread) if row.spread else ""
    bound = f"{'≥' if row.floor else '≤'} {row.bound:g}"
    verdict = "" if row.holds else "BROKEN"
    return LINE.format(row.what, row.measured, row.baseline, f"{row.ratio:.2f}", spread, bound, verdict).rstrip()


def main(subjects: list[str]) -> int:
    start, broken = time.monotonic(), 0
    print(LINE.format("what", "measured", "baseline", "ratio", "spread", "bound", ""))
    for subject in subjects or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            for row in import_module(f"tests.bench.{subject}").rows(Path(folder)):
                broken += not row.holds
                print(line(row), flush=True)
    print(f"{broken} bounds are broken. {time.monotonic() - start:.0f} seconds.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
