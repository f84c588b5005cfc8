"""What the desk does with letters, done by a system beside it; and mailboxes' servers."""

import pytest

from crm.models import Interaction, Message, Regrouping, Status
from crm.services import interactions
from tests import factories
from tests.doors import signed_in
from tests.tickets.conftest import letter
from tickets.models import ImapAccount, Mail, SenderRule
from tickets.services import receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(assistance, bea):
    """Two requests of Ada's, both Bea's."""
    found = []
    for key in ("m1", "m2"):
        mail = receiving.receive(letter("request", id=key), [assistance.address])
        found.append(interactions.take(mail.interaction_id, bea))
    return found


def do(client, row, verb, **said):
    address = f"/api/v1/interactions/{row.pk}/{verb}/"
    return client.post(address, said, content_type="application/json")


def undo(client, step):
    return client.post(f"/api/v1/regroupings/{step}/undo/")


def test_a_merge_and_its_undoing(two, beas):
    old, kept = two
    step = do(beas, old, "merge", other=kept.pk)
    assert (step.status_code, step.json()["target"]) == (201, kept.pk)
    assert kept.messages.filter(kind="text").count() == 2
    assert do(beas, old, "merge", other=kept.pk).status_code == 409  # it is merged already
    assert undo(beas, step.json()["id"]).json()["undone_at"]
    assert kept.messages.filter(kind="text").count() == 1
    assert undo(beas, step.json()["id"]).status_code == 409


def test_a_split_is_a_request_of_its_own_and_a_link_leads_from_one_to_the_other(two, beas):
    row, other = two
    said = {"text": "Une autre chose", "client_id": "n1"}
    receiving.receive(
        b"From: ada@lenoir.example\nMessage-ID: <m3@x>\nIn-Reply-To: <m1@example.test>\n\nEt la TV",
        ["assistance@lumio.example"],
    )
    last = row.messages.filter(kind="text").latest("pk")
    split = do(beas, row, "split", message=last.pk, title="La TV")
    new = Interaction.objects.get(pk=split.json()["target"])
    assert (split.status_code, new.title, new.messages.get(kind="text")) == (201, "La TV", last)
    foreign = other.messages.filter(kind="text").get()
    assert do(beas, row, "split", message=foreign.pk, **said).status_code == 400
    link = do(beas, row, "link", other=other.pk)
    assert link.status_code == 201
    journal = beas.get("/api/v1/regroupings/").json()["results"]
    assert {step["kind"] for step in journal} == {"split", "link"}
    assert undo(beas, link.json()["id"]).status_code == 200


def test_forwarded_called_back_and_spam(two, beas):
    row, other = two
    asked = {"to": ["technique@lumio.example"], "text": "Pour avis", "client_id": "f1"}
    note = do(beas, row, "forward", **asked)
    assert note.status_code == 201
    assert Mail.objects.get(message=note.json()["message"]).to == ["technique@lumio.example"]
    assert do(beas, row, "forward", to=["no address"], client_id="f2").status_code == 400
    answer = do(beas, row, "answer", text="Retirez les piles.", client_id="a1", cc=["b@x.example"])
    assert answer.json()["call_back_seconds"] > 0
    assert do(beas, row, "send_again", message=answer.json()["message"]).status_code == 409
    assert do(beas, row, "call_back", message=answer.json()["message"]).status_code == 204
    assert not Mail.objects.outbound().filter(cc=["b@x.example"], state="queued").exists()
    assert do(beas, other, "spam").status_code == 204
    other.refresh_from_db()
    assert (other.status, other.outcome) == (Status.CLOSED, Interaction.Outcome.SPAM)
    assert SenderRule.objects.get().pattern == "ada@lenoir.example"


def test_who_does_not_see_both_regroups_nothing(two, beas, mobile_queue, mallory):
    row, _other = two
    hidden = factories.InteractionFactory(queue=mobile_queue, channel="mail")
    assert do(beas, row, "merge", other=hidden.pk).status_code == 400
    assert do(beas, hidden, "merge", other=row.pk).status_code == 404
    for verb in ("merge", "link", "split", "forward", "spam"):
        assert do(signed_in(mallory, second_factor=True), row, verb, other=1).status_code == 403
    assert not Regrouping.objects.exists()
    assert Message.objects.filter(interaction=row, kind="text").count() == 1


def test_a_mailboxs_server_is_set_up_and_its_secrets_are_never_read(assistance, root, beas):
    address = "/api/v1/imap-accounts/"
    given = {"mailbox": assistance.pk, "host": "imap.x.example", "username": "a", "password": "S3"}
    answer = root.post(address, {**given, "after": "move"}, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["move_to"])
    made = root.post(address, given, content_type="application/json")
    assert made.status_code == 201
    assert "S3" not in made.content.decode() + root.get(address).content.decode()
    assert ImapAccount.objects.get().password == "S3"
    one = f"{address}{made.json()['id']}/"
    changed = root.patch(one, {"folder": "Support"}, content_type="application/json")
    assert (changed.json()["folder"], ImapAccount.objects.get().password) == ("Support", "S3")
    assert (
        beas.patch(one, {"host": "evil.example"}, content_type="application/json").status_code
        == 403
    )
    assert root.delete(one).status_code == 204
