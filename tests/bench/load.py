"""Load on a running server: how many requests a second it answers, and how much processor time each takes."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
# In turn, a connection would get the same few paths again and again, and a worker with it
AT_RANDOM = """
local paths = {{{paths}}}
math.randomseed(12)
request = function()
  return wrk.format("GET", paths[math.random(#paths)])
end
"""


@dataclass(frozen=True)
class Burst:
    """What a burst of requests came to: answers, of which other than 200 and 304, and seconds of processor time."""

    answers: int
    failed: int
    per_second: float
    processor: float

    @property
    def microseconds(self) -> float:
        return self.processor / max(self.answers, 1) * 1_000_000


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def burst(
    url: str, workers: Iterable[int], seconds: float, script: Path | None = None, connections: int = 4, **headers: str
) -> Burst:
    """Ask without a pause for some seconds, on a few connections. Needs wrk.

    Workers that are named have one core to themselves, and wrk has another: threads that wait for one another across
    cores make rates vary by half.
    """
    pids = list(workers)
    mine, theirs = apart()
    for pid in pids:
        pin(pid, theirs)
    sent = [word for name, value in headers.items() for word in ("-H", f"{name.replace('_', '-')}: {value}")]
    rest = [f"-c{connections}", f"-d{seconds:g}", *sent, *(["-s", str(script)] if script else []), url]
    command = ["taskset", "--cpu-list", mine, "wrk", "-t1", *rest]
    before = processor(pids)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
    spent = processor(pids) - before
    answers, rate = re.search(r"(\d+) requests in", said), re.search(r"Requests/sec:\s+([\d.]+)", said)
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    failed += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", said)))
    assert answers and rate, said
    return Burst(int(answers[1]), failed, float(rate[1]), spent)


def apart() -> tuple[str, set[int]]:
    """The cores for wrk, as taskset takes them, and those for workers."""
    first, *others = sorted(os.sched_getaffinity(0))
    return ",".join(map(str, others or [first])), {first}


def pin(pid: int, cores: set[int]) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # a thread that has just ended
            os.sched_setaffinity(int(task.name), cores)


def script(folder: Path, paths: Iterable[str]) -> Path:
    """Write the script that asks for paths at random."""
    written = folder / "paths.lua"
    written.write_text(AT_RANDOM.format(paths=", ".join(f'"{path}"' for path in paths)))
    return written


def descendants(pid: int | None = None) -> list[int]:
    """The processes that this one, or another, has started, and those that they have."""
    found = Path(f"/proc/{pid or os.getpid()}/task").glob("*/children")
    children = [int(child) for one in found for child in one.read_text().split()]
    return children + [other for child in children for other in descendants(child)]


def processor(pids: Iterable[int]) -> float:
    """Return the seconds of processor time that processes have taken, in the kernel too."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(field[11]) + int(field[12]) for field in fields) / TICK


def memory(pids: Iterable[int]) -> float:
    """Return the bytes of memory of the largest of some processes: its own, and its share of what several have."""
    found = [re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M) for pid in pids]
    return max(int(one[1]) for one in found if one) * 1024
