"""Files in a chat, both ways: taken by their content, given out to who may see the conversation."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chat.services import tokens
from crm.models import Attachment, Message
from crm.services import files, interactions, posting
from crm.services.files import links
from tests.doors import stranger

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def office(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            # without the hour: the bytes name tests, and both workers must find the same ones
            archive.writestr(zipfile.ZipInfo(name), "x")
    return packed.getvalue()


def torn() -> bytes:
    """An office document whose first part cannot be unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        part = zipfile.ZipInfo("mimetype")
        part.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(part, "application/vnd.oasis.opendocument.text")
    whole = bytearray(packed.getvalue())
    whole[38:48] = b"\xff" * 10  # right behind the name
    return bytes(whole)


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def send(client, chat):
    """What the widget does with a chosen file: status and answer."""

    def post(name="photo.png", content=PICTURE, *, client_id="file-key-1", **more):
        form = {
            "site": "boutique", "token": tokens.for_chat(chat), "client_id": client_id,
            "file": SimpleUploadedFile(name, content),
        }  # fmt: skip
        response = client.post("/widget/file", form | more, headers={"origin": "http://testserver"})
        return response.status_code, response.json()

    return post


def said(chat):
    return chat.interaction.messages.filter(body__file__isnull=False)


def test_a_picture_is_a_line_of_the_conversation_and_both_sides_can_open_it(
    send, ask, chat, bea, enter
):
    status, answer = send()
    assert status == 200
    message = Message.objects.get(pk=answer["id"])
    assert message.author == "customer"
    assert message.body == {"file": {"name": "photo.png", "type": "image/png", "size": 48}}
    found = ask("links", token=tokens.for_chat(chat), ids=[message.pk])[1]["links"]
    picture = Client().get(found[str(message.pk)])
    assert (picture.content, picture["Content-Type"]) == (PICTURE, "image/png")
    desk = enter(bea.user).get(f"/console/desk/{chat.pk}/file/{message.pk}/", follow=True)
    assert desk.content == PICTURE


def test_sent_twice_with_one_key_it_is_stored_once(send, chat):
    assert send()[1] == send()[1]
    assert Attachment.objects.count() == said(chat).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", PICTURE, "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic", "image/heic"),
        ("a.mov", b"\x00\x00\x00\x14ftypqt  ", "video/mp4"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.csv", "date;montant\n3 novembre;12,50 €".encode(), "text/plain"),
        ("a.docx", office("[Content_Types].xml", "word/document.xml"), files.NAMES),
    ],
)
def test_what_a_file_is_its_content_says(name, content, kind):
    assert files.kind_of(content) in kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"MZ\x90\x00\x03"),  # a program
        ("photo.png", b"<html><script>alert(1)</script>"),
        ("photo.svg", b'<?xml version="1.0"?><svg onload="alert(1)"/>'),
        ("photos.zip", office("a.png")),
        ("letter.odt", torn()),
        ("bill.docx", office("[Content_Types].xml", "word/vbaProject.bin")),
        ("empty.txt", b""),
    ],
)
def test_what_could_run_or_hide_something_is_not_taken(send, chat, name, content):
    assert send(name, content) == (400, {"code": "kind"})
    assert not said(chat).exists()


def test_a_file_that_is_too_large_is_refused(send, chat, monkeypatch):
    from crm.services.files import checking

    monkeypatch.setattr(checking, "MOST_BYTES", 40)
    assert send() == (400, {"code": "too_large"})
    assert not Attachment.objects.exists()


def test_a_name_cannot_promise_what_the_content_is_not(send, chat):
    send("../../facture.pdf.exe", PICTURE)
    assert said(chat).get().body["file"]["name"] == "facture.pdf.exe.png"


