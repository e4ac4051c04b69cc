import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from categories import content

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no test asserts times
settings.load_profile("suite")

FIXTURE = Path(__file__).parent.parent / "fixtures" / "technical-qualification-categories.json"


@pytest.fixture(scope="session")
def fixture_content() -> content.Content:
    """The content that the site starts from."""
    found, faults = content.read(json.loads(FIXTURE.read_text(encoding="utf-8")))
    assert found, faults
    return found
