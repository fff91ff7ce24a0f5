"""The registrar API against its own description: whatever may be asked, and what may not, is answered as it says."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.factories import PAVIETNAM, TENTEN, make_conversation, make_handoff
from tests.registrar.served import served

OPERATIONS = [
    ("/api/v1/registrar/me", "GET"),
    ("/api/v1/registrar/handoffs", "GET"),
    ("/api/v1/registrar/handoffs/{reference}", "GET"),
    ("/api/v1/registrar/handoffs/{reference}/acknowledgement", "PUT"),
    ("/api/v1/registrar/handoffs/{reference}/status", "PUT"),
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory, migrated_sqlite, programme, renderer):
    """Give the schema, a token, and references of requests: some of its own, one of somebody else."""
    with served(tmp_path_factory.mktemp("schema"), migrated_sqlite, programme, renderer) as found:

        async def prepare():
            runtime, references = found.product.runtime, []
            for number in range(6):
                conversation, _ = await make_conversation(runtime.database, runtime.vault)
                registrar = TENTEN if number else PAVIETNAM
                references.append(await make_handoff(runtime.database, conversation, registrar=registrar))
            return references, await found.world.give_token(TENTEN)

        references, token = found.run(prepare())
        schema = schemathesis.openapi.from_url(f"{found.url}/openapi.json")
        schema.config.generation.update(modes=list(GenerationMode))
        yield schema, token, references


def test_these_are_all_endpoints_for_registrars(asked):
    schema, _, _ = asked
    found = {(operation.path, operation.method.upper()) for operation in (o.ok() for o in schema.get_all_operations())}
    assert {(path, method) for path, method in found if path.startswith("/api/v1/registrar")} == set(OPERATIONS)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_question_is_answered_as_the_description_says(asked, path, method):
    schema, token, references = asked
    operation = schema[path][method]

    @given(case=operation.as_strategy(), reference=st.sampled_from([None, *references]))
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    def ask(case, reference):
        if reference is not None and "reference" in (case.path_parameters or {}):
            case.path_parameters["reference"] = reference
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    ask()
