"""My requests: one's own over all channels, and nobody else's."""

import pytest

from crm.services import posting
from selfcare.services import callbacks, surveys
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
