"""Nothing that the API's schema allows breaks the API.

Every operation of the served schema, by the session of a colleague with every right. A few requests
each; BRAVO_PROVE=1 sends many. Each request is undone: the next one finds the same house."""

import json
import os
from urllib.parse import urlencode

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation

from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

PROVE = bool(os.environ.get("BRAVO_PROVE"))
SCHEMA = "/api/v1/schema/?format=json"


@pytest.fixture
def root(ada, box_queue) -> Client:
    """Somebody with every right, and something to see."""
    user = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    factories.AgentFactory(user=user, queues=[box_queue])
    factories.InteractionFactory(customer=ada, queue=box_queue)
    client = signed_in(user, second_factor=True)
    client.raise_request_exception = True  # the traceback, where a 500 would hide it
    return client


def test_nothing_that_the_schema_allows_breaks_the_api(root):
    schema = schemathesis.openapi.from_dict(root.get(SCHEMA).json())
    refused = {found.ok().label: _try(found.ok(), root) for found in schema.get_all_operations()}
    assert len(refused) > 15
    assert not any(refused.values()), refused  # the session is let in


def _try(operation: APIOperation, client: Client) -> int:
    """How many of the requests were refused at the door."""
    refused = 0

    @settings(
        max_examples=100 if PROVE else 2,
        deadline=None,
        database=None,
        derandomize=not PROVE,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        nonlocal refused
        query = urlencode(case.query or {}, doseq=True)
        body = json.dumps(case.body, default=str) if case.method in {"POST", "PUT", "PATCH"} else ""
        with transaction.atomic():
            answer = client.generic(
                case.method, f"{case.formatted_path}?{query}", body, "application/json"
            )
            if answer.streaming:
                answer.getvalue()  # to its end, which closes what it sends
            transaction.set_rollback(True)
        assert answer.status_code < 500, (case.method, case.formatted_path, query, body)
        refused += answer.status_code in {401, 403}

    ask()
    return refused
