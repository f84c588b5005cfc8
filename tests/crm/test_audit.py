"""Who did what to which record: captured below the ORM, and nobody rewrites it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from crm import clock
from crm.models import AuditEntry, AuditValue, Customer, Identity
from crm.services import audit, roles
from tests import factories
from tests.doors import signed_in
from tests.people import _staff

pytestmark = pytest.mark.django_db


def of(customer, verb=None):
    rows = AuditEntry.objects.filter(customer_id=customer.pk)
    return list((rows.filter(verb=verb) if verb else rows).order_by("pk"))


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def paul(db):
    return _staff("Paul", "Audit", "paul@lumio.example", roles.AUDITOR)


def test_a_change_through_the_console_says_who_what_and_before_and_after(mia, ada):
    client = signed_in(mia, second_factor=True)
    url = reverse("admin:crm_customer_note", args=[ada.pk])
    client.post(url, {"text": "Préfère le matin"})
    with audit.acting(mia.pk, "console"):
        ada.town = "Rennes"
        ada.save()
    made = of(ada, "created")[-1]
    assert (made.model, made.actor_id, made.door) == ("crm.note", mia.pk, "console")
    changed = of(ada, "changed")[-1]
    assert (changed.actor_id, changed.fields) == (mia.pk, ["town"])
    value = changed.values.get()
    assert (value.field, value.before, value.after) == ("town", "", "Rennes")


def test_saving_without_a_change_writes_nothing(ada):
    before = AuditEntry.objects.count()
    ada.save()
    assert AuditEntry.objects.count() == before


def test_bulk_statements_and_executemany_are_captured_with_their_actor(mia):
    people = [factories.CustomerFactory() for _n in range(3)]
    with audit.acting(mia.pk, "task"):
        Customer.objects.filter(pk__in=[p.pk for p in people]).update(town="Brest")
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE crm_customer SET language = %s WHERE id = %s",
                [("en", person.pk) for person in people],
            )
    for person in people:
        assert [e.fields for e in of(person, "changed")] == [["town"], ["language"]]
        assert {e.actor_id for e in of(person, "changed")} == {mia.pk}
    ada = factories.CustomerFactory()
    assert of(ada, "created")[0].actor_id is None  # outside: the system


def test_copy_is_one_act_however_many_rows(mia):
    before = AuditEntry.objects.count()
    with audit.acting(mia.pk, "task"), transaction.atomic(), connection.cursor() as cursor:
        first = factories.CustomerFactory()  # names the actor to the transaction
        with cursor.copy(
            "COPY crm_identity (customer_id, kind, value, verified_by, source, created_at)"
            " FROM STDIN"
        ) as copy:
            for n in range(500):
                copy.write_row((first.pk, "mail", f"p{n}@x.test", "", "", "2026-01-01T00:00:00Z"))
    entry = AuditEntry.objects.latest("pk")
    assert AuditEntry.objects.count() == before + 2
    assert (entry.verb, entry.model, entry.count) == ("created", "crm.identity", 500)
    assert entry.actor_id == mia.pk
    assert entry.object_id < entry.object_last


def test_looking_is_kept_once_in_half_an_hour(mia, ada):
    client = signed_in(mia, second_factor=True)
    for _n in range(2):
        client.get(reverse("admin:crm_customer_change", args=[ada.pk]))
    assert [(e.actor_id, e.model) for e in of(ada, "saw")] == [(mia.pk, "crm.customer")]


def test_messages_have_no_trigger():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = 'crm_audit_update'"
        )
        tables = {row[0] for row in cursor.fetchall()}
    assert tables == set(audit.TABLES)
    assert not tables & {"crm_message", "crm_interaction", "crm_participant"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE crm_auditentry SET actor_id = 1",
        "DELETE FROM crm_auditentry",
        "TRUNCATE crm_auditentry CASCADE",
    ],
)
def test_rows_refuse_to_change_even_for_the_owner(ada, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE fails for what is pending
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run(sql)
    assert of(ada)


ATTEMPTS = [
    "UPDATE crm_auditentry SET actor_id = 1",
    "DELETE FROM crm_auditentry",
    "TRUNCATE crm_auditentry CASCADE",
    "ALTER TABLE crm_auditentry DISABLE TRIGGER ALL",
    "DROP TRIGGER crm_audit_no_change ON crm_auditentry",
    "DROP TABLE crm_auditentry CASCADE",
    "CREATE OR REPLACE FUNCTION crm_audit_refuse() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "ALTER TABLE crm_customer DISABLE TRIGGER crm_audit_update",
]


def test_the_applications_role_cannot_rewrite_and_can_work(ada):
    """Two roles: the owner migrates, the application works (docs/operations.md)."""
    from django.core.management import call_command

    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE bravo_app LOGIN NOSUPERUSER")
    call_command("grant_application", role="bravo_app")
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION AUTHORIZATION bravo_app")
    try:
        for sql in ATTEMPTS:
            with pytest.raises(DatabaseError), transaction.atomic():
                run(sql)
        ada.town = "Nantes"
        ada.save()
        Identity.objects.create(customer=ada, kind="mail", value="autre@lenoir.example")
        assert audit.empty_values(customer_id=ada.pk)  # what erasure needs
        _looks(ada, 364, 366, 800)
        assert audit.looks(clock.wall()).count() == 2
        assert audit.forget_looks(clock.wall(), 100) == 2  # a year stays, whatever was asked
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")
    assert of(ada, "changed")[-1].fields == ["town"]
    assert not AuditValue.objects.filter(entry__customer_id=ada.pk).exists()


def _looks(customer, *days):
    for ago in days:
        AuditEntry.objects.create(
            at=clock.wall() - timedelta(days=ago), verb="saw", model="crm.customer",
            object_id=customer.pk, customer_id=customer.pk,
        )  # fmt: skip


def test_old_looks_go_and_old_acts_never(ada):
    _looks(ada, 800)
    acts = AuditEntry.objects.exclude(verb="saw").count()
    AuditEntry.objects.create(
        at=clock.wall() - timedelta(days=800), verb="exported", model="crm.customer"
    )
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        run("DELETE FROM crm_auditentry WHERE verb = 'exported'")
    assert audit.forget_looks(clock.wall(), 100) == 1
    assert AuditEntry.objects.exclude(verb="saw").count() == acts + 1


def test_auditors_read_it_in_console_and_api_and_others_do_not(paul, mia, bea, ada):
    url = reverse("admin:crm_auditentry_changelist")
    auditor = signed_in(paul, second_factor=True)
    assert "crm.customer" in auditor.get(f"{url}?q={ada.pk}").content.decode()
    entry = of(ada)[0]
    page = reverse("admin:crm_auditentry_change", args=[entry.pk])
    assert auditor.get(page).status_code == 200
    rows = auditor.get(f"/api/v1/audit/?customer_id={ada.pk}").json()["results"]
    assert entry.pk in [row["id"] for row in rows]
    for verb in ("post", "put", "patch", "delete"):
        answer = getattr(auditor, verb)(f"/api/v1/audit/{entry.pk}/", {}, "application/json")
        assert answer.status_code in (403, 405)
    for user in (mia, bea.user):
        client = signed_in(user, second_factor=True)
        assert client.get(url).status_code == 403
        assert client.get("/api/v1/audit/").status_code == 403


def test_an_auditor_changes_nothing(paul, ada):
    client = signed_in(paul, second_factor=True)
    assert client.get(reverse("admin:crm_customer_change", args=[ada.pk])).status_code == 200
    client.post(reverse("admin:crm_customer_change", args=[ada.pk]), {"last_name": "X"})
    client.post(reverse("admin:crm_customer_note", args=[ada.pk]), {"text": "x"})
    ada.refresh_from_db()
    assert ada.last_name == "Lenoir"
    assert not ada.notes.exists()
