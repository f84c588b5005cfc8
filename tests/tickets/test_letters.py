"""The received mail as staff sees it: behind a sandbox, for who may see its interaction."""

from email.message import EmailMessage

import pytest
from django.core import signing
from django.test import Client

from crm.admin.desk import texts
from crm.models import Attachment, Interaction, Message
from crm.services import files
from crm.services.files import links
from tests import factories
from tests.doors import signed_in, stranger
from tickets.models import Mail
from tickets.services import receiving

pytestmark = pytest.mark.django_db

PIXEL = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def rich() -> bytes:
    """HTML with an own picture, one from elsewhere and a script; a bill, a trap and a quote."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ada Lenoir <ada@mail.example>", "assistance@lumio.example"
    mail["Subject"], mail["Message-ID"] = "Facture", "<rich@mail.example>"
    mail.set_content("Voir ci-joint.\n\nLe 1 mai 2026, Lumio a écrit :\n> Bonjour\n")
    mail.add_alternative(
        '<p>Voir ci-joint.</p><img src="cid:own@x"><img src="https://spy.example/p.gif">'
        "<script>alert(1)</script>",
        subtype="html",
    )
    page = mail.get_payload()[1]
    page.add_related(PIXEL, "image", "png", cid="<own@x>", filename="own.png")
    mail.add_attachment(b"%PDF-1.4 x", "application", "pdf", filename="facture.pdf")
    mail.add_attachment(b"<script>1</script>", "text", "html", filename="piège.html")
    return mail.as_bytes()


@pytest.fixture
def filed(assistance) -> Mail:
    return receiving.receive(rich(), ["assistance@lumio.example"])


@pytest.fixture
def at_desk(settings):
    settings.DEMO = True
    return lambda user: signed_in(user, second_factor=True)


def doors(mail: Mail) -> list[str]:
    base = f"/console/tickets/mail/{mail.pk}"
    file = Attachment.objects.order_by("pk").first()
    return [f"{base}/letter/", f"{base}/html/", f"{base}/file/{file.pk}/"]


def test_every_door_opens_for_the_queues_agent_only(filed, at_desk, bea, mobile_queue, mallory):
    colleague = factories.AgentFactory()
    colleague.queues.add(mobile_queue)
    for door in doors(filed):
        assert at_desk(bea.user).get(door).status_code in (200, 302), door
        assert at_desk(colleague.user).get(door).status_code in (403, 404), door
        for nobody in (stranger(), at_desk(mallory)):
            answer = nobody.get(door)
            assert answer.status_code in (302, 403), door
            assert not answer.get("Location", "").startswith("/file/")


def test_the_letter_lists_the_files_but_not_the_pictures_within(filed, at_desk, bea):
    page = at_desk(bea.user).get(doors(filed)[0]).content.decode()
    assert "facture.pdf" in page
    assert "piège.html" in page
    assert "own.png" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "?pictures=1" in page
    assert filed.message.body["files"] == 2


def test_the_frame_runs_nothing_and_loads_nothing_from_elsewhere(filed, at_desk, bea):
    client = at_desk(bea.user)
    answer = client.get(doors(filed)[1])
    policy, page = answer["Content-Security-Policy"], answer.content.decode()
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "https:" not in policy
    assert "script" not in policy
    assert "<script" not in page
    assert "https://spy.example" not in page
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    asked = client.get(doors(filed)[1] + "?pictures=1")
    assert "https://spy.example" in asked.content.decode()
    assert "https:" in asked["Content-Security-Policy"]
    assert "default-src 'none'" in asked["Content-Security-Policy"]


def test_its_own_picture_is_in_the_frame_by_a_signed_link(filed, at_desk, bea):
    page = at_desk(bea.user).get(doors(filed)[1]).content.decode()
    address = page.partition('<img src="/file/')[2].partition('"')[0]
    answer = Client().get(f"/file/{address}")  # a sandboxed page has no cookie
    assert answer.content == PIXEL
    assert answer["Content-Type"] == "image/png"


def test_files_are_downloads_unless_browsers_show_them_safely(filed):
    answers = {file.name: Client().get(files.link(file)) for file in Attachment.objects.all()}
    trap, bill = answers["piège.html"], answers["facture.pdf"]
    assert trap["Content-Disposition"].startswith("attachment")
    assert trap["Content-Type"] == "application/octet-stream"
    assert "sandbox" in trap["Content-Security-Policy"]
    assert bill["Content-Disposition"].startswith("inline")
    assert all(answer["X-Content-Type-Options"] == "nosniff" for answer in answers.values())
    assert all("default-src 'none'" in a["Content-Security-Policy"] for a in answers.values())


def test_a_link_expires_and_cannot_be_made_up(filed, monkeypatch):
    address = files.link(Attachment.objects.first())
    assert Client().get(f"{address[:-1]}x/").status_code == 404
    monkeypatch.setattr(links, "LINK_SECONDS", -1)
    assert Client().get(address).status_code == 404
    other = signing.dumps(1, salt="elsewhere")
    assert Client().get(f"/file/{other}/").status_code == 404


def test_a_file_of_another_mail_is_not_reached_through_ones_own(filed, at_desk, bea):
    foreign = Attachment.objects.first()
    mine = Interaction.objects.get()
    note = Message.objects.create(
        interaction=mine, author="agent", staff_seq=99, created_at=mine.opened_at
    )
    foreign.message = note
    foreign.save()
    door = f"/console/tickets/mail/{filed.pk}/file/{foreign.pk}/"
    assert at_desk(bea.user).get(door).status_code == 404


def test_the_interactions_page_offers_the_original(filed, at_desk, mia):
    mia.is_superuser = True
    mia.save()
    page = at_desk(mia).get(f"/console/crm/interaction/{filed.interaction_id}/change/")
    assert f'data-original="/console/tickets/mail/{filed.pk}/letter/"' in page.content.decode()


def test_the_desk_knows_where_the_original_is(filed, at_desk, bea):
    page = at_desk(bea.user).get("/console/desk/").content.decode()
    assert "/console/tickets/mail/0/letter/" in page
    talk = at_desk(bea.user).get(f"/console/desk/{filed.interaction_id}/").json()
    said = next(f["m"] for f in talk["talk"]["frames"] if f["m"]["kind"] == "text")
    assert (said["body"]["mail"], said["body"]["folded"], said["body"]["html"]) == (
        filed.pk,
        True,
        True,
    )


def test_what_mail_tells_the_desk_has_words_there():
    said = texts.texts()
    for event in ("mail_failed", "mail_bounced", "mail_delayed"):
        assert "{address}" in said[f"ev_{event}"]
    assert said["stranger"]
