"""The rights of persons: a copy, objection, erasure that leaves every figure, holds, retention."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from chat.models import Chat
from crm import clock, registry
from crm.models import (
    Attachment,
    AuditValue,
    Consent,
    Customer,
    Identity,
    Interaction,
    InteractionFact,
    Message,
    Note,
    PrivacyRequest,
    RetentionRule,
    Visit,
)
from crm.reports import cut as cuts
from crm.services import customers, privacy, search
from selfcare.models import Answer, Callback, SurveyInvitation
from tests import factories
from tests.doors import signed_in
from tickets.models import Mail

pytestmark = pytest.mark.django_db
SECRET = "orchidee"


def closed(customer, **values):
    at = values.pop("at", clock.now() - timedelta(hours=2))
    return factories.InteractionFactory(
        customer=customer, status="closed", opened_at=at, closed_at=at + timedelta(minutes=9),
        handled_at=at + timedelta(minutes=9), assigned_at=at, first_customer_at=at,
        first_answer_at=at + timedelta(seconds=30), last_agent_at=at + timedelta(minutes=8),
        last_customer_at=at + timedelta(minutes=8), waiting_since=None, outcome="solved",
        title=f"Titre {SECRET}", **values,
    )  # fmt: skip


@pytest.fixture
def history(ada, bea, remote):
    """Ada over three channels, with something personal in every place."""
    at = clock.now() - timedelta(days=3)
    customers.add_identity(ada, "phone", "01 99 00 11 22")
    Note.objects.create(customer=ada, author=bea.user, text=SECRET)
    visit = Visit.objects.create(key=f"k-{SECRET}", customer=ada, referrer=f"https://x/{SECRET}")
    visit.steps.create(kind="search", label=SECRET, value=3)
    visit.steps.create(kind="article", label="Appairer", target="12")
    rows = [
        closed(ada, channel="chat", agent=bea, closed_by=bea, subject=remote, visit=visit,
               score=5, rated_at=at, at=at),
        closed(ada, channel="mail", agent=bea, closed_by=bea, subject=remote,
               at=at + timedelta(days=2)),
        closed(ada, channel="callback", agent=bea, closed_by=bea, score=2, rated_at=at),
    ]  # fmt: skip
    for row in rows:
        said = Message.objects.create(
            interaction=row, author="customer", text=SECRET, body={"html": SECRET},
            client_id=SECRET, staff_seq=1, customer_seq=1, created_at=row.opened_at,
        )  # fmt: skip
        Message.objects.create(
            interaction=row, author="system", kind="event", staff_seq=2, created_at=row.opened_at,
            body={"event": "assigned", "name": SECRET},
        )  # fmt: skip
        search.fill()
    Attachment.objects.create(
        message=said, file=ContentFile(b"x", name="x"), name=f"{SECRET}.png", size=1,
        content_type="image/png", sha256="0" * 64,
    )  # fmt: skip
    site = factories_site()
    Chat.objects.create(interaction=rows[0], site=site, visitor_name=SECRET, start_key="s")
    Mail.objects.create(
        direction="in", state="filed", interaction=rows[1], from_email="ada@lenoir.example",
        subject=SECRET, text=SECRET, html=SECRET,
    )  # fmt: skip
    Callback.objects.create(
        interaction=rows[2], phone="+33199001122", mail="ada@lenoir.example", asked_text=SECRET,
        promised_at=at,
    )  # fmt: skip
    invitation = SurveyInvitation.objects.create(
        interaction=rows[0], customer=ada, verdict="sent", state="answered", agent=bea,
        closed_at=at, sent_at=at, answered_at=at,
    )  # fmt: skip
    answer = Answer.objects.create(
        invitation=invitation, score=5, comment=SECRET, via="card", answered_at=at
    )
    answer.changes.create(before={"score": 4, "comment": SECRET}, at=at)
    return rows


def factories_site():
    from chat.models import Site

    return Site.objects.create(key="s1", name="Portal")


def every_figure():
    today = clock.now().date()
    asked = {"from": str(today - timedelta(days=30)), "to": str(today)}
    cut = cuts.read(asked)
    return {
        name: {channel: repr(v) for channel, v in measure.by_channel(cut).items()}
        for name, measure in registry.measures().items()
    }


def everything_stored():
    """Every text in every table of ours, as one string."""
    from django.apps import apps

    found = []
    for model in apps.get_models():
        if model.__module__.split(".")[0] in ("crm", "chat", "tickets", "selfcare"):
            found += [str(row) for row in model._base_manager.values_list()]
    return "\n".join(found)


def erase(customer, by, kind="erase"):
    request = privacy.open_request(customer, kind, by=by)
    while privacy.erase_due():
        pass
    request.refresh_from_db()
    return request


@pytest.mark.parametrize("kind", ["erase", "delete"])
def test_erasure_leaves_every_figure_and_nothing_personal(mia, ada, history, kind):
    before = every_figure()
    assert SECRET in everything_stored()
    request = erase(ada, mia, kind)
    assert (request.state, request.handled, request.total) == ("done", 3, 3)
    assert every_figure() == before
    left = everything_stored()
    for trace in (SECRET, "Lenoir", "lenoir", "+33199001122"):
        assert trace not in left, [line for line in left.splitlines() if trace in line]
    assert Interaction.objects.count() == 3
    assert not Customer.all_rows.filter(pk=ada.pk).exists()
    assert not Identity.objects.exists()
    assert Message.objects.count() == 6
    owners = set(Interaction.objects.values_list("customer", flat=True))
    assert len(owners) == (1 if kind == "erase" else 3)
    fact = InteractionFact.objects.get(interaction=history[0])
    assert 1.9 < fact.back_after_days < 2.1
    assert (fact.earlier, fact.searches, fact.articles) == (0, 1, 1)


def test_an_erasure_that_was_killed_goes_on_where_it_was(mia, ada, history, monkeypatch):
    monkeypatch.setattr("crm.services.privacy.erasing.BATCH", 1)
    request = privacy.open_request(ada, "erase", by=mia)
    assert privacy.erase_due(batches=1) == 1
    request.refresh_from_db()
    assert (request.state, request.handled) == ("running", 1)
    assert privacy.erase_due() == 2
    request.refresh_from_db()
    assert (request.state, request.handled) == ("done", 3)
    assert Interaction.objects.values("customer").distinct().count() == 1


def test_erasing_empties_the_audit_trails_values_and_says_who_did_it(mia, ada, history):
    ada.town = "Cancale"
    ada.save()
    assert AuditValue.objects.filter(after="Cancale").exists()
    erase(ada, mia)
    assert not AuditValue.objects.filter(after="Cancale").exists()
    from crm.models import AuditEntry

    entry = AuditEntry.objects.get(verb="erased")
    assert (entry.actor_id, entry.customer_id) == (mia.pk, ada.pk)


def test_a_hold_stops_erasure_and_retention(mia, ada, history):
    privacy.hold(ada, "Litige 12", mia)
    with pytest.raises(privacy.OnHold):
        privacy.open_request(ada, "erase", by=mia)
    Interaction.objects.update(closed_at=clock.now() - timedelta(days=4000))
    Visit.objects.update(last_at=clock.now() - timedelta(days=4000))
    privacy.confirm({})
    assert privacy.purge_due() == 0
    assert SECRET in everything_stored()


def test_open_exchanges_stop_an_erasure(mia, ada):
    factories.InteractionFactory(customer=ada)
    with pytest.raises(privacy.OpenWork):
        privacy.open_request(ada, "erase", by=mia)


def test_the_copy_is_readable_and_machine_readable_and_whole(mia, ada, history):
    target = io.BytesIO()
    privacy.write_archive(ada, target, "fr")
    archive = zipfile.ZipFile(target)
    data = json.loads(archive.read("data.json"))["sections"]
    assert data["record"][0]["last_name"] == "Lenoir"
    assert {i["value"] for i in data["identities"]} == {"ada@lenoir.example", "+33199001122"}
    assert len(data["exchanges"]) == 3
    assert data["exchanges"][0]["messages"][0]["text"] == SECRET
    assert data["callbacks"][0]["phone"] == "+33199001122"
    assert data["answers"][0]["comment"] == SECRET
    page = archive.read("index.html").decode()
    assert "Copie de vos données" in page
    assert SECRET in page
    assert any(name.startswith("files/") for name in archive.namelist())


def test_objecting_takes_one_click_and_is_written_down(bea, ada, box_queue):
    factories.InteractionFactory(customer=ada, queue=box_queue)
    client = signed_in(bea.user, second_factor=True)
    url = reverse("admin:privacy_objection", args=[ada.pk])
    client.post(url)
    assert not Consent.objects.filter(customer=ada, purpose="survey").latest("at").granted
    asked = PrivacyRequest.objects.get(customer=ada)
    assert (asked.kind, asked.state) == ("object", "done")


@pytest.mark.parametrize(
    ("received", "due"),
    [("2026-01-31", "2026-02-28"), ("2026-11-22", "2026-12-22"), ("2026-12-31", "2027-01-31")],
)
def test_a_request_is_due_after_a_month(mia, ada, received, due):
    from django.utils.dateparse import parse_datetime

    at = parse_datetime(f"{received}T12:00:00+00:00")
    request = privacy.open_request(ada, "access", by=mia, received_at=at)
    assert str(request.due_at.date()) == due


def test_only_those_who_may_answer_privacy_requests(bea, mia, ada, history, mallory):
    for user in (bea.user, mallory):
        client = signed_in(user, second_factor=True)
        for name in ("privacy_archive", "privacy_ask", "privacy_hold"):
            data = {"kind": "erase", "sure": ada.pk, "reason": "x"}
            answer = client.post(reverse(f"admin:{name}", args=[ada.pk]), data)
            assert answer.status_code in (302, 403)
        asked = {"kind": "erase", "customer": ada.pk}
        answer = client.post("/api/v1/privacy/", asked, "application/json")
        assert answer.status_code in (400, 403)
    assert not PrivacyRequest.objects.exists()
    client = signed_in(mia, second_factor=True)
    url = reverse("admin:privacy_ask", args=[ada.pk])
    client.post(url, {"kind": "erase", "sure": "1"})
    assert not PrivacyRequest.objects.exists()
    client.post(url, {"kind": "erase", "sure": str(ada.pk)})
    assert PrivacyRequest.objects.get().state == "running"


def test_the_api_does_what_the_console_does(mia, ada, history):
    client = signed_in(mia, second_factor=True)
    asked = {"kind": "access", "customer": ada.pk}
    made = client.post("/api/v1/privacy/", asked, "application/json").json()
    answer = client.get(f"/api/v1/privacy/{made['id']}/archive/")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    client.post("/api/v1/privacy/", {"kind": "object", "customer": ada.pk}, "application/json")
    assert Consent.objects.filter(customer=ada, granted=False).exists()
    made = client.post("/api/v1/privacy/", asked | {"kind": "erase"}, "application/json")
    assert made.status_code == 201
    privacy.erase_due()
    assert client.get(f"/api/v1/privacy/{made.json()['id']}/").json()["state"] == "done"


def test_retention_does_nothing_until_somebody_confirmed_it(mia, ada, history):
    old = clock.now() - timedelta(days=800)
    Interaction.objects.update(closed_at=old, opened_at=old)
    assert privacy.purge_due() == 0
    would = {due.retention.name: due.count for due in privacy.preview()}
    assert would["words"] == 3
    assert SECRET in everything_stored()
    privacy.confirm({"words": 900})
    assert RetentionRule.objects.get(purpose="words").days == 900
    privacy.purge_due()
    assert Message.objects.filter(text=SECRET).count() == 3
    privacy.confirm({"words": 730})
    before = every_figure()
    privacy.purge_due()
    assert not Message.objects.filter(text=SECRET).exists()
    assert every_figure() == before
    assert Interaction.objects.filter(customer=ada).count() == 3


def test_a_complaint_keeps_its_words_longer(mia, ada, history):
    old = clock.now() - timedelta(days=800)
    Interaction.objects.update(closed_at=old, nature="complaint")
    privacy.confirm({})
    privacy.purge_due()
    assert Message.objects.filter(text=SECRET).count() == 3


def test_somebody_silent_for_three_years_is_erased(mia, ada, history):
    old = clock.now() - timedelta(days=1200)
    Interaction.objects.update(closed_at=old, opened_at=old, last_customer_at=old)
    Customer.objects.update(created_at=old)
    privacy.confirm({})
    privacy.purge_due()
    privacy.erase_due()
    assert not Identity.objects.exists()


def test_the_pages_open_for_those_who_may(mia, ada, history):
    client = signed_in(mia, second_factor=True)
    assert client.get(reverse("admin:privacy_customer", args=[ada.pk])).status_code == 200
    assert client.get(reverse("admin:crm_privacyrequest_changelist")).status_code == 200
    assert client.get(reverse("admin:retention") + "?preview=1").status_code == 200
    assert client.post(reverse("admin:retention")).status_code == 403
    assert not RetentionRule.objects.exists()
