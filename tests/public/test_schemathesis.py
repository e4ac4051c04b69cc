"""The API against its own OpenAPI description: whatever is asked for, no 5xx and no answer outside the description."""

import pytest
import schemathesis
import time_machine
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from categories.content.schema import Content
from tests.history import FORMER_SLUG, FORMER_T_LEVEL, NOW, SLUG, T_LEVEL, publish_history

pytestmark = pytest.mark.django_db

DESCRIPTION = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
OPERATIONS = {operation.ok().label: operation.ok() for operation in DESCRIPTION.get_all_operations()}
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
# Made-up slugs lead nowhere: with these, three of four requests lead somewhere
KNOWN = st.fixed_dictionaries(
    {
        "guidance": st.sampled_from([SLUG, SLUG, FORMER_SLUG, None]),
        "category": st.sampled_from([T_LEVEL, T_LEVEL, FORMER_T_LEVEL, None]),
        "number": st.sampled_from([1, 2, 3, None]),
    }
)
MODES = st.sampled_from(list(schemathesis.GenerationMode))


@pytest.fixture
def history(fixture_content: Content) -> None:
    publish_history(fixture_content)


@pytest.mark.parametrize("label", OPERATIONS)
@settings(max_examples=15, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.data())
def test_every_answer_is_as_described(history: None, label: str, data: st.DataObject) -> None:
    case = data.draw(OPERATIONS[label].as_strategy(generation_mode=data.draw(MODES)))
    known = data.draw(KNOWN)
    case.path_parameters |= {name: known[name] or value for name, value in case.path_parameters.items()}
    with time_machine.travel(NOW, tick=False):
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})
