"""An auditor sees the whole house and changes nothing, at whatever door.

BRAVO_PROVE=1 knocks at all of them, otherwise at one in sixteen. For the socket see
tests/crm/test_console_socket.py."""

import os

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse

from crm import models
from crm.services import roles
from tests import factories
from tests.doors import signed_in
from tests.people import _staff
from tests.test_doors import closed_doors

pytestmark = pytest.mark.django_db

EVERY = 1 if os.environ.get("BRAVO_PROVE") else 16
# that somebody looked is written down, and the session in which they did
TRACES = {"crm_auditentry", "django_session"}


@pytest.fixture
def paul():
    return signed_in(
        _staff("Paul", "Audit", "paul@lumio.example", roles.AUDITOR), second_factor=True
    )


@pytest.fixture
def house(box_queue):
    """One of each thing, numbered 1: the number that stands in every closed door's address."""
    ada, double = (factories.CustomerFactory(pk=n, last_name="Lenoir") for n in (1, 2))
    factories.IdentityFactory(pk=1, customer=ada)
    factories.InteractionFactory(pk=1, customer=ada, queue=box_queue)
    models.MergeSuggestion.objects.create(pk=1, elder=ada, younger=double, reasons=["same_name"])
    models.Organisation.objects.create(pk=1, name="Kerdal")


def everything() -> dict[str, str]:
    """Table → all its rows, in one word."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - TRACES
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"
                for name in tables
            )
        )
        return dict(cursor.fetchall())


def test_an_auditor_reads_everywhere_and_writes_nowhere(house, paul):
    before = everything()
    doors = closed_doors()
    for address in doors[::EVERY]:
        api = ("put", "patch", "delete") if address.startswith("api/") else ()
        for verb in ("get", "post", *api):
            answer = getattr(paul, verb)("/" + address, {}, content_type="application/json")
            assert answer.status_code < 500, (verb, address)
    assert everything() == before
    lists = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist")
             for m in admin.site._registry][::EVERY]  # fmt: skip
    assert [address for address in lists if paul.get(address).status_code != 200] == []
