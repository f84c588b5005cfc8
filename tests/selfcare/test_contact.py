"""Writing to us from the portal."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Attachment, Customer, Interaction, Message, VisitStep
from tests.selfcare.helpdesk import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits")]


@pytest.fixture
def form(remote):
    return {
        "subject": remote.slug,
        "title": "Télécommande muette",
        "text": "Depuis hier, plus rien.",
        "name": "Ada Lenoir",
        "mail": "Ada@Mail.example",
        "key": str(uuid.uuid4()),
    }


def test_a_message_becomes_a_request_with_its_number(client, form, remote):
    client.get("/fr/search/?q=telecommande")
    answer = client.post("/fr/contact/", form, follow=True)
    request = Interaction.objects.get()
    assert (request.channel, request.subject, request.title) == (
        "mail",
        remote,
        "Télécommande muette",
    )
    assert request.reference in answer.content.decode()
    assert "ada@mail.example" in answer.content.decode()
    assert Message.objects.get(author="customer").text == "Depuis hier, plus rien."
    assert request.visit.steps.filter(kind=VisitStep.Kind.SEARCH).exists()


def test_who_is_signed_in_types_neither_name_nor_address(client, ada, ada_user):
    client.force_login(ada_user)
    page = client.get("/fr/contact/").content.decode()
    assert f'value="{ada.full_name}"' in page
    assert 'value="ada@' in page


def test_the_same_form_sent_twice_is_one_request(client, form):
    client.post("/fr/contact/", form)
    client.post("/fr/contact/", form)
    assert Interaction.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("subject", "nobody"),
        ("title", ""),
        ("title", "x" * 201),
        ("text", " "),
        ("mail", "ada"),
        ("mail", "ada@localhost"),
        ("mail", "a@b.example\nBcc: x@y.example"),
        ("key", "1"),
        ("text", "a\x00b"),
    ],
)
def test_a_bad_form_is_kept_and_opens_nothing(client, form, field, bad):
    answer = client.post("/fr/contact/", form | {field: bad})
    assert answer.status_code == 400
    assert not Interaction.objects.exists()
    assert not Customer.objects.exists()
    if field != "name":
        assert "Ada Lenoir" in answer.content.decode()


def test_a_robot_that_fills_every_field_opens_nothing(client, form):
    assert client.post("/fr/contact/", form | {"company": "SEO Ltd"}).status_code == 302
    assert not Interaction.objects.exists()


def test_too_many_messages_from_one_place_are_refused(client, form):
    answers = [
        client.post("/fr/contact/", form | {"key": str(uuid.uuid4())}).status_code
        for _turn in range(11)
    ]
    assert answers == [302] * 10 + [429]


def test_a_picture_and_a_short_film_go_along_and_are_all_or_nothing(client, form):
    film = SimpleUploadedFile("box.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(64))
    picture = SimpleUploadedFile("voyant.gif", b"GIF89a" + bytes(64))
    program = SimpleUploadedFile("voyant.png", b"MZ\x90\x00" + bytes(64))
    refused = client.post("/fr/contact/", form | {"sent": [picture, program]})
    assert refused.status_code == 422
    assert refused.context["form"].errors["sent"]
    assert not Interaction.objects.exists()
    picture.seek(0)
    for _press in range(2):
        assert client.post("/fr/contact/", form | {"sent": [picture, film]}).status_code == 302
        picture.seek(0)
        film.seek(0)
    kinds = Attachment.objects.order_by("pk").values_list("content_type", flat=True)
    assert list(kinds) == ["image/gif", "video/mp4"]


def test_what_did_not_help_is_not_proposed_again(client, form, remote):
    article = write("Télécommande muette", "<p>Changez les piles.</p>", subject=remote)
    asked = "/fr/suggest/?q=telecommande+muette"
    assert [item["title"] for item in client.get(asked).json()["items"]] == [article.title]
    client.post(f"/fr/article/{article.slug}/vote/", {"helpful": "0"})
    assert client.get(asked).json()["items"] == []


def test_who_cannot_telephone_is_answered_first_in_writing(client, form):
    page = client.get("/fr/contact/?in_writing=1").content.decode()
    assert 'name="in_writing" id="id_in_writing" checked' in page
    client.post("/fr/contact/", form | {"in_writing": "on"})
    client.post("/fr/contact/", form | {"key": str(uuid.uuid4())})
    first, other = Interaction.objects.order_by("pk")
    assert first.priority - other.priority == 3
    assert first.messages.filter(body__event="in_writing").exists()
    assert not other.messages.filter(body__event="in_writing").exists()
