from collections.abc import Iterator

import pytest

from tests import postgres


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    with postgres.server() as url:
        yield url
