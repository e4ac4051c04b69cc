"""The table that the bench prints: `python -m tests.bench.table SUBJECT` prints the rows of one subject."""

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.bench.clockwork import Row

LINE = "{:<58} {:>14} {:>14} {:>7} {:>13} {:>7}  {}"


def line(row: Row) -> str:
    spread = "{:.2f} to {:.2f}".format(*row.spread) if row.spread else ""
    bound = f"{'≥' if row.floor else '≤'} {row.bound:g}"
    verdict = "" if row.holds else "BROKEN"
    return LINE.format(row.what, row.measured, row.baseline, f"{row.ratio:.2f}", spread, bound, verdict).rstrip()


def measured(subject: str) -> int:
    """Print the rows of a subject; return how many bounds are broken."""
    broken = 0
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for row in import_module(f"tests.bench.{subject}").rows(Path(folder)):
            broken += not row.holds
            print(line(row), flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(measured(sys.argv[1]))
