import ast
import functools
import json
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.test import Client, TransactionTestCase
from django.utils import timezone

from categories.content import rules
from categories.content.schema import Content
from categories.models import triggers
from categories.publishing import timing
from tests.door import Reader
from tests.sign_in import with_second_step

try:
    from hypothesis import HealthCheck
    from hypothesis import settings as hypothesis_settings
except ImportError:
    pass  # with requirements.txt alone; see collect_ignore
else:
    no_times = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # no test asserts times
    # The same few examples on every run; many new ones by pytest --hypothesis-profile=thorough
    hypothesis_settings.register_profile("suite", max_examples=25, derandomize=True, **no_times)
    hypothesis_settings.register_profile("thorough", max_examples=500, **no_times)
    hypothesis_settings.load_profile("suite")

triggers.CLOCK = "'-infinity'::timestamptz"  # PostgreSQL's own would know that times in tests are long past
HERE = Path(__file__).parent
FIXTURE = HERE.parent / "fixtures" / "technical-qualification-categories.json"


def imported(path: Path) -> Iterator[str]:
    """Every module, and every name of a module, that a file of ours imports, by its absolute name."""
    package = path.relative_to(HERE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.arg) and node.arg == "time_machine":  # that package's fixture
            yield node.arg
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join(filter(None, [*above, node.module]))
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


@functools.cache
def is_runnable(path: Path) -> bool:
    """Whether everything that a test file imports, and each file of ours that it imports, is installed."""
    for name in imported(path):
        ours = HERE.parent.joinpath(*name.split(".")).with_suffix(".py")
        if ours.exists() and not is_runnable(ours):
            return False
        if not (HERE.parent / name.split(".")[0]).exists() and not find_spec(name.split(".")[0]):
            return False
    return True


collect_ignore = [] if find_spec("playwright") else ["browser"]
collect_ignore += [str(path.relative_to(HERE)) for path in HERE.rglob("test_*.py") if not is_runnable(path)]


def pytest_report_header() -> str | None:
    """Say what is passed over, and how to run it."""
    if not collect_ignore:
        return None
    return f"Passed over, because they need requirements-dev.txt: {', '.join(sorted(collect_ignore))}"


@pytest.fixture(autouse=True)
def _second_step_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever a test signs in with the client have passed the second step too, by the site's own record of it."""
    monkeypatch.setattr(Client, "_login", with_second_step)


@pytest.fixture
def reader() -> Reader:
    """A reader who comes through the door."""
    return Reader()


@pytest.fixture(autouse=True, scope="session")
def _flushes_may_delete() -> Iterator[None]:
    """Drop the triggers before what a test wrote is flushed. Django then says that it migrated, so they come back."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        triggers.drop()
        flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waiting for an edition move the clock on, so that no test takes as long."""
    now, waited = timezone.now, timedelta(0)

    def wait(seconds: float) -> None:
        nonlocal waited
        waited += timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda: now() + waited)

    monkeypatch.setattr(timing, "sleep", wait)


@pytest.fixture(scope="session")
def fixture_content() -> Content:
    """The content that the site starts from."""
    found, faults = rules.read(json.loads(FIXTURE.read_text(encoding="utf-8")))
    assert found, faults
    return found
