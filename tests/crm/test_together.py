"""Colleagues in one exchange: mentions, whispers, taking over, and who answered first."""

import pytest

from crm.models import AuditEntry, Interaction, Mention, Message, Whisper
from crm.services import interactions, noting, posting, roles, supervising
from tests import factories
from tests.crm.test_desk import chat, desk, signed_in, state_in
from tests.people import _staff

__all__ = ["chat", "desk", "signed_in"]  # fixtures

DESK = "/console/desk/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(signed_in, bea):
    """Bea's team lead, who answers too."""
    user = _staff("Léna", "Roy", "lena@lumio.example", roles.LEAD)
    return factories.AgentFactory(user=user, display_name="Léna", team=bea.team)


def test_who_is_named_in_a_note_hears_of_it_and_may_read_the_exchange(
    desk, signed_in, bea, carl, chat, mobile_queue
):
    row = chat(bea)
    interactions.transfer(row, by=bea, to_queue=mobile_queue)
    Interaction.objects.filter(pk=row.pk).update(agent=bea, status="active", waiting_since=None)
    carls = signed_in(carl.user)
    assert carls.get(f"{DESK}{row.pk}/").status_code == 404
    note = {"kind": "note", "text": "@carl, tu connais ? bea@carlton.example", "client_id": "n1"}
    assert desk.post(f"{DESK}{row.pk}/say/", note).status_code == 200
    desk.post(f"{DESK}{row.pk}/say/", note)
    assert list(Mention.objects.values_list("agent__display_name", flat=True)) == ["Carl"]
    [mine] = state_in(carls.get(DESK))["rows"]
    assert (mine["i"], mine["named"]) == (row.pk, ["Bea"])
    assert carls.get(f"{DESK}{row.pk}/").status_code == 200
    assert state_in(carls.get(DESK))["rows"] == []


def test_a_note_whose_process_died_tells_later_and_once(bea, carl, chat):
    row = chat(bea)
    posting.post(row, author="agent", kind="note", agent=bea, text="Voir @Carl", to_customer=False)
    assert noting.tell_missed() == 1
    assert noting.tell_missed() == 0


def test_a_longer_name_names_nobody_shorter(bea, carl, chat):
    longer = factories.AgentFactory(display_name="Carl Roy")
    noting.note(chat(bea), "@CARL ROY, tu regardes ? Carte 4111 1111 1111 1111", agent=bea)
    assert Mention.objects.get().agent == longer
    assert Message.objects.get(kind="note").text.endswith("•••• 1111")


def test_a_missed_note_is_found_behind_many_lines(bea, carl, chat, django_assert_num_queries):
    row = chat(bea)
    note = {"author": "agent", "kind": "note", "agent": bea, "to_customer": False}
    posting.post(row, text="Voir @Carl", **note)
    for n in range(3):
        noting.note(row, f"@Carl {n}", agent=bea)
    assert noting.tell_missed() == 1
    with django_assert_num_queries(2):  # who was told is not looked at again
        noting.tell_missed()


def test_who_was_named_follows_the_note_where_it_is_moved(bea, carl, chat):
    source, target = chat(bea), chat(bea)
    note = noting.note(source, "Voir @Carl", agent=bea)
    posting.move([note.pk], source, target)
    assert Mention.objects.get().interaction == target


def test_a_lead_whispers_and_only_the_agent_reads_it(desk, signed_in, bea, carl, lena, chat, ada):
    row = chat(bea)
    url = f"{DESK}{row.pk}/supervise/whisper/"
    assert signed_in(lena.user).post(url, {"text": "Propose un échange"}).status_code == 200
    mine = next(one for one in state_in(desk.get(DESK))["rows"] if one["i"] == row.pk)
    assert [(one["name"], one["text"]) for one in mine["whispers"]] == [
        ("Léna", "Propose un échange")
    ]
    carls = signed_in(carl.user).get(f"{DESK}rows/?i={row.pk}").json()["rows"]
    assert carls[0]["whispers"] == []
    assert "échange" not in str(posting.frames_after(row, posting.CUSTOMER, 0))
    assert AuditEntry.objects.filter(verb="whispered", actor_id=lena.user_id).count() == 1
    desk.post(f"{DESK}{row.pk}/heard/")
    mine = desk.get(f"{DESK}rows/?i={row.pk}").json()["rows"][0]
    assert mine["whispers"] == []


def test_whoever_is_no_lead_whispers_and_takes_over_nothing(signed_in, bea, carl, mallory, chat):
    row = chat(bea)
    for user, verb in [(carl.user, "whisper"), (carl.user, "take_over"), (mallory, "whisper")]:
        answer = signed_in(user).post(f"{DESK}{row.pk}/supervise/{verb}/", {"text": "psst"})
        assert answer.status_code in (302, 403)
        api = f"/api/v1/interactions/{row.pk}/{verb}/"
        assert signed_in(user).post(api, {"text": "psst"}, "application/json").status_code == 403
    row.refresh_from_db()
    assert (row.agent, Whisper.objects.count()) == (bea, 0)


def test_a_manager_who_is_no_agent_whispers(signed_in, bea, mia, chat):
    row = chat(bea)
    url = f"/api/v1/interactions/{row.pk}/whisper/"
    answer = signed_in(mia).post(url, {"text": "Bravo"}, "application/json")
    assert answer.status_code == 201
    assert signed_in(mia).post(f"{DESK}{row.pk}/supervise/take_over/").status_code == 403


def test_a_lead_takes_over_and_the_trail_says_so(signed_in, bea, lena, chat):
    row = chat(bea)
    answer = signed_in(lena.user).post(f"{DESK}{row.pk}/supervise/take_over/")
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.agent == lena
    assert AuditEntry.objects.filter(verb="took_over", object_id=row.pk).count() == 1
    with pytest.raises(supervising.NobodyHasIt):
        supervising.take_over(row, lena)


def test_a_letter_begun_before_a_colleagues_answer_comes_back_once(desk, bea, carl, ada, remote):
    row = interactions.open("mail", ada, subject=remote, title="Facture")
    interactions.assign(row, bea)
    row.refresh_from_db()
    begun = row.staff_seq
    posting.post(row, author="agent", agent=carl, text="Déjà répondu")
    said = {"kind": "text", "text": "Bonjour", "client_id": "k1", "begun": begun}
    answer = desk.post(f"{DESK}{row.pk}/say/", said)
    assert (answer.status_code, answer.json()["error"]) == (409, "answered")
    assert "Carl" in answer.json()["message"]
    row.refresh_from_db()
    said |= {"begun": row.staff_seq}
    assert desk.post(f"{DESK}{row.pk}/say/", said).status_code == 200
    assert Message.objects.filter(agent=bea, kind="text").count() == 1