def test_mallory_sends_nothing_into_it_and_opens_nothing_of_it(send, ask, chat, client):
    assert send(token="forged")[0] == 403
    assert not said(chat).exists()
    message = send(client_id="file-key-2")[1]["id"]
    for door in (stranger(), client):
        assert door.get(f"/console/desk/{chat.pk}/file/{message}/").status_code == 302  # sign in
    assert ask("links", token="forged", ids=[message])[0] == 403
    assert ask("links", token=tokens.for_chat(chat), ids=[message + 1])[1] == {"links": {}}


def test_another_chats_token_gives_no_link(send, ask, shop, new_visit, remote, chat, carl, at_work):
    from chat.services import conversations

    message = send()[1]["id"]
    at_work(carl)
    other = conversations.start(
        shop, new_visit(), conversations.Asking(key="start-key-2"),
        subject=remote, text="Mallory", client_id="line-key-1",
    )  # fmt: skip
    assert ask("links", token=tokens.for_chat(other), ids=[message])[1] == {"links": {}}


def test_a_link_soon_expires_and_what_is_taken_back_is_gone(send, chat, client, monkeypatch):
    message = Message.objects.get(pk=send()[1]["id"])
    address = files.link(message.attachments.get())
    posting.change_own(chat.pk, message.pk, None, author="customer")
    assert client.get(address).status_code == 404
    again = Message.objects.get(pk=send(client_id="file-key-2")[1]["id"])
    address = files.link(again.attachments.get())
    assert client.get(address).status_code == 200
    monkeypatch.setattr(links, "LINK_SECONDS", -1)
    assert client.get(address).status_code == 404


def test_a_file_is_taken_back_but_not_reworded(send, chat):
    message = send()[1]["id"]
    change = {"author": "customer"}
    assert posting.change_own(chat.pk, message, "other", **change) == "forbidden"
    assert posting.change_own(chat.pk, message, None, **change) == ""


def test_bea_sends_a_file_and_ada_sees_it(ask, chat, bea, enter):
    desk = enter(bea.user)
    form = {"client_id": "file-key-9", "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.7")}
    assert desk.post(f"/console/desk/{chat.pk}/file/", form).status_code == 200
    message = said(chat).get()
    assert (message.author, message.agent) == ("agent", bea)
    frames = ask("lines", token=tokens.for_chat(chat), after=0)[1]["frames"]
    assert [f["m"]["body"].get("file", {}).get("name") for f in frames][-1] == "plan.pdf"
    found = ask("links", token=tokens.for_chat(chat), ids=[message.pk])[1]["links"]
    opened = Client().get(found[str(message.pk)])
    assert opened["Content-Disposition"].startswith("inline")


def test_a_colleague_who_does_not_answer_it_sends_nothing(chat, carl, enter):
    form = {"client_id": "file-key-9", "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.7")}
    answer = enter(carl.user).post(f"/console/desk/{chat.pk}/file/", form)
    assert answer.status_code == 409
    assert not said(chat).exists()


def test_over_rest_the_agent_sends_and_opens_a_file(chat, bea, enter):
    desk = enter(bea.user)
    form = {"client_id": "file-key-9", "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.7")}
    key = desk.post(f"/api/v1/interactions/{chat.pk}/files/", form).json()["id"]
    url = desk.get(f"/api/v1/interactions/{chat.pk}/files/{key}/").json()["url"]
    assert Client().get(url).content == b"%PDF-1.7"
    interactions.close(chat.interaction, by=bea, outcome="solved")
    late = form | {"file": SimpleUploadedFile("plan.pdf", b"%PDF-1.7"), "client_id": "file-key-8"}
    assert desk.post(f"/api/v1/interactions/{chat.pk}/files/", late).status_code == 409


def test_erasing_takes_file_and_name_along(send, chat, django_capture_on_commit_callbacks):
    message = Message.objects.get(pk=send()[1]["id"])
    stored = message.attachments.get().file
    with django_capture_on_commit_callbacks(execute=True):
        posting.blank([chat.pk])
    message.refresh_from_db()
    assert (message.text, message.body) == ("", {})
    assert not stored.storage.exists(stored.name)
