"""Mail requests merged, split, linked, and each undone."""

import pytest

from crm.models import Interaction, Message, Regrouping, Status
from crm.services import interactions, regrouping
from selfcare.models import SurveyInvitation
from selfcare.services import surveys
from tests import factories
from tests.tickets.conftest import letter
from tickets.models import Mail
from tickets.services import receiving

pytestmark = pytest.mark.django_db
Verdict = SurveyInvitation.Verdict


@pytest.fixture
def two(assistance, bea):
    """Two requests of Ada's, both Bea's."""
    found = []
    for key in ("m1", "m2"):
        mail = receiving.receive(letter("request", id=key), ["assistance@lumio.example"])
        found.append(interactions.take(mail.interaction_id, bea))
    return found


def words(row) -> list[str]:
    said = row.messages.filter(kind=Message.Kind.TEXT).order_by("pk")
    return [message.mail.header_id.partition("@")[0] for message in said]


def reply_to(header_id: str, key: str) -> Mail:
    raw = (
        f"From: ada@lenoir.example\nTo: assistance@lumio.example\nMessage-ID: <{key}@x>\n"
        f"In-Reply-To: <{header_id}>\nSubject: Re\n\nEncore une chose, {key}.\n"
    )
    return receiving.receive(raw.encode(), ["assistance@lumio.example"])


def test_after_a_merge_everything_and_every_reply_is_in_one(two, bea):
    old, kept = two
    surveys.ensure()
    ours = Mail.objects.outbound().get(interaction=old)  # its acknowledgement
    regrouping.merge(old, kept, by=bea)
    old.refresh_from_db()
    assert words(kept) == ["m1", "m2"]
    assert words(old) == []
    assert (old.status, old.outcome) == (Status.CLOSED, Interaction.Outcome.MERGED)
    assert surveys.invite(old.pk).verdict == Verdict.MERGED
    assert reply_to(ours.header_id, "to-ours").interaction == kept
    assert reply_to("m1@example.test", "to-theirs").interaction == kept
    assert Interaction.objects.count() == 2
    assert regrouping.present(old.pk) == kept.pk


def test_numbers_of_both_go_on_without_a_gap_after_a_merge(two, bea):
    old, kept = two
    regrouping.merge(old, kept, by=bea)
    kept.refresh_from_db()
    numbers = kept.messages.order_by("staff_seq").values_list("staff_seq", flat=True)
    assert list(numbers)[-1] == kept.staff_seq
    assert len(set(numbers)) == kept.messages.count()
    gone = old.messages.get(body__event="merged_into").body["gone"]
    assert set(gone) <= set(kept.messages.values_list("pk", flat=True))


def test_a_merge_undone_gives_both_back_what_was_theirs(two, bea):
    old, kept = two
    step = regrouping.merge(old, kept, by=bea)
    later = reply_to("m1@example.test", "later")
    regrouping.undo(step, by=bea)
    old.refresh_from_db()
    assert words(old) == ["m1"]
    assert words(kept) == ["m2", "later"]
    assert (old.status, old.agent) == (Status.ACTIVE, bea)
    assert later.interaction == kept
    assert reply_to("m1@example.test", "again").interaction == old
    with pytest.raises(regrouping.Refused):
        regrouping.undo(step, by=bea)


def test_merged_again_and_again_the_last_one_has_all(two, bea, assistance):
    old, kept = two
    third = receiving.receive(letter("request", id="m3"), ["assistance@lumio.example"]).interaction
    regrouping.merge(old, kept, by=bea)
    step = regrouping.merge(kept, third, by=bea)
    assert words(third) == ["m1", "m2", "m3"]
    assert regrouping.present_of({old.pk, kept.pk, third.pk}) == {
        old.pk: third.pk, kept.pk: third.pk,
    }  # fmt: skip
    first = Regrouping.objects.get(source=old)
    with pytest.raises(regrouping.Refused):  # what came later comes first
        regrouping.undo(first, by=bea)
    regrouping.undo(step, by=bea)
    assert words(kept) == ["m1", "m2"]


def test_a_message_split_off_takes_its_answers_along_and_comes_back(two, bea):
    source, _other = two
    second = reply_to("m1@example.test", "second")
    step = regrouping.split(source, second.message, by=bea, onwards=False, title="Autre chose")
    new = step.target
    assert (words(source), words(new)) == (["m1"], ["second"])
    assert (new.title, new.ticket.mailbox, new.agent_id) == (
        "Autre chose", source.ticket.mailbox, bea.pk,
    )  # fmt: skip
    assert reply_to("second@x", "third").interaction == new
    regrouping.undo(step, by=bea)
    new.refresh_from_db()
    assert words(source) == ["m1", "second", "third"]
    assert new.outcome == Interaction.Outcome.MERGED
    assert reply_to("third@x", "fourth").interaction == source


def test_all_cannot_be_split_off(two, bea):
    with pytest.raises(regrouping.Refused, match="nothing"):
        regrouping.split(two[0], two[0].messages.filter(kind="text").get(), by=bea, onwards=True)


def test_two_customers_are_linked_and_not_merged(two, bea):
    stranger = factories.InteractionFactory(channel="mail", agent=bea, status="active")
    with pytest.raises(regrouping.Refused, match="customer"):
        regrouping.merge(two[0], stranger, by=bea)
    step = regrouping.link(stranger, two[0], by=bea)
    with pytest.raises(regrouping.Refused, match="linked"):
        regrouping.link(two[0], stranger, by=bea)
    regrouping.undo(step, by=bea)
    assert not regrouping.journal(two[0]).exists()
    regrouping.link(two[0], stranger, by=bea)


def test_a_colleagues_request_is_not_merged_away(two, bea, carl):
    with pytest.raises(regrouping.Refused, match="held"):
        regrouping.merge(two[0], two[1], by=carl)
    two[0].refresh_from_db()
    assert two[0].status == Status.ACTIVE
    assert not Regrouping.objects.exists()
