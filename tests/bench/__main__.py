"""Measure speed, memory and size as ratios against a baseline of the same run.

    [QUICK=1] python -m tests.bench [SUBJECT…]

Prints one table, and exits 1 when a bound is broken. Needs the stylesheet (`make css`); leaves nothing behind.
"""

import subprocess
import sys
import time

from tests.bench.clockwork import QUICK
from tests.bench.table import LINE

IN_BRIEF = ("words", "first_view", "peer", "hot", "fronts", "junk")
LONG = ("start", "growth", "staff", "publications", "outage", "memory")  # QUICK=1 leaves them out unless they are named
SUBJECTS = IN_BRIEF if QUICK else IN_BRIEF + LONG


def main(subjects: list[str]) -> int:
    start = time.monotonic()
    print(LINE.format("what", "measured", "baseline", "ratio", "spread", "bound", ""), flush=True)
    # A process for each: none begins with the memory of another
    command = [sys.executable, "-m", "tests.bench.table"]
    broken = sum(abs(subprocess.run([*command, one]).returncode) for one in subjects or SUBJECTS)  # noqa: S603 - our own
    print(f"{broken} bounds are broken. {time.monotonic() - start:.0f} seconds.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
