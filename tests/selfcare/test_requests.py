"""My requests: one's own over all channels, and nobody else's."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import registry
from crm.models import Interaction
from crm.services import answering, interactions, posting, regrouping
from selfcare.services import callbacks, links, surveys
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = pytest.mark.django_db


def test_the_customer_sees_all_channels_with_the_next_step(
    client, ada, ada_user, chat, sim, monday, outbox
):
    said = chat()
    surveys.invite(said.pk)
    call = callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-23T17:30"))
    client.force_login(ada_user)
    page = client.get("/fr/requests/").content.decode()
    assert said.reference in page
    assert call.interaction.reference in page
    assert "17\u00a0h\u00a030" in page
    detail = client.get(f"/fr/requests/{said.reference}/").content.decode()
    assert "Ma télécommande est muette" in detail
    assert f"/fr/avis/{said.survey_invitation.pk}/" in detail


def test_what_has_neither_title_nor_subject_is_named_by_its_channel(client, ada, ada_user):
    mail = interactions.open("mail", ada)
    client.force_login(ada_user)
    label = str(registry.channel("mail").label)
    assert f"<strong>{label}</strong>" in client.get("/fr/requests/").content.decode()
    assert client.get(f"/fr/requests/{mail.reference}/").status_code == 200


def test_notes_of_colleagues_stay_inside(client, ada_user, chat, bea):
    said = chat(close=False)
    posting.post(said, author="agent", agent=bea, kind="note", text="cliente fidèle")
    client.force_login(ada_user)
    assert "cliente fidèle" not in client.get(f"/fr/requests/{said.reference}/").content.decode()


def test_strangers_find_nothing(client, chat, mallory):
    said = chat()
    assert client.get("/fr/requests/").status_code == 302
    client.force_login(mallory)
    assert said.reference not in client.get("/fr/requests/").content.decode()
    assert client.get(f"/fr/requests/{said.reference}/").status_code == 404


def test_a_reference_of_another_month_is_no_address(client, ada_user, chat):
    said = chat()
    client.force_login(ada_user)
    wrong = f"0101-{said.pk:04d}"
    assert client.get(f"/fr/requests/{wrong}/").status_code == 404
    assert client.get("/fr/requests/nothing/").status_code == 404


def test_a_colleague_sees_only_what_they_asked_themselves(client, chat, bea):
    said = chat()
    client.force_login(bea.user)
    assert said.reference not in client.get("/fr/requests/").content.decode()


@pytest.mark.parametrize("many", [1, 6])
def test_the_list_costs_the_same_however_long(
    client, ada_user, chat, many, django_assert_max_num_queries
):
    for _one in range(many):
        chat()
    client.force_login(ada_user)
    client.get("/fr/requests/")
    with django_assert_max_num_queries(12):
        client.get("/fr/requests/")


def answer(text: str = "Encore en panne", **more) -> dict:
    return {"text": text, "key": str(uuid.uuid4()), **more}


@pytest.fixture
def letter(ada, remote):
    """A request in writing that was answered and closed."""
    said = registry.opener("mail")(
        customer=ada, title="Télécommande", text="Muette", language="fr", subject=remote
    )
    interactions.close(said, outcome=Interaction.Outcome.SOLVED)
    return said


@pytest.mark.usefixtures("fresh_limits")
def test_an_answer_with_a_file_opens_the_request_again_once(client, ada_user, letter):
    client.force_login(ada_user)
    address = f"/fr/requests/{letter.reference}/"
    form = answer(sent=[SimpleUploadedFile("écran.png", b"\x89PNG\r\n\x1a\n0")])
    for _click in range(2):
        form["sent"][0].seek(0)
        assert client.post(address, form).url == address
    letter.refresh_from_db()
    assert letter.status == "waiting"
    assert list(letter.messages.filter(author="customer").values_list("text", flat=True)) == [
        "Muette", "Encore en panne", "écran.png",
    ]  # fmt: skip
    assert "/file/" in client.get(address).content.decode()


@pytest.mark.usefixtures("fresh_limits")
def test_a_file_that_is_none_leaves_nothing_written(client, ada_user, letter):
    client.force_login(ada_user)
    form = answer(sent=[SimpleUploadedFile("a.exe", b"MZ\x00")])
    refused = client.post(f"/fr/requests/{letter.reference}/", form)
    assert refused.status_code == 422
    assert "Encore en panne" in refused.content.decode()
    letter.refresh_from_db()
    assert (letter.status, letter.messages.filter(author="customer").count()) == ("closed", 1)


@pytest.mark.usefixtures("fresh_limits")
def test_a_chat_that_did_not_solve_it_goes_on_in_writing(client, ada_user, chat):
    said = chat()
    client.force_login(ada_user)
    where = client.post(f"/fr/requests/{said.reference}/", answer()).url
    new = Interaction.objects.get(continues=said)
    assert where == f"/fr/requests/{new.reference}/"
    assert (new.channel, new.subject) == ("mail", said.subject)
    said.refresh_from_db()
    assert said.status == "closed"


@pytest.mark.usefixtures("fresh_limits")
def test_a_chat_under_way_is_answered_there(client, ada_user, chat):
    said = chat(close=False)
    client.force_login(ada_user)
    assert client.post(f"/fr/requests/{said.reference}/", answer()).status_code == 422
    assert not Interaction.objects.filter(continues=said).exists()


@pytest.mark.usefixtures("fresh_limits")
def test_the_links_guest_sees_and_answers_that_request_and_no_other(client, chat, letter, mallory):
    other = chat()
    address = f"/fr/requests/{letter.reference}/"
    assert client.get(address).url.startswith("/accounts/login/")
    assert client.get(links.request_page(letter)).url == address
    assert "Muette" in client.get(address).content.decode()
    assert client.post(address, answer()).status_code == 302
    assert client.get(f"/fr/requests/{other.reference}/").status_code == 302
    assert client.get("/fr/requests/").status_code == 302
    assert client.get("/fr/requests/l/nothing/").status_code == 410
    client.force_login(mallory)
    assert client.get(f"/fr/requests/{other.reference}/").status_code == 404
    assert letter.reference not in client.get("/fr/requests/").content.decode()


def test_what_was_merged_is_read_where_it_went_with_its_files(client, ada, ada_user, bea):
    old, kept = (
        registry.opener("mail")(customer=ada, title=title, text=title, language="fr")
        for title in ("La première", "La seconde")
    )
    for row in (old, kept):
        interactions.take(row.pk, bea)
    file = SimpleUploadedFile("guide.pdf", b"%PDF-1.4 x")
    answering.answer(
        old, agent=bea, text="Voici :\n\n![](vue.png)", client_id="a1",
        attached=answering.check_files([file]),
    )  # fmt: skip
    regrouping.merge(old, kept, by=bea)
    client.force_login(ada_user)
    page = client.get(f"/fr/requests/{old.reference}/", follow=True)
    assert page.redirect_chain == [(f"/fr/requests/{kept.reference}/", 302)]
    said = page.content.decode()
    assert "La première" in said
    assert "[vue.png]" in said
    assert said.count("guide.pdf") == 1
